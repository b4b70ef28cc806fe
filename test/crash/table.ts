// The tables of a crash test (TEST-22): what was done, on what, and what was wrong afterwards.

import type { Row } from "./ordeal.ts";
import type { SystemRow } from "./system/system-ordeal.ts";

const FIGURES = ["duplicates", "lost fills", "position", "ledger", "other", "recovery ms"] as const;

/** What was counted, and what else the witness found. */
const figuresOf = (row: Row): readonly string[] => [
  String(row.duplicates),
  String(row.lostFills),
  String(row.positionDifference),
  String(row.ledgerDifference),
  String(row.texts.length - row.duplicates - row.lostFills - row.ledgerDifference),
  row.recoveryMs === 0 ? "-" : String(row.recoveryMs),
];

export function crashTable(rows: readonly Row[]): string {
  return table(
    ["what", "mode"],
    rows.map((row) => [row.what, row.mode, ...figuresOf(row)]),
    plain,
  );
}

const PLACES = ["point", "victim", "and", "mode", "store", "protocol"] as const;

function worseText({ worse, store }: SystemRow): string {
  switch (worse) {
    case "plain":
      return "";
    case "again":
      return "killed again";
    case "foul":
      return "answers and events lost";
    case "power":
      return store === "sqlite" ? "power cut" : "database killed";
  }
}

const placesOf = (row: SystemRow): readonly string[] => [
  row.point,
  row.victim,
  worseText(row),
  row.mode,
  row.store,
  row.protocol,
];

export function systemTable(rows: readonly SystemRow[], form: "plain" | "markdown"): string {
  const lines = rows.map((row) => [...placesOf(row), ...figuresOf(row)]);
  return table(PLACES, lines, form === "plain" ? plain : markdown);
}

/** A line for each point on each stage: its deaths, victims and what made them worse, differences summed. Markdown. */
export function summaryTable(rows: readonly SystemRow[]): string {
  const groups = new Map<string, SystemRow[]>();
  for (const row of rows) {
    const key = [row.point, row.mode, row.store, row.protocol].join("|");
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const lines = [...groups].map(([key, all]) => {
    const of = (value: (row: SystemRow) => number): string => String(all.reduce((sum, row) => sum + value(row), 0));
    const hows = new Set(all.map((row) => `${row.victim}${row.worse === "plain" ? "" : `, ${placesOf(row)[2]}`}`));
    const other = (row: SystemRow): number => row.texts.length - row.duplicates - row.lostFills - row.ledgerDifference;
    const [point = "", ...where] = key.split("|");
    return [
      `${point} (${[...hows].join("; ")})`,
      ...where,
      String(all.length),
      of((row) => row.duplicates),
      of((row) => row.lostFills),
      of((row) => Math.abs(row.positionDifference)),
      of((row) => row.ledgerDifference),
      of(other),
      quantilesOf(all.map(({ recoveryMs }) => recoveryMs)),
    ];
  });
  const head = ["point (victims)", "mode", "store", "protocol", "deaths", ...FIGURES.slice(0, -1), "recovery"];
  const rule = head.map((_, i) => (i < 4 ? "---" : "---:"));
  return [head, rule, ...lines].map((line) => markdown(line, [], 0)).join("\n");
}

/** Median and largest, ms; with the 99th percentile where there are enough. */
export function quantilesOf(times: readonly number[]): string {
  const sorted = times.filter((ms) => ms > 0).sort((a, b) => a - b);
  const [median, p99, most] = [0.5, 0.99, 1].map((q) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]);
  if (median === undefined || most === undefined) return "-";
  return sorted.length < 3 ? sorted.join(", ") : `${median}${sorted.length < 100 ? "" : ` (p99 ${p99})`} … ${most}`;
}

type Form = (line: readonly string[], widths: readonly number[], lefts: number) => string;

const pad = (cell: string, i: number, widths: readonly number[], lefts: number): string =>
  i < lefts ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);

const plain: Form = (line, widths, lefts) => line.map((cell, i) => pad(cell, i, widths, lefts)).join("  ");
const markdown: Form = (line) => `| ${line.join(" | ")} |`;

function table(places: readonly string[], lines: readonly (readonly string[])[], form: Form): string {
  const head = [...places, ...FIGURES];
  const widths = head.map((text, i) => Math.max(text.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const rule = head.map((_, i) => (i < places.length ? "---" : "---:"));
  const top = form === markdown ? [head, rule] : [head];
  return [...top, ...lines].map((line) => form(line, widths, places.length)).join("\n");
}
