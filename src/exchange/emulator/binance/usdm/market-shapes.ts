// Public market data in the words of Binance USDⓈ-M: stream events and REST bodies.

import { formatDecimal } from "../../../../base/decimal.ts";
import type { MilliTicks } from "../../../../market/amounts.ts";
import { formatMark, type Instrument, unitMoney } from "../../../../market/instrument.ts";
import type { TradedDay } from "../../../../market/public-trade.ts";
import { INTERVAL_MS } from "../../../../sim/publisher.ts";
import type { CandleEvent } from "../../../../trading/event.ts";
import type { EmulatedInstrument } from "../../world.ts";
import type { BookDiff, BookSnapshot } from "./depth-chain.ts";
import { moneyText, priceText, quantityText } from "./shapes.ts";

export interface PrintedTrade {
  readonly id: number;
  readonly price: number;
  readonly quantity: number;
  /** The buyer rested: the seller took. */
  readonly buyerRested: boolean;
  readonly atMs: number;
}

type Levels = Iterable<readonly [number, number]>;

export const levelTexts = (instrument: Instrument, levels: Levels): [string, string][] =>
  Array.from(levels, ([price, quantity]) => [priceText(instrument, price), quantityText(instrument, quantity)]);

export function depthEvent({ instrument, wireName }: EmulatedInstrument, diff: BookDiff): Record<string, unknown> {
  return {
    e: "depthUpdate",
    E: diff.atMs,
    T: diff.atMs,
    s: wireName,
    U: diff.first,
    u: diff.last,
    pu: diff.previous,
    b: levelTexts(instrument, diff.bids),
    a: levelTexts(instrument, diff.asks),
  };
}

/** The best `levels` whole, as `depth<levels>` streams tell them. */
export function partialDepthEvent(
  of: EmulatedInstrument,
  diff: BookDiff,
  { book, levels }: { readonly book: BookSnapshot; readonly levels: number },
) {
  return {
    ...depthEvent(of, diff),
    b: levelTexts(of.instrument, book.bids.slice(0, levels)),
    a: levelTexts(of.instrument, book.asks.slice(0, levels)),
  };
}

export function tradeEvent({ instrument, wireName }: EmulatedInstrument, trade: PrintedTrade): Record<string, unknown> {
  return {
    e: "trade",
    E: trade.atMs,
    T: trade.atMs,
    s: wireName,
    t: trade.id,
    p: priceText(instrument, trade.price),
    q: quantityText(instrument, trade.quantity),
    X: "MARKET",
    m: trade.buyerRested,
  };
}

export function aggTradeEvent(
  { instrument, wireName }: EmulatedInstrument,
  trade: PrintedTrade,
): Record<string, unknown> {
  return {
    e: "aggTrade",
    E: trade.atMs,
    a: trade.id,
    s: wireName,
    p: priceText(instrument, trade.price),
    q: quantityText(instrument, trade.quantity),
    nq: quantityText(instrument, trade.quantity),
    f: trade.id,
    l: trade.id,
    T: trade.atMs,
    m: trade.buyerRested,
  };
}

export interface BestQuote {
  readonly bid: readonly [number, number];
  readonly ask: readonly [number, number];
}

export function bookTickerEvent(
  of: EmulatedInstrument,
  best: BestQuote,
  at: { readonly last: number; readonly nowMs: number },
) {
  const { instrument, wireName } = of;
  return {
    e: "bookTicker",
    u: at.last,
    E: at.nowMs,
    T: at.nowMs,
    s: wireName,
    b: priceText(instrument, best.bid[0]),
    B: quantityText(instrument, best.bid[1]),
    a: priceText(instrument, best.ask[0]),
    A: quantityText(instrument, best.ask[1]),
  };
}

export interface FundingFacts {
  readonly ratePpt: number;
  readonly nextAtMs: number;
}

/** A rate × 10^12 as text with eight digits. */
export const rateText = (ratePpt: number): string => formatDecimal(BigInt(ratePpt), 12, 8);

/** Mark and index of an instrument, milliticks, and its funding. */
export interface MarkFacts {
  readonly mark: MilliTicks;
  readonly index: MilliTicks;
  readonly funding: FundingFacts;
}

