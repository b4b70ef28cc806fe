// What a market tells its subscribers: books conflated to at most one an interval and only when the best levels
// changed, sums of the trades in between, candles as they close, marks and rates. It decides when, never how long it
// travels.

import { lots, milliTicks, ticks } from "../market/amounts.ts";
import type {
  BookEvent,
  CandleEvent,
  CandleInterval,
  FeedEvent,
  FundingRateEvent,
  InstrumentEvent,
  Level,
  MarkEvent,
  TradesEvent,
} from "../trading/event.ts";

/** Book levels a side that leave (DUR-07). */
export const BOOK_LEVELS = 5;

type Public = BookEvent | TradesEvent | CandleEvent | MarkEvent | FundingRateEvent | FeedEvent | InstrumentEvent;
type Body<E> = E extends Public ? Omit<E, "atMs"> : never;
export type MarketMessage = Body<Public>;

/** What one subscriber asked for. */
export interface MarketWish {
  readonly bookIntervalUs: number;
  readonly candleInterval: CandleInterval | null;
  readonly trades: boolean;
  readonly marks: boolean;
}

/** The shown book as the publisher reads it. */
export interface ShownBook {
  readonly symbol: string;
  /** True while the book is whole, uncrossed and has both sides. */
  usable(): boolean;
  levels(side: "buy" | "sell", max: number): Iterable<readonly [price: number, quantity: number]>;
}

export interface MarketSubscriber {
  readonly wish: MarketWish;
  readonly send: (message: MarketMessage) => void;
  /** Earliest time of the next book. */
  dueUs: number;
  markDueUs: number;
  /** Best levels as last sent: price, quantity, … of bids, then of asks. */
  readonly last: Float64Array;
  trades: { count: number; volume: number; last: number; high: number; low: number };
}

export const INTERVAL_MS: { readonly [interval in CandleInterval]: number } = {
  "1m": 60_000,
  "3m": 180_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
};
const MARK_INTERVAL_US = 1_000_000;

export class Publisher {
  /** Earliest time at which a changed book may leave; Infinity without subscribers. */
  dueUs = Number.POSITIVE_INFINITY;
  /** Something changed since the last look. */
  dirty = false;
  /** When somebody who was not due at the last look is; Infinity when nobody waits. */
  private pendingUs = Number.POSITIVE_INFINITY;
  wantsTrades = false;
  private suspended = false;
  private readonly book: ShownBook;
  private readonly subscribers: MarketSubscriber[] = [];
  private readonly scratch = new Float64Array(4 * BOOK_LEVELS);

  constructor(book: ShownBook) {
    this.book = book;
  }

  get count(): number {
    return this.subscribers.length;
  }

  /** The diff chain is broken, and no book leaves. */
  get isSuspended(): boolean {
    return this.suspended;
  }

  /** When to look next, as things stand at `nowUs`: at once for a change, or for those it was too early for. */
  lookUs(nowUs: number): number {
    return this.dirty ? Math.min(this.pendingUs, Math.max(this.dueUs, nowUs)) : this.pendingUs;
  }

  add(wish: MarketWish, send: (message: MarketMessage) => void): MarketSubscriber {
    const last = new Float64Array(4 * BOOK_LEVELS);
    const subscriber = { wish, send, dueUs: 0, markDueUs: 0, last, trades: noTrades() };
    this.subscribers.push(subscriber);
    this.refresh();
    this.dirty = true;
    return subscriber;
  }

  remove(subscriber: MarketSubscriber): void {
    const i = this.subscribers.indexOf(subscriber);
    if (i >= 0) this.subscribers.splice(i, 1);
    this.refresh();
  }

  /** A public trade, for those who want sums. */
  trade(price: number, quantity: number): void {
    for (const { wish, trades } of this.subscribers) {
      if (!wish.trades) continue;
      trades.high = trades.count === 0 ? price : Math.max(trades.high, price);
      trades.low = trades.count === 0 ? price : Math.min(trades.low, price);
      trades.count += 1;
      trades.volume += quantity;
      trades.last = price;
    }
    this.dirty = true;
  }

