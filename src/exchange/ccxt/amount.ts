// Decimal text of an exchange ↔ whole ticks and lots: contracts are turned into base units here and nowhere else
// (EXCH-02). Nothing passes through a float.

import {
  type Decimal,
  formatDecimal,
  multiplyDecimal,
  parseDecimal,
  type Rounding,
  unitsOf,
} from "../../base/decimal.ts";
import { toSafe } from "../../base/integer.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import {
  type Lots,
  lots,
  type MilliTicks,
  MONEY_SCALE,
  type Money,
  milliTicks,
  type Ticks,
  ticks,
} from "../../market/amounts.ts";
import { parseMoney } from "../../market/instrument.ts";

const ONE: Decimal = { digits: 1n, scale: 0 };
const THOUSAND: Decimal = { digits: 1000n, scale: 0 };

/** Steps of one market. `contract` is base units in one unit of the exchange's quantities; 1 where it counts base. */
export class Steps {
  readonly tickSize: string;
  /** In base units. */
  readonly lotSize: string;
  readonly contract: string;
  private readonly tick: Decimal;
  private readonly lot: Decimal;
  private readonly perUnit: Decimal;

  /** Texts that are no positive decimals are refused by {@link stepsOf}, which is how to make one. */
  constructor(tick: Decimal, amountStep: Decimal, perUnit: Decimal) {
    this.tick = tick;
    this.perUnit = perUnit;
    this.lot = multiplyDecimal(amountStep, perUnit);
    this.tickSize = textOfDecimal(tick);
    this.lotSize = textOfDecimal(this.lot);
    this.contract = textOfDecimal(perUnit);
  }

  /** Whether a lot, and a tick of a lot, are whole numbers of the finest money, 10⁻¹⁸. */
  get areMoney(): boolean {
    const finest = { digits: 1n, scale: MONEY_SCALE };
    return [this.lot, multiplyDecimal(this.tick, this.lot)].every((each) => unitsOf(each, finest, "exact").ok);
  }

  ticks(text: string, rounding: Rounding = "exact"): Result<Ticks, string> {
    const whole = wholeOf(text, { factor: ONE, unit: this.tick, rounding });
    return whole.ok ? ok(ticks(whole.value)) : whole;
  }

  /** Thousandths of a tick: marks and averages, to the nearest. */
  milliTicks(text: string): Result<MilliTicks, string> {
    const whole = wholeOf(text, { factor: THOUSAND, unit: this.tick, rounding: "nearest" });
    return whole.ok ? ok(milliTicks(whole.value)) : whole;
  }

  /** Lots of a quantity in the exchange's unit. */
  lots(text: string, rounding: Rounding = "exact"): Result<Lots, string> {
    const whole = wholeOf(text, { factor: this.perUnit, unit: this.lot, rounding });
    return whole.ok ? ok(lots(whole.value)) : whole;
  }

  /** What this many lots cost at a price that need be no tick, to the nearest 10⁻¹⁸. */
  value(price: string, quantity: Lots): Result<Money, string> {
    const at = parseDecimal(price);
    if (!at.ok) return at;
    const size = multiplyDecimal(this.lot, { digits: BigInt(quantity), scale: 0 });
    const { digits, scale } = multiplyDecimal(at.value, size);
    return parseMoney(formatDecimal(digits, scale), "nearest");
  }

  /** Quantity in the exchange's unit; lots are whole steps of it, so this is exact. */
  amountText(quantity: number): string {
    const base = { digits: BigInt(quantity) * this.lot.digits, scale: this.lot.scale };
    // lot = step × contract, so dividing by the contract leaves whole steps
    const numerator = base.digits * 10n ** BigInt(this.perUnit.scale + EXTRA);
    const denominator = this.perUnit.digits;
    return formatDecimal(numerator / denominator, base.scale + EXTRA);
  }

  priceText(price: number): string {
    return formatDecimal(BigInt(price) * this.tick.digits, this.tick.scale);
  }
}

/** text × factor as whole units. */
function wholeOf(
  text: string,
  of: { readonly factor: Decimal; readonly unit: Decimal; readonly rounding: Rounding },
): Result<number, string> {
  const value = parseDecimal(text);
  if (!value.ok) return value;
  const units = unitsOf(multiplyDecimal(value.value, of.factor), of.unit, of.rounding);
  if (!units.ok) return fail(`${text} is not a multiple of ${textOfDecimal(of.unit)}`);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  if (units.value > most || units.value < -most) return fail(`${text} is too large`);
  return ok(toSafe(units.value));
}

/** Digits kept while dividing by a contract size. */
const EXTRA = 20;

/** Steps from the exchange's texts. Errors: what is missing or is no positive decimal. */
export function stepsOf(texts: {
  readonly tick: string | null;
  readonly amountStep: string | null;
  readonly contract: string | null;
}): Result<Steps, string> {
  const tick = positive(texts.tick);
  const step = positive(texts.amountStep);
  const contract = positive(texts.contract ?? "1");
  if (tick === null) return fail(`its price step "${texts.tick}" is no positive number`);
  if (step === null) return fail(`its quantity step "${texts.amountStep}" is no positive number`);
  if (contract === null) return fail(`its contract size "${texts.contract}" is no positive number`);
  return ok(new Steps(tick, step, contract));
}

function positive(text: string | null): Decimal | null {
  const parsed = text === null ? fail("") : parseDecimal(text);
  return parsed.ok && parsed.value.digits > 0n ? parsed.value : null;
}

const textOfDecimal = ({ digits, scale }: Decimal): string => formatDecimal(digits, scale);

/** Money of decimal text, toward zero below 10⁻¹⁸; null for what is no number. */
export function moneyOf(text: string | null): Money | null {
  if (text === null) return null;
  const parsed = parseMoney(text, "nearest");
  return parsed.ok ? parsed.value : null;
}

/** A rate (0.0002) in millionths (200), away from us where it is no whole number; null for what is no rate. */
export function ppmOf(text: string | null): number | null {
  const parsed = text === null ? fail("") : parseDecimal(text);
  if (!parsed.ok) return null;
  const units = unitsOf(parsed.value, { digits: 1n, scale: 6 }, "up");
  return units.ok && units.value <= 1_000_000n && units.value >= -1_000_000n ? toSafe(units.value) : null;
}

/** A rate in 10⁻¹² (`ratePpt`), to the nearest; null for what is no rate. */
export function pptOf(text: string | null): number | null {
  const parsed = text === null ? fail("") : parseDecimal(text);
  if (!parsed.ok) return null;
  const units = unitsOf(parsed.value, { digits: 1n, scale: 12 }, "nearest");
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return units.ok && units.value <= most && units.value >= -most ? toSafe(units.value) : null;
}
