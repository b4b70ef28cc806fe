// A journal opened to be read: replay, explain and verify use it on a live bot's journal or a stopped one's, without
// the lock and without writing (DUR-68).

import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Side } from "../market/amounts.ts";
import { fillIdentity } from "../trading/ledger.ts";
import { ArchiveFolder } from "./archive-folder.ts";
import type { ArchiveRow } from "./archive-table.ts";
import { corrupt, JournalError, WAYS_OUT } from "./errors.ts";
import type { KeptRecord } from "./kept.ts";
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

/**
 * Opens the journal in a bot's folder. `archives`: begin with what was archived, as far back as the files are there.
 * Errors: JOURNAL_MISSING, JOURNAL_TOO_NEW, JOURNAL_CORRUPT.
 */
export function openJournalReader(
  dir: string,
  { archives = false }: { readonly archives?: boolean } = {},
): SqliteReader {
  const path = join(dir, JOURNAL_FILE);
  const db = openForReading(path);
  try {
    if (!isMade(db)) throw corrupt(1, `${path} holds no journal`);
    pending(db); // says so when the tables are newer than this release
    return new SqliteReader(db, path, archives);
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
  private readonly folder: ArchiveFolder;
  private readonly withArchives: boolean;

  /** Use {@link openJournalReader}. */
  constructor(db: DatabaseSync, path: string, withArchives = false) {
    this.db = db;
    this.store = new RecordStore(db, path);
    this.facts = this.store.meta();
    checkMeta(this.facts, null);
    this.withArchives = withArchives;
    this.folder = new ArchiveFolder(dirname(path), this.facts.journalId, () => this.store.archives.all());
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
    if (this.withArchives) return this.folder.oldest();
    return this.store.base()?.to ?? 0;
  }

  hasFill(exchange: string, symbol: string, tradeId: string, side: Side): boolean {
    return this.store.hasFill(fillIdentity(exchange, { symbol, tradeId, side }));
  }

  newestSnapshot(warn: (text: string) => void): Snapshot | null {
    const valid = firstValid(this.store.snapshots(warn), (position) => this.store.hashAt(position), warn);
    if (valid !== null) return valid;
    const first = Math.max(this.store.firstPosition(), (this.store.base()?.to ?? 0) + 1);
    if (first !== 1) throw noBase(first);
    return null;
  }

  snapshots(): readonly Snapshot[] {
    return this.store.snapshots(() => {});
  }

  records(after: number): IterableIterator<JournalRecord> {
    return this.store.records(Math.max(after, this.oldest), this.archived);
  }

  *postings(afterSeq: number): IterableIterator<PostingToAppend> {
    const from = this.store.postingsUpTo(afterSeq);
    for (const { seq, posting } of this.store.postings(from)) if (seq > afterSeq) yield { seq, posting };
  }

  /** Postings as they stand, with their own chain; unchecked. */
  postingRows(): IterableIterator<PostingRow> {
    return this.store.postings(0);
  }

  kept(): readonly JournalRecord[] {
    return this.store.archives.kept().map(({ record }) => record);
  }

  configs(): readonly ConfigText[] {
    return this.store.configs();
  }

  configText(hash: string): string | null {
    return this.store.configText(hash);
  }

  placeOf(clientOrderId: string): JournalRecord | null {
    const place = this.store.placeOf(clientOrderId);
    return place === null && this.withArchives ? this.folder.placeOf(clientOrderId) : place;
  }

  /** Where `records(0)` begins: after this position, with this chain hash. Errors: JOURNAL_CORRUPT. */
  get start(): { readonly position: number; readonly hash: string } {
    const position = this.oldest;
    return { position, hash: this.hashOf(position) };
  }

  /** Records that went to archives, oldest archive first, and what was kept of them. */
  archives(): { readonly rows: readonly ArchiveRow[]; readonly kept: readonly KeptRecord[] } {
    return { rows: this.store.archives.all(), kept: this.store.archives.kept() };
  }

  verify(after: number): number {
    const position = Math.max(after, this.oldest);
    const from = { position, hash: this.hashOf(position), whole: after === 0 };
    return this.store.verify(from, this.facts.genesis, this.archived);
  }

  private hashOf(position: number): string {
    const hash = position === 0 ? this.facts.genesis : this.store.hashAt(position);
    if (hash === null) throw corrupt(position, "the record to begin at is missing");
    return hash;
  }

  private readonly archived = (after: number): Iterable<JournalRecord> | null => this.folder.after(after);

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
