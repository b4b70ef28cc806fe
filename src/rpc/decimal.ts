// google.type.Decimal ↔ decimal text (API-04). Plain notation, at most 38 digits; nothing is ever rounded here, and
// nothing passes through a float.

import type { Decimal as Exact } from "../base/decimal.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Decimal } from "./generated/google/type/decimal.ts";
import { RpcRefusal } from "./refusal.ts";

const PLAIN = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;
const DIGITS_MAX = 38;

/** Decimal text as the wire carries it; undefined (absent) for null. */
export function toDecimal(text: string): Decimal;
export function toDecimal(text: string | null | undefined): Decimal | undefined;
export function toDecimal(text: string | null | undefined): Decimal | undefined {
  return text === null || text === undefined ? undefined : { value: text };
}

/** Text of a decimal that was given; null when absent. Errors: why the text is none. */
export function readDecimal(decimal: Decimal | undefined): Result<string | null, string> {
  if (decimal === undefined) return ok(null);
  const reason = objection(decimal.value);
  return reason === null ? ok(decimal.value) : fail(reason);
}

/** The exact number of plain decimal text. Throws a refusal on text of another server that is none. */
export function exactDecimal(text: string): Exact {
  const reason = objection(text);
  if (reason !== null)
    throw new RpcRefusal({ status: "INTERNAL", reason: "UNREADABLE", message: `a decimal ${reason}` });
  const point = text.indexOf(".");
  if (point === -1) return { digits: BigInt(text), scale: 0 };
  return { digits: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

function objection(text: string): string | null {
  if (text.length > DIGITS_MAX + 2) return `has more than ${DIGITS_MAX} digits`;
  if (!PLAIN.test(text)) return `"${text}" is not plain decimal text, as 0.001 or -12.5`;
  const digits = text.length - (text.startsWith("-") ? 1 : 0) - (text.includes(".") ? 1 : 0);
  return digits > DIGITS_MAX ? `has more than ${DIGITS_MAX} digits` : null;
}
