// What an exchange tells everybody, beyond what a bot needs of it: single trades, open candles, deep books, a day's
// sums, settled rates. A part of the exchange port that may be absent; it costs nothing while nobody asks.

import type { Lots } from "../market/amounts.ts";
import type { PublicTrade, SettledRate, TradedDay } from "../market/public-trade.ts";
import type { BookEvent, CandleEvent, CandleInterval } from "../trading/event.ts";
import type { Unavailable, Unstamped } from "./port.ts";

/** Candles are open ones; the closed are told by {@link ExchangePort.subscribe}. */
export type PublicMessage = PublicTrade | Unstamped<BookEvent> | Unstamped<CandleEvent>;

export interface PublicWish {
  readonly symbol: string;
  /** Every trade, none left out. */
  readonly trades: boolean;
  /** Interval of the open candle that is told; null: none. */
  readonly openCandle: CandleInterval | null;
  /** Levels a side of the book that is told; 0: none. */
  readonly depth: number;
  /** Open candles and books come at most this often, and only when they changed. */
  readonly intervalMs: number;
}

/** Null: no book stands now. */
export type BookResult = { readonly result: "ok"; readonly book: Unstamped<BookEvent> | null } | Unavailable;
export type DayResult = { readonly result: "ok"; readonly day: TradedDay } | Unavailable;
export type RatesResult = { readonly result: "ok"; readonly rates: readonly SettledRate[] } | Unavailable;

/** In lots, and when the exchange said so, Unix ms. */
export type OpenInterestResult =
  | { readonly result: "ok"; readonly quantity: Lots; readonly atMs: number }
  | Unavailable;

export interface PublicMarket {
  /** Returns the function that ends it and frees what it holds. */
  watch(wish: PublicWish, listener: (message: PublicMessage) => void): () => void;
  /** The book now, at most `depth` levels a side. */
  book(symbol: string, depth: number, done: (result: BookResult) => void): void;
  /** What was traded in the 24 hours before now, and the last price. */
  day(symbol: string, done: (result: DayResult) => void): void;
  /** Rates settled at or after `sinceMs`, oldest first. */
  settledRates(symbol: string, sinceMs: number, done: (result: RatesResult) => void): void;
  /** Contracts that are open; absent on spot and where nobody counts them. */
  openInterest?(symbol: string, done: (result: OpenInterestResult) => void): void;
}
