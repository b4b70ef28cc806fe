// Checks of request fields. Each throws INVALID_ARGUMENT naming the field, what was given and what is allowed; nothing
// was sent then.

import { readDecimal } from "./decimal.ts";
import type { Decimal } from "./generated/google/type/decimal.ts";
import { invalidField, RpcRefusal } from "./refusal.ts";

const REASON_LENGTH_MAX = 200;
const TEXT_LENGTH_MAX = 1_000;
/** Milliseconds of the year 2286: beyond it somebody sent microseconds. */
const TIME_MS_MAX = 9_999_999_999_999;
/** Milliseconds of 2001: before it somebody sent seconds. */
const TIME_MS_MIN = 1_000_000_000_000;
const CLIENT_ORDER_ID = /^[a-su-z][0-9A-Za-z]{0,27}$/;
const BOT_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const CONTROL = /\p{Cc}/u;

/** Text that must be there, without control characters. */
export function requiredText(field: string, value: string, lengthMax = TEXT_LENGTH_MAX): string {
  if (value === "") throw invalidField(field, "is missing");
  return optionalText(field, value, lengthMax);
}

/** Text that may be empty, without control characters. */
export function optionalText(field: string, value: string, lengthMax = TEXT_LENGTH_MAX): string {
  if (value.length > lengthMax) throw invalidField(field, `has ${value.length} characters, at most ${lengthMax}`);
  if (CONTROL.test(value)) throw invalidField(field, "holds control characters");
  return value;
}

/** API-11: why a change is made. */
export function requiredReason(value: string): string {
  if (value.trim() === "") throw invalidField("reason", "is missing: say why, in at most 200 characters");
  return requiredText("reason", value, REASON_LENGTH_MAX);
}

/** API-03. */
export function requiredClientOrderId(field: string, value: string): string {
  if (CLIENT_ORDER_ID.test(value)) return value;
  throw invalidField(field, `must match ${CLIENT_ORDER_ID.source}, as o1a2b3c`);
}

/** The name of a bot, or nothing. */
export function optionalBotId(field: string, value: string): string {
  if (value === "" || BOT_ID.test(value)) return value;
  throw invalidField(field, "must be 1 to 32 of a-z, 0-9 and -, and begin with no -");
}

/** API-02: a value of the enum that is neither UNSPECIFIED nor unknown. `names` is the generated enum object. */
export function requiredEnum<E extends number>(field: string, value: E, names: Readonly<Record<string, number>>): E {
  if (value !== 0 && isKnown(value, names)) return value;
  throw invalidField(field, `must be one of ${namesOf(names).join(", ")}`);
}

/** UNSPECIFIED passes; an unknown number does not. */
export function optionalEnum<E extends number>(field: string, value: E, names: Readonly<Record<string, number>>): E {
  if (value === 0 || isKnown(value, names)) return value;
  throw invalidField(field, `must be one of ${namesOf(names).join(", ")}, or not given`);
}

const isKnown = (value: number, names: Readonly<Record<string, number>>): boolean =>
  value >= 0 && Object.values(names).includes(value);

const namesOf = (names: Readonly<Record<string, number>>): string[] =>
  Object.entries(names)
    .filter(([, value]) => value > 0)
    .map(([name]) => name);

/** Plain decimal text that must be there. */
export function requiredDecimal(field: string, value: Decimal | undefined): string {
  const text = optionalDecimal(field, value);
  if (text === null) throw invalidField(field, "is missing");
  return text;
}

/** Above zero, and there. */
export function requiredPositive(field: string, value: Decimal | undefined): string {
  const text = requiredDecimal(field, value);
  if (text.startsWith("-") || !/[1-9]/.test(text)) throw invalidField(field, `must be above 0, is ${text}`);
  return text;
}

export function optionalDecimal(field: string, value: Decimal | undefined): string | null {
  const read = readDecimal(value);
  if (read.ok) return read.value;
  throw invalidField(field, read.error);
}

/** Unix milliseconds; 0 = not given. Seconds, microseconds and negative values are refused (API-05). */
export function optionalTime(field: string, value: number): number {
  if (value === 0) return 0;
  if (Number.isSafeInteger(value) && value >= TIME_MS_MIN && value <= TIME_MS_MAX) return value;
  throw invalidField(field, `must be milliseconds since 1970 UTC, as ${TIME_MS_MIN}, is ${value}`);
}

/** API-09: [from, to), each 0 for open. */
export function timeRange(range: { readonly fromMs: number; readonly toMs: number }): { fromMs: number; toMs: number } {
  const fromMs = optionalTime("from_ms", range.fromMs);
  const toMs = optionalTime("to_ms", range.toMs);
  if (toMs !== 0 && fromMs >= toMs) throw invalidField("to_ms", `must be after from_ms ${fromMs}, is ${toMs}`);
  return { fromMs, toMs };
}

/** A whole number within bounds; 0 means `fallback`. */
export function boundedCount(
  field: string,
  value: number,
  { fallback, max }: { readonly fallback: number; readonly max: number },
): number {
  if (value === 0) return fallback;
  if (Number.isSafeInteger(value) && value > 0 && value <= max) return value;
  throw invalidField(field, `must be 1 to ${max}, or 0 for ${fallback}, is ${value}`);
}

/** API-06: the exchange that is meant; empty is fine with exactly one. */
export function chosenExchange(value: string, served: readonly string[], field = "exchange"): string {
  const [only] = served;
  if (value === "" && served.length === 1 && only !== undefined) return only;
  if (served.includes(value)) return value;
  const choices = served.join(", ") || "none";
  if (value === "") throw invalidField(field, `is missing and there are several: ${choices}`);
  throw invalidField(field, `"${value.slice(0, 40)}" is not served; choose from ${choices}`);
}

/** NOT_FOUND with reason ABSENT. */
export function absent(message: string): RpcRefusal {
  return new RpcRefusal({ status: "NOT_FOUND", reason: "ABSENT", message, outcome: "not_sent" });
}

/** FAILED_PRECONDITION of a call that sent nothing. */
export function notNow(reason: string, message: string): RpcRefusal {
  return new RpcRefusal({ status: "FAILED_PRECONDITION", reason, message, outcome: "not_sent" });
}
