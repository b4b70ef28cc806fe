// The journal as a process that may be killed at any moment sees it: after its death nothing it still does reaches the
// disk, and a commit may take long.

import type {
  Compacted,
  Journal,
  JournalMeta,
  JournalRecord,
  PostingToAppend,
  Snapshot,
} from "../../src/journal/port.ts";

export interface JournalGate {
  /** Throws when the process is dead. */
  living(): void;
  /** A commit took its time. */
  committed(): void;
}

export class ProcessJournal implements Journal {
  private readonly inner: Journal;
  private readonly gate: JournalGate;

  constructor(inner: Journal, gate: JournalGate) {
    this.inner = inner;
    this.gate = gate;
  }

  get meta(): JournalMeta {
    return this.inner.meta;
  }

  get position(): number {
    return this.inner.position;
  }

  get seq(): number {
    return this.inner.seq;
  }

  get chainHash(): string {
    return this.inner.chainHash;
  }

  get oldest(): number {
    return this.inner.oldest;
  }

  appendEvents(...given: Parameters<Journal["appendEvents"]>): void {
    this.gate.living();
    this.inner.appendEvents(...given);
    this.gate.committed();
  }

  appendEffects(...given: Parameters<Journal["appendEffects"]>): void {
    this.gate.living();
    const before = this.inner.position;
    this.inner.appendEffects(...given);
    if (this.inner.position !== before) this.gate.committed();
  }

  writeSnapshot(snapshot: Snapshot): void {
    this.gate.living();
    this.inner.writeSnapshot(snapshot);
  }

  checkpoint(): void {
    this.gate.living();
    this.inner.checkpoint();
  }

  compact(...given: Parameters<Journal["compact"]>): Compacted {
    this.gate.living();
    return this.inner.compact(...given);
  }

  seal(atMs: number): void {
    this.gate.living();
    this.inner.seal(atMs);
  }

  close(): void {
    this.gate.living();
    this.inner.close();
  }

  hasFill(...given: Parameters<Journal["hasFill"]>): boolean {
    return this.inner.hasFill(...given);
  }

  newestSnapshot(warn: (text: string) => void): Snapshot | null {
    return this.inner.newestSnapshot(warn);
  }

  snapshots(): readonly Snapshot[] {
    return this.inner.snapshots();
  }

  records(after: number): IterableIterator<JournalRecord> {
    return this.inner.records(after);
  }

  postings(afterSeq: number): IterableIterator<PostingToAppend> {
    return this.inner.postings(afterSeq);
  }

  kept(): readonly JournalRecord[] {
    return this.inner.kept();
  }

  configText(hash: string): string | null {
    return this.inner.configText(hash);
  }

  placeOf(clientOrderId: string): JournalRecord | null {
    return this.inner.placeOf(clientOrderId);
  }

  verify(after: number): number {
    return this.inner.verify(after);
  }
}
