// A journal on Postgres opened to be read (DUR-68): every question of the port, beside the writer or without one. Rows
// are checked before anyone sees them. Writes nothing.

import type { Side } from "../../market/amounts.ts";
import { fillIdentity } from "../../trading/ledger.ts";
import { ChainChecker, emptyTail, type Tail } from "../chain.ts";
import { corrupt, JournalError, WAYS_OUT } from "../errors.ts";
import { checkMeta } from "../open-options.ts";
import type { ConfigText, JournalMeta, JournalReader, JournalRecord, PostingToAppend, Snapshot } from "../port.ts";
import { firstValid, noBase } from "../snapshot-check.ts";
import { integer, metaOf, type PostingRow, postingHash, postingOf, recordOf, snapshotOf } from "../sqlite-rows.ts";
import { headRow } from "./append.ts";
import type { PostgresDatabase } from "./database.ts";
import type { Cell, HeadRow } from "./protocol.ts";
import { QUERIES, type Query } from "./statements.ts";

/** Rows read at once. */
const SLICE_ROWS = 1000;

type SqlRow = Parameters<typeof recordOf>[0];

export class PostgresReader implements JournalReader {
  protected readonly database: PostgresDatabase;
  /** Number of the journal in the tables. */
  protected readonly journal: number;
  private facts: JournalMeta;
  private closing: () => void = () => {};

  /** Use the store's `openReader`. */
  constructor(database: PostgresDatabase, journal: number) {
    this.database = database;
    this.journal = journal;
    const row = this.one("meta");
    if (row === null) throw corrupt(1, "the journal does not say whose it is");
    this.facts = metaOf(row);
    checkMeta(this.facts, null);
  }

  get meta(): JournalMeta {
    return this.facts;
  }

  protected set meta(next: JournalMeta) {
    this.facts = next;
  }

  get position(): number {
    return this.readTail().position;
  }

  get seq(): number {
    return this.readTail().seq;
  }

  get chainHash(): string {
    return this.readTail().hash;
  }

  /** Nothing of it is archived. */
  get oldest(): number {
    return 0;
  }

  kept(): readonly JournalRecord[] {
    return [];
  }

  hasFill(exchange: string, symbol: string, tradeId: string, side: Side): boolean {
    return this.one("fill", fillIdentity(exchange, { symbol, tradeId, side })) !== null;
  }

  newestSnapshot(warn: (text: string) => void): Snapshot | null {
    const valid = firstValid(this.readSnapshots(warn), (position) => this.hashAt(position), warn);
    const row = this.one("first");
    const first = row === null ? 1 : integer(row[0], 1, "position");
    if (valid === null && first !== 1) throw noBase(first);
    return valid;
  }

  snapshots(): readonly Snapshot[] {
    return this.readSnapshots(() => {});
  }

  *records(after: number): IterableIterator<JournalRecord> {
    let last = after;
    // ends with the first slice that is not full
    for (;;) {
      const rows = this.many("records", last, last, SLICE_ROWS);
      for (const row of rows) {
        const record = recordOf(row, last + 1);
        last = record.position;
        yield record;
      }
      if (rows.length < SLICE_ROWS) return;
    }
  }

  *postings(afterSeq: number): IterableIterator<PostingToAppend> {
    for (const { seq, posting } of this.rowsOfPostings(this.postingsUpTo(afterSeq))) {
      if (seq > afterSeq) yield { seq, posting };
    }
  }

  /** Postings as they stand, with their own chain; unchecked. */
  postingRows(): IterableIterator<PostingRow> {
    return this.rowsOfPostings(0);
  }

  configs(): readonly ConfigText[] {
    return this.many("configs", 0).map((row) => ({ hash: String(row[0]), text: String(row[1]) }));
  }

  configText(hash: string): string | null {
    const text = this.one("config", hash)?.[0];
    return typeof text === "string" ? text : null;
  }

  placeOf(clientOrderId: string): JournalRecord | null {
    const row = this.one("place", clientOrderId);
    return row === null ? null : recordOf(row);
  }

