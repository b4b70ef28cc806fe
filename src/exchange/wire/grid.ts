// Whole numbers of a step ↔ the decimal text of the wire, fast: every order, fill and book level passes here. Nothing
// is rounded; text between two steps is refused.

import { assert } from "../../base/assert.ts";
import { formatDecimal, parseDecimal, unitsOf } from "../../base/decimal.ts";
import { toSafe } from "../../base/integer.ts";
import { fail, ok, type Result } from "../../base/result.ts";

/** Digits that a double surely holds. */
const DIGITS_EXACT = 15;
const ZEROS = "0".repeat(40);

/** Multiples of one step, as `0.001` or `5`. */
export class Grid {
  readonly step: string;
  private readonly factor: number;
  private readonly scale: number;

  /** A step that is no positive decimal is a bug of whoever loaded the instrument. */
  constructor(step: string) {
    const parsed = parseDecimal(step);
    assert(parsed.ok && parsed.value.digits > 0n, () => `${step} is not a positive decimal step`);
    this.step = step;
    this.factor = toSafe(parsed.value.digits);
    this.scale = parsed.value.scale;
  }

  /** `units` steps as plain decimal text with the step's digits: 3000.00. */
  text(units: number): string {
    const value = units * this.factor;
    if (!Number.isSafeInteger(value)) return formatDecimal(BigInt(units) * BigInt(this.factor), this.scale, this.scale);
    if (this.scale === 0) return String(value);
    const digits = String(Math.abs(value));
    const padded = digits.length > this.scale ? digits : ZEROS.slice(0, this.scale + 1 - digits.length) + digits;
    const point = padded.length - this.scale;
    return `${value < 0 ? "-" : ""}${padded.slice(0, point)}.${padded.slice(point)}`;
  }

  /** Steps of decimal text. Errors: text that is no decimal, that lies between two steps, or is too large. */
  units(text: string): Result<number, string> {
    const quick = this.quickUnits(text);
    return quick === null ? this.exactUnits(text) : ok(quick);
  }

  private quickUnits(text: string): number | null {
    const point = text.indexOf(".");
    const fraction = point === -1 ? 0 : text.length - point - 1;
    if (text.length > DIGITS_EXACT || fraction > this.scale || !PLAIN.test(text)) return null;
    const digits = point === -1 ? text : text.slice(0, point) + text.slice(point + 1);
    const missing = this.scale - fraction;
    if (digits.length + missing > DIGITS_EXACT) return null;
    const units = Number.parseInt(digits + ZEROS.slice(0, missing), 10) / this.factor;
    return Number.isInteger(units) ? units + 0 : null;
  }

  private exactUnits(text: string): Result<number, string> {
    const value = parseDecimal(text);
    if (!value.ok) return value;
    const units = unitsOf(value.value, { digits: BigInt(this.factor), scale: this.scale }, "exact");
    if (!units.ok) return fail(`${text} is not a multiple of ${this.step}`);
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    if (units.value > most || units.value < -most) return fail(`${text} is too large for steps of ${this.step}`);
    return ok(toSafe(units.value));
  }
}

const PLAIN = /^-?\d+(?:\.\d+)?$/;

const GRIDS = new Map<string, Grid>();

/** The grid of a step; the same one for the same text. */
export function gridOf(step: string): Grid {
  let grid = GRIDS.get(step);
  if (grid === undefined) {
    grid = new Grid(step);
    GRIDS.set(step, grid);
  }
  return grid;
}
