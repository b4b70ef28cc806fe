// One thing that is published to any number of subscribers (API-15…21): numbered messages, a snapshot before updates,
// heartbeats, conflation by key or a bounded queue, resuming. The publisher never waits for anybody, and a topic never
// opens an upstream of its own: its owner does, between `onFirst` and `onIdle`.

import { randomUUID } from "node:crypto";
import { FeedState } from "./generated/opensqt/market_maker/v1/types.ts";
import { RpcRefusal } from "./refusal.ts";
import { type Delivery, Subscription } from "./subscription.ts";
import { REAL_TIMERS, type Timers } from "./timers.ts";

export interface TopicOptions<T> {
  /** Unique in the process: part of resume tokens and the label of its metrics. */
  readonly name: string;
  /**
   * Key under which a newer item replaces a queued older one; null: the item is never dropped. Not given: no item is,
   * and the stream can be resumed.
   */
  readonly conflate?: (item: T) => string | null;
  /** The whole state now. Not given: the newest item of each key of `conflate`, or nothing. */
  readonly snapshot?: () => Iterable<T>;
  /** A key that no longer belongs into the default snapshot, as a position that was closed. */
  readonly forget?: (item: T) => boolean;
  /** The state is this process's own and complete from the start: no upstream has to come alive first. */
  readonly local?: boolean;
  /** Conflated items go out at most this often; items that are never dropped go out at once. */
  readonly intervalMs?: number;
  /** The first subscriber came: take the upstream. */
  readonly onFirst?: () => void;
  /** The last one left a moment ago, and none came since: let the upstream go. */
  readonly onIdle?: () => void;
  readonly metrics?: TopicMetrics;
  /** Unix ms, for `sent_at_ms`. */
  readonly nowMs?: () => number;
  readonly timers?: Timers;
  /** Smaller bounds for tests. */
  readonly bounds?: Partial<TopicBounds>;
}

export interface TopicMetrics {
  conflated(topic: string, count: number): void;
  overrun(topic: string): void;
}

export interface TopicBounds {
  /** Messages that may wait for one subscriber. */
  readonly queueMax: number;
  readonly heartbeatMs: number;
  /** Age up to which messages are kept for resuming; never fewer than `keptMin` nor more than `keptMax`. */
  readonly keptMs: number;
  readonly keptMin: number;
  readonly keptMax: number;
  readonly idleMs: number;
}

export interface SubscribeOptions<T> {
  readonly signal: AbortSignal;
  /** Of the request; "" starts with a snapshot. */
  readonly resumeToken?: string;
  /** Items of interest. What is filtered out leaves gaps in `sequence`. */
  readonly filter?: (item: T) => boolean;
}

const BOUNDS: TopicBounds = {
  queueMax: 10_000,
  heartbeatMs: 2_000,
  keptMs: 60_000,
  keptMin: 10_000,
  keptMax: 50_000,
  idleMs: 500,
};

/** Tokens of another life of the process are out of range (API-19). */
const LIFE = randomUUID().slice(0, 8);

interface Kept<T> {
  readonly sequence: number;
  readonly item: T;
  readonly keptAtMs: number;
}

export class Topic<T> {
  readonly name: string;
  readonly bounds: TopicBounds;
  readonly timers: Timers;
  readonly options: TopicOptions<T>;
  private sequence = 0;
  /** Counts snapshots sent to all: what went before one cannot be continued, since the upstream may have been deaf. */
  private generation = 0;
  private upstream: FeedState = FeedState.UNSPECIFIED;
  private upstreamAtMs = 0;
  /** False until the upstream was once alive: a snapshot before that would say "nothing" and mean "not known". */
  private primed = false;
  private readonly subscriptions = new Set<Subscription<T>>();
  private readonly newest = new Map<string, T>();
  private kept: Kept<T>[] = [];
  /** Length at which `kept` is cut next: in bulk, so that a publish stays cheap. */
  private trimAt: number;
  private taken = false;
  private cancelIdle: (() => void) | null = null;
  private closed = false;

  constructor(options: TopicOptions<T>) {
    this.options = options;
    this.name = options.name;
    this.bounds = { ...BOUNDS, ...options.bounds };
    this.timers = options.timers ?? REAL_TIMERS;
    this.trimAt = this.bounds.keptMin * 1.5;
    if (options.local === true) {
      this.upstream = FeedState.LIVE;
      this.primed = true;
    }
  }

  get subscribers(): number {
    return this.subscriptions.size;
  }

  /** Number of the newest message. */
  get last(): number {
    return this.sequence;
  }

  /** Whether a new subscriber gets its snapshot at once. */
  get ready(): boolean {
    return this.primed;
  }

  get feed(): { readonly state: FeedState; readonly atMs: number } {
    return { state: this.upstream, atMs: this.upstreamAtMs };
  }

  /** Never waits. `atMs` is the upstream's evidence, Unix ms; now unless given. */
  publish(item: T, atMs = this.nowMs()): void {
    this.sequence += 1;
    this.upstreamAtMs = Math.max(this.upstreamAtMs, atMs);
    const { sequence } = this;
    const key = this.options.conflate?.(item) ?? null;
    if (this.options.snapshot === undefined && key !== null) {
      if (this.options.forget?.(item) === true) this.newest.delete(key);
      else this.newest.set(key, item);
    }
    if (this.options.conflate === undefined) this.keep({ sequence, item, keptAtMs: this.timers.monotonicMs() });
    for (const subscription of this.subscriptions) subscription.offer(item, sequence, key);
  }

