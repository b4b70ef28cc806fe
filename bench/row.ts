// What a bench says: one measure, its bounds, and the numbers behind it. A row that could not be measured says why; no
// figure is ever carried over from elsewhere.

/** `most`: a ratio or time that must not be above; `least`: a rate that must not be below. */
export type Bound = { readonly most: number } | { readonly least: number };

export interface Row {
  readonly bench: string;
  /** What was measured against what, as a person would say it. */
  readonly measure: string;
  /** Null when it was not run. */
  readonly value: number | null;
  /** `×` for ratios, else a unit. */
  readonly unit: string;
  readonly must: Bound | null;
  readonly want: Bound | null;
  /** Absolute numbers and conditions, or why it was not run. */
  readonly detail: string;
}

export type Verdict = "ok" | "below want" | "BROKEN" | "not run" | "-";

export const notRun = (bench: string, measure: string, reason: string): Row => ({
  bench,
  measure,
  value: null,
  unit: "",
  must: null,
  want: null,
  detail: reason,
});

export function verdictOf(row: Row): Verdict {
  const { value, must, want } = row;
  if (value === null) return "not run";
  if (must !== null && !holds(must, value)) return "BROKEN";
  if (want !== null && !holds(want, value)) return "below want";
  return must === null && want === null ? "-" : "ok";
}

const holds = (bound: Bound, value: number): boolean => ("most" in bound ? value <= bound.most : value >= bound.least);

export const boundText = (bound: Bound | null): string => {
  if (bound === null) return "";
  return "most" in bound ? `≤ ${numberText(bound.most)}` : `≥ ${numberText(bound.least)}`;
};

/** Sentences of a detail. */
export const detailOf = (...parts: readonly string[]): string => parts.join("; ");

/** Three digits that matter, thousands apart. */
export function numberText(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}
