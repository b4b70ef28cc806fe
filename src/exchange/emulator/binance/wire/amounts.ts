// Decimal text of a request ↔ ticks and lots of an instrument. Says which of Binance's filters a text breaks, not how a
// market words it.

import { parseDecimal } from "../../../../base/decimal.ts";
import { fail, ok, type Result } from "../../../../base/result.ts";
import { type Instrument, parsePrice, parseQuantity } from "../../../../market/instrument.ts";

/** `precision`: more digits than the instrument has. `grid`: right digits, but no multiple of the step. */
export type AmountFault = "malformed" | "precision" | "grid" | "size";

export function readPrice(instrument: Pick<Instrument, "tickSize">, text: string): Result<number, AmountFault> {
  const fault = digitsFault(text, instrument.tickSize);
  if (fault !== null) return fail(fault);
  const price = parsePrice(instrument, text);
  return price.ok ? ok(price.value) : fail(parsePrice(instrument, text, "down").ok ? "grid" : "size");
}

export function readQuantity(instrument: Pick<Instrument, "lotSize">, text: string): Result<number, AmountFault> {
  const fault = digitsFault(text, instrument.lotSize);
  if (fault !== null) return fail(fault);
  const quantity = parseQuantity(instrument, text);
  return quantity.ok ? ok(quantity.value) : fail(parseQuantity(instrument, text, "down").ok ? "grid" : "size");
}

/** Digits after the point of a step: 2 of `0.01`, 0 of `1`. */
export const digitsOf = (step: string): number => significant(step.split(".")[1] ?? "");

function digitsFault(text: string, step: string): AmountFault | null {
  const value = parseDecimal(text);
  if (!value.ok) return "malformed";
  let { digits, scale } = value.value;
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  return scale > digitsOf(step) ? "precision" : null;
}

const significant = (fraction: string): number => fraction.replace(/0+$/, "").length;
