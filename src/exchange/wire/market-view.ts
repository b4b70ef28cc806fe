// Books, candles, rates and feeds of the port ↔ those of the API.

import { formatDecimal, unitsOf } from "../../base/decimal.ts";
import { toSafe } from "../../base/integer.ts";
import { lots, type MilliTicks, milliTicks, ticks } from "../../market/amounts.ts";
import { formatMark, type Instrument } from "../../market/instrument.ts";
import type { TradedDay } from "../../market/public-trade.ts";
import { exactDecimal } from "../../rpc/decimal.ts";
import type { Decimal } from "../../rpc/generated/google/type/decimal.ts";
import type { Book, BookLevel, Candle, FundingRate } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { BookEvent, CandleEvent, CandleInterval, FeedName, Level } from "../../trading/event.ts";
import type { Unstamped } from "../port.ts";
import { gridOf } from "./grid.ts";

/** Digits of a funding rate: the port counts in 10^−12. */
const RATE_SCALE = 12;

export const CANDLE_INTERVALS: readonly CandleInterval[] = ["1m", "3m", "5m", "15m", "1h"];

export function wireBook(book: Unstamped<BookEvent>, instrument: Instrument, sequence: number): Book {
  const price = gridOf(instrument.tickSize);
  const quantity = gridOf(instrument.lotSize);
  const levels = (side: readonly Level[]): BookLevel[] =>
    side.map(([at, size]) => ({ price: { value: price.text(at) }, quantity: { value: quantity.text(size) } }));
  return {
    exchange: instrument.exchange,
    symbol: book.symbol,
    bids: levels(book.bids),
    asks: levels(book.asks),
    sequence,
    atMs: book.exchangeAtMs,
    receivedAtMs: book.exchangeAtMs,
  };
}

/** The best `max` levels a side. */
export const cutBook = (book: Book, max: number): Book =>
  book.bids.length <= max && book.asks.length <= max
    ? book
    : { ...book, bids: book.bids.slice(0, max), asks: book.asks.slice(0, max) };

/** Null when a level cannot be held: a book with a hole is worse than none. */
export function portBook(book: Book, instrument: Instrument, replaced: number): Unstamped<BookEvent> | null {
  const bids = portLevels(book.bids, instrument);
  const asks = portLevels(book.asks, instrument);
  if (bids === null || asks === null) return null;
  return { kind: "book", symbol: book.symbol, bids, asks, exchangeAtMs: book.atMs, replaced };
}

function portLevels(levels: readonly BookLevel[], instrument: Instrument): Level[] | null {
  const price = gridOf(instrument.tickSize);
  const quantity = gridOf(instrument.lotSize);
  const read: Level[] = [];
  for (const level of levels) {
    const at = price.units(level.price?.value ?? "");
    const size = quantity.units(level.quantity?.value ?? "");
    if (!at.ok || !size.ok) return null;
    read.push([ticks(at.value), lots(size.value)]);
  }
  return read;
}

export function wireCandle(candle: Unstamped<CandleEvent>, instrument: Instrument): Candle {
  const price = gridOf(instrument.tickSize);
  return {
    exchange: instrument.exchange,
    symbol: candle.symbol,
    interval: candle.interval,
    open: { value: price.text(candle.open) },
    high: { value: price.text(candle.high) },
    low: { value: price.text(candle.low) },
    close: { value: price.text(candle.close) },
    volume: { value: gridOf(instrument.lotSize).text(candle.volume) },
    quoteVolume: undefined,
    openTimeMs: candle.openAtMs,
    isClosed: candle.closed,
  };
}

/** Null when a price or the interval cannot be held. */
export function portCandle(candle: Candle, instrument: Instrument): Unstamped<CandleEvent> | null {
  const grid = gridOf(instrument.tickSize);
  const at = (decimal: Decimal | undefined): number | null => {
    const read = grid.units(decimal?.value ?? "");
    return read.ok ? read.value : null;
  };
  const [open, high, low, close] = [at(candle.open), at(candle.high), at(candle.low), at(candle.close)];
  const volume = gridOf(instrument.lotSize).units(candle.volume?.value ?? "0");
  const interval = CANDLE_INTERVALS.find((each) => each === candle.interval);
  if (open === null || high === null || low === null || close === null || !volume.ok || interval === undefined) {
    return null;
  }
  return {
    kind: "candle",
    symbol: candle.symbol,
    interval,
    openAtMs: candle.openTimeMs,
    open: ticks(open),
    high: ticks(high),
    low: ticks(low),
    close: ticks(close),
    volume: lots(volume.value),
    closed: candle.isClosed,
  };
}

/** Price of the last trade; undefined where there was none, or nobody knows. */
export const lastOf = (day: TradedDay | null, { tickSize }: Instrument): Decimal | undefined =>
  day === null || day.last === null ? undefined : { value: gridOf(tickSize).text(day.last) };

export const markDecimal = (instrument: Instrument, mark: MilliTicks): Decimal => ({
  value: formatMark(instrument, mark),
});

/** Thousandths of a tick, to the nearest; null when absent. */
export function markOf(decimal: Decimal | undefined, instrument: Instrument): MilliTicks | null {
  if (decimal === undefined) return null;
  const tick = exactDecimal(instrument.tickSize);
  const units = unitsOf(exactDecimal(decimal.value), { digits: tick.digits, scale: tick.scale + 3 }, "nearest");
  return units.ok && isSafe(units.value) ? milliTicks(toSafe(units.value)) : null;
}

const isSafe = (value: bigint): boolean =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);

/** Rate × 10^12 as a fraction. */
export const rateDecimal = (ratePpt: number): Decimal => ({ value: formatDecimal(BigInt(ratePpt), RATE_SCALE) });

/** Rate × 10^12, to the nearest; null when absent. */
export function ratePptOf(decimal: Decimal | undefined): number | null {
  if (decimal === undefined) return null;
  const units = unitsOf(exactDecimal(decimal.value), { digits: 1n, scale: RATE_SCALE }, "nearest");
  return units.ok && isSafe(units.value) ? toSafe(units.value) : null;
}

export const noRate = (instrument: Instrument, atMs: number): FundingRate => ({
  exchange: instrument.exchange,
  symbol: instrument.symbol,
  rate: instrument.kind === "spot" ? { value: "0" } : undefined,
  predictedRate: undefined,
  nextFundingTimeMs: 0,
  intervalMs: instrument.fundingIntervalMs,
  markPrice: undefined,
  indexPrice: undefined,
  atMs,
});

const KINDS: { readonly [feed in FeedName]: FeedKind } = {
  book: FeedKind.BOOK,
  orders: FeedKind.ORDERS,
  candles: FeedKind.CANDLES,
  account: FeedKind.ACCOUNT,
  funding: FeedKind.FUNDING,
};

export const wireFeed = (feed: FeedName): FeedKind => KINDS[feed];

/** The port's feed of a kind; null for kinds a bot does not judge. */
export const portFeed = (kind: FeedKind): FeedName | null =>
  (Object.keys(KINDS) as FeedName[]).find((feed) => KINDS[feed] === kind) ?? null;
