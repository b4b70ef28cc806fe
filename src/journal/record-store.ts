// Reading a journal's tables, whatever they are kept in: rows turned into records that are checked before anyone sees
// them. Shared by the writer and by readers beside it; writes nothing.

import { type ArchiveRow, ArchiveTable } from "./archive-table.ts";
import { ChainChecker, type CheckFrom, emptyTail, type Tail } from "./chain.ts";
import { corrupt, JournalError, WAYS_OUT } from "./errors.ts";
import { checkArchives } from "./kept.ts";
import type { ConfigText, JournalMeta, JournalRecord, Snapshot } from "./port.ts";
import type { Question, RowSource } from "./row-source.ts";
import {
  integer,
  metaOf,
  type PostingRow,
  postingHash,
  postingOf,
  type Row,
  recordOf,
  snapshotOf,
} from "./sqlite-rows.ts";

/** Records moved to archives after a position, or null when none were. */
export type Archived = (after: number) => Iterable<JournalRecord> | null;

/** Rows read at once: no read transaction stays open between slices, so the writer's log can be checkpointed. */
const SLICE_ROWS = 1000;

/** Where a record stands. */
export interface Place {
  readonly position: number;
  readonly atMs: number;
}

export class RecordStore {
  readonly archives: ArchiveTable;
  private readonly source: RowSource;

  constructor(source: RowSource) {
    this.source = source;
    this.archives = new ArchiveTable(source);
  }

  /** Errors: JOURNAL_CORRUPT. */
  meta(): JournalMeta {
    const row = this.one("meta");
    if (row === null) throw corrupt(1, "the journal does not say whose it is");
    return metaOf(row);
  }

  tail(genesis: string): Tail {
    const last = this.one("last");
    if (last === null) return emptyTail(genesis);
    const record = recordOf(last);
    const event = this.one("lastEvent");
    const effect = this.one("lastEffect");
    const at = record.position;
    const before = event === null || effect === null ? this.base() : null;
    return {
      position: at,
      hash: record.hash,
      seq: event === null ? (before?.seq ?? 0) : integer(event[0], at, "seq"),
      atMs: event === null ? (before?.atMs ?? 0) : integer(event[1], at, "atMs"),
      effectSeq: effect === null ? (before?.effectSeq ?? 0) : integer(effect[0], at, "seq"),
      effectIndex: effect === null ? (before?.effectIndex ?? -1) : integer(effect[1], at, "index"),
    };
  }

  /** The newest archive, or null where everything is in the journal. */
  base(): ArchiveRow | null {
    return this.archives.base();
  }

  /** Position of the oldest record, or 1 when there is none. */
  firstPosition(): number {
    const row = this.one("first");
    return row === null ? 1 : integer(row[0], 1, "position");
  }

  /** Engine time of the record at this position, or null where none is. */
  timeAt(position: number): number | null {
    const row = this.one("timeAt", position);
    return row === null ? null : integer(row[0], position, "atMs");
  }

  /** Where the newest pinned snapshot was taken; the oldest record where none is pinned. */
  lastPin(): Place | null {
    return this.place("lastPin") ?? this.place("first");
  }

  hashAt(position: number): string | null {
    const hash = this.one("hashAt", position)?.[0];
    return typeof hash === "string" ? hash : this.archives.hashAt(position);
  }

  /** Rows with position > `after`. `archived`: what was moved to archives after a position; null when nothing was. */
  *records(after: number, archived: Archived): IterableIterator<JournalRecord> {
    let last = after;
    // ends with the first slice that is not full
    for (;;) {
      const rows = this.source.ask("records", last, last, SLICE_ROWS);
      const moved = rows[0] === undefined || rows[0][0] === last + 1 ? null : archived(last);
      if (moved !== null) {
        for (const record of moved) {
          last = record.position;
          yield record;
        }
        continue;
      }
      for (const row of rows) {
        const record = recordOf(row, last + 1);
        last = record.position;
        yield record;
      }
      if (rows.length < SLICE_ROWS) return;
    }
  }

  /** So many rows with position > `after`, of the journal alone. */
  recordsSlice(after: number, count: number): readonly JournalRecord[] {
    return this.source.ask("records", after, after, count).map((row, i) => recordOf(row, after + 1 + i));
  }

