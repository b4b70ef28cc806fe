// Decimals as the messages carry them: plain notation, exact (LIVE-05, LIVE-13). Text in, text out; no float between.

import { formatDecimal, parseDecimal } from "../base/decimal.ts";
import type { Decimal } from "./messages.ts";

const PLAIN = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Whether this is a decimal as a message may hold it: no exponent, no NaN, no leading zeros, no plus sign. */
export const isPlain = (text: string): boolean => PLAIN.test(text);

/** The same amount in plain notation without zeros at its end; null where the text is no decimal number. */
export function plain(text: string): Decimal | null {
  const read = parseDecimal(text);
  return read.ok ? formatDecimal(read.value.digits, read.value.scale) : null;
}

/**
 * The same amount with at least the decimals of `tick` (`42150.5` at 0.01 is `42150.50`); null where it is no number.
 */
export function padToTick(text: string, tick: Decimal): Decimal | null {
  const read = parseDecimal(text);
  const unit = parseDecimal(tick);
  if (!read.ok) return null;
  return formatDecimal(read.value.digits, read.value.scale, unit.ok ? unit.value.scale : 0);
}

/** True for `0`, `0.000` and `-0`. */
export const isZero = (text: Decimal): boolean => /^-?0(?:\.0+)?$/.test(text);
