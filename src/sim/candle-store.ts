// One-minute candles of a market: built from trades at L1 and L2, taken as they are at L0, and summed to longer ones.
// Keeps a bounded number of them for those who ask later.

import { lots, ticks } from "../market/amounts.ts";
import type { TradedDay } from "../market/public-trade.ts";
import type { CandleEvent, CandleInterval } from "../trading/event.ts";
import { INTERVAL_MS } from "./publisher.ts";

export interface Candle {
  openAtMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

const MINUTE_MS = INTERVAL_MS["1m"];
const DAY_MS = 86_400_000;

export class CandleStore {
  readonly closed: Candle[] = [];
  private readonly max: number;
  private readonly symbol: string;
  private open: Candle | null = null;

  constructor(symbol: string, max: number) {
    this.symbol = symbol;
    this.max = max;
  }

  /** End of the minute under way in µs; Infinity before the first trade. */
  endUs(): number {
    return this.open === null ? Number.POSITIVE_INFINITY : (this.open.openAtMs + MINUTE_MS) * 1000;
  }

  /** A trade inside the minute under way, which the caller has closed when it was over. */
  trade(nowUs: number, price: number, quantity: number): void {
    const candle = this.open;
    if (candle === null) {
      const openAtMs = Math.floor(nowUs / 60_000_000) * MINUTE_MS;
      this.open = { openAtMs, open: price, high: price, low: price, close: price, volume: quantity };
      return;
    }
    if (candle.volume === 0) candle.open = candle.high = candle.low = price;
    if (price > candle.high) candle.high = price;
    if (price < candle.low) candle.low = price;
    candle.close = price;
    candle.volume += quantity;
  }

  /** Ends the minute under way and begins the next at its close, flat and without volume, as exchanges do. */
  closeMinute(): Candle | null {
    const done = this.open;
    if (done === null) return null;
    const { close } = done;
    this.open = { openAtMs: done.openAtMs + MINUTE_MS, open: close, high: close, low: close, close, volume: 0 };
    this.push(done);
    return done;
  }

  push(candle: Candle): void {
    if (this.closed.length >= 2 * this.max) this.closed.splice(0, this.max);
    this.closed.push(candle);
  }

  /** The longer candle that the newest minute completes; null when it completes none or minutes are missing. */
  completed(interval: CandleInterval): Omit<CandleEvent, "atMs"> | null {
    const newest = this.closed[this.closed.length - 1];
    if (newest === undefined) return null;
    const length = INTERVAL_MS[interval];
    if ((newest.openAtMs + MINUTE_MS) % length !== 0) return null;
    const openAtMs = newest.openAtMs + MINUTE_MS - length;
    return this.sum(interval, this.since(openAtMs), openAtMs);
  }

  /** Newest `count` closed candles of an interval, oldest first. */
  history(interval: CandleInterval, count: number): Omit<CandleEvent, "atMs">[] {
    const length = INTERVAL_MS[interval];
    const newest = this.closed[this.closed.length - 1];
    if (newest === undefined) return [];
    const endMs = Math.floor((newest.openAtMs + MINUTE_MS) / length) * length;
    const groups = new Map<number, Candle[]>();
    for (const candle of this.closed) {
      const openAtMs = Math.floor(candle.openAtMs / length) * length;
      if (openAtMs + length > endMs) continue;
      const group = groups.get(openAtMs);
      if (group === undefined) groups.set(openAtMs, [candle]);
      else group.push(candle);
    }
    return [...groups].slice(-count).map(([openAtMs, candles]) => this.sum(interval, candles, openAtMs));
  }

  /** The minute under way; null before the first trade. */
  get openMinute(): Readonly<Candle> | null {
    return this.open;
  }

  /** The candle of an interval that `minute` is in, with the closed minutes before it; null where there is none. */
  running(interval: CandleInterval, minute: Readonly<Candle> | null): Omit<CandleEvent, "atMs"> | null {
    if (minute === null) return null;
    const openAtMs = Math.floor(minute.openAtMs / INTERVAL_MS[interval]) * INTERVAL_MS[interval];
    const candles = [...this.since(openAtMs).filter((candle) => candle.openAtMs < minute.openAtMs), minute];
    return { ...this.sum(interval, candles, openAtMs), closed: false };
  }

  /** What was traded in the 24 hours before `nowMs`, as far back as candles are kept. */
  day(nowMs: number, minute: Readonly<Candle> | null): TradedDay {
    const closed = this.since(nowMs - DAY_MS);
    const candles = minute === null ? closed : [...closed, minute];
    const [first] = candles;
    const last = candles[candles.length - 1];
    return {
      first: first === undefined ? null : ticks(first.open),
      last: last === undefined ? null : ticks(last.close),
      volume: lots(candles.reduce((sum, candle) => sum + candle.volume, 0)),
    };
  }

  private since(openAtMs: number): Candle[] {
    let i = this.closed.length;
    while (i > 0 && (this.closed[i - 1]?.openAtMs ?? 0) >= openAtMs) i -= 1;
    return this.closed.slice(i);
  }

  save(): { readonly closed: readonly Candle[]; readonly open: Candle | null } {
    return {
      closed: this.closed.slice(-this.max).map((candle) => ({ ...candle })),
      open: this.open && { ...this.open },
    };
  }

  restore(saved: { readonly closed: readonly Candle[]; readonly open: Candle | null }): void {
    this.closed.splice(0, this.closed.length, ...saved.closed.map((candle) => ({ ...candle })));
    this.open = saved.open && { ...saved.open };
  }

  private sum(
    interval: CandleInterval,
    candles: readonly Readonly<Candle>[],
    openAtMs: number,
  ): Omit<CandleEvent, "atMs"> {
    const first = candles[0];
    const last = candles[candles.length - 1];
    return {
      kind: "candle",
      symbol: this.symbol,
      interval,
      openAtMs,
      open: ticks(first?.open ?? 0),
      high: ticks(candles.reduce((high, candle) => Math.max(high, candle.high), 0)),
      low: ticks(candles.reduce((low, candle) => Math.min(low, candle.low), Number.MAX_SAFE_INTEGER)),
      close: ticks(last?.close ?? 0),
      volume: lots(candles.reduce((sum, candle) => sum + candle.volume, 0)),
      closed: true,
    };
  }
}
