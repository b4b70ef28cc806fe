// Integers of the books as decimal text, each rounding named. Unknown stays null and is never 0.

import { formatDecimal } from "../../base/decimal.ts";
import { bigCeilDiv, bigNearestDiv, toSafe } from "../../base/integer.ts";
import { type Lots, type MilliTicks, milliTicks, money } from "../../market/amounts.ts";
import { formatMark, formatMoney, formatQuantity, type Instrument } from "../../market/instrument.ts";

const RATIO_DIGITS = 6;

export const moneyText = (sum: bigint): string => formatMoney(money(sum));

/** n ÷ d with six digits, rounded up: what is compared with a limit is never shown too small. Null for d ≤ 0. */
export function ratioText(n: bigint, d: bigint): string | null {
  if (d <= 0n) return null;
  return formatDecimal(bigCeilDiv(n * 10n ** BigInt(RATIO_DIGITS), d), RATIO_DIGITS);
}

/** 1 − margin ÷ equity, rounded down: 1 is safe, 0 and below is liquidation; equity ≤ 0 is 1 without margin, else 0. */
export function healthText(margin: bigint, equity: bigint): string {
  if (margin === 0n) return "1";
  if (equity <= 0n) return "0";
  const scale = 10n ** BigInt(RATIO_DIGITS);
  return formatDecimal(scale - bigCeilDiv(margin * scale, equity), RATIO_DIGITS);
}

/** Thousandths as text: a leverage limit. */
export const milliText = (milli: number): string => formatDecimal(BigInt(milli), 3);

export const markText = (instrument: Instrument, mark: MilliTicks | null): string | null =>
  mark === null ? null : formatMark(instrument, mark);

export const lotsText = (instrument: Instrument, quantity: Lots): string => formatQuantity(instrument, quantity);

/** Σ price × lots ÷ lots as a price, to a thousandth of a tick; null where nothing was executed. */
export function averagePriceText(instrument: Instrument, value: bigint, quantity: number): string | null {
  if (quantity === 0) return null;
  return formatMark(instrument, milliTicks(toSafe(bigNearestDiv(value * 1000n, BigInt(quantity)))));
}
