// Reads what somebody sent to the control API, field by field. Whatever is wrong is said with the field, its value, and
// what was expected (EMU-35); a field nobody knows is wrong too.

import { parseDecimal } from "../../../base/decimal.ts";
import type { Result } from "../../../base/result.ts";
import { type FieldProblem, isRecord, oneOf, problem, wholeIn } from "../faults/fault-form.ts";

/** One field of a request is not what it must be. */
export class FieldError extends Error {
  override readonly name = "FieldError";
  readonly code = "BAD_FIELD";
  readonly problem: FieldProblem;

  constructor(wrong: FieldProblem) {
    const { field, value, expected } = wrong;
    super(`${field} is ${value === undefined ? "missing" : JSON.stringify(value)}; expected ${expected}`);
    this.problem = wrong;
  }
}

/** The value, or a {@link FieldError}. */
export function taken<T>(read: Result<T, FieldProblem>): T {
  if (!read.ok) throw new FieldError(read.error);
  return read.value;
}

export const wrong = (field: string, value: unknown, expected: string): FieldError =>
  new FieldError({ field, value, expected });

const ANY_WHOLE = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

export class Fields {
  private readonly given: Readonly<Record<string, unknown>>;
  private readonly prefix: string;

  /** Errors: {@link FieldError} for what is no object, or has a field that is not among `known`. */
  constructor(given: unknown, known: readonly string[], prefix = "") {
    const body = given ?? {};
    if (!isRecord(body)) throw wrong(prefix === "" ? "(body)" : prefix, given, "an object");
    this.given = body;
    this.prefix = prefix === "" ? "" : `${prefix}.`;
    const unknownField = Object.keys(body).find((field) => !known.includes(field));
    if (unknownField !== undefined) {
      throw wrong(`${this.prefix}${unknownField}`, body[unknownField], `one of ${known.join(", ")}`);
    }
  }

  has(field: string): boolean {
    return this.given[field] !== undefined && this.given[field] !== null;
  }

  /** As it was given. */
  raw(field: string): unknown {
    return this.given[field];
  }

  text(field: string): string {
    const value = this.given[field];
    if (typeof value !== "string" || value === "") throw this.wrong(field, "a text");
    return value;
  }

  textOr<T>(field: string, unless: T): string | T {
    return this.has(field) ? this.text(field) : unless;
  }

  whole(field: string, range: { readonly min?: number; readonly max?: number } = {}): number {
    return taken(wholeIn(this.prefix + field, this.given[field], { ...ANY_WHOLE, ...range }));
  }

  wholeOr<T>(field: string, unless: T, range: { readonly min?: number; readonly max?: number } = {}): number | T {
    return this.has(field) ? this.whole(field, range) : unless;
  }

  flagOr(field: string, unless: boolean): boolean {
    const value = this.given[field] ?? unless;
    if (typeof value !== "boolean") throw this.wrong(field, "true or false");
    return value;
  }

  word<T extends string>(field: string, words: readonly T[]): T {
    return taken(oneOf(this.prefix + field, this.given[field], words));
  }

  wordOr<T extends string, U>(field: string, words: readonly T[], unless: U): T | U {
    return this.has(field) ? this.word(field, words) : unless;
  }

  /** A decimal number, as a text: a JSON number may have lost digits on its way. */
  decimal(field: string): string {
    const value = this.given[field];
    if (typeof value !== "string" || !parseDecimal(value).ok) {
      throw this.wrong(field, 'a decimal number as a text, like "0.001"');
    }
    return value;
  }

  decimalOr<T>(field: string, unless: T): string | T {
    return this.has(field) ? this.decimal(field) : unless;
  }

  /** Names and decimal texts. */
  amounts(field: string): Readonly<Record<string, string>> {
    const value = this.given[field];
    if (!isRecord(value)) throw this.wrong(field, "an object of names and decimal numbers as texts");
    const read: Record<string, string> = {};
    for (const [name, amount] of Object.entries(value)) {
      if (typeof amount !== "string" || !parseDecimal(amount).ok) {
        throw wrong(`${this.prefix}${field}.${name}`, amount, 'a decimal number as a text, like "0.001"');
      }
      read[name] = amount;
    }
    return read;
  }

  /** Another object of fields. */
  part(field: string, known: readonly string[]): Fields {
    return new Fields(this.given[field], known, this.prefix + field);
  }

  list(field: string): readonly unknown[] {
    const value = this.given[field];
    if (!Array.isArray(value)) throw this.wrong(field, "a list");
    return value;
  }

  wrong(field: string, expected: string): FieldError {
    const read = problem(this.prefix + field, this.given[field], expected);
    return new FieldError(read.ok ? { field, value: null, expected } : read.error);
  }
}
