// Who looks at a market more closely than a bot does: single trades as they print, the candle that is still open, more
// levels of the book. Nobody watching costs a market one look at a flag per trade, and nothing else.

import { lots, ticks } from "../market/amounts.ts";
import type { PublicTrade } from "../market/public-trade.ts";
import type { BookEvent, CandleEvent, CandleInterval, Level } from "../trading/event.ts";

export type WatchMessage = PublicTrade | Omit<BookEvent, "atMs"> | Omit<CandleEvent, "atMs">;

export interface WatchWish {
  readonly trades: boolean;
  /** Interval of the open candle that is told; null: none. */
  readonly openCandle: CandleInterval | null;
  /** Levels a side of the book that is told; 0: none. */
  readonly depth: number;
  /** Open candles and books are told at most this often, and only when they changed. */
  readonly intervalUs: number;
}

/** What watchers see of a market. */
export interface WatchedMarket {
  readonly symbol: string;
  /** No book leaves: the chain its subscribers follow is broken. */
  readonly suspended: boolean;
  usable(): boolean;
  levels(side: "buy" | "sell", max: number): Iterable<readonly [price: number, quantity: number]>;
  openCandle(interval: CandleInterval): Omit<CandleEvent, "atMs"> | null;
}

export class Watcher {
  readonly wish: WatchWish;
  readonly send: (message: WatchMessage) => void;
  ended = false;
  private lastBook = "";
  private lastCandle = "";

  constructor(wish: WatchWish, send: (message: WatchMessage) => void) {
    this.wish = wish;
    this.send = send;
  }

  /** True where something has to be looked at from time to time. */
  get looks(): boolean {
    return this.wish.openCandle !== null || this.wish.depth > 0;
  }

  look(market: WatchedMarket, nowUs: number): void {
    this.lookAtCandle(market);
    if (this.wish.depth > 0) this.lookAtBook(market, nowUs);
  }

  private lookAtCandle(market: WatchedMarket): void {
    const { openCandle } = this.wish;
    const candle = openCandle === null ? null : market.openCandle(openCandle);
    if (candle === null) return;
    const { openAtMs, high, low, close, volume } = candle;
    const key = `${openAtMs} ${high} ${low} ${close} ${volume}`;
    if (key === this.lastCandle) return;
    this.lastCandle = key;
    this.send(candle);
  }

  private lookAtBook(market: WatchedMarket, nowUs: number): void {
    const book = market.suspended ? null : bookOf(market, this.wish.depth, nowUs);
    if (book === null) {
      // what stood before is told again when it is known to stand
      this.lastBook = "";
      return;
    }
    const key = `${book.bids.join(" ")}/${book.asks.join(" ")}`;
    if (key === this.lastBook) return;
    this.lastBook = key;
    this.send(book);
  }
}

export class Watchers {
  /** Somebody wants single trades. */
  tape = false;
  private readonly all = new Set<Watcher>();

  get count(): number {
    return this.all.size;
  }

  add(wish: WatchWish, send: (message: WatchMessage) => void): Watcher {
    const watcher = new Watcher(wish, send);
    this.all.add(watcher);
    this.tape ||= wish.trades;
    return watcher;
  }

  remove(watcher: Watcher): void {
    watcher.ended = true;
    this.all.delete(watcher);
    this.tape = [...this.all].some(({ wish }) => wish.trades);
  }

  trade(trade: PublicTrade): void {
    for (const { wish, send } of this.all) if (wish.trades) send(trade);
  }
}

/** The book down to `depth` levels a side; null where none stands: invalid, crossed, or a side is empty. */
export function bookOf(market: WatchedMarket, depth: number, nowUs: number): Omit<BookEvent, "atMs"> | null {
  if (!market.usable()) return null;
  const side = (which: "buy" | "sell"): Level[] =>
    Array.from(market.levels(which, depth), ([price, quantity]): Level => [ticks(price), lots(quantity)]);
  const [bids, asks] = [side("buy"), side("sell")];
  if (bids.length === 0 || asks.length === 0) return null;
  return { kind: "book", symbol: market.symbol, bids, asks, exchangeAtMs: Math.floor(nowUs / 1000), replaced: 0 };
}
