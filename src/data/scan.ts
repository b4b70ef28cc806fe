// Numbers read from bytes: digits go to integers directly, never through a float. The usual shapes take a fast path
// that allocates nothing; anything else goes through base/decimal, which is exact.

import { assert } from "../base/assert.ts";
import { type Decimal, parseDecimal, type Rounding, unitsOf } from "../base/decimal.ts";
import { toSafe } from "../base/integer.ts";

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
const TEXT_MAX = 64;

/** `bytes[start…end)` as text. */
export const textOf = (bytes: Uint8Array, start: number, end: number): string => {
  let text = "";
  for (let i = start; i < end; i += 1) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
};

/** Plain digits as a safe integer; −1 for anything else (a sign, a point, an empty text, 2^53 or more). */
export function readInteger(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 16) return -1;
  let value = 0;
  for (let i = start; i < end; i += 1) {
    const digit = (bytes[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

/**
 * The grid of one step (a tick, a lot): decimal text → whole steps. A value off the grid sets `offGrid` and is rounded
 * by name: prices to the nearest tick (a tie away from zero), quantities down, so that none is larger than what was
 * shown.
 */
export class StepGrid {
  /** Whether the last value read lay off the grid. */
  offGrid = false;
  /** Index after the last value of {@link readAt}. */
  at = 0;
  private readonly step: Decimal;
  private readonly rounding: Rounding;
  private readonly scale: number;
  /** Digits of the step; 1 for powers of ten, 0 when the fast path cannot serve it. */
  private readonly digits: number;

  constructor(step: string, rounding: Exclude<Rounding, "exact"> = "nearest") {
    const parsed = parseDecimal(step);
    assert(parsed.ok && parsed.value.digits > 0n, () => `${step} is not a positive decimal step`);
    this.step = parsed.value;
    this.rounding = rounding;
    this.scale = parsed.value.scale;
    const fast = this.scale < POWERS.length && parsed.value.digits < 1_000_000n;
    this.digits = fast ? toSafe(parsed.value.digits) : 0;
  }

  /** Steps of `bytes[start…end)`; NaN for text that is no decimal number or too large for this grid. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const value = this.readAt(bytes, start);
    return this.at === end ? value : this.readExact(bytes, start, end);
  }

  /** As {@link read}, of the number that begins at `start`; `at` is set to the first byte after it. */
  readAt(bytes: Uint8Array, start: number): number {
    this.offGrid = false;
    const scale = this.scale;
    let i = start;
    let value = 0;
    let digit = (bytes[i] ?? 0) - 48;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      i += 1;
      digit = (bytes[i] ?? 0) - 48;
    }
    let usual = i > start;
    let rest = false;
    let missing = scale;
    if (digit === -2 && usual) {
      i += 1;
      digit = (bytes[i] ?? 0) - 48;
      while (digit >= 0 && digit <= 9) {
        if (missing > 0) {
          value = value * 10 + digit;
          missing -= 1;
        } else if (digit !== 0) rest = true;
        i += 1;
        digit = (bytes[i] ?? 0) - 48;
      }
    }
    if (digit === 21 || digit === 53 || digit === -3 || digit === -5) usual = false; // e, E, −, +
    if (missing > 0) value *= POWERS[missing] ?? Number.NaN;
    // `value` only grew, so a safe result says every step before it was exact too.
    if (usual && this.digits !== 0 && value <= Number.MAX_SAFE_INTEGER && i - start <= TEXT_MAX) {
      const left = this.digits === 1 ? 0 : value % this.digits;
      rest ||= left !== 0;
      if (!rest || this.rounding === "down") {
        this.offGrid = rest;
        this.at = i;
        return this.digits === 1 ? value : (value - left) / this.digits;
      }
    }
    this.at = endOfNumber(bytes, start);
    return this.readExact(bytes, start, this.at);
  }

  private readExact(bytes: Uint8Array, start: number, end: number): number {
    this.offGrid = false;
    this.at = end;
    if (end <= start || end - start > TEXT_MAX) return Number.NaN;
    const parsed = parseDecimal(textOf(bytes, start, end));
    if (!parsed.ok) return Number.NaN;
    const exact = unitsOf(parsed.value, this.step, "exact");
    const units = exact.ok ? exact : unitsOf(parsed.value, this.step, this.rounding);
    this.offGrid = !exact.ok;
    if (!units.ok || units.value > BigInt(Number.MAX_SAFE_INTEGER) || units.value < -BigInt(Number.MAX_SAFE_INTEGER)) {
      return Number.NaN;
    }
    return toSafe(units.value);
  }
}

/** A character of a decimal number: digit, point, sign, exponent. */
export const isNumeric = (c: number): boolean =>
  (c >= 48 && c <= 57) || c === 46 || c === 43 || c === 45 || c === 69 || c === 101;

function endOfNumber(bytes: Uint8Array, start: number): number {
  let i = start;
  while (isNumeric(bytes[i] ?? 0)) i += 1;
  return i;
}
