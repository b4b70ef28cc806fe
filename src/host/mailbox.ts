// The bounded mailbox in front of the engine (DUR-07, DUR-08): market data is conflated while it waits, everything that
// carries money or a decision is kept in stream order. It never drops what may not be dropped: it says no instead.

import { assert } from "../base/assert.ts";
import { type Lots, lots, type Ticks, ticks } from "../market/amounts.ts";
import type { EngineEvent, Level } from "../trading/event.ts";
import type { HostEvent } from "./context.ts";

/** Undroppable events that may wait before the streams are cut off. */
export const MAILBOX_CAPACITY = 10_000;
/** Names under which events may be conflated at one time: instruments × kinds + timers. */
const KEYS_MAX = 10_000;
/** Levels a side that strategies may read. */
const LEVELS_MAX = 5;

/** `queued`: it waits; `conflated`: it was merged into one that waits; `full`: nothing happened, back off. */
export type Offered = "queued" | "conflated" | "full";

type Conflated = "book" | "mark" | "funding-rate" | "trades" | "candle" | "timer" | "feed";

/** A waiting event. `waiting` is where it is found again to be conflated; null for what is never conflated. */
interface Cell {
  event: HostEvent;
  readonly waiting: Map<string, Cell> | null;
  readonly key: string;
}

export class Mailbox {
  readonly capacity: number;
  private cells: Cell[] = [];
  private head = 0;
  private undroppable = 0;
  private keys = 0;
  private readonly waiting: Record<Conflated, Map<string, Cell>> = {
    book: new Map(),
    mark: new Map(),
    "funding-rate": new Map(),
    trades: new Map(),
    candle: new Map(),
    timer: new Map(),
    feed: new Map(),
  };

  constructor(capacity = MAILBOX_CAPACITY) {
    assert(Number.isSafeInteger(capacity) && capacity > 0, "a mailbox needs a positive capacity");
    this.capacity = capacity;
  }

  /** Everything that waits. */
  get size(): number {
    return this.cells.length - this.head;
  }

  /** What waits and may not be dropped: the measure of DUR-08. */
  get pressure(): number {
    return this.undroppable;
  }

  /**
   * Takes an event in. `own` events (outcomes, evidence, commands: the host bounds their number itself) may fill a
   * reserve as large as the capacity; beyond that the host has a bug.
   */
  offer(event: HostEvent, own: boolean): Offered {
    switch (event.kind) {
      case "book":
      case "mark":
      case "funding-rate":
      case "trades":
        return this.conflate(this.waiting[event.kind], event.symbol, event);
      case "candle":
        if (event.closed) return this.keep(event, own);
        return this.conflate(this.waiting.candle, `${event.symbol}|${event.interval}`, event);
      case "timer":
        return this.conflate(this.waiting.timer, event.name, event);
      case "feed":
        return this.conflate(this.waiting.feed, event.feed, event);
      case "fill":
      case "order":
      case "outcome":
      case "absent":
      case "account":
      case "position":
      case "exchange-state":
      case "funding-settled":
      case "instrument":
      case "command":
      case "run-started":
      case "configured":
      case "start-facts":
      case "recovered":
      case "stop-requested":
      case "host-condition":
      case "account-breaker":
      case "grant":
      case "account-configured":
      case "bot-joined":
      case "bot-left":
      case "grant-acknowledged":
      case "account-figures":
      case "account-balance":
      case "bot-kill-reported":
      case "flow-asked":
      case "flow-ended":
        return this.keep(event, own);
    }
  }

  /**
   * Removes up to `max` events in order, each with engine time `atMs`. A timer only ever comes first: an event before
   * it in the same turn could arm it anew, and then it would fire early.
   */
  take(max: number, atMs: number): EngineEvent[] {
    const waiting = Math.min(max, this.size);
    const taken: EngineEvent[] = [];
    let count = 0;
    for (; count < waiting; count += 1) {
      const cell = this.cells[this.head + count];
      assert(cell !== undefined, "a waiting cell");
      if (cell.event.kind === "timer" && count > 0) break;
      if (cell.waiting === null) this.undroppable -= 1;
      else {
        cell.waiting.delete(cell.key);
        this.keys -= 1;
      }
      taken.push(stamped(cell.event, atMs));
    }
    this.forget(count);
    return taken;
  }

