// Decimals of a configuration beside their limits and the tick of the instrument: inside or not, and the nearest one
// that fits.

import { formatDecimal, multiplyDecimal, parseDecimal } from "../../base/decimal.ts";
import { type Instrument, parsePrice } from "../../market/instrument.ts";

type Rules = Pick<Instrument, "tickSize" | "lotSize" | "kind">;

/** The size of a tick; 1 where the instrument tells none that can be read. */
export const tickOf = (rules: Rules) => {
  const parsed = parseDecimal(rules.tickSize);
  return parsed.ok ? parsed.value : { digits: 1n, scale: 0 };
};

/** The price nearest to `text` that lies on the tick, as text; null where there is none above zero. */
export function nearText(rules: Rules, text: string, rounding: "up" | "down"): string | null {
  const price = parsePrice(rules, text, rounding);
  if (!price.ok || price.value <= 0) return null;
  const tick = tickOf(rules);
  return formatDecimal(multiplyDecimal({ digits: BigInt(price.value), scale: 0 }, tick).digits, tick.scale, tick.scale);
}

type DecimalValue = Extract<ReturnType<typeof parseDecimal>, { ok: true }>["value"];

/** Whether `value` lies within the limits, both included; null is no limit. */
export function isBetween(value: DecimalValue, low: string | null, high: string | null): boolean {
  return (low === null || compare(value, low) >= 0) && (high === null || compare(value, high) <= 0);
}

function compare(value: DecimalValue, text: string): number {
  const other = parseDecimal(text);
  if (!other.ok) return 0;
  const left = value.digits * 10n ** BigInt(other.value.scale);
  const right = other.value.digits * 10n ** BigInt(value.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}
