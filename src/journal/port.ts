// The journal port (DUR-01…14): an append-only record of events and the effects they caused, snapshots, and the tables
// written in the transaction of their cause. Implementations: memory, SQLite; later Postgres. One contract suite.

import type { Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import type { Posting } from "../trading/ledger.ts";

export type RecordType = "event" | "effect" | "mark" | "anchor" | "seal";

/** One row of table `record` (DUR-02). `body` is canonical JSON. */
export interface JournalRecord {
  readonly position: number;
  readonly type: RecordType;
  readonly seq: number;
  readonly index: number;
  readonly epoch: number;
  readonly atMs: number;
  readonly kind: string;
  readonly version: number;
  readonly clientOrderId: string | null;
  readonly body: string;
  readonly hash: string;
}

/** Who the journal belongs to (table `meta`, one row). */
export interface JournalMeta {
  readonly format: number;
  readonly journalId: string;
  readonly bot: string;
  readonly tag: string;
  readonly lineage: number;
  readonly epoch: number;
  readonly genesis: string;
}

/** An effect with its cause, as recorded. */
export interface EffectToAppend {
  readonly seq: number;
  readonly index: number;
  readonly atMs: number;
  readonly effect: Effect;
}

export interface PostingToAppend {
  readonly seq: number;
  readonly posting: Posting;
}

/** Half B of a turn. `sends`: the batch has a place, amend, transfer or borrow (DUR section 4). */
export interface TurnEffects {
  readonly effects: readonly EffectToAppend[];
  readonly postings: readonly PostingToAppend[];
  /** State hash after the turn's last event, where a mark is due (DUR-14). */
  readonly mark: { readonly seq: number; readonly atMs: number; readonly stateHash: string } | null;
  readonly sends: boolean;
}

export interface Snapshot {
  readonly version: number;
  readonly position: number;
  readonly seq: number;
  readonly chainHash: string;
  readonly stateHash: string;
  /** Canonical state text. */
  readonly state: string;
}

/** `kill`: kill-safe; `send`: what reached the exchange is on the disk; `all`: everything is (DUR section 4). */
export type SyncPolicy = "kill" | "send" | "all";

/**
 * One bot's journal, opened by its only writer. Everything is synchronous: a turn is not interrupted (DUR-09).
 * Errors: {@link JournalError}; after a failed append nothing of it is in the journal.
 */
export interface Journal {
  readonly meta: JournalMeta;
  /** Position and seq of the newest record; 0 when empty. */
  readonly position: number;
  readonly seq: number;
  readonly chainHash: string;
  /** Half A: all or nothing. `seq` of the first event must be `this.seq + 1`. */
  appendEvents(firstSeq: number, events: readonly EngineEvent[]): void;
  /** Half B: all or nothing, synced by policy before it returns. */
  appendEffects(turn: TurnEffects): void;
  /** True when a fill of this identity is booked already (DUR-06). */
  hasFill(exchange: string, symbol: string, tradeId: string, side: string): boolean;
  writeSnapshot(snapshot: Snapshot): void;
  /** Newest snapshot that passes DUR-20, or null. Skipped ones are reported through `warn`. */
  newestSnapshot(warn: (text: string) => void): Snapshot | null;
  /** Snapshots, newest first, unchecked. */
  snapshots(): readonly Snapshot[];
  /** Records with position > `after`, in order, read in slices; safe while the writer goes on. */
  records(after: number): IterableIterator<JournalRecord>;
  /** Checks the hash chain from `after` (0 = whole); throws JOURNAL_CORRUPT naming the position. Returns records checked. */
  verify(after: number): number;
  /** Clean end (DUR-58 step 5). */
  seal(atMs: number): void;
  close(): void;
}