export function markEvent(of: EmulatedInstrument, marks: MarkFacts, nowMs: number) {
  const mark = formatMark(of.instrument, marks.mark);
  return {
    e: "markPriceUpdate",
    E: nowMs,
    s: of.wireName,
    p: mark,
    ap: mark,
    P: mark,
    i: formatMark(of.instrument, marks.index),
    r: rateText(marks.funding.ratePpt),
    T: marks.funding.nextAtMs,
  };
}

type CandleFacts = Omit<CandleEvent, "atMs">;

export function klineEvent(of: EmulatedInstrument, candle: CandleFacts, nowMs: number) {
  const { instrument, wireName } = of;
  const quote = moneyText(BigInt(candle.close) * BigInt(candle.volume) * unitMoney(instrument));
  return {
    e: "kline",
    E: nowMs,
    s: wireName,
    k: {
      t: candle.openAtMs,
      T: candle.openAtMs + INTERVAL_MS[candle.interval] - 1,
      s: wireName,
      i: candle.interval,
      f: -1,
      L: -1,
      o: priceText(instrument, candle.open),
      c: priceText(instrument, candle.close),
      h: priceText(instrument, candle.high),
      l: priceText(instrument, candle.low),
      v: quantityText(instrument, candle.volume),
      n: 0,
      x: candle.closed,
      q: quote,
      V: "0",
      Q: "0",
      B: "0",
    },
  };
}

export function klineRow({ instrument }: EmulatedInstrument, candle: CandleFacts): unknown[] {
  const quote = moneyText(BigInt(candle.close) * BigInt(candle.volume) * unitMoney(instrument));
  const prices = [candle.open, candle.high, candle.low, candle.close].map((price) => priceText(instrument, price));
  const volume = quantityText(instrument, candle.volume);
  return [
    candle.openAtMs,
    ...prices,
    volume,
    candle.openAtMs + INTERVAL_MS[candle.interval] - 1,
    quote,
    0,
    "0",
    "0",
    "0",
  ];
}

/** What was traded in a day, in the names of REST. Highs and lows are those of first and last: no more is kept. */
export function dayBody(of: EmulatedInstrument, day: TradedDay, nowMs: number): Record<string, unknown> {
  const { instrument, wireName } = of;
  const first = day.first ?? 0;
  const last = day.last ?? 0;
  const change = last - first;
  const percent = first === 0 ? 0n : (BigInt(change) * 100_000n) / BigInt(first);
  const quote = BigInt(last) * BigInt(day.volume) * unitMoney(instrument);
  return {
    symbol: wireName,
    priceChange: priceText(instrument, change),
    priceChangePercent: formatDecimal(percent, 3, 3),
    weightedAvgPrice: priceText(instrument, last),
    lastPrice: priceText(instrument, last),
    lastQty: "0",
    openPrice: priceText(instrument, first),
    highPrice: priceText(instrument, Math.max(first, last)),
    lowPrice: priceText(instrument, Math.min(first, last)),
    volume: quantityText(instrument, day.volume),
    quoteVolume: moneyText(quote),
    openTime: nowMs - 86_400_000,
    closeTime: nowMs,
    firstId: 0,
    lastId: 0,
    count: 0,
  };
}

export function tickerEvent(of: EmulatedInstrument, day: TradedDay, nowMs: number): Record<string, unknown> {
  const body = dayBody(of, day, nowMs);
  return {
    e: "24hrTicker",
    E: nowMs,
    s: of.wireName,
    p: body["priceChange"],
    P: body["priceChangePercent"],
    w: body["weightedAvgPrice"],
    c: body["lastPrice"],
    Q: body["lastQty"],
    o: body["openPrice"],
    h: body["highPrice"],
    l: body["lowPrice"],
    v: body["volume"],
    q: body["quoteVolume"],
    O: body["openTime"],
    C: body["closeTime"],
    F: 0,
    L: 0,
    n: 0,
  };
}

export function miniTickerEvent(of: EmulatedInstrument, day: TradedDay, nowMs: number): Record<string, unknown> {
  const { s, c, o, h, l, v, q } = tickerEvent(of, day, nowMs);
  return { e: "24hrMiniTicker", E: nowMs, s, c, o, h, l, v, q };
}
