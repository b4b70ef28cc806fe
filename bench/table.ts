// One table of all rows: the measure and its verdict, and below each the numbers behind it.

import { boundText, numberText, type Row, verdictOf } from "./row.ts";

const WIDTH = 118;

export function tableOf(rows: readonly Row[]): string {
  const lines = [line(["bench", "measure", "value", "must", "want", "verdict"]), "─".repeat(WIDTH)];
  for (const row of rows) {
    const unit = row.unit === "×" || row.unit === "" ? row.unit : ` ${row.unit}`;
    const value = row.value === null ? "not run" : `${numberText(row.value)}${unit}`;
    const [first = "", ...rest] = wrapped(row.measure, 58);
    lines.push(line([row.bench, first, value, boundText(row.must), boundText(row.want), verdictOf(row)]));
    for (const more of rest) lines.push(line(["", more, "", "", "", ""]));
    for (const more of wrapped(row.detail, WIDTH - 12)) lines.push(`            ${more}`);
  }
  return lines.join("\n");
}

const COLUMNS = [9, 59, 17, 10, 10, 10] as const;

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(COLUMNS[i] ?? 0))
    .join(" ")
    .trimEnd();

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return current === "" ? lines : [...lines, current];
}