  /**
   * How alive the upstream is. A change is told at once; LIVE after anything else sends everybody a fresh snapshot
   * (API-20), so the state must be complete by then.
   */
  setUpstream(state: FeedState, atMs = this.nowMs()): void {
    const before = this.upstream;
    this.upstream = state;
    this.upstreamAtMs = Math.max(this.upstreamAtMs, atMs);
    if (state === before) return;
    if (state === FeedState.LIVE && before !== FeedState.SUSPECT) this.refresh();
    else for (const subscription of this.subscriptions) subscription.beat();
  }

  /** What comes next does not continue what was published: the upstream was let go, and tokens of before are void. */
  cut(): void {
    this.kept = [];
    this.trimAt = this.bounds.keptMin * 1.5;
    this.sequence += 1;
  }

  /** Evidence without a message: the upstream answered a ping. */
  evidence(atMs: number): void {
    this.upstreamAtMs = Math.max(this.upstreamAtMs, atMs);
  }

  /** Sends everybody a fresh snapshot; who did not hear of it cannot continue from what came before. */
  refresh(): void {
    this.primed = true;
    this.generation += 1;
    for (const subscription of this.subscriptions) subscription.snapshot(this.snapshotItems(), this.sequence);
  }

  /**
   * Joins. Nothing is lost between snapshot and updates. Leaves when the signal aborts or the loop is left. Throws
   * OUT_OF_RANGE for a token that cannot be continued.
   */
  subscribe({ signal, resumeToken = "", filter }: SubscribeOptions<T>): AsyncIterableIterator<Delivery<T>> {
    if (this.closed) throw shutdownRefusal();
    const missed = resumeToken === "" ? null : this.missedSince(resumeToken);
    const subscription = new Subscription<T>(this, {
      signal,
      filter: filter ?? null,
      left: () => this.leave(subscription),
    });
    this.subscriptions.add(subscription);
    this.cancelIdle?.();
    this.cancelIdle = null;
    if (missed !== null) subscription.resume(missed);
    else if (this.primed) subscription.snapshot(this.snapshotItems(), this.sequence);
    if (!this.taken) {
      this.taken = true;
      this.options.onFirst?.();
    }
    if (signal.aborted) subscription.close(null);
    return subscription;
  }

  /** Ends every subscription with SHUTDOWN and lets the upstream go. */
  close(): void {
    this.closed = true;
    for (const subscription of this.subscriptions) subscription.close(shutdownRefusal());
    this.cancelIdle?.();
    this.release();
  }

  /** Of what is told now. */
  get era(): number {
    return this.generation;
  }

  /** Continues after message `sequence`, told in `era`; empty where resuming is not offered. */
  tokenOf(sequence: number, era = this.generation): string {
    if (this.options.conflate !== undefined) return "";
    return Buffer.from(`${LIFE}:${era}:${sequence}:${this.name}`).toString("base64url");
  }

  nowMs(): number {
    return this.options.nowMs?.() ?? Date.now();
  }

  private leave(subscription: Subscription<T>): void {
    if (!this.subscriptions.delete(subscription) || this.subscriptions.size > 0 || !this.taken) return;
    this.cancelIdle?.();
    this.cancelIdle = this.timers.after(this.bounds.idleMs, () => this.release());
  }

  private release(): void {
    this.cancelIdle = null;
    if (!this.taken) return;
    this.taken = false;
    this.options.onIdle?.();
  }

  private snapshotItems(): Iterable<T> {
    return this.options.snapshot?.() ?? this.newest.values();
  }

  private keep(entry: Kept<T>): void {
    this.kept.push(entry);
    const { keptMin, keptMax, keptMs } = this.bounds;
    if (this.kept.length < this.trimAt) return;
    const oldestMs = entry.keptAtMs - keptMs;
    const young = this.kept.findIndex(({ keptAtMs }) => keptAtMs >= oldestMs);
    const from = Math.max(Math.min(young, this.kept.length - keptMin), this.kept.length - keptMax);
    if (from > 0) this.kept = this.kept.slice(from);
    this.trimAt = Math.max(keptMin * 1.5, this.kept.length * 1.25);
  }

  private missedSince(token: string): readonly Kept<T>[] {
    const [life, era, number, ...name] = Buffer.from(token, "base64url").toString().split(":");
    const after = /^\d{1,15}$/.test(number ?? "") ? Number.parseInt(number ?? "", 10) : -1;
    const ours =
      life === LIFE &&
      era === String(this.generation) &&
      name.join(":") === this.name &&
      after >= 0 &&
      after <= this.sequence;
    const oldest = this.kept[0]?.sequence ?? this.sequence + 1;
    const missing = this.sequence - after;
    if (!ours || after + 1 < oldest || missing > this.bounds.queueMax) {
      throw new RpcRefusal({
        status: "OUT_OF_RANGE",
        reason: "OVERRUN",
        message: "the stream cannot be continued from this token; subscribe without one for a fresh snapshot",
      });
    }
    return missing === 0 ? [] : this.kept.slice(-missing);
  }
}

function shutdownRefusal(): RpcRefusal {
  return new RpcRefusal({
    status: "UNAVAILABLE",
    reason: "SHUTDOWN",
    message: "this server is stopping; subscribe again",
  });
}
