// A clock that runs at a multiple of another one, from a start of its own: a recorded day at ten times its speed. Pure
// arithmetic over the clock it is given, which is where the timers are.

import { assert } from "./assert.ts";
import type { Clock } from "./clock.ts";

export class PacedClock implements Clock {
  private readonly inner: Clock;
  private startMs: number;
  private readonly speed: number;
  private innerStartMs: number;

  /** Shows `startMs` now and runs `speed` times as fast as `inner`. */
  constructor(inner: Clock, startMs: number, speed: number) {
    assert(speed > 0 && Number.isFinite(speed), "a clock needs a positive speed");
    this.inner = inner;
    this.startMs = startMs;
    this.speed = speed;
    this.innerStartMs = inner.monotonicMs();
  }

  /** Showed `startMs` when `inner` stood at `innerStartMs`: the same time for all that are given the same start. */
  static since(
    inner: Clock,
    {
      startMs,
      innerStartMs,
      speed,
    }: { readonly startMs: number; readonly innerStartMs: number; readonly speed: number },
  ): PacedClock {
    const clock = new PacedClock(inner, startMs, speed);
    clock.innerStartMs = innerStartMs;
    return clock;
  }

  /**
   * Goes on at `atMs` where it is not there yet. Before anything waits on this clock: what waits is not woken earlier.
   */
  skipTo(atMs: number): void {
    this.startMs += Math.max(0, atMs - this.exactMs());
  }

  nowMs(): number {
    return Math.floor(this.exactMs());
  }

  monotonicMs(): number {
    return this.exactMs();
  }

  at(atMs: number, wake: () => void): () => void {
    const waitMs = Math.max(0, (atMs - this.exactMs()) / this.speed);
    // what is due already is due at once, not at the end of the machine's millisecond
    const innerMs = this.inner.nowMs();
    return this.inner.at(waitMs === 0 ? innerMs - 1 : innerMs + Math.ceil(waitMs), wake);
  }

  private exactMs(): number {
    return this.startMs + (this.inner.monotonicMs() - this.innerStartMs) * this.speed;
  }
}
