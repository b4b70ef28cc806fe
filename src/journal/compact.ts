// Keeps a SQLite journal small (DUR-28, DUR-29), a slice at a time: the oldest records up to a snapshot are written to
// an archive, the journal is told so in one transaction, and only then are they deleted. What is there tells what
// comes next, so a kill loses nothing but the time: an archive without its row is written again.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { crashPoint } from "../base/crash-point.ts";
import { ArchiveWriter } from "./archive.ts";
import { type ArchiveRow, ArchiveWrites } from "./archive-table.ts";
import { ChainChecker } from "./chain.ts";
import { anchorBody, isKept, type KeptEnd, type KeptRecord, keep } from "./kept.ts";
import type { Compacted, JournalMeta, JournalRecord, Retention, Snapshot } from "./port.ts";
import type { RecordStore } from "./record-store.ts";
import { SNAPSHOTS_KEPT, snapshotProblem } from "./snapshot-check.ts";

/** Records a slice writes at most, or deletes: some 3 ms each. */
const SLICE_RECORDS = 500;
const SLICE_DELETES = 1000;
/** …and bytes of their bodies. */
const SLICE_BYTES = 1 << 20;

export interface CompactorParts {
  readonly db: DatabaseSync;
  readonly dir: string;
  readonly store: RecordStore;
  readonly meta: () => JournalMeta;
  readonly transact: (work: () => void) => void;
  /** One transaction: the record that says what was archived, and `work`, which is told its position. */
  readonly appendAnchor: (body: string, work: (position: number) => void) => void;
  /** Pages that were changed, about. */
  readonly wrote: (pages: number) => void;
}

/** An archive that is being written. */
interface Job {
  readonly to: number;
  readonly writer: ArchiveWriter;
  readonly checker: ChainChecker;
  readonly hashBefore: string;
  readonly kept: KeptRecord[];
  keptEnd: KeptEnd;
  tail: Pick<ArchiveRow, "seq" | "atMs" | "effectSeq" | "effectIndex">;
}

export class Compactor {
  private readonly parts: CompactorParts;
  private readonly writes: ArchiveWrites;
  private readonly sql: Readonly<Record<"pages" | "free" | "pageBytes" | "atMs", StatementSync>>;
  private job: Job | null = null;

  constructor(parts: CompactorParts) {
    this.parts = parts;
    this.writes = new ArchiveWrites(parts.db);
    const prepare = (sql: string): StatementSync => parts.db.prepare(sql);
    this.sql = {
      pages: prepare("SELECT page_count AS n FROM pragma_page_count"),
      free: prepare("SELECT freelist_count AS n FROM pragma_freelist_count"),
      pageBytes: prepare("SELECT page_size AS n FROM pragma_page_size"),
      atMs: prepare("SELECT atMs AS n FROM record WHERE position = ?"),
    };
  }

  /** One slice. Errors: those of the journal, JOURNAL_CORRUPT where a record to be archived is damaged. */
  slice(retention: Retention, nowMs: number): Compacted {
    const deleted = this.forget();
    if (deleted > 0) return { done: false, archived: 0, deleted };
    if (this.job === null && !this.begin(retention, nowMs)) return { done: true, archived: 0, deleted: 0 };
    try {
      return { done: false, archived: this.advance(), deleted: 0 };
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** What was begun is given up; the next slice begins it anew. */
  abandon(): void {
    this.job?.writer.abandon();
    this.job = null;
  }

  /** Deletes what is archived and still here, or half of it. */
  private forget(): number {
    const { store, transact, wrote } = this.parts;
    const base = store.base();
    const first = store.firstPosition();
    if (base === null || first > base.to) return 0;
    let deleted = 0;
    transact(() => {
      deleted = this.writes.forget(Math.min(base.to, first + SLICE_DELETES - 1));
    });
    wrote(deleted >> 2);
    crashPoint("compact.after-delete");
    return deleted;
  }

  private begin(retention: Retention, nowMs: number): boolean {
    const { store, dir } = this.parts;
    const meta = this.parts.meta();
    const base = store.base();
    const from = base?.to ?? 0;
    const end = this.due(from, retention, nowMs);
    if (end === null) return false;
    const hashBefore = base?.hashAfter ?? meta.genesis;
    const range = { from: from + 1, to: end.position, hashBefore, hashAfter: end.chainHash };
    this.job = {
      to: end.position,
      writer: new ArchiveWriter(dir, meta, range),
      checker: new ChainChecker({ position: from, hash: hashBefore }),
      hashBefore,
      kept: [],
      keptEnd: store.archives.keptEnd(meta.genesis),
      tail: base ?? { seq: 0, atMs: 0, effectSeq: 0, effectIndex: -1 },
    };
    return true;
  }

  /** The oldest snapshot a prefix may end at, where one is old enough or the journal too large. */
  private due(after: number, { keepMs, bytesMax }: Retention, nowMs: number): Snapshot | null {
    const { store } = this.parts;
    const large = (this.number("pages") - this.number("free")) * this.number("pageBytes") > bytesMax;
    const positions = store.snapshotPositions();
    for (const position of positions.slice(0, Math.max(0, positions.length - SNAPSHOTS_KEPT + 1))) {
      if (position <= after) continue;
      if (!large && this.number("atMs", position) > nowMs - keepMs) return null;
      const snapshot = store.snapshotAt(position);
      // one that could not be built upon is no place to begin a journal
      if (snapshot !== null && snapshotProblem(snapshot, store.hashAt(position)) === null) return snapshot;
    }
    return null;
  }

  /** Some more records into the archive; at its end, the journal is told. Returns how many. */
  private advance(): number {
    const { job } = this;
    if (job === null) return 0;
    if (job.checker.goodTo === job.to) {
      this.register(job);
      return 0;
    }
    const records: JournalRecord[] = [];
    let bytes = 0;
    for (const record of this.parts.store.recordsSlice(job.checker.goodTo, SLICE_RECORDS)) {
      take(job, record);
      records.push(record);
      bytes += record.body.length;
      if (record.position === job.to || bytes > SLICE_BYTES) break;
    }
    job.writer.append(records);
    if (job.checker.goodTo === job.to) {
      job.writer.finish();
      crashPoint("compact.after-archive");
    }
    return records.length;
  }

  /** The file is whole on the disk: from this commit on the records are the archive's. */
  private register(job: Job): void {
    const { hashBefore, to } = job;
    const hashAfter = job.checker.hash;
    const from = to + 1 - job.checker.checked;
    this.job = null;
    const range = { from, to, hashBefore, hashAfter };
    this.parts.appendAnchor(anchorBody({ ...range, kept: job.keptEnd }), (anchor) => {
      for (const kept of job.kept) this.writes.kept(kept);
      this.writes.archive({ ...job.tail, ...range, anchor });
    });
    this.parts.wrote(2 + (job.kept.length >> 2));
  }

  private number(name: keyof typeof this.sql, ...values: number[]): number {
    const n = this.sql[name].get(...values)?.["n"];
    return typeof n === "number" ? n : 0;
  }
}

function take(job: Job, record: JournalRecord): void {
  const previous = job.checker.hash;
  job.checker.check(record);
  if (isKept(record)) {
    const kept = keep(job.keptEnd, record, previous);
    job.kept.push(kept);
    job.keptEnd = { count: job.keptEnd.count + 1, chain: kept.chain };
  }
  const { seq, atMs, index } = record;
  if (record.type === "event") job.tail = { ...job.tail, seq, atMs };
  else if (record.type === "effect") job.tail = { ...job.tail, effectSeq: seq, effectIndex: index };
}