  verify(after: number): number {
    const hash = this.hashAt(after);
    if (hash === null) throw corrupt(after, "the record to begin at is missing");
    const checker = new ChainChecker({ position: after, hash });
    // asked first: a writer that goes on meanwhile adds postings of records that were not looked at
    const { id: lastPosting } = this.readLastPosting();
    for (const record of this.records(after)) checker.check(record);
    if (after === 0) this.verifyPostings(lastPosting, checker.goodTo);
    return checker.checked;
  }

  /** Where the writer left the journal by its own word (DUR-24). */
  head(): HeadRow | null {
    const row = this.one("head");
    return row === null ? null : headRow(row);
  }

  /** Postgres checks its pages itself, where it was told to (`data_checksums`); nothing more is asked here. */
  checkPages(): void {}

  /** Position after which `records(0)` begins, and the chain hash there. */
  get start(): { readonly position: number; readonly hash: string } {
    return { position: 0, hash: this.facts.genesis };
  }

  /** What a reader with a connection of its own gives back at its end. */
  onClose(then: () => void): void {
    this.closing = then;
  }

  close(): void {
    this.closing();
  }

  protected readTail(): Tail {
    const last = this.one("last");
    if (last === null) return emptyTail(this.facts.genesis);
    const record = recordOf(last);
    const event = this.one("lastEvent");
    const effect = this.one("lastEffect");
    const at = record.position;
    return {
      position: at,
      hash: record.hash,
      seq: event === null ? 0 : integer(event[0], at, "seq"),
      atMs: event === null ? 0 : integer(event[1], at, "atMs"),
      effectSeq: effect === null ? 0 : integer(effect[0], at, "seq"),
      effectIndex: effect === null ? -1 : integer(effect[1], at, "index"),
    };
  }

  protected readLastPosting(): { readonly id: number; readonly hash: string } {
    const row = this.one("lastPosting");
    if (row === null) return { id: 0, hash: this.facts.genesis };
    return { id: integer(row[0], 1, "posting"), hash: String(row[1]) };
  }

  protected hashAt(position: number): string | null {
    if (position === 0) return this.facts.genesis;
    const hash = this.one("hashAt", position)?.[0];
    return typeof hash === "string" ? hash : null;
  }

  private readSnapshots(warn: (text: string) => void): Snapshot[] {
    const found: Snapshot[] = [];
    for (const row of this.many("snapshots", 0)) {
      const snapshot = snapshotOf(row);
      if (typeof snapshot === "string") warn(snapshot);
      else found.push(snapshot);
    }
    return found;
  }

  private *rowsOfPostings(after: number): IterableIterator<PostingRow> {
    let last = after;
    // ends with the first slice that is not full
    for (;;) {
      const rows = this.many("postings", 0, last, SLICE_ROWS);
      for (const row of rows) {
        const posting = postingOf(row);
        last = posting.id;
        yield posting;
      }
      if (rows.length < SLICE_ROWS) return;
    }
  }

  /** Id before the first posting of an event with seq > `seq`: postings stand in the order of their events. */
  private postingsUpTo(seq: number): number {
    let [low, high] = [0, this.readLastPosting().id];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const at = this.one("postingSeq", middle)?.[0];
      if (typeof at !== "number") return 0; // a gap: whoever reads from the beginning meets it
      if (at > seq) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  private verifyPostings(last: number, goodTo: number): void {
    let previous = { id: 0, hash: this.facts.genesis };
    for (const row of this.rowsOfPostings(0)) {
      if (row.id > last) return;
      const { id, hash } = row;
      if (id !== previous.id + 1 || hash !== postingHash(previous.hash, row) || row.position > goodTo) {
        throw new JournalError(
          "JOURNAL_CORRUPT",
          `JOURNAL_CORRUPT at posting ${previous.id + 1} of event ${row.seq}: it is not the line that was written; ` +
            `all ${goodTo} records and postings 1 to ${previous.id} are good. ${WAYS_OUT}`,
          { goodTo },
        );
      }
      previous = { id, hash };
    }
  }

  private one(query: Query, ...values: Cell[]): SqlRow | null {
    return this.many(query, 0, ...values)[0] ?? null;
  }

  private many(query: Query, goodTo: number, ...values: Cell[]): readonly SqlRow[] {
    const statement = { sql: QUERIES[query], values: [this.journal, ...values], name: query };
    return this.database.read(statement, goodTo) as readonly SqlRow[];
  }
}
