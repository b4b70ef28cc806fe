// Polling that gives way (EXCH-59): a read of many instruments falls back to single reads when it keeps failing, and
// when most of what is polled fails, polling rests so that orders keep the connection.

import type { Clock } from "../../../base/clock.ts";

const FAILURES_MAX = 3;
const LIST_AGAIN_MS = 60_000;
const WINDOW_MS = 60_000;
const REST_MS = 60_000;
/** A share says nothing of fewer: an account of one instrument would not be read for a minute after any short outage. */
const POLLED_MIN = 4;

/** Whether a list may be asked now, or each of its elements alone. */
export class ListOrSingle {
  private readonly clock: Clock;
  private failures = 0;
  private listAgainMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  mayList(): boolean {
    return this.failures < FAILURES_MAX || this.clock.nowMs() >= this.listAgainMs;
  }

  told(good: boolean): void {
    this.failures = good ? 0 : this.failures + 1;
    if (this.failures >= FAILURES_MAX) this.listAgainMs = this.clock.nowMs() + LIST_AGAIN_MS;
  }
}

/** How polling goes, by what is polled. */
export class PollingHealth {
  private readonly clock: Clock;
  private readonly rest: (forMs: number, text: string) => void;
  private readonly last = new Map<string, { readonly atMs: number; readonly good: boolean }>();
  private failures = 0;

  /** `rest` is called when more than three quarters of what was polled within a minute failed. */
  constructor(clock: Clock, rest: (forMs: number, text: string) => void) {
    this.clock = clock;
    this.rest = rest;
  }

  told(polled: string, good: boolean): void {
    const now = this.clock.nowMs();
    this.last.set(polled, { atMs: now, good });
    this.failures = good ? 0 : this.failures + 1;
    for (const [name, { atMs }] of this.last) if (atMs <= now - WINDOW_MS) this.last.delete(name);
    const failed = [...this.last.values()].filter((each) => !each.good).length;
    if (this.last.size < POLLED_MIN || this.failures < FAILURES_MAX || failed * 4 <= this.last.size * 3) return;
    const text = `${failed} of ${this.last.size} polled reads failed within a minute: polling and history rest`;
    this.last.clear();
    this.failures = 0;
    this.rest(REST_MS, text);
  }
}
