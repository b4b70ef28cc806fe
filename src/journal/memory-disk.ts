// The disk of the memory journal: what outlives a killed process, and how it can be cut, lose power, and fail.

import type { Holder } from "./open-options.ts";
import type { JournalMeta, JournalRecord, PostingToAppend, Snapshot } from "./port.ts";
import type { DiskFault } from "./write-faults.ts";

/** What is being written when a fault may strike. */
export type MemoryWrite = "events" | "effects" | "snapshot" | "seal" | "open";

/** What survives the process. A test or the simulation reads it, damages it, and lets it fail. */
export class MemoryDisk {
  meta: JournalMeta | null = null;
  records: JournalRecord[] = [];
  postings: (PostingToAppend & { readonly position: number; readonly line: string })[] = [];
  /** Oldest first. */
  snapshots: Snapshot[] = [];
  readonly configs = new Map<string, string>();
  readonly places = new Map<string, number>();
  lines = new Set<string>();
  head: { readonly position: number; readonly hash: string } | null = null;
  holder: Holder | null = null;
  /** Asked before each write: a fault, or null for a healthy disk. */
  fault: (write: MemoryWrite) => DiskFault | null = () => null;
  /** Position up to which a power cut leaves the records. */
  synced = 0;

  /** The process is gone: the kernel frees its lock. */
  processDied(): void {
    this.holder = null;
  }

  /** The power is gone: what was not synced is lost, `head` too where it was newer. */
  powerCut(): void {
    this.processDied();
    this.cutTo(this.synced);
    if (this.head !== null && this.head.position > this.synced) this.head = null;
  }

  /** Shortens the journal to `position`, as a deleted write-ahead log does. */
  cutTo(position: number): void {
    this.records = this.records.filter((record) => record.position <= position);
    this.postings = this.postings.filter((posting) => posting.position <= position);
    this.snapshots = this.snapshots.filter((snapshot) => snapshot.position <= position);
    this.lines = new Set(this.postings.map(({ line }) => line));
    this.places.clear();
    for (const record of this.records) {
      const { kind, clientOrderId, position: at } = record;
      if (kind === "place" && clientOrderId !== null) this.places.set(clientOrderId, at);
    }
  }
}
