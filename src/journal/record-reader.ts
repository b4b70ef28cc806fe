// A journal opened to be read, whatever it is kept in: every question of the port. Stores add how it is opened and
// closed, and writers what they write.

import type { Side } from "../market/amounts.ts";
import { fillIdentity } from "../trading/ledger.ts";
import { type ArchiveShelf, Archives } from "./archive-shelf.ts";
import type { ArchiveRow } from "./archive-table.ts";
import { corrupt } from "./errors.ts";
import type { Head, LastPosting } from "./head.ts";
import type { KeptRecord } from "./kept.ts";
import { checkHeadPosting, checkMeta } from "./open-options.ts";
import type { ConfigText, JournalMeta, JournalReader, JournalRecord, PostingToAppend, Snapshot } from "./port.ts";
import { RecordStore } from "./record-store.ts";
import type { RowSource } from "./row-source.ts";
import { firstValid, noBase } from "./snapshot-check.ts";
import type { PostingRow } from "./sqlite-rows.ts";

export interface ReaderParts {
  readonly source: RowSource;
  readonly shelfOf: (meta: JournalMeta) => ArchiveShelf;
  /** Begin with what was archived, as far back as it is there. */
  readonly withArchives: boolean;
}

export abstract class RecordReader implements JournalReader {
  protected readonly store: RecordStore;
  private facts: JournalMeta;
  private readonly shelved: Archives;
  private readonly withArchives: boolean;

  /** Errors: JOURNAL_CORRUPT, JOURNAL_TOO_NEW. */
  constructor({ source, shelfOf, withArchives }: ReaderParts) {
    this.store = new RecordStore(source);
    this.facts = this.store.meta();
    checkMeta(this.facts, null);
    this.withArchives = withArchives;
    this.shelved = new Archives(shelfOf(this.facts), () => this.store.archives.all());
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
    if (this.withArchives) return this.shelved.oldest();
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

  /** `unread`: told of each that cannot even be unpacked. */
  snapshots(unread: (text: string) => void = () => {}): readonly Snapshot[] {
    return this.store.snapshots(unread);
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

  /** Id and hash of the newest posting; 0 and genesis where there is none. */
  get newestPosting(): LastPosting {
    return this.store.lastPosting(this.facts.genesis);
  }

  /** What `head` saw of the postings is there (DUR-24). Errors: JOURNAL_CORRUPT. */
  checkPostings(head: Head, goodTo: number): void {
    const { id } = this.newestPosting;
    checkHeadPosting(head, goodTo, { id, hashAt: (at) => this.store.postingHashAt(at) });
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
    return place === null && this.withArchives ? this.shelved.placeOf(clientOrderId) : place;
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

  abstract close(): void;

  private hashOf(position: number): string {
    const hash = position === 0 ? this.facts.genesis : this.store.hashAt(position);
    if (hash === null) throw corrupt(position, "the record to begin at is missing");
    return hash;
  }

  private readonly archived = (after: number): Iterable<JournalRecord> | null => this.shelved.after(after);
}
