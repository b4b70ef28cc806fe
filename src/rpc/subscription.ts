// One subscriber of a topic: its queue, its heartbeat and its end. Being slow costs nobody else anything: conflated
// items are replaced in their place, and beyond the bound this subscriber alone is ended with OVERRUN (API-18).

import { present } from "../base/assert.ts";
import type { StreamMeta } from "./generated/opensqt/market_maker/v1/events.ts";
import { StreamKind } from "./generated/opensqt/market_maker/v1/types.ts";
import { RpcRefusal } from "./refusal.ts";
import type { Topic } from "./topic.ts";

/** One message of a stream; `item` is null for SNAPSHOT_END and HEARTBEAT. */
export interface Delivery<T> {
  readonly meta: StreamMeta;
  readonly item: T | null;
}

interface Entry<T> {
  readonly kind: StreamKind;
  /** Of the topic when it was queued: part of the resume token. */
  readonly era: number;
  sequence: number;
  item: T | null;
  conflated: number;
  readonly key: string | null;
}

interface Terms<T> {
  readonly signal: AbortSignal;
  readonly filter: ((item: T) => boolean) | null;
  readonly left: () => void;
}

type Parked<T> = PromiseWithResolvers<IteratorResult<Delivery<T>, undefined>>;

export class Subscription<T> implements AsyncIterableIterator<Delivery<T>, undefined> {
  private readonly topic: Topic<T>;
  private readonly terms: Terms<T>;
  private queue: Entry<T>[] = [];
  private head = 0;
  /** Queued entries a newer item may replace. */
  private replaceable = new Map<string, Entry<T>>();
  /** Updates are of use only after a snapshot or a resumption. */
  private begun = false;
  private over = false;
  private end: RpcRefusal | null = null;
  private parked: Parked<T> | null = null;
  private sentAtMs: number;
  private drainedAtMs = Number.NEGATIVE_INFINITY;
  private held = false;
  private cancelHeartbeat: (() => void) | null = null;
  private cancelPace: (() => void) | null = null;
  private readonly onAbort = (): void => this.close(null);

