// Dials of one account, one after the other and never closer than the exchange allows (EXCH-42).

import type { Clock } from "../../../base/clock.ts";

export class DialGate {
  private readonly clock: Clock;
  private readonly gapMs: number;
  private freeAtMs = Number.NEGATIVE_INFINITY;
  private readonly waiting = new Set<() => void>();
  private closed = false;

  constructor(clock: Clock, gapMs: number) {
    this.clock = clock;
    this.gapMs = gapMs;
  }

  /** Resolves at one's turn: true, or false when the gate was closed before it came. */
  pass(): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    const nowMs = this.clock.nowMs();
    // a clock that stepped back must not keep anybody waiting
    const atMs = Math.min(Math.max(nowMs, this.freeAtMs), nowMs + this.gapMs * (this.waiting.size + 1));
    this.freeAtMs = atMs + this.gapMs;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const end = (turn: boolean): void => {
      cancel();
      this.waiting.delete(drop);
      resolve(turn);
    };
    const drop = (): void => end(false);
    const cancel = this.clock.at(atMs, () => end(true));
    this.waiting.add(drop);
    return promise;
  }

  close(): void {
    this.closed = true;
    for (const drop of this.waiting) drop();
  }
}
