// What is traded and by which rules: the integer grid of one instrument, and conversion between it and decimal text.

import { assert } from "../base/assert.ts";
import { type Decimal, formatDecimal, multiplyDecimal, parseDecimal, type Rounding, unitsOf } from "../base/decimal.ts";
import { toSafe } from "../base/integer.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { type Lots, lots, type MilliTicks, MONEY_SCALE, type Money, money, type Ticks, ticks } from "./amounts.ts";

export type InstrumentKind = "spot" | "perpetual";
export type InstrumentStatus = "trading" | "cancel-only" | "halted" | "delisting";

/** Rules of one instrument. Decimals are text; integers are in ticks, lots or value units (tick × lot of quote). */
export interface Instrument {
  readonly exchange: string;
  /** `BASE/QUOTE` (spot) or `BASE/QUOTE:SETTLE` (perpetual), EXCH-03. */
  readonly symbol: string;
  readonly kind: InstrumentKind;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  /** Smallest quantity step in base units: contract step × contract size for derivatives. */
  readonly lotSize: string;
  readonly minLots: Lots;
  readonly maxLots: Lots;
  /** Smallest notional of an order, in value units, rounded up. */
  readonly minNotional: number;
  /** Whether the smallest notional binds reduce-only orders too (always on spot). */
  readonly minNotionalOnReduceOnly: boolean;
  /** Fees in millionths of the notional; negative is a rebate. */
  readonly makerPpm: number;
  readonly takerPpm: number;
  /** Where the exchange takes its fee: quote (derivatives), or the asset received (spot without discount tokens). */
  readonly feeIn: "quote" | "received";
  readonly status: InstrumentStatus;
  /** Largest number of open orders the exchange allows. */
  readonly openOrdersMax: number;
  /** Milliseconds between funding settlements; 0 on spot. */
  readonly fundingIntervalMs: number;
  /** Leverage set on the exchange; 1 on spot. */
  readonly leverage: number;
  /** Maintenance margin rate of the first tier, millionths of the notional; 0 on spot. */
  readonly maintenancePpm: number;
  /** Inverse contracts are known so that they can be refused (GRID-02). */
  readonly inverse: boolean;
}

function decimalOf(text: string): Decimal {
  const parsed = parseDecimal(text);
  assert(parsed.ok && parsed.value.digits > 0n, () => `${text} is not a positive decimal step`);
  return parsed.value;
}

const MONEY_UNIT: Decimal = { digits: 1n, scale: MONEY_SCALE };

/** Instruments never change in place, so what is computed from one holds as long as it lives. */
const UNITS = new WeakMap<object, bigint>();
const LOTS = new WeakMap<object, bigint>();

/** Money of one value unit (one tick × one lot). A step finer than 10^−18 of the quote is a bug of the loader. */
export function unitMoney(instrument: Pick<Instrument, "tickSize" | "lotSize">): bigint {
  const cached = UNITS.get(instrument);
  if (cached !== undefined) return cached;
  const unit = multiplyDecimal(decimalOf(instrument.tickSize), decimalOf(instrument.lotSize));
  const exact = unitsOf(unit, MONEY_UNIT, "exact");
  assert(exact.ok, () => `tick ${instrument.tickSize} × lot ${instrument.lotSize} is finer than money`);
  UNITS.set(instrument, exact.value);
  return exact.value;
}

/** price × quantity as Money of the quote asset, exact. */
export function notionalMoney(instrument: Instrument, price: Ticks, quantity: Lots): Money {
  return money(BigInt(price) * BigInt(quantity) * unitMoney(instrument));
}

/** mark × quantity as Money, rounded toward −∞ below 10^−18. */
export function markMoney(instrument: Instrument, mark: MilliTicks, quantity: Lots): Money {
  const exact = BigInt(mark) * BigInt(quantity) * unitMoney(instrument);
  return money(exact >= 0n ? exact / 1000n : -((-exact + 999n) / 1000n));
}

/** `quantity` lots as Money of the base asset, exact. */
export function baseMoney(instrument: Pick<Instrument, "lotSize">, quantity: Lots): Money {
  const cached = LOTS.get(instrument);
  if (cached !== undefined) return money(BigInt(quantity) * cached);
  const lot = unitsOf(decimalOf(instrument.lotSize), MONEY_UNIT, "exact");
  assert(lot.ok, () => `lot ${instrument.lotSize} is finer than money`);
  LOTS.set(instrument, lot.value);
  return money(BigInt(quantity) * lot.value);
}

/** Decimal price text → ticks by a named rounding; the error says what is wrong with the text. */
export function parsePrice(
  instrument: Pick<Instrument, "tickSize">,
  text: string,
  rounding: Rounding = "exact",
): Result<Ticks, string> {
  const units = parseUnits(text, instrument.tickSize, rounding);
  return units.ok ? ok(ticks(units.value)) : units;
}

/** Decimal base quantity text → lots by a named rounding. */
export function parseQuantity(
  instrument: Pick<Instrument, "lotSize">,
  text: string,
  rounding: Rounding = "exact",
): Result<Lots, string> {
  const units = parseUnits(text, instrument.lotSize, rounding);
  return units.ok ? ok(lots(units.value)) : units;
}

function parseUnits(text: string, step: string, rounding: Rounding): Result<number, string> {
  const value = parseDecimal(text);
  if (!value.ok) return value;
  const units = unitsOf(value.value, decimalOf(step), rounding);
  if (!units.ok) return fail(`${text} is not a multiple of ${step}`);
  if (units.value > BigInt(Number.MAX_SAFE_INTEGER) || units.value < BigInt(Number.MIN_SAFE_INTEGER)) {
    return fail(`${text} is too large for steps of ${step}`);
  }
  return ok(toSafe(units.value));
}

/** Decimal money text → Money by a named rounding. */
export function parseMoney(text: string, rounding: Rounding = "exact"): Result<Money, string> {
  const value = parseDecimal(text);
  if (!value.ok) return value;
  const units = unitsOf(value.value, { digits: 1n, scale: MONEY_SCALE }, rounding);
  return units.ok ? ok(money(units.value)) : fail(`${text} has more than ${MONEY_SCALE} decimals`);
}

function formatUnits(units: number, step: string): string {
  const unit = decimalOf(step);
  return formatDecimal(BigInt(units) * unit.digits, unit.scale, unit.scale);
}

/** Ticks → decimal text with the tick's digits: 3000.00. */
export const formatPrice = (instrument: Pick<Instrument, "tickSize">, price: Ticks): string =>
  formatUnits(price, instrument.tickSize);

/** Lots → decimal text with the lot's digits: 0.010. */
export const formatQuantity = (instrument: Pick<Instrument, "lotSize">, quantity: Lots): string =>
  formatUnits(quantity, instrument.lotSize);

/** Money → exact decimal text, at least `minFraction` digits after the point. */
export const formatMoney = (amount: Money, minFraction = 0): string => formatDecimal(amount, MONEY_SCALE, minFraction);

/** Mark → decimal text. */
export function formatMark(instrument: Pick<Instrument, "tickSize">, mark: MilliTicks): string {
  const unit = decimalOf(instrument.tickSize);
  return formatDecimal(BigInt(mark) * unit.digits, unit.scale + 3, unit.scale);
}
