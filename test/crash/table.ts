// The table of a crash test (TEST-22): what was done, in which mode, and what was wrong afterwards.

import type { Row } from "./ordeal.ts";

const HEAD = ["what", "mode", "duplicates", "lost fills", "position", "ledger", "other", "recovery ms"] as const;

export function crashTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.what,
    row.mode,
    String(row.duplicates),
    String(row.lostFills),
    String(row.positionDifference),
    String(row.ledgerDifference),
    String(row.texts.length - row.duplicates - row.lostFills - row.ledgerDifference),
    row.recoveryMs === 0 ? "-" : String(row.recoveryMs),
  ]);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const format = (line: readonly string[]): string =>
    line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return [format(HEAD), ...lines.map(format)].join("\n");
}
