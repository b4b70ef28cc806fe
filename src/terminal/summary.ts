// The result of a run on a terminal: the same figures as the page, on one screen, and the one JSON document of
// `--json`.

import { durationText, shortHash, utcText } from "../backtest/figures.ts";
import { liesOf, MARKET_STATEMENT } from "../backtest/honesty.ts";
import type { ReportDocument } from "../backtest/report-json.ts";
import { type FigureRow, type FigureTable, figureTables } from "../backtest/report-tables.ts";
import { cellText, displayWidth } from "./table.ts";

export interface SummaryOptions {
  /** Folder of the report; null when none was written. */
  readonly folder: string | null;
  /** Columns of the terminal; from 100 on the tables stand in two columns. */
  readonly width: number;
  readonly color: boolean;
}

const BOLD = "\u001b[1m";
const DIM = "\u001b[2m";
const OFF = "\u001b[0m";

/** Text of the summary, ended by a newline. */
export function renderSummary(report: ReportDocument, options: SummaryOptions): string {
  const { header: h } = report;
  const bold = (text: string): string => (options.color ? BOLD + text + OFF : text);
  const dim = (text: string): string => (options.color ? DIM + text + OFF : text);
  const kind = [h.synthetic ? "synthetic market" : "", h.whole ? "whole run" : `PARTIAL: ${h.reason}`];
  const lines = [
    bold(`${h.strategy} on ${h.symbol} at ${h.exchange}, ${h.level}`),
    `${utcText(h.startUs)} to ${utcText(h.endUs)} UTC, ${durationText(h.endUs - h.startUs)}, ${kind.filter(Boolean).join(", ")}`,
    dim(`${h.fillModel} | ${h.latency} | marked at ${h.markSource} | seed ${h.seed}`),
    "",
    ...tablesText(figureTables(report), options, bold),
    "",
    ...(report.tiesOut ? [] : [bold(`The books do not tie: ${report.tieNote}`), ""]),
    ...findingLines(report),
    dim(MARKET_STATEMENT),
    ...liesOf(h.level, h.synthetic).slice(0, 2).map(dim),
    "",
    `data ${shortHash(h.dataHash)}  config ${shortHash(h.configHash)}  code ${h.codeVersion}`,
    `state ${h.stateHash}`,
    ...(options.folder === null ? [] : [`report ${options.folder}/report.html`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The document of `--json` (OPS-11): nothing else goes to stdout. */
export function summaryJson(report: ReportDocument, folder: string | null): string {
  return `${JSON.stringify({ v: 1, ok: true, data: { folder, report } })}\n`;
}

function findingLines({ findings }: ReportDocument): readonly string[] {
  if (findings.length === 0) return [];
  const names = findings.map(({ finding, count }) => (count === 1 ? finding : `${finding} ×${count}`));
  return [`data check: ${names.join(", ")}`, ""];
}

function tablesText(
  tables: readonly FigureTable[],
  options: SummaryOptions,
  bold: (text: string) => string,
): readonly string[] {
  const two = options.width >= 100;
  const width = two ? Math.floor((Math.min(options.width, 132) - 4) / 2) : Math.min(options.width, 72);
  const blocks = tables.map((table) => block(table, width));
  const title = (line: string, first: boolean): string => (first ? bold(line) : line);
  if (!two) {
    return blocks.flatMap((lines, i) => [...(i === 0 ? [] : [""]), ...lines.map((line, j) => title(line, j === 0))]);
  }
  const left: string[][] = [];
  const right: string[][] = [];
  const size = (column: string[][]): number => column.reduce((sum, lines) => sum + lines.length + 1, 0);
  for (const lines of blocks) (size(left) <= size(right) ? left : right).push(lines);
  return sideBySide(left, right, { width, bold });
}

function sideBySide(
  left: string[][],
  right: string[][],
  options: { width: number; bold: (text: string) => string },
): readonly string[] {
  const flat = (column: string[][]): { text: string; title: boolean }[] =>
    column.flatMap((lines, i) => [
      ...(i === 0 ? [] : [{ text: "", title: false }]),
      ...lines.map((text, j) => ({ text, title: j === 0 })),
    ]);
  const [a, b] = [flat(left), flat(right)];
  const out: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [l, r] = [a[i] ?? { text: "", title: false }, b[i] ?? { text: "", title: false }];
    const padded = cellText(l.text, options.width, "left");
    const first = l.title ? options.bold(padded) : padded;
    out.push(`${first}    ${r.title ? options.bold(r.text) : r.text}`.trimEnd());
  }
  return out;
}

function block({ title, rows }: FigureTable, width: number): string[] {
  const labels = Math.min(24, Math.max(...rows.map(({ label }) => displayWidth(label))));
  const values = Math.max(10, ...rows.map(({ value }) => displayWidth(value)));
  const line = ({ label, value, note }: FigureRow): string => {
    const text = `${cellText(label, labels, "left")}  ${cellText(value, values, "right")}`;
    return cellText(note === "" ? text : `${text}  ${note}`, width, "left").trimEnd();
  };
  return [title, ...rows.map(line)];
}