  /** Sends what is due and changed at `nowUs`. */
  publish(nowUs: number): void {
    this.dirty = false;
    this.pendingUs = Number.POSITIVE_INFINITY;
    if (this.suspended) return;
    const usable = this.book.usable() && this.read();
    let waitingUs = Number.POSITIVE_INFINITY;
    for (const subscriber of this.subscribers) {
      if (subscriber.dueUs > nowUs) {
        waitingUs = Math.min(waitingUs, subscriber.dueUs);
        continue;
      }
      let sent = false;
      if (usable && this.changed(subscriber.last)) {
        subscriber.last.set(this.scratch);
        subscriber.send(this.bookMessage(nowUs));
        sent = true;
      }
      if (subscriber.trades.count > 0) {
        subscriber.send(tradesMessage(this.book.symbol, subscriber.trades));
        subscriber.trades = noTrades();
        sent = true;
      }
      if (sent) subscriber.dueUs = nowUs + subscriber.wish.bookIntervalUs;
    }
    this.pendingUs = waitingUs;
    this.refresh();
  }

  mark(mark: number, nowUs: number): void {
    for (const subscriber of this.subscribers) {
      if (!subscriber.wish.marks || subscriber.markDueUs > nowUs) continue;
      subscriber.markDueUs = nowUs + MARK_INTERVAL_US;
      subscriber.send({ kind: "mark", symbol: this.book.symbol, mark: milliTicks(mark) });
    }
  }

  candle(candle: Omit<CandleEvent, "atMs">): void {
    for (const { wish, send } of this.subscribers) if (wish.candleInterval === candle.interval) send(candle);
  }

  /** Intervals somebody asked for. */
  wantsCandle(interval: CandleInterval): boolean {
    return this.subscribers.some(({ wish }) => wish.candleInterval === interval);
  }

  toAll(message: MarketMessage): void {
    for (const { send } of this.subscribers) send(message);
  }

  /** The diff chain the subscribers follow is broken, or whole again: no book leaves in between. */
  suspend(suspended: boolean): void {
    this.suspended = suspended;
    this.toAll({ kind: "feed", feed: "book", state: suspended ? "stale" : "fresh" });
    for (const subscriber of this.subscribers) subscriber.last.fill(0);
    this.dirty = !suspended;
  }

  /** Every subscriber sees a book that never stood: bid above ask (a fault). */
  crossed(nowUs: number): void {
    if (!this.book.usable() || !this.read()) return;
    const { bids, asks, ...rest } = this.bookMessage(nowUs);
    this.toAll({ ...rest, bids: asks, asks: bids });
    for (const subscriber of this.subscribers) subscriber.last.fill(0);
    this.dirty = true;
  }

  private refresh(): void {
    this.dueUs = Number.POSITIVE_INFINITY;
    this.wantsTrades = false;
    for (const { dueUs, wish } of this.subscribers) {
      if (dueUs < this.dueUs) this.dueUs = dueUs;
      if (wish.trades) this.wantsTrades = true;
    }
  }

  /** Reads the best levels into the scratch; false when a side is empty. */
  private read(): boolean {
    const scratch = this.scratch;
    scratch.fill(0);
    let i = 0;
    for (const [price, quantity] of this.book.levels("buy", BOOK_LEVELS)) {
      scratch[i] = price;
      scratch[i + 1] = quantity;
      i += 2;
    }
    i = 2 * BOOK_LEVELS;
    for (const [price, quantity] of this.book.levels("sell", BOOK_LEVELS)) {
      scratch[i] = price;
      scratch[i + 1] = quantity;
      i += 2;
    }
    return scratch[0] !== 0 && scratch[2 * BOOK_LEVELS] !== 0;
  }

  private changed(last: Float64Array): boolean {
    for (let i = 0; i < last.length; i += 1) if (last[i] !== this.scratch[i]) return true;
    return false;
  }

  private bookMessage(nowUs: number): Omit<BookEvent, "atMs"> {
    return {
      kind: "book",
      symbol: this.book.symbol,
      bids: this.side(0),
      asks: this.side(2 * BOOK_LEVELS),
      exchangeAtMs: Math.floor(nowUs / 1000),
      replaced: 0,
    };
  }

  private side(from: number): Level[] {
    const levels: Level[] = [];
    for (let i = from; i < from + 2 * BOOK_LEVELS; i += 2) {
      const price = this.scratch[i] ?? 0;
      if (price !== 0) levels.push([ticks(price), lots(this.scratch[i + 1] ?? 0)]);
    }
    return levels;
  }
}

const noTrades = (): MarketSubscriber["trades"] => ({ count: 0, volume: 0, last: 0, high: 0, low: 0 });

function tradesMessage(symbol: string, sums: MarketSubscriber["trades"]): Omit<TradesEvent, "atMs"> {
  return {
    kind: "trades",
    symbol,
    count: sums.count,
    volume: lots(sums.volume),
    last: ticks(sums.last),
    high: ticks(sums.high),
    low: ticks(sums.low),
  };
}
