// Keeps a journal small (DUR-28, DUR-29), a slice at a time: the oldest records up to a snapshot are written to an
// archive, the journal is told so in one transaction, and only then are they deleted. What is there tells what comes
// next, so a kill loses nothing but the time: an archive without its row is written again.

import { crashPoint } from "../base/crash-point.ts";
import type { ArchiveRange } from "./archive.ts";
import type { ArchiveRow } from "./archive-table.ts";
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

/** An archive that is being written. Until the journal is told of it, it counts for nothing. */
export interface ArchiveSink {
  append(records: readonly JournalRecord[]): void;
  /** It is whole, and on the disk at the latest when the journal is told of it. */
  finish(): void;
  abandon(): void;
}

/** What the journal is told of an archive, in one transaction with its anchor. */
export interface Archiving {
  readonly row: Omit<ArchiveRow, "anchor">;
  readonly kept: readonly KeptRecord[];
  /** Of the anchor. */
  readonly body: string;
}

export interface CompactorParts {
  readonly store: RecordStore;
  readonly meta: () => JournalMeta;
  /** What records and snapshots take now, about. */
  readonly bytes: () => number;
  /** Begins an archive anew, whatever was begun before. */
  readonly sink: (range: ArchiveRange) => ArchiveSink;
  readonly register: (archiving: Archiving) => void;
  /** Deletes the records up to this position, all of which are archived, in one transaction. Returns how many. */
  readonly forget: (position: number) => number;
}

/** What is under way. */
interface Job {
  readonly to: number;
  readonly sink: ArchiveSink;
  readonly checker: ChainChecker;
  readonly hashBefore: string;
  readonly kept: KeptRecord[];
  keptEnd: KeptEnd;
  tail: Pick<ArchiveRow, "seq" | "atMs" | "effectSeq" | "effectIndex">;
}

export class Compactor {
  private readonly parts: CompactorParts;
  private job: Job | null = null;

  constructor(parts: CompactorParts) {
    this.parts = parts;
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
    this.job?.sink.abandon();
    this.job = null;
  }

  /** Deletes what is archived and still here, or half of it. */
  private forget(): number {
    const { store, forget } = this.parts;
    const base = store.base();
    const first = store.firstPosition();
    if (base === null || first > base.to) return 0;
    const deleted = forget(Math.min(base.to, first + SLICE_DELETES - 1));
    crashPoint("compact.after-delete");
    return deleted;
  }

  private begin(retention: Retention, nowMs: number): boolean {
    const { store, sink } = this.parts;
    const { genesis } = this.parts.meta();
    const base = store.base();
    const from = base?.to ?? 0;
    const end = this.due(from, retention, nowMs);
    if (end === null) return false;
    const hashBefore = base?.hashAfter ?? genesis;
    const range = { from: from + 1, to: end.position, hashBefore, hashAfter: end.chainHash };
    this.job = {
      to: end.position,
      sink: sink(range),
      checker: new ChainChecker({ position: from, hash: hashBefore }),
      hashBefore,
      kept: [],
      keptEnd: store.archives.keptEnd(genesis),
      tail: base ?? { seq: 0, atMs: 0, effectSeq: 0, effectIndex: -1 },
    };
    return true;
  }

  /** The oldest snapshot a prefix may end at, where one is old enough or the journal too large. */
  private due(after: number, { keepMs, bytesMax }: Retention, nowMs: number): Snapshot | null {
    const { store, bytes } = this.parts;
    let large: boolean | null = null;
    const positions = store.snapshotPositions();
    for (const position of positions.slice(0, Math.max(0, positions.length - SNAPSHOTS_KEPT + 1))) {
      if (position <= after) continue;
      const young = (store.timeAt(position) ?? 0) > nowMs - keepMs;
      if (young) large ??= bytes() > bytesMax;
      if (young && large === false) return null;
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
    job.sink.append(records);
    if (job.checker.goodTo === job.to) {
      job.sink.finish();
      crashPoint("compact.after-archive");
    }
    return records.length;
  }

  /** The archive is whole: from this commit on the records are its own. */
  private register({ hashBefore, to, checker, tail, kept, keptEnd }: Job): void {
    this.job = null;
    const range = { from: to + 1 - checker.checked, to, hashBefore, hashAfter: checker.hash };
    this.parts.register({ row: { ...tail, ...range }, kept, body: anchorBody({ ...range, kept: keptEnd }) });
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
