// Curves of a run in flat memory (BT-27): rows of numbers, thinned to a bounded count in a way that keeps every extreme
// of every column. For drawing only.

import { assert } from "../base/assert.ts";

export const CURVE_ROWS_MAX = 20_000;

/** Rows in order of their first column (time). */
export class Curve {
  readonly width: number;
  private readonly rowsMax: number;
  private rows: Float64Array;
  private count = 0;

  /** `width` columns, the first of them the time; at most `rowsMax` rows are ever kept. */
  constructor(width: number, rowsMax: number = CURVE_ROWS_MAX) {
    assert(rowsMax >= 8 * width, "a curve needs room for the extremes of a few buckets");
    this.width = width;
    this.rowsMax = rowsMax;
    this.rows = new Float64Array(rowsMax * width);
  }

  get length(): number {
    return this.count;
  }

  /** Adds a row whose columns the caller then sets by {@link put}. */
  push(time: number): void {
    if (this.count === this.rowsMax) this.thin();
    this.rows[this.count * this.width] = time;
    this.count += 1;
  }

  /** Sets a column of the newest row. */
  put(column: number, value: number): void {
    this.rows[(this.count - 1) * this.width + column] = value;
  }

  column(column: number): Float64Array {
    const out = new Float64Array(this.count);
    for (let i = 0; i < this.count; i += 1) out[i] = this.rows[i * this.width + column] ?? 0;
    return out;
  }

  private thin(): void {
    const kept = thinRows(this.rows.subarray(0, this.count * this.width), this.width, this.rowsMax >> 1);
    this.rows.set(kept);
    this.count = kept.length / this.width;
  }
}

/**
 * At most `rowsMax` of the rows: time is cut into equal spans, and of each span the first row and the rows holding each
 * column's smallest and largest value stay; so does the last row of all.
 */
export function thinRows(rows: Float64Array, width: number, rowsMax: number): Float64Array {
  const count = rows.length / width;
  if (count <= rowsMax) return rows;
  const spans = Math.max(1, Math.floor((rowsMax - 1) / (2 * width - 1)));
  const start = rows[0] ?? 0;
  const span = Math.max(Number.MIN_VALUE, ((rows[(count - 1) * width] ?? 0) - start) / spans);
  const keep = new Uint8Array(count);
  keep[count - 1] = 1;
  let from = 0;
  while (from < count) {
    const bucket = Math.floor(((rows[from * width] ?? 0) - start) / span);
    let to = from + 1;
    while (to < count && Math.floor(((rows[to * width] ?? 0) - start) / span) === bucket) to += 1;
    keep[from] = 1;
    markExtremes(rows, width, { from, to, keep });
    from = to;
  }
  return gather(rows, width, keep);
}

function markExtremes(rows: Float64Array, width: number, span: { from: number; to: number; keep: Uint8Array }): void {
  for (let column = 1; column < width; column += 1) {
    let low = span.from;
    let high = span.from;
    for (let row = span.from + 1; row < span.to; row += 1) {
      const value = rows[row * width + column] ?? 0;
      if (value < (rows[low * width + column] ?? 0)) low = row;
      if (value > (rows[high * width + column] ?? 0)) high = row;
    }
    span.keep[low] = 1;
    span.keep[high] = 1;
  }
}

function gather(rows: Float64Array, width: number, keep: Uint8Array): Float64Array {
  let kept = 0;
  for (const flag of keep) kept += flag;
  const out = new Float64Array(kept * width);
  let at = 0;
  for (let row = 0; row < keep.length; row += 1) {
    if (keep[row] !== 1) continue;
    out.set(rows.subarray(row * width, (row + 1) * width), at);
    at += width;
  }
  return out;
}