  constructor(topic: Topic<T>, terms: Terms<T>) {
    this.topic = topic;
    this.terms = terms;
    this.sentAtMs = topic.timers.monotonicMs();
    terms.signal.addEventListener("abort", this.onAbort, { once: true });
    this.armHeartbeat(topic.bounds.heartbeatMs);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Delivery<T>, undefined>> {
    if (!this.held && this.head < this.queue.length) return Promise.resolve({ done: false, value: this.take() });
    if (this.over) return this.end === null ? Promise.resolve(DONE) : Promise.reject(this.end);
    this.parked ??= Promise.withResolvers();
    return this.parked.promise;
  }

  return(): Promise<IteratorResult<Delivery<T>, undefined>> {
    this.close(null);
    return Promise.resolve(DONE);
  }

  /** A message of the topic. */
  offer(item: T, sequence: number, key: string | null): void {
    if (!this.begun || this.over || this.terms.filter?.(item) === false) return;
    const waiting = key === null ? undefined : this.replaceable.get(key);
    if (waiting !== undefined) {
      waiting.item = item;
      waiting.sequence = sequence;
      waiting.conflated += 1;
      this.topic.options.metrics?.conflated(this.topic.name, 1);
      return;
    }
    const { era } = this.topic;
    const entry: Entry<T> = { kind: StreamKind.UPDATE, era, sequence, item, conflated: 0, key };
    if (this.queue.length - this.head >= this.topic.bounds.queueMax) {
      this.overrun();
      return;
    }
    this.queue.push(entry);
    if (key === null) {
      // what comes later must not overtake this item by taking the place of something before it
      this.replaceable.clear();
      this.letGo();
    } else {
      this.replaceable.set(key, entry);
      this.pace();
    }
  }

  /** The whole state as of `sequence`. */
  snapshot(items: Iterable<T>, sequence: number): void {
    if (this.over) return;
    this.begun = true;
    this.replaceable.clear();
    const { era } = this.topic;
    for (const item of items) {
      if (this.terms.filter?.(item) === false) continue;
      this.queue.push({ kind: StreamKind.SNAPSHOT, era, sequence, item, conflated: 0, key: null });
    }
    this.queue.push({ kind: StreamKind.SNAPSHOT_END, era, sequence, item: null, conflated: 0, key: null });
    this.letGo();
  }

  /** What was missed since the token. */
  resume(missed: readonly { readonly sequence: number; readonly item: T }[]): void {
    this.begun = true;
    const { era } = this.topic;
    for (const { sequence, item } of missed) {
      if (this.terms.filter?.(item) === false) continue;
      this.queue.push({ kind: StreamKind.UPDATE, era, sequence, item, conflated: 0, key: null });
    }
    this.letGo();
  }

  /** Says how alive the upstream is, unless something waits to be sent that says it too. */
  beat(): void {
    if (this.over || this.head < this.queue.length) return;
    const { era, last } = this.topic;
    this.queue.push({ kind: StreamKind.HEARTBEAT, era, sequence: last, item: null, conflated: 0, key: null });
    this.letGo();
  }

  /** Ends it; null: the subscriber itself left. Frees everything it held. */
  close(reason: RpcRefusal | null): void {
    if (this.over) return;
    this.over = true;
    this.end = reason;
    this.queue = [];
    this.head = 0;
    this.replaceable.clear();
    this.cancelHeartbeat?.();
    this.cancelPace?.();
    this.terms.signal.removeEventListener("abort", this.onAbort);
    this.terms.left();
    const { parked } = this;
    this.parked = null;
    if (parked === null) return;
    if (reason === null) parked.resolve(DONE);
    else parked.reject(reason);
  }

  private overrun(): void {
    this.topic.options.metrics?.overrun(this.topic.name);
    const waited = `more than ${this.topic.bounds.queueMax} messages waited for this subscriber`;
    const message = `${waited}; read faster, or subscribe again`;
    this.close(new RpcRefusal({ status: "RESOURCE_EXHAUSTED", reason: "OVERRUN", message }));
  }

  private take(): Delivery<T> {
    const { topic } = this;
    const entry = present(this.queue[this.head], "a queued message");
    this.head += 1;
    if (this.head > 1_000 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    this.sentAtMs = topic.timers.monotonicMs();
    if (this.head >= this.queue.length) this.drained();
    if (entry.key !== null && this.replaceable.get(entry.key) === entry) this.replaceable.delete(entry.key);
    return { meta: this.metaOf(entry), item: entry.item };
  }

  private drained(): void {
    this.queue = [];
    this.head = 0;
    this.drainedAtMs = this.sentAtMs;
  }

  private metaOf({ kind, era, sequence, conflated }: Entry<T>): StreamMeta {
    const { topic } = this;
    const { state, atMs } = topic.feed;
    // what is left of a snapshot cannot be continued: only its end makes it whole
    const resumeToken = kind === StreamKind.SNAPSHOT ? "" : topic.tokenOf(sequence, era);
    return { kind, sequence, resumeToken, sentAtMs: topic.nowMs(), conflated, upstream: state, upstreamAtMs: atMs };
  }

  /** Conflated items wait until the interval since the last delivery is over. */
  private pace(): void {
    const { intervalMs = 0 } = this.topic.options;
    const waitMs = this.drainedAtMs + intervalMs - this.topic.timers.monotonicMs();
    if (intervalMs === 0 || waitMs <= 0) {
      this.letGo();
      return;
    }
    if (this.queue.length - this.head > 1) return;
    this.held = true;
    this.cancelPace = this.topic.timers.after(waitMs, () => this.letGo());
  }

  private letGo(): void {
    if (this.held) {
      this.held = false;
      this.cancelPace?.();
      this.cancelPace = null;
    }
    const { parked } = this;
    if (parked === null || this.head >= this.queue.length) return;
    this.parked = null;
    parked.resolve({ done: false, value: this.take() });
  }

  private armHeartbeat(afterMs: number): void {
    const { timers, bounds } = this.topic;
    this.cancelHeartbeat = timers.after(afterMs, () => {
      const silentMs = timers.monotonicMs() - this.sentAtMs;
      const due = silentMs >= bounds.heartbeatMs;
      if (due) this.beat();
      this.armHeartbeat(due ? bounds.heartbeatMs : bounds.heartbeatMs - silentMs);
    });
  }
}

const DONE = { done: true, value: undefined } as const;