  /** Rows with id > `after`. */
  *postings(after: number): IterableIterator<PostingRow> {
    let last = after;
    // ends with the first slice that is not full
    for (;;) {
      const rows = this.source.ask("postings", 0, last, SLICE_ROWS);
      for (const row of rows) {
        const posting = postingOf(row);
        last = posting.id;
        yield posting;
      }
      if (rows.length < SLICE_ROWS) return;
    }
  }

  /** Id before the first posting of an event with seq > `seq`: postings stand in the order of their events. */
  postingsUpTo(seq: number): number {
    let [low, high] = [0, this.lastPosting("").id];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const at = this.one("postingSeq", middle)?.[0];
      if (typeof at !== "number") return 0; // a gap: whoever reads from the beginning meets it
      if (at > seq) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** Id and hash of the newest posting. */
  lastPosting(genesis: string): { readonly id: number; readonly hash: string } {
    const row = this.one("lastPosting");
    return row === null ? { id: 0, hash: genesis } : { id: integer(row[0], 1, "posting"), hash: String(row[1]) };
  }

  /** Hash of the posting with this id, or null where it is not there. */
  postingHashAt(id: number): string | null {
    const row = this.source.ask("postings", 0, id - 1, 1)[0];
    const posting = row === undefined ? null : postingOf(row);
    return posting?.id === id ? posting.hash : null;
  }

  /** Newest first; one that cannot be unpacked is told to `warn` and left out. */
  snapshots(warn: (text: string) => void): Snapshot[] {
    const found: Snapshot[] = [];
    for (const row of this.source.ask("snapshots", 0)) {
      const snapshot = snapshotOf(row);
      if (typeof snapshot === "string") warn(snapshot);
      else found.push(snapshot);
    }
    return found;
  }

  /** Oldest first. */
  snapshotPositions(): number[] {
    return this.source.ask("snapshotPositions", 0).map((row) => integer(row[0], 1, "snapshot"));
  }

  snapshotAt(position: number): Snapshot | null {
    const row = this.one("snapshotAt", position);
    const snapshot = row === null ? null : snapshotOf(row);
    return typeof snapshot === "string" ? null : snapshot;
  }

  configText(hash: string): string | null {
    const text = this.one("config", hash)?.[0];
    return typeof text === "string" ? text : null;
  }

  configs(): ConfigText[] {
    return this.source.ask("configs", 0).map((row) => ({ hash: String(row[0]), text: String(row[1]) }));
  }

  placeOf(clientOrderId: string): JournalRecord | null {
    const row = this.one("place", clientOrderId);
    return row === null ? null : recordOf(row);
  }

  hasFill(causeId: string): boolean {
    return this.one("fill", causeId) !== null;
  }

  /**
   * Checks the chain from `from` on; with `whole`, the postings' own chain too, and what archives left behind. Returns
   * records checked.
   */
  verify(from: CheckFrom & { readonly whole: boolean }, genesis: string, archived: Archived): number {
    const checker = new ChainChecker(from);
    // asked first: a writer that goes on meanwhile adds postings of records that were not looked at
    const { id: lastPosting } = this.lastPosting(genesis);
    const rows = this.archives.all();
    const anchors = new Map<number, JournalRecord>();
    for (const record of this.records(from.position, archived)) {
      checker.check(record);
      if (record.type === "anchor") anchors.set(record.position, record);
    }
    if (from.whole) {
      this.verifyPostings(genesis, lastPosting, checker.goodTo);
      checkArchives(rows, { kept: this.archives.kept(), anchors, genesis });
    }
    return checker.checked;
  }

  private verifyPostings(genesis: string, last: number, goodTo: number): void {
    let previous = { id: 0, hash: genesis };
    for (const row of this.postings(0)) {
      if (row.id > last) return;
      const { id, hash } = row;
      if (id === previous.id + 1 && hash === postingHash(previous.hash, row) && row.position <= goodTo) {
        previous = { id, hash };
        continue;
      }
      throw new JournalError(
        "JOURNAL_CORRUPT",
        `JOURNAL_CORRUPT at posting ${previous.id + 1} of event ${row.seq}: it is not the line that was written; all ` +
          `${goodTo} records and postings 1 to ${previous.id} are good. ${WAYS_OUT}`,
        { goodTo },
      );
    }
  }

  private place(question: "first" | "lastPin"): Place | null {
    const row = this.one(question);
    return row === null ? null : { position: integer(row[0], 1, "position"), atMs: integer(row[1], 1, "atMs") };
  }

  private one(question: Question, ...values: (number | string)[]): Row | null {
    return this.source.ask(question, 0, ...values)[0] ?? null;
  }
}
