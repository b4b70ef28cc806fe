// What was traded on one instrument: the newest public trades, candles of any of Binance's lengths, and the last day.
// Candles are summed from the minutes the simulated exchange keeps; their quote volume is taken at the close of each.

import type { PublicTrade } from "../../../../market/public-trade.ts";
import type { Candle } from "../../../../sim/candle-store.ts";
import type { SimMarket } from "../../../../sim/market.ts";
import { moneyText, priceText, quantityText, quoteOf, ZERO_TEXT } from "./amounts.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Lengths of candles by Binance's names; a month is taken for thirty days. */
export const INTERVALS: Readonly<Record<string, number>> = {
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "2h": 2 * HOUR_MS,
  "4h": 4 * HOUR_MS,
  "6h": 6 * HOUR_MS,
  "8h": 8 * HOUR_MS,
  "12h": 12 * HOUR_MS,
  "1d": DAY_MS,
  "3d": 3 * DAY_MS,
  "1w": 7 * DAY_MS,
  "1M": 30 * DAY_MS,
};

/** Trades kept for those who ask. */
const TRADES_MAX = 1_000;

export interface KeptTrade {
  readonly id: number;
  readonly trade: PublicTrade;
}

/** The newest public trades, numbered without gaps. */
export class TradeTape {
  private trades: KeptTrade[] = [];
  private count = 0;

  add(trade: PublicTrade): KeptTrade {
    this.count += 1;
    const kept = { id: this.count, trade };
    if (this.trades.length >= 2 * TRADES_MAX) this.trades = this.trades.slice(-TRADES_MAX);
    this.trades.push(kept);
    return kept;
  }

  /** The newest `limit`, oldest first, or `limit` from an id on. */
  list(limit: number, fromId: number | null): readonly KeptTrade[] {
    if (fromId === null) return this.trades.slice(-limit);
    return this.trades.filter(({ id }) => id >= fromId).slice(0, limit);
  }

  /** Trades made since that time. */
  since(atMs: number): readonly KeptTrade[] {
    return this.trades.filter(({ trade }) => trade.exchangeAtMs >= atMs);
  }
}

/** A candle of any length with the money that moved in it. */
export interface LongCandle extends Candle {
  readonly closeAtMs: number;
  readonly quote: bigint;
}

export interface CandleQuestion {
  readonly intervalMs: number;
  readonly limit: number;
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** Candles oldest first, the open one last. */
export function longCandles(market: SimMarket, question: CandleQuestion): LongCandle[] {
  const { intervalMs, limit, startMs, endMs } = question;
  const candles: LongCandle[] = [];
  for (const minute of minutesOf(market)) {
    const openAtMs = Math.floor(minute.openAtMs / intervalMs) * intervalMs;
    if ((startMs !== null && openAtMs < startMs) || (endMs !== null && openAtMs > endMs)) continue;
    const quote: bigint = quoteOf(market.instrument, minute.close, minute.volume);
    const last = candles[candles.length - 1];
    if (last?.openAtMs !== openAtMs) {
      candles.push({ ...minute, openAtMs, closeAtMs: openAtMs + intervalMs - 1, quote });
      continue;
    }
    const { high, low } = last;
    candles[candles.length - 1] = {
      ...last,
      high: Math.max(high, minute.high),
      low: Math.min(low, minute.low),
      close: minute.close,
      volume: last.volume + minute.volume,
      quote: last.quote + quote,
    };
  }
  return startMs === null ? candles.slice(-limit) : candles.slice(0, limit);
}

/** One row of `GET /api/v3/klines`. */
export function candleRow(market: SimMarket, candle: LongCandle): readonly unknown[] {
  const { instrument } = market;
  return [
    candle.openAtMs,
    priceText(instrument, candle.open),
    priceText(instrument, candle.high),
    priceText(instrument, candle.low),
    priceText(instrument, candle.close),
    quantityText(instrument, candle.volume),
    candle.closeAtMs,
    moneyText(candle.quote),
    0,
    ZERO_TEXT,
    ZERO_TEXT,
    "0",
  ];
}

export interface Day {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  readonly volume: number;
  readonly quote: bigint;
}

/** The 24 hours before `nowMs`; all 0 where nothing was traded. */
export function dayOf(market: SimMarket, nowMs: number): Day {
  let day: Day = { open: 0, high: 0, low: 0, last: 0, volume: 0, quote: 0n };
  for (const minute of minutesOf(market)) {
    if (minute.openAtMs < nowMs - DAY_MS) continue;
    day = {
      open: day.open === 0 ? minute.open : day.open,
      high: Math.max(day.high, minute.high),
      low: day.low === 0 ? minute.low : Math.min(day.low, minute.low),
      last: minute.close,
      volume: day.volume + minute.volume,
      quote: day.quote + quoteOf(market.instrument, minute.close, minute.volume),
    };
  }
  return day;
}

function* minutesOf(market: SimMarket): Generator<Readonly<Candle>> {
  yield* market.candles.closed;
  if (market.candles.openMinute !== null) yield market.candles.openMinute;
}
