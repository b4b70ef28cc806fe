// The candle that is still open, from the prices that were seen, where an exchange tells candles only when they
// close. The closed one takes its place as soon as the exchange tells it: what is drawn meanwhile is what was seen,
// no more.

import { parseDecimal } from "../../base/decimal.ts";
import type { ClassicKline, Decimal, Seconds } from "../messages.ts";
import { sum } from "./words.ts";

const SECONDS: Readonly<Record<string, number>> = { "1m": 60, "3m": 180, "5m": 300, "15m": 900, "1h": 3600 };

/** Seconds of an interval; null for one that is not known here. */
export const intervalSeconds = (interval: string): Seconds | null => SECONDS[interval] ?? null;

/** Exact: whether a < b. False where one of them is no number. */
export function isLess(a: Decimal, b: Decimal): boolean {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  if (!left.ok || !right.ok) return false;
  const scale = Math.max(left.value.scale, right.value.scale);
  const at = ({ digits, scale: own }: { readonly digits: bigint; readonly scale: number }): bigint =>
    digits * 10n ** BigInt(scale - own);
  return at(left.value) < at(right.value);
}

export interface Tick {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly atMs: number;
}

/** The open candle after one more trade; null for a trade that belongs to an older one. */
export function withTrade(
  candle: ClassicKline | null,
  { price, quantity, atMs }: Tick,
  step: Seconds,
): ClassicKline | null {
  const time = Math.floor(atMs / 1000 / step) * step;
  if (candle !== null && time < candle.time) return null;
  if (candle === null || time > candle.time) {
    return { time, open: price, high: price, low: price, close: price, volume: quantity };
  }
  return {
    ...candle,
    high: isLess(candle.high, price) ? price : candle.high,
    low: isLess(price, candle.low) ? price : candle.low,
    close: price,
    volume: sum(candle.volume, quantity),
  };
}

/** One candle of a longer interval from the shorter ones it consists of, oldest first; null when there are none. */
export function joined(candles: readonly ClassicKline[], time: Seconds): ClassicKline | null {
  const own = candles.filter((candle) => candle.time >= time);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return null;
  const top = own.reduce((high, candle) => (isLess(high, candle.high) ? candle.high : high), first.high);
  const bottom = own.reduce((low, candle) => (isLess(candle.low, low) ? candle.low : low), first.low);
  const volume = sum(...own.map((candle) => candle.volume));
  return { time, open: first.open, high: top, low: bottom, close: last.close, volume };
}
