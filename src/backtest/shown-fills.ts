// The fills a page shows: every 2^k-th one, so that what is kept is bounded and spread evenly over the run (BT-27).

import type { ShownFill } from "./run-record.ts";

const SHOWN_FILLS_MAX = 4000;

export class ShownFills {
  private kept: ShownFill[] = [];
  private seen = 0;
  private every = 1;

  add(fill: ShownFill): void {
    this.seen += 1;
    if ((this.seen - 1) % this.every !== 0) return;
    if (this.kept.length === SHOWN_FILLS_MAX) {
      this.kept = this.kept.filter((_, i) => i % 2 === 0);
      this.every *= 2;
      if ((this.seen - 1) % this.every !== 0) return;
    }
    this.kept.push(fill);
  }

  /** Oldest first. */
  all(): readonly ShownFill[] {
    return this.kept;
  }
}
