// Decimal text of integers for the CSV files of a run, without a bigint where the number is safe: these run once a
// sample.

import { assert } from "../base/assert.ts";
import { formatDecimal, parseDecimal } from "../base/decimal.ts";

/** `digits · 10^−scale` as plain text without trailing zeros. */
export function fixedText(digits: number, scale: number): string {
  if (digits === 0) return "0";
  const negative = digits < 0;
  let left = negative ? -digits : digits;
  let fraction = scale;
  // trailing zeros go while it is a number: cheaper than trimming text
  while (fraction > 0 && left % 10 === 0) {
    left /= 10;
    fraction -= 1;
  }
  let text = String(left);
  if (text.length <= fraction) text = text.padStart(fraction + 1, "0");
  const point = text.length - fraction;
  const body = fraction === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
  return negative ? `-${body}` : body;
}

/** Makes the writer of `units × step` for one step such as a tick ("0.1") or a thousandth of it. */
export function stepWriter(step: string, thousandths: boolean): (units: number) => string {
  const parsed = parseDecimal(step);
  assert(parsed.ok, () => `${step} is not a decimal step`);
  const factor = Number(parsed.value.digits);
  const scale = parsed.value.scale + (thousandths ? 3 : 0);
  return (units) => {
    const value = units * factor;
    if (Number.isSafeInteger(value)) return fixedText(value, scale);
    return formatDecimal(BigInt(units) * parsed.value.digits, scale);
  };
}

/**
 * A field of a CSV file (RFC 4180): quoted when it must be. Text that a spreadsheet would run as a formula is defused.
 */
export function csvField(text: string): string {
  const safe = /^[=+@\t\r]/.test(text) || /^-[^\d.]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
