// Decimal text ↔ scaled integers, without passing through a float. Exponents are read ("3.4e-07"), never written.

import { bigCeilDiv, bigFloorDiv, bigNearestDiv } from "./integer.ts";
import { fail, ok, type Result } from "./result.ts";

/** A decimal number as `digits · 10^−scale`, exact. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const PATTERN = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads plain or exponent notation. Errors: text that is not a decimal number, an exponent beyond ±400. */
export function parseDecimal(text: string): Result<Decimal, string> {
  const match = PATTERN.exec(text);
  if (match === null) return fail(`"${text.slice(0, 40)}" is not a decimal number`);
  const fraction = match[3] ?? "";
  const exponent = match[4] === undefined ? 0 : Number.parseInt(match[4], 10);
  if (Math.abs(exponent) > 400) return fail(`"${text.slice(0, 40)}" has an exponent out of range`);
  let digits = BigInt((match[2] ?? "0") + fraction);
  let scale = fraction.length - exponent;
  if (scale < 0) {
    digits *= 10n ** BigInt(-scale);
    scale = 0;
  }
  return ok({ digits: match[1] === "-" ? -digits : digits, scale });
}

/** How a decimal that is not a whole number of units is rounded. `exact` refuses it. */
export type Rounding = "exact" | "down" | "up" | "nearest";

/** Decimal ÷ unit as a bigint. `down` is toward −∞, `up` toward +∞, `nearest` ties away from zero. */
export function unitsOf(value: Decimal, unit: Decimal, rounding: Rounding): Result<bigint, "remainder"> {
  const numerator = value.digits * 10n ** BigInt(unit.scale);
  const denominator = unit.digits * 10n ** BigInt(value.scale);
  if (numerator % denominator === 0n) return ok(numerator / denominator);
  switch (rounding) {
    case "exact":
      return fail("remainder");
    case "down":
      return ok(bigFloorDiv(numerator, denominator));
    case "up":
      return ok(bigCeilDiv(numerator, denominator));
    case "nearest":
      return ok(bigNearestDiv(numerator, denominator));
  }
}

/** Plain decimal text of `digits · 10^−scale` with `minFraction` digits after the point and no other trailing zero. */
export function formatDecimal(digits: bigint, scale: number, minFraction = 0): string {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  let fraction = scale === 0 ? "" : text.slice(text.length - scale);
  while (fraction.length > minFraction && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  fraction = fraction.padEnd(minFraction, "0");
  const sign = negative && digits !== 0n ? "-" : "";
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** Product of two decimals, exact. */
export function multiplyDecimal(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}
