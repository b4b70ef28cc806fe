// The clock's simulated twin: a binary heap of wakes in whole microseconds, earliest first, ties by rank, then in the order
// they were set. Time moves only when the driver says so.

import { assert } from "./assert.ts";
import type { Clock } from "./clock.ts";

interface Wake {
  readonly atUs: number;
  readonly rank: number;
  readonly order: number;
  wake: (() => void) | null;
}

export class VirtualClock implements Clock {
  private us: number;
  private order = 0;
  private readonly heap: Wake[] = [];

  constructor(startMs: number) {
    this.us = startMs * 1000;
  }

  nowMs(): number {
    return Math.floor(this.us / 1000);
  }

  nowUs(): number {
    return this.us;
  }

  monotonicMs(): number {
    return this.us / 1000;
  }

  at(atMs: number, wake: () => void): () => void {
    return this.atUs(Math.ceil(atMs * 1000), wake);
  }

  /** As {@link at}, in microseconds. At equal time a lower rank wakes first; everything without one has rank 1. */
  atUs(atUs: number, wake: () => void, rank = 1): () => void {
    const entry: Wake = { atUs: Math.max(atUs, this.us), rank, order: this.order, wake };
    this.order += 1;
    this.push(entry);
    return () => {
      entry.wake = null;
    };
  }

  /** When the next wake is due; Infinity when none is. */
  nextUs(): number {
    let top = this.heap[0];
    while (top !== undefined && top.wake === null) {
      this.pop();
      top = this.heap[0];
    }
    return top === undefined ? Number.POSITIVE_INFINITY : top.atUs;
  }

  /** Moves time forward to `us` without waking anyone; nothing may be due before it. */
  moveTo(us: number): void {
    assert(us >= this.us, "virtual time never goes back");
    assert(this.nextUs() >= us, "a wake is due before that time");
    this.us = us;
  }

  /** Runs the earliest wake at its time. False when none is left or the earliest is later than `limitUs`. */
  runNext(limitUs = Number.POSITIVE_INFINITY): boolean {
    const next = this.nextUs();
    if (next > limitUs || next === Number.POSITIVE_INFINITY) return false;
    const entry = this.pop();
    if (entry === undefined) return false;
    this.us = Math.max(this.us, entry.atUs);
    const wake = entry.wake;
    entry.wake = null;
    wake?.();
    return true;
  }

  /** Runs every wake up to and at `us`, then stands at `us`. */
  runUntil(us: number): void {
    while (this.runNext(us));
    this.us = Math.max(this.us, us);
  }

  private push(entry: Wake): void {
    const heap = this.heap;
    heap.push(entry);
    let i = heap.length - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !before(entry, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = entry;
  }

  private pop(): Wake | undefined {
    const heap = this.heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    // one level of the heap a turn
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let least = left;
      if (right !== undefined && before(right, left)) {
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
}

const before = (a: Wake, b: Wake): boolean => {
  if (a.atUs !== b.atUs) return a.atUs < b.atUs;
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
};
