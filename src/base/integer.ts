// Named integer arithmetic (grid.md section 1). Every rounding has a name, every result is a safe integer, none is −0.
// Products that leave the safe range are computed with bigint in here and nowhere else.

import { assert, BugError } from "./assert.ts";

const SAFE = Number.MAX_SAFE_INTEGER;

/** Turns −0 into 0 and refuses anything that is not a safe integer. */
export function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new BugError(`${value} is not a safe integer`);
  return value === 0 ? 0 : value;
}

/** True for safe integers other than −0: the only numbers the core may hold. */
export function isCoreInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** bigint → safe integer; a value outside the safe range is a bug. */
export function toSafe(value: bigint): number {
  return safe(Number(value));
}

/** bigint → the nearest float: for estimates that decide nothing by themselves and are never booked. */
export const estimated = (value: bigint): number => Number(value);

/** Below this, quotient × divisor stays exact even where the quotient is one off: no remainder operator is needed. */
const FAST = 2 ** 51;

/** Largest integer ≤ a / b. Exact for any safe a and b ≠ 0. */
export function floorDiv(a: number, b: number): number {
  if (b > 0 && b < FAST && a < FAST && a > -FAST) {
    const quotient = Math.floor(a / b);
    const remainder = a - quotient * b;
    // the division was rounded: the remainder tells by its sign and size
    return (remainder < 0 ? quotient - 1 : remainder >= b ? quotient + 1 : quotient) + 0;
  }
  assert(b !== 0, "floorDiv by zero");
  const remainder = a % b;
  const quotient = (a - remainder) / b;
  return safe(remainder !== 0 && remainder < 0 !== b < 0 ? quotient - 1 : quotient);
}

/** Smallest integer ≥ a / b. */
export function ceilDiv(a: number, b: number): number {
  if (b > 0 && b < FAST && a < FAST && a > -FAST) {
    const quotient = Math.ceil(a / b);
    const missing = quotient * b - a;
    return (missing < 0 ? quotient + 1 : missing >= b ? quotient - 1 : quotient) + 0;
  }
  assert(b !== 0, "ceilDiv by zero");
  const remainder = a % b;
  const quotient = (a - remainder) / b;
  return safe(remainder !== 0 && remainder < 0 === b < 0 ? quotient + 1 : quotient);
}

/** a / b rounded toward zero. */
export function truncDiv(a: number, b: number): number {
  assert(b !== 0, "truncDiv by zero");
  return safe((a - (a % b)) / b);
}

/** a / b rounded to the nearest integer, a tie to the larger. */
export function nearestUp(a: number, b: number): number {
  return toSafe(bigFloorDiv(2n * BigInt(a) + BigInt(b), 2n * BigInt(b)));
}

/** a / b rounded to the nearest integer, a tie to the smaller. */
export function nearestDown(a: number, b: number): number {
  return toSafe(bigCeilDiv(2n * BigInt(a) - BigInt(b), 2n * BigInt(b)));
}

/** Largest bigint ≤ a / b. */
export function bigFloorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Smallest bigint ≥ a / b. */
export function bigCeilDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n === b < 0n ? quotient + 1n : quotient;
}

/** bigint a / b to the nearest, a tie away from zero. */
export function bigNearestDiv(a: bigint, b: bigint): bigint {
  const half = a < 0n === b < 0n ? (2n * a + b) / (2n * b) : -((-2n * a + b) / (2n * b));
  return half;
}

/** a · b, exact: the product is a bug when it leaves the safe range. */
export function multiply(a: number, b: number): number {
  return safe(a * b);
}

/** floor(a · b / c) with a bigint intermediate where the product is unsafe. */
export function mulFloorDiv(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= SAFE && product >= -SAFE) return floorDiv(product, c);
  return toSafe(bigFloorDiv(BigInt(a) * BigInt(b), BigInt(c)));
}

/** ceil(a · b / c) with a bigint intermediate where the product is unsafe. */
export function mulCeilDiv(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= SAFE && product >= -SAFE) return ceilDiv(product, c);
  return toSafe(bigCeilDiv(BigInt(a) * BigInt(b), BigInt(c)));
}

/** Sign of a·b − c·d, exact for any safe integers: how limits are compared (RISK-03). */
export function compareProducts(a: number, b: number, c: number, d: number): number {
  const left = a * b;
  const right = c * d;
  if (left <= SAFE && left >= -SAFE && right <= SAFE && right >= -SAFE) return Math.sign(left - right) + 0;
  const exact = BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d);
  return exact > 0n ? 1 : exact < 0n ? -1 : 0;
}

/** Smallest of low..high that `value` is clamped into. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
