// The clock's simulated twin: a binary heap of wakes in whole microseconds, earliest first, ties by rank, then in the
// order they were set. Time moves only when the driver says so.

import { assert } from "./assert.ts";
import type { Clock } from "./clock.ts";
import { type Timed, TimedHeap } from "./timed-heap.ts";

interface Wake extends Timed {
  wake: (() => void) | null;
}

export class VirtualClock implements Clock {
  private us: number;
  private order = 0;
  private readonly heap = new TimedHeap<Wake>();

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
    this.heap.push(entry);
    return () => {
      entry.wake = null;
    };
  }

  /** When the next wake is due; Infinity when none is. */
  nextUs(): number {
    while (this.heap.peek()?.wake === null) this.heap.pop();
    return this.heap.nextUs();
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
    const entry = this.heap.pop();
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
}
