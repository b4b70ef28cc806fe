// A bounded list of rows in order of time: the newest are kept, and a range is found by bisection.

export class Rows<T extends { readonly atMs: number }> {
  private readonly max: number;
  private rows: T[] = [];
  private forgotten = 0;

  /** Keeps at least `max` rows, and at most a quarter more. */
  constructor(max: number) {
    this.max = max;
  }

  push(row: T): void {
    this.rows.push(row);
    if (this.rows.length <= this.max + (this.max >> 2)) return;
    this.forgotten += this.rows.length - this.max;
    this.rows = this.rows.slice(this.rows.length - this.max);
  }

  get length(): number {
    return this.rows.length;
  }

  /** Rows that were pushed and are not kept any more. */
  get dropped(): number {
    return this.forgotten;
  }

  at(index: number): T | undefined {
    return this.rows[index];
  }

  get newest(): T | undefined {
    return this.rows[this.rows.length - 1];
  }

  /** Place of the first row at or after `atMs`. */
  firstFrom(atMs: number): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.rows[middle]?.atMs ?? 0) < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Rows of `[fromMs, toMs)`, oldest first; 0 is an open end. */
  range(fromMs: number, toMs: number): readonly T[] {
    return this.rows.slice(fromMs === 0 ? 0 : this.firstFrom(fromMs), toMs === 0 ? undefined : this.firstFrom(toMs));
  }

  [Symbol.iterator](): Iterator<T> {
    return this.rows[Symbol.iterator]();
  }
}
