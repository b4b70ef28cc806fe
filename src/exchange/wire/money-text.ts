// Money ↔ the decimals of the wire. A fee finer than 10^−18 is rounded toward what it costs us.

import { unitsOf } from "../../base/decimal.ts";
import { MONEY_SCALE, type Money, money } from "../../market/amounts.ts";
import { formatMoney } from "../../market/instrument.ts";
import { exactDecimal, readDecimal } from "../../rpc/decimal.ts";
import type { Decimal } from "../../rpc/generated/google/type/decimal.ts";

export const moneyDecimal = (amount: Money): Decimal => ({ value: formatMoney(amount) });

/** Money of a decimal that was given; 0 when absent. Finer digits are rounded up or down as named. */
export function moneyOf(decimal: Decimal | undefined, rounding: "up" | "down"): Money {
  if (decimal === undefined) return money(0n);
  const units = unitsOf(exactDecimal(decimal.value), { digits: 1n, scale: MONEY_SCALE }, rounding);
  return money(units.ok ? units.value : 0n);
}

/** As {@link moneyOf}; null where the text is no decimal. */
export function readMoney(decimal: Decimal | undefined, rounding: "up" | "down"): Money | null {
  return readDecimal(decimal).ok ? moneyOf(decimal, rounding) : null;
}

/** Money of a decimal that may be absent: null then, never 0. */
export const moneyOrNull = (decimal: Decimal | undefined): Money | null =>
  decimal === undefined ? null : moneyOf(decimal, "down");
