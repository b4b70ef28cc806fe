// One configuration key: a zod type that says its type, range and default, and what a person is told about it. Schema,
// JSON Schema, error texts and documentation all come from this one definition (OPS-03).

import { z } from "zod";
import { parseDecimal } from "../base/decimal.ts";

/** What errors and documentation say of a key. */
export interface KeyInfo {
  readonly type: "decimal" | "whole number" | "choice" | "yes or no" | "text" | "list" | "secret";
  /** What is allowed: `1–5,000`, `true, false`, `a path`. */
  readonly range: string;
  readonly unit: string;
  /** As a person would write it; null where there is none. */
  readonly default: string | null;
  readonly meaning: string;
}

const registry = z.registry<KeyInfo>();

/** What is known of a key's type, or undefined for a section. */
export const infoOf = (type: z.ZodType): KeyInfo | undefined => registry.get(type);

/** Decimal text of the form the whole system reads: sign, digits, at most one point; no exponent, no blanks. */
const DECIMAL = /^[+-]?\d+(\.\d+)?$/;

interface Common {
  readonly meaning: string;
  readonly unit?: string;
}

interface Bounds {
  readonly min?: string | null;
  readonly max?: string | null;
  /** The bounds themselves are not allowed. */
  readonly above?: boolean;
}

/** Adds the description an editor shows, and registers what people are told. */
function known<T extends z.ZodType>(type: T, info: KeyInfo): T {
  const unit = info.unit === "" ? "" : ` ${info.unit}`;
  const described = type.meta({ description: `${info.meaning} (${info.range}${unit})` });
  registry.add(described, info);
  return described;
}

function withinBounds(text: string, bounds: Bounds): boolean {
  const value = parseDecimal(text);
  if (!value.ok) return false;
  const compare = (bound: string): number => {
    const limit = parseDecimal(bound);
    if (!limit.ok) return 0;
    const left = value.value.digits * 10n ** BigInt(limit.value.scale);
    const right = limit.value.digits * 10n ** BigInt(value.value.scale);
    return left < right ? -1 : left > right ? 1 : 0;
  };
  const { min, max, above } = bounds;
  if (min !== undefined && min !== null && (above === true ? compare(min) <= 0 : compare(min) < 0)) return false;
  return max === undefined || max === null || compare(max) <= 0;
}

function boundsText(bounds: Bounds): string {
  const { min = null, max = null } = bounds;
  if (min !== null && max !== null) return `${grouped(min)}–${grouped(max)}`;
  if (min !== null) return bounds.above === true ? `above ${grouped(min)}` : `at least ${grouped(min)}`;
  return max === null ? "a decimal" : `at most ${grouped(max)}`;
}

/** Thousands set apart: 60,000. */
export function grouped(value: string): string {
  const [whole = "", fraction] = value.split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? text : `${text}.${fraction}`;
}

const decimalText = (bounds: Bounds) =>
  z
    .string()
    .regex(DECIMAL)
    .refine((text) => withinBounds(text, bounds));

const decimalInfo = (given: Common & Bounds, fallback: string | null): KeyInfo => ({
  type: "decimal",
  range: boundsText(given),
  unit: given.unit ?? "",
  default: fallback,
  meaning: given.meaning,
});

/** A quoted decimal with a default. */
export const decimal = (fallback: string, given: Common & Bounds) =>
  known(decimalText(given).default(fallback), decimalInfo(given, fallback));

/** A quoted decimal that may be absent. */
export const optionalDecimal = (given: Common & Bounds) =>
  known(decimalText(given).optional(), decimalInfo(given, null));

/** A quoted decimal that must be given. */
export const requiredDecimal = (given: Common & Bounds) => known(decimalText(given), decimalInfo(given, null));

interface WholeBounds {
  readonly min: number;
  readonly max: number;
}

const wholeInfo = (given: Common & WholeBounds, fallback: number | null): KeyInfo => ({
  type: "whole number",
  range: `${grouped(String(given.min))}–${grouped(String(given.max))}`,
  unit: given.unit ?? "",
  default: fallback === null ? null : String(fallback),
  meaning: given.meaning,
});

export const whole = (fallback: number, given: Common & WholeBounds) =>
  known(z.int().min(given.min).max(given.max).default(fallback), wholeInfo(given, fallback));

export const optionalWhole = (given: Common & WholeBounds) =>
  known(z.int().min(given.min).max(given.max).optional(), wholeInfo(given, null));

/** One of a few words; the first is not special. */
export const choice = <const T extends readonly [string, ...string[]]>(
  fallback: T[number],
  words: T,
  meaning: string,
) => known(z.enum(words).default(fallback as never), choiceInfo(words, fallback, meaning));

export const requiredChoice = <const T extends readonly [string, ...string[]]>(words: T, meaning: string) =>
  known(z.enum(words), choiceInfo(words, null, meaning));

export const optionalChoice = <const T extends readonly [string, ...string[]]>(words: T, meaning: string) =>
  known(z.enum(words).optional(), choiceInfo(words, null, meaning));

const choiceInfo = (words: readonly string[], fallback: string | null, meaning: string): KeyInfo => ({
  type: "choice",
  range: words.join(", "),
  unit: "",
  default: fallback,
  meaning,
});

export const yesNo = (fallback: boolean, meaning: string) =>
  known(z.boolean().default(fallback), {
    type: "yes or no",
    range: "true, false",
    unit: "",
    default: String(fallback),
    meaning,
  });

interface TextRule {
  readonly pattern: RegExp;
  /** What the pattern allows, in words. */
  readonly range: string;
  readonly meaning: string;
}

const textInfo = (rule: TextRule, fallback: string | null): KeyInfo => ({
  type: "text",
  range: rule.range,
  unit: "",
  default: fallback,
  meaning: rule.meaning,
});

export const text = (fallback: string, rule: TextRule) =>
  known(z.string().regex(rule.pattern).default(fallback), textInfo(rule, fallback));

export const optionalText = (rule: TextRule) => known(z.string().regex(rule.pattern).optional(), textInfo(rule, null));

export const requiredText = (rule: TextRule) => known(z.string().regex(rule.pattern), textInfo(rule, null));

interface ListRule {
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

/** A list, empty unless given; its entries are sections or plain values. */
export const list = <T extends z.ZodType>(entry: T, rule: ListRule) =>
  known(z.array(entry).min(rule.min).max(rule.max).default([]), {
    type: "list",
    range: `a list of ${rule.min > 0 ? `${rule.min}–${rule.max}` : `at most ${rule.max}`}`,
    unit: "",
    default: rule.min > 0 ? null : "[]",
    meaning: rule.meaning,
  });

/** A secret as a file has it (OPS-06); whether a literal is allowed is judged later. */
export type WrittenSecret = string | { readonly env: string } | { readonly file: string };

/** `{ env: NAME }`, `{ file: PATH }`, or the text itself. */
export const optionalSecret = (meaning: string) =>
  known(
    z
      .union([
        z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
        z.strictObject({ file: z.string().min(1).max(1000) }),
        z.string().min(1).max(10_000),
      ])
      .optional(),
    { type: "secret", range: "{ env: NAME } or { file: PATH }", unit: "", default: null, meaning },
  );

/** `give {range} {unit} (default {default})` of RISK-50. */
export function allowedText(info: KeyInfo): string {
  const unit = info.unit === "" ? "" : ` ${info.unit}`;
  return `${info.range}${unit} (default ${info.default ?? "none"})`;
}
