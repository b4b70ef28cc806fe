// Comma-separated rows cut into cells without a text per cell. No quoting: no market data file needs it, and a quote
// in a cell makes the cell unreadable, which is a finding.

import { DataError } from "./error.ts";
import { textOf } from "./scan.ts";

const CELLS_MAX = 64;

/** Cells of the last row: `from[i]…to[i]` in the row's bytes, blanks around them left out. */
export class CsvRow {
  count = 0;
  readonly from = new Int32Array(CELLS_MAX);
  readonly to = new Int32Array(CELLS_MAX);

  /** Cuts `bytes[start…end)`; a row of more than 64 cells keeps the first 64. Returns the number of cells. */
  cut(bytes: Uint8Array, start: number, end: number): number {
    let cell = 0;
    let from = start;
    for (let i = start; i <= end && cell < CELLS_MAX; i += 1) {
      if (i < end && bytes[i] !== 44) continue;
      this.set(bytes, cell, from, i);
      cell += 1;
      from = i + 1;
    }
    this.count = cell;
    return cell;
  }

  text(bytes: Uint8Array, cell: number): string {
    return cell < 0 || cell >= this.count ? "" : textOf(bytes, this.from[cell] ?? 0, this.to[cell] ?? 0);
  }

  private set(bytes: Uint8Array, cell: number, from: number, to: number): void {
    let first = from;
    let last = to;
    while (first < last && (bytes[first] ?? 0) <= 32) first += 1;
    while (last > first && (bytes[last - 1] ?? 0) <= 32) last -= 1;
    this.from[cell] = first;
    this.to[cell] = last;
  }
}

/** Names of a header row, lower case; a byte order mark in front is forgiven. */
export const headerNames = (line: string): string[] =>
  line
    .replace(/^(\uFEFF|\u00EF\u00BB\u00BF)/, "")
    .trim()
    .split(",")
    .map((name) => name.trim().toLowerCase());

/** Index of each wanted column. Throws {@link DataError} `badHeader` naming the first one absent or doubled. */
export function columnIndexes(
  file: string,
  names: readonly string[],
  wanted: readonly (readonly string[])[],
): number[] {
  return wanted.map((synonyms) => {
    const found = names.flatMap((name, index) => (synonyms.includes(name) ? [index] : []));
    const first = found[0];
    if (first !== undefined && found.length === 1) return first;
    const problem = first === undefined ? "no column" : "more than one column";
    throw new DataError("badHeader", {
      file,
      line: 1,
      what: `${problem} named ${synonyms.join(" or ")} among ${names.join(", ")}`,
      expected: `the columns ${wanted.map((item) => item[0]).join(", ")}`,
      advice: "Name the columns in the file's order: --columns timestamp_ms,open,close,high,low,volume",
    });
  });
}
