// A journal opened to be read: replay, explain and verify use it on a live bot's journal or a stopped one's, without
// the lock and without writing (DUR-68).

import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Side } from "../market/amounts.ts";
import { fillIdentity } from "../trading/ledger.ts";
import { corrupt, JournalError, WAYS_OUT } from "./errors.ts";
import { checkMeta } from "./open-options.ts";
import type { ConfigText, JournalMeta, JournalReader, JournalRecord, PostingToAppend, Snapshot } from "./port.ts";
import { RecordStore } from "./record-store.ts";
import { firstValid, noBase } from "./snapshot-check.ts";
import { journalError } from "./sqlite-errors.ts";
import { openForReading } from "./sqlite-file.ts";
import type { PostingRow } from "./sqlite-rows.ts";
import { isMade, pending } from "./sqlite-schema.ts";

/** Name of the database in a bot's folder. */
export const JOURNAL_FILE = "journal.db";

/** Opens the journal in a bot's folder. Errors: JOURNAL_MISSING, JOURNAL_TOO_NEW, JOURNAL_CORRUPT. */
export function openJournalReader(dir: string): SqliteReader {
  const path = join(dir, JOURNAL_FILE);
  const db = openForReading(path);
  try {
    if (!isMade(db)) throw corrupt(1, `${path} holds no journal`);
    pending(db); // says so when the tables are newer than this release
    return new SqliteReader(db, path);
  } catch (error) {
    db.close();
    throw journalError(error, { path, goodTo: 0 });
  }
}

/** What reader and writer have in common: every question of the port. */
export class SqliteReader implements JournalReader {
  protected readonly db: DatabaseSync;
  protected readonly store: RecordStore;
  private facts: JournalMeta;

  /** Use {@link openJournalReader}. */
  constructor(db: DatabaseSync, path: string) {
    this.db = db;
    this.store = new RecordStore(db, path);
    this.facts = this.store.meta();
    checkMeta(this.facts, null);
  }

  get meta(): JournalMeta {
    return this.facts;
  }

  protected set meta(next: JournalMeta) {
    this.facts = next;
  }

  get position(): number {
    return this.store.tail(this.facts.genesis).position;
  }

  get seq(): number {
    return this.store.tail(this.facts.genesis).seq;
  }

  get chainHash(): string {
    return this.store.tail(this.facts.genesis).hash;
  }

  get oldest(): number {
    return 0;
  }

  hasFill(exchange: string, symbol: string, tradeId: string, side: Side): boolean {
    return this.store.hasFill(fillIdentity(exchange, { symbol, tradeId, side }));
  }

  newestSnapshot(warn: (text: string) => void): Snapshot | null {
    const valid = firstValid(this.store.snapshots(warn), (position) => this.store.hashAt(position), warn);
    const first = this.store.firstPosition();
    if (valid === null && first !== 1) throw noBase(first);
    return valid;
  }

  snapshots(): readonly Snapshot[] {
    return this.store.snapshots(() => {});
  }

  records(after: number): IterableIterator<JournalRecord> {
    return this.store.records(after);
  }

  *postings(afterSeq: number): IterableIterator<PostingToAppend> {
    const from = this.store.postingsUpTo(afterSeq);
    for (const { seq, posting } of this.store.postings(from)) if (seq > afterSeq) yield { seq, posting };
  }

  /** Postings as they stand, with their own chain; unchecked. */
  postingRows(): IterableIterator<PostingRow> {
    return this.store.postings(0);
  }

  configs(): readonly ConfigText[] {
    return this.store.configs();
  }

  configText(hash: string): string | null {
    return this.store.configText(hash);
  }

  placeOf(clientOrderId: string): JournalRecord | null {
    return this.store.placeOf(clientOrderId);
  }

  verify(after: number): number {
    const hash = after === 0 ? this.facts.genesis : this.store.hashAt(after);
    if (hash === null) throw corrupt(after, "the record to begin at is missing");
    return this.store.verify({ position: after, hash }, this.facts.genesis);
  }

  /** SQLite's own check of pages and indexes: what the chain does not see, such as an index that lost a row. */
  checkPages(): void {
    const problem = this.store.pageProblem();
    if (problem !== null) {
      throw new JournalError("JOURNAL_CORRUPT", `JOURNAL_CORRUPT: all records are good, but ${problem}. ${WAYS_OUT}`);
    }
  }

  close(): void {
    this.db.close();
  }
}
