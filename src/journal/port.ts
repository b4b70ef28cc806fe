// The journal port (DUR-01…14): an append-only record of events and the effects they caused, snapshots, and the tables
// written in the transaction of their cause. Implementations: memory, SQLite; later Postgres. One contract suite.

import type { Side } from "../market/amounts.ts";
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

/**
 * Taken between turns: `position`, `seq` and `chainHash` are the journal's, `stateHash` = SHA-256 of `state` (DUR-20).
 */
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

/** How long full detail is kept (DUR-28): whichever bound is reached first. */
export interface Retention {
  readonly keepMs: number;
  /** Of the store's own pages; archives are not counted. */
  readonly bytesMax: number;
}

export const RETENTION: Retention = { keepMs: 7 * 24 * 3_600_000, bytesMax: 4 * 1024 ** 3 };

/** What one call of `compact` did. */
export interface Compacted {
  /** True: nothing is left to do now. False: call again between the next turns. */
  readonly done: boolean;
  /** Records this call wrote to an archive, and records it deleted from the journal. */
  readonly archived: number;
  readonly deleted: number;
}

export const NOTHING_COMPACTED: Compacted = { done: true, archived: 0, deleted: 0 };

/** Text of a configuration by its hash (table `config`, DUR-03). */
export interface ConfigText {
  readonly hash: string;
  readonly text: string;
}

/**
 * What may be asked of a journal. Open beside the live writer it is a consistent view that grows (DUR-68).
 * Errors: {@link JournalError}.
 */
export interface JournalReader {
  readonly meta: JournalMeta;
  /** Position and seq of the newest record; 0 when empty. */
  readonly position: number;
  readonly seq: number;
  readonly chainHash: string;
  /**
   * Position before the oldest record `records` can give, from the journal or its archives; 0 while all are there. Not
   * 0, a snapshot stands exactly there (DUR-28).
   */
  readonly oldest: number;
  /** True when a fill of this identity is booked already (DUR-06). */
  hasFill(exchange: string, symbol: string, tradeId: string, side: Side): boolean;
  /**
   * Newest snapshot that passes DUR-20, or null where the whole journal is there to replay; else JOURNAL_NO_BASE.
   * Skipped ones are reported through `warn`.
   */
  newestSnapshot(warn: (text: string) => void): Snapshot | null;
  /** Snapshots, newest first, unchecked but readable. */
  snapshots(): readonly Snapshot[];
  /**
   * Records with position > `after`, in order, read in slices; safe while the writer goes on and while it compacts.
   * Those before the journal's own first one come from its archives; where these are gone, it begins after `oldest`.
   */
  records(after: number): IterableIterator<JournalRecord>;
  /** Archived records that stay for ever (DUR-28), oldest first: what operators did, what ran, what was alerted. */
  kept(): readonly JournalRecord[];
  /** Postings caused by events with seq > `afterSeq`, in order. */
  postings(afterSeq: number): IterableIterator<PostingToAppend>;
  configText(hash: string): string | null;
  /** The recorded place effect of a client order id (`explain`), or null. */
  placeOf(clientOrderId: string): JournalRecord | null;
  /**
   * Checks the hash chain from `after` (0 = whole, postings included); throws JOURNAL_CORRUPT naming the position.
   * Returns records checked.
   */
  verify(after: number): number;
  close(): void;
}

/**
 * One bot's journal, opened by its only writer. Everything is synchronous: a turn is not interrupted (DUR-09).
 * Errors: {@link JournalError}; after a failed append nothing of it is in the journal, and memory is unchanged.
 */
export interface Journal extends JournalReader {
  /**
   * Half A: all or nothing. `seq` of the first event must be `this.seq + 1`. `configs`: texts the events name by hash.
   */
  appendEvents(firstSeq: number, events: readonly EngineEvent[], configs?: readonly ConfigText[]): void;
  /** Half B: all or nothing, synced by policy before it returns. A turn without anything writes nothing (DUR-12). */
  appendEffects(turn: TurnEffects): void;
  /** Taken between turns, after the mark of the same state (DUR-14). Only the newest 3 are kept. */
  writeSnapshot(snapshot: Snapshot): void;
  /**
   * Moves the write-ahead log into the database; between turns. The journal also does it itself when the log has grown.
   */
  checkpoint(): void;
  /**
   * One slice, at most 20 ms, of what keeps the journal small (DUR-28, DUR-29); between turns only. A prefix that ends
   * at a snapshot is written to an archive, then deleted; a record of type `anchor` says where it ended. Postings,
   * operator commands, configurations, breaker changes and run starts stay. May be killed at any point: what was begun
   * is gone on with or begun anew. A store that keeps everything answers NOTHING_COMPACTED.
   */
  compact(retention: Retention, nowMs: number): Compacted;
  /** Clean end (DUR-58 step 5): recorded and synced. */
  seal(atMs: number): void;
  /**
   * False from the moment on at which another process may have taken over (DUR-56): nothing is sent any more. Absent
   * where a lock cannot end while its process lives.
   */
  holds?(): boolean;
}
