// Small words the tables of exchanges are written with: rows of codes, signs and sums of decimal text.

import { formatDecimal, parseDecimal } from "../../../base/decimal.ts";
import type { RejectReason } from "../../../trading/order.ts";
import type { CodeRow, Meaning } from "./exchange-table.ts";

export const RATE: Meaning = { means: "rate" };
export const UNKNOWN: Meaning = { means: "unknown" };
export const CREDENTIALS: Meaning = { means: "credentials" };
export const DUPLICATE: Meaning = { means: "duplicate" };
export const NOT_OPEN: Meaning = { means: "not-open" };
export const CLOCK: Meaning = { means: "clock" };
export const UNCHANGED: Meaning = { means: "unchanged" };
export const MAINTENANCE: Meaning = { means: "maintenance" };

export const refused = (reason: RejectReason): Meaning => ({ means: "refused", reason });

/** A row for each code; `statuses` where they are not the table's own. */
export const rows = (
  codes: readonly (number | string)[],
  meaning: Meaning,
  statuses?: readonly number[],
): readonly CodeRow[] =>
  codes.map((code) => ({ code: String(code), meaning, ...(statuses === undefined ? {} : { statuses }) }));

/** Decimal text with the other sign; null for what is no number. */
export function negated(text: string | null): string | null {
  const value = text === null ? null : parseDecimal(text);
  return value?.ok === true ? formatDecimal(-value.value.digits, value.value.scale) : null;
}

/** Sum of decimal texts; null where one of them is no number. */
export function sumOf(...texts: readonly (string | null)[]): string | null {
  let digits = 0n;
  let scale = 0;
  for (const text of texts) {
    const value = text === null ? null : parseDecimal(text);
    if (value?.ok !== true) return null;
    const wider = Math.max(scale, value.value.scale);
    digits = digits * 10n ** BigInt(wider - scale) + value.value.digits * 10n ** BigInt(wider - value.value.scale);
    scale = wider;
  }
  return formatDecimal(digits, scale);
}

/** Whether decimal text stands for something other than nothing. */
export function isNotZero(text: string | null): boolean {
  const value = text === null ? null : parseDecimal(text);
  return value?.ok === true && value.value.digits !== 0n;
}

/** An address whose host ccxt fills in later, so that it can be read as one. */
export const withHost = (url: string): string => url.replace("{hostname}", "hostname.invalid");
