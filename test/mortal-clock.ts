// One clock, several lives: a killed process hears nothing of the clock that goes on without it.

import type { Clock } from "../src/base/clock.ts";

/** The clock as one process sees it: it wakes nobody once the process is dead. */
export class MortalClock implements Clock {
  dead = false;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  at(atMs: number, wake: () => void): () => void {
    return this.clock.at(atMs, () => {
      if (!this.dead) wake();
    });
  }
}
