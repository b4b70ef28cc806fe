// What is wrong with a configuration, and how it is said (RISK-50). All problems of a file are reported together.

/** One problem at one place. `line` is 1-based; 0 is the file as a whole. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number;
  /** Dotted key; empty for the text as a whole. */
  readonly key: string;
  /** As written; null where nothing was, or where it may not be repeated. */
  readonly value: string | null;
  /** The sentence after the key. */
  readonly text: string;
}

/** `{file}:{line} {key}: {text}`, one a line, in the order of the file. */
export function renderProblems(problems: readonly ConfigProblem[]): string {
  const sorted = [...problems].sort((a, b) => a.line - b.line);
  return sorted.map((one) => `${placeOf(one)}${one.key === "" ? "" : ` ${shownKey(one.key)}`}: ${one.text}`).join("\n");
}

/** `bots.0.id` as a person writes it: `bots[0].id`. */
export const shownKey = (key: string): string => key.replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]");

const placeOf = (problem: ConfigProblem): string =>
  problem.line > 0 ? `${problem.file}:${problem.line}` : problem.file;

/** A value as an error shows it: one line, at most 60 characters, nothing that a terminal could act on. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "a section";
  const text = textOf(value);
  if (text === "") return `""`;
  const plain = /^[\x20-\x7e\u00a0-\uffff]*$/.test(text) ? text : JSON.stringify(text).replaceAll("\x7f", "\\u007f");
  return plain.length <= 60 ? plain : `${plain.slice(0, 59)}…`;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? `${value}`
    : "something";
}

/** The name most like `name`, or null when none is close. */
export function nearest(name: string, names: readonly string[]): string | null {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: string | null = null;
  let least = limit + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** Levenshtein distance, given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
