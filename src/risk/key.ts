// What a key of the `risk` section is (RISK-50), how one is written in a table, and what people are told of its range.
// The keys themselves stand in keys.ts and beside the parts they belong to.

/** `money`: quote units; `quantity`: base units; `ratio`: a plain decimal; all quoted decimal text. `list`: names. */
export type RiskKeyType = "money" | "quantity" | "ratio" | "int" | "choice" | "list";

export interface RiskKey {
  /** Dotted path inside the section. */
  readonly key: string;
  readonly type: RiskKeyType;
  readonly unit: string;
  /** Text as a user would write it; null: no limit unless one is given. */
  readonly default: string | null;
  /** Inclusive bounds as text; null is open. A quantity must be above its lower bound. */
  readonly min: string | null;
  readonly max: string | null;
  readonly choices: readonly string[];
  readonly meaning: string;
}

export const money = (key: string, fallback: string, range: readonly [string, string], meaning: string): RiskKey => ({
  key,
  type: "money",
  unit: "of the quote asset",
  default: fallback,
  min: range[0],
  max: range[1],
  choices: [],
  meaning,
});

export const quantity = (key: string, meaning: string): RiskKey => ({
  key,
  type: "quantity",
  unit: "base units",
  default: null,
  min: "0",
  max: null,
  choices: [],
  meaning,
});

interface Whole {
  readonly key: string;
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

export const whole = (row: Whole): RiskKey => ({
  key: row.key,
  type: "int",
  unit: row.unit,
  choices: [],
  meaning: row.meaning,
  default: String(row.default),
  min: String(row.min),
  max: String(row.max),
});

export const choice = (key: string, choices: readonly [string, ...string[]], meaning: string): RiskKey => ({
  key,
  type: "choice",
  unit: "",
  default: choices[0],
  min: null,
  max: null,
  choices,
  meaning,
});

/** Names between commas; empty by default. */
export const names = (key: string, max: number, meaning: string): RiskKey => ({
  key,
  type: "list",
  unit: "instruments",
  default: "",
  min: null,
  max: String(max),
  choices: [],
  meaning,
});

export const BILLION = "1000000000";

/** `1–5,000`, `above 0` or `on, off`: what the error and the documentation say is allowed. */
export function rangeText(key: Pick<RiskKey, "type" | "min" | "max" | "choices">): string {
  if (key.type === "choice") return key.choices.join(", ");
  if (key.type === "list") return `at most ${key.max ?? "0"}`;
  if (key.max === null) return `above ${key.min ?? "0"}`;
  return `${grouped(key.min ?? "0")}–${grouped(key.max)}`;
}

/** Thousands set apart: 60,000. */
export function grouped(value: string | number): string {
  const [whole = "", fraction] = String(value).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** RISK-50, without the place: `{value} is not allowed; give {range} {unit} (default {default})`. */
export function notAllowed(key: RiskKey, value: string): string {
  const unit = key.unit === "" ? "" : ` ${key.unit}`;
  const usual = key.default === null || key.default === "" ? "none" : key.default;
  return `${value} is not allowed; give ${rangeText(key)}${unit} (default ${usual})`;
}