  /** Puts back, in front, what {@link take} gave and could not be written (DUR-10). */
  putBack(events: readonly EngineEvent[]): void {
    const rest = this.cells.slice(this.head);
    this.cells = events.map((event) => ({ event, waiting: null, key: "" }));
    this.undroppable += events.length;
    for (const cell of rest) this.cells.push(cell);
    this.head = 0;
  }

  private keep(event: HostEvent, own: boolean): Offered {
    if (!own && this.undroppable >= this.capacity) return "full";
    assert(this.undroppable < 2 * this.capacity, "the host queued more events of its own than it may have under way");
    this.undroppable += 1;
    this.cells.push({ event, waiting: null, key: "" });
    return "queued";
  }

  private conflate(waiting: Map<string, Cell>, key: string, event: HostEvent): Offered {
    const cell = waiting.get(key);
    if (cell !== undefined) {
      cell.event = merged(cell.event, event);
      return "conflated";
    }
    if (this.keys >= KEYS_MAX) return "full";
    const fresh: Cell = { event: event.kind === "book" ? cut(event) : event, waiting, key };
    waiting.set(key, fresh);
    this.keys += 1;
    this.cells.push(fresh);
    return "queued";
  }

  /** Drops `count` cells from the front without copying the rest each time. */
  private forget(count: number): void {
    this.head += count;
    if (this.head === this.cells.length) {
      // one by one: an array that is cut to nothing gives its room back, and asks for it anew with the next event
      for (let i = count; i > 0 && this.cells.length > 0; i -= 1) this.cells.pop();
      this.cells.length = 0;
      this.head = 0;
    } else if (this.head > 1_000 && this.head * 2 > this.cells.length) {
      this.cells = this.cells.slice(this.head);
      this.head = 0;
    }
  }
}

/**
 * A copy with its engine time: what waits may be shared with others. Books are most of what comes, and are of one
 * shape.
 */
function stamped(event: HostEvent, atMs: number): EngineEvent {
  if (event.kind !== "book") return { ...event, atMs };
  const { kind, symbol, bids, asks, exchangeAtMs, replaced } = event;
  return { kind, symbol, bids, asks, exchangeAtMs, replaced, atMs };
}

/** The newer one takes the place of the waiting one, in its place in line, and remembers what it stands for. */
function merged(old: HostEvent, next: HostEvent): HostEvent {
  if (next.kind === "book" && old.kind === "book") {
    return { ...cut(next), replaced: old.replaced + next.replaced + 1 };
  }
  if (next.kind === "trades" && old.kind === "trades") {
    return {
      ...next,
      count: old.count + next.count,
      volume: sum(old.volume, next.volume),
      high: highest(old.high, next.high),
      low: lowest(old.low, next.low),
    };
  }
  if (next.kind === "timer" && old.kind === "timer") return { ...next, missed: old.missed + next.missed + 1 };
  return next;
}

const sum = (a: Lots, b: Lots): Lots => lots(a + b);
const highest = (a: Ticks, b: Ticks): Ticks => ticks(Math.max(a, b));
const lowest = (a: Ticks, b: Ticks): Ticks => ticks(Math.min(a, b));

type Book = Extract<HostEvent, { kind: "book" }>;

/** Only the levels strategies may read go on. */
function cut(book: Book): Book {
  if (book.bids.length <= LEVELS_MAX && book.asks.length <= LEVELS_MAX) return book;
  return { ...book, bids: top(book.bids), asks: top(book.asks) };
}

const top = (levels: readonly Level[]): readonly Level[] => levels.slice(0, LEVELS_MAX);
