// Decimal text of an operator → the integers of the simulated exchange. Whatever is wrong is said in words.

import { type Decimal, parseDecimal, unitsOf } from "../../base/decimal.ts";
import { toSafe } from "../../base/integer.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { MONEY_SCALE, type Money } from "../../market/amounts.ts";
import { type Instrument, parseMoney, parsePrice, parseQuantity, unitMoney } from "../../market/instrument.ts";

const TRILLIONTH: Decimal = { digits: 1n, scale: 12 };

/** A rate like 0.0001 in units of 10^−12. */
export function rateOf(text: string): Result<number, string> {
  const value = parseDecimal(text);
  if (!value.ok) return value;
  const units = unitsOf(value.value, TRILLIONTH, "exact");
  if (!units.ok) return fail(`${text} has more than twelve decimals`);
  return units.value > 10n ** 15n || units.value < -(10n ** 15n)
    ? fail(`${text} is no rate of one settlement`)
    : ok(toSafe(units.value));
}

/** How many of the old steps make one of the new: a whole number, for resting orders stay on the grid they came on. */
export function coarser(step: string, wanted: string): Result<number, string> {
  const [old, next] = [parseDecimal(step), parseDecimal(wanted)];
  if (!old.ok || !next.ok || next.value.digits <= 0n) return fail(`${wanted} is no step`);
  const times = unitsOf(next.value, old.value, "exact");
  if (times.ok && times.value >= 1n && times.value < 10n ** 9n) return ok(toSafe(times.value));
  return fail(`${wanted} is no multiple of ${step}: an emulated grid only becomes coarser`);
}

/** A least notional in quote, as value units of the instrument, rounded up. */
export function notionalUnits(instrument: Instrument, text: string): Result<number, string> {
  const amount = parseMoney(text);
  if (!amount.ok) return amount;
  const unit = unitMoney(instrument);
  if (amount.value < 0n) return fail(`${text} is below zero`);
  const units = (amount.value + unit - 1n) / unit;
  return isSafe(units) ? ok(toSafe(units)) : fail(`${text} is more than can be counted in ticks and lots`);
}

/** Decimal text, or a whole number of ticks; a price is above 0. */
export const ticksOf = (instrument: Instrument, given: string | number): Result<number, string> =>
  above(0, typeof given === "string" ? parsePrice(instrument, given) : positive(given));

/** Decimal text, or a whole number of lots. */
export const lotsOf = (instrument: Instrument, given: string | number): Result<number, string> =>
  above(-1, typeof given === "string" ? parseQuantity(instrument, given) : positive(given));

/** A mark like 60000.05 in thousandths of a tick, to the nearest. */
export function markOf(instrument: Instrument, text: string): Result<number, string> {
  const [value, tick] = [parseDecimal(text), parseDecimal(instrument.tickSize)];
  if (!value.ok) return value;
  if (!tick.ok) return tick;
  const units = unitsOf(value.value, { digits: tick.value.digits, scale: tick.value.scale + 3 }, "nearest");
  return units.ok && units.value > 0n && isSafe(units.value) ? ok(toSafe(units.value)) : fail(`${text} is no mark`);
}

export function moneyOf(text: string): Result<Money, string> {
  const amount = parseMoney(text);
  return amount.ok ? amount : fail(`${text} is no amount with at most ${MONEY_SCALE} decimals`);
}

const positive = (given: number): Result<number, string> =>
  Number.isSafeInteger(given) && given >= 0 ? ok(given) : fail(`${given} is no whole number`);

const isSafe = (units: bigint): boolean => units <= BigInt(Number.MAX_SAFE_INTEGER);
/** Far beyond any market, and far below where sums of many could no longer be counted. */
const MOST = 1_000_000_000_000;

function above(least: number, read: Result<number, string>): Result<number, string> {
  if (!read.ok) return read;
  if (read.value <= least) return fail(`${read.value} ticks or lots are too few`);
  return read.value <= MOST ? read : fail(`${read.value} ticks or lots are too many`);
}
