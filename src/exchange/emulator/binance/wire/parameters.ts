// Parameters of one request as Binance reads them: from the query, the form body or both (the query wins), from the
// `params` of a WebSocket request, or from an element of a batch. Text only: numbers are made where they mean
// something.

import { parseDecimal } from "../../../../base/decimal.ts";
import { fail, ok, type Result } from "../../../../base/result.ts";
import { type Refusal, refusals } from "./refusals.ts";

export class Parameters {
  private readonly values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.values = values;
  }

  /** The first of these names that was sent; null where none was, or where it is empty. */
  text(...names: readonly string[]): string | null {
    for (const name of names) {
      const value = this.values.get(name);
      if (value !== undefined && value !== "") return value;
    }
    return null;
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** A whole number; null where the name was not sent. Errors: −1100 where it is no whole number. */
  integer(name: string): Result<number | null, Refusal> {
    const text = this.text(name);
    if (text === null) return ok(null);
    const value = /^-?\d{1,16}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
    return Number.isSafeInteger(value) ? ok(value) : fail(refusals.illegal(name, "^[0-9]{1,20}$"));
  }

  /** Must be there. Errors: −1102. */
  required(name: string): Result<string, Refusal> {
    const text = this.text(name);
    return text === null ? fail(refusals.missing(name)) : ok(text);
  }

  /** `true` or `false` in any case; null where it was not sent. */
  flag(name: string): boolean | null {
    const text = this.text(name)?.toLowerCase();
    return text === undefined ? null : text === "true";
  }

  /** A decimal as it was written. Errors: −1100 where it is none. */
  decimal(name: string): Result<string | null, Refusal> {
    const text = this.text(name);
    if (text === null) return ok(null);
    return parseDecimal(text).ok ? ok(text) : fail(refusals.illegal(name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$"));
  }

  /** A JSON list; null where none of the names was sent. Errors: −1130 where it is none. */
  list(...names: readonly string[]): Result<readonly unknown[] | null, Refusal> {
    const text = this.text(...names);
    if (text === null) return ok(null);
    const found = jsonOf(text);
    return Array.isArray(found) ? ok(found) : fail(refusals.invalid(names[0] ?? ""));
  }

  entries(): Iterable<readonly [string, string]> {
    return this.values;
  }
}

/** Parameters of an HTTP request. What cannot be decoded is taken as it stands. */
export function requestParameters(query: string, body: string): Parameters {
  const values = new Map<string, string>();
  addPairs(values, body);
  addPairs(values, query);
  return new Parameters(values);
}

/** Parameters out of a JSON object: of a WebSocket request, or of one order of a batch. */
export function objectParameters(given: unknown): Parameters {
  const values = new Map<string, string>();
  if (typeof given === "object" && given !== null) {
    for (const [name, value] of Object.entries(given)) {
      if (value === null || value === undefined) continue;
      values.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
  }
  return new Parameters(values);
}

/** JSON text → value; undefined where it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller refuses it in the exchange's own words
  }
}

/** Of a name that comes twice, the later value stands. */
function addPairs(to: Map<string, string>, text: string): void {
  for (let start = 0; start < text.length; ) {
    const mark = text.indexOf("&", start);
    const end = mark === -1 ? text.length : mark;
    const equals = text.indexOf("=", start);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    if (end > start) to.set(decoded(text.slice(start, nameEnd)), decoded(text.slice(nameEnd + 1, end)));
    start = end + 1;
  }
}

function decoded(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text; // raw JSON with a per cent sign in it
  }
}
