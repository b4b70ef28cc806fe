// Reading what an exchange or ccxt says: records whose fields are checked one by one, never trusted. Numbers stay text;
// what a field is not, is null.

import { parseDecimal } from "../../base/decimal.ts";

export type Raw = Readonly<Record<string, unknown>>;

/** A record, or an empty one for anything else. */
export const recordOf = (value: unknown): Raw => (isRecord(value) ? value : {});

export const isRecord = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A list, or an empty one for anything else. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Records of a list; what is no record is left out. */
export const recordsOf = (value: unknown): readonly Raw[] => listOf(value).filter(isRecord);

/** Text of a value that is text, a number or a bigint; null for all else and for the empty text. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  return typeof value === "bigint" ? value.toString() : null;
}

/** Decimal text, or null where it is none. */
export function decimalOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && parseDecimal(text).ok ? text : null;
}

/** A whole number in the safe range: times, counts. Null for anything else. */
export function wholeOf(value: unknown): number | null {
  const text = textOf(value);
  if (text === null || !/^-?\d{1,16}$/.test(text)) return null;
  const whole = Number.parseInt(text, 10);
  return Number.isSafeInteger(whole) ? whole : null;
}

/** `true` or `false` as JSON or as text; null for anything else. */
export function flagOf(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  return value === "true" ? true : value === "false" ? false : null;
}

/** Whether an answer has a list anywhere in its envelope: exchanges put theirs at most three deep. */
export function hasList(body: unknown, depth = 3): boolean {
  if (Array.isArray(body)) return true;
  return depth > 0 && Object.values(recordOf(body)).some((each) => hasList(each, depth - 1));
}
