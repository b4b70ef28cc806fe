// A binary heap of things due at a time, earliest first; at equal time by rank (market data before replies, BT-24),
// then in the order they were put in.

export interface Timed {
  readonly atUs: number;
  readonly rank: number;
  readonly order: number;
}

export class TimedHeap<T extends Timed> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  /** When the earliest is due; Infinity when empty. */
  nextUs(): number {
    // reading past the end of an array is what costs most here
    return this.items.length === 0 ? Number.POSITIVE_INFINITY : (this.items[0]?.atUs ?? Number.POSITIVE_INFINITY);
  }

  peek(): T | undefined {
    return this.items.length === 0 ? undefined : this.items[0];
  }

  push(item: T): void {
    const heap = this.items;
    let i = heap.length;
    heap.push(item);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !before(item, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = item;
  }

  pop(): T | undefined {
    const heap = this.items;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    // goes down one level a pass and ends at a leaf
    for (;;) {
      let child = 2 * i + 1;
      let least = heap[child];
      if (least === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, least)) {
        least = right;
        child += 1;
      }
      if (!before(least, last)) break;
      heap[i] = least;
      i = child;
    }
    heap[i] = last;
    return top;
  }

  /** All items, earliest first. */
  sorted(): T[] {
    return [...this.items].sort((a, b) => (before(a, b) ? -1 : 1));
  }

  clear(): void {
    this.items.length = 0;
  }
}

const before = (a: Timed, b: Timed): boolean => {
  if (a.atUs !== b.atUs) return a.atUs < b.atUs;
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
};
