// Frames of the slower public streams of Binance spot: candles, tickers and average prices.

import { moneyText, priceText, quantityText, ZERO_TEXT } from "./amounts.ts";
import type { ListedMarket } from "./listed-market.ts";
import type { LongCandle } from "./market-history.ts";

export const sameCandle = (a: LongCandle, b: LongCandle): boolean =>
  a.openAtMs === b.openAtMs && a.volume === b.volume && a.close === b.close && a.high === b.high && a.low === b.low;

export function candleFrame(
  { market, wireName }: ListedMarket,
  of: { readonly candle: LongCandle; readonly nowMs: number; readonly closed: boolean; readonly interval: string },
): unknown {
  const { candle } = of;
  const { instrument } = market;
  const k = {
    t: candle.openAtMs,
    T: candle.closeAtMs,
    s: wireName,
    i: of.interval,
    f: -1,
    L: -1,
    o: priceText(instrument, candle.open),
    c: priceText(instrument, candle.close),
    h: priceText(instrument, candle.high),
    l: priceText(instrument, candle.low),
    v: quantityText(instrument, candle.volume),
    n: 0,
    x: of.closed,
    q: moneyText(candle.quote),
    V: ZERO_TEXT,
    Q: ZERO_TEXT,
    B: "0",
  };
  return { e: "kline", E: of.nowMs, s: wireName, k };
}

export function fullTicker(market: ListedMarket, nowMs: number): unknown {
  const of = market.ticker(nowMs);
  return {
    e: "24hrTicker",
    E: nowMs,
    s: market.wireName,
    p: of["priceChange"],
    P: of["priceChangePercent"],
    w: of["weightedAvgPrice"],
    x: of["prevClosePrice"],
    c: of["lastPrice"],
    Q: of["lastQty"],
    b: of["bidPrice"],
    B: of["bidQty"],
    a: of["askPrice"],
    A: of["askQty"],
    o: of["openPrice"],
    h: of["highPrice"],
    l: of["lowPrice"],
    v: of["volume"],
    q: of["quoteVolume"],
    O: of["openTime"],
    C: of["closeTime"],
    F: of["firstId"],
    L: of["lastId"],
    n: of["count"],
  };
}

export function miniTicker(market: ListedMarket, nowMs: number): unknown {
  const of = market.ticker(nowMs);
  const prices = { c: of["lastPrice"], o: of["openPrice"], h: of["highPrice"], l: of["lowPrice"] };
  return { e: "24hrMiniTicker", E: nowMs, s: market.wireName, ...prices, v: of["volume"], q: of["quoteVolume"] };
}

export const average = (market: ListedMarket, nowMs: number): unknown => ({
  e: "avgPrice",
  E: nowMs,
  s: market.wireName,
  i: "5m",
  w: market.averagePrice(),
  T: nowMs,
});
