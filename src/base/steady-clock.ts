// A clock for whoever has been further already: a journal may end ahead of a clock that was set back since. It never
// goes back and never stands still: until the clock has caught up it goes on at half the pace, so that whoever waits
// for a time is woken, late rather than never.

import type { Clock } from "./clock.ts";

/** Of the time that passes, so much is shown while a clock is behind what it has shown. */
export const BEHIND_PACE = 0.5;

/** `clock` itself where it is not behind `floorMs` now. */
export const steadyFrom = (clock: Clock, floorMs: number): Clock =>
  clock.nowMs() >= floorMs ? clock : new SteadyClock(clock, floorMs);

export class SteadyClock implements Clock {
  private readonly inner: Clock;
  private shownMs: number;
  private readonly fromMs: number;
  private readonly fromMonotonicMs: number;
  private isBehind = true;

  /** Shows `floorMs` now. */
  constructor(inner: Clock, floorMs: number) {
    this.inner = inner;
    this.shownMs = floorMs;
    this.fromMs = floorMs;
    this.fromMonotonicMs = inner.monotonicMs();
  }

  nowMs(): number {
    const innerMs = this.inner.nowMs();
    if (!this.isBehind) return innerMs;
    if (innerMs >= this.shownMs) {
      this.isBehind = false;
      return innerMs;
    }
    const passedMs = this.inner.monotonicMs() - this.fromMonotonicMs;
    this.shownMs = Math.max(this.shownMs, Math.floor(this.fromMs + passedMs * BEHIND_PACE));
    return this.shownMs;
  }

  monotonicMs(): number {
    return this.inner.monotonicMs();
  }

  at(atMs: number, wake: () => void): () => void {
    const nowMs = this.nowMs();
    if (!this.isBehind) return this.inner.at(atMs, wake);
    let cancel = this.inner.at(this.inner.nowMs() + Math.max(0, atMs - nowMs), () => {
      if (this.nowMs() >= atMs) wake();
      else cancel = this.at(atMs, wake);
    });
    return () => cancel();
  }
}
