// The machine's clock, which can be made to stand still for a while: a recording must not run out while nobody follows
// it yet.

import type { Clock } from "../../base/clock.ts";

export class HeldClock implements Clock {
  private readonly inner: Clock;
  private behindMs = 0;
  private heldAtMs: number | null = null;

  constructor(inner: Clock) {
    this.inner = inner;
  }

  /** It stands from now on. */
  hold(): void {
    this.heldAtMs ??= this.monotonicMs();
  }

  /** It goes on from where it stood. */
  release(): void {
    if (this.heldAtMs === null) return;
    this.behindMs = this.inner.monotonicMs() - this.heldAtMs;
    this.heldAtMs = null;
  }

  nowMs(): number {
    return Math.ceil(this.monotonicMs());
  }

  monotonicMs(): number {
    return this.heldAtMs ?? this.inner.monotonicMs() - this.behindMs;
  }

  /** While it stands, `wake` comes early: who paces a market by it looks at the time again. */
  at(atMs: number, wake: () => void): () => void {
    return this.inner.at(this.inner.nowMs() + Math.max(0, atMs - this.nowMs()), wake);
  }
}
