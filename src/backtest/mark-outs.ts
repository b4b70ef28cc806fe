// Where the price went after our fills (BT-35): mark-out from our price, adverse selection from the mid. Streams with
// the mids in exchange time; holds only the fills of the last half minute.

import { type Side, signOf } from "../market/amounts.ts";

/** Horizons in seconds. */
export const HORIZONS_S = [1, 5, 30] as const;

/** Lot-weighted means in bps over `counted` fills; null where there are none. */
export interface MarkOut {
  readonly horizonS: number;
  readonly markOutBps: number | null;
  readonly adverseBps: number | null;
  readonly counted: number;
  /** Fills whose horizon lies beyond the end of the run. */
  readonly leftOut: number;
}

interface Horizon {
  readonly us: number;
  /** First pending fill not resolved yet, as a count since the start. */
  next: number;
  markOut: number;
  adverse: number;
  weight: number;
}

interface PendingFill {
  readonly atUs: number;
  readonly sign: 1 | -1;
  readonly lots: number;
  readonly price: number;
  readonly mid: number;
}

export class MarkOutTracker {
  private readonly horizons: Horizon[] = HORIZONS_S.map((s) => ({
    us: s * 1_000_000,
    next: 0,
    markOut: 0,
    adverse: 0,
    weight: 0,
  }));
  private pending: PendingFill[] = [];
  private dropped = 0;
  private mid = 0;
  private dueUs = Number.POSITIVE_INFINITY;

  /** A new mid in milliticks: fills whose horizon passed before it are judged by the mid it replaces. */
  setMid(atUs: number, mid: number): void {
    if (atUs > this.dueUs) this.resolve(atUs);
    this.mid = mid;
  }

  /** A fill of ours at `price` milliticks. */
  fill(atUs: number, side: Side, fill: { readonly price: number; readonly lots: number }): void {
    if (atUs > this.dueUs) this.resolve(atUs);
    const mid = this.mid === 0 ? fill.price : this.mid;
    this.pending.push({ atUs, sign: signOf(side), lots: fill.lots, price: fill.price, mid });
    if (this.dueUs === Number.POSITIVE_INFINITY) this.schedule();
  }

  /** Closes the books at the end of the run: a horizon that ends with the run still counts. */
  finish(endUs: number): readonly MarkOut[] {
    this.resolve(endUs + 1);
    const total = this.dropped + this.pending.length;
    return this.horizons.map((h, i) => ({
      horizonS: HORIZONS_S[i] ?? 0,
      markOutBps: h.weight === 0 ? null : h.markOut / h.weight,
      adverseBps: h.weight === 0 ? null : h.adverse / h.weight,
      counted: h.next,
      leftOut: total - h.next,
    }));
  }

  // every fill with atUs + horizon < nowUs: the mid in force is still the last one at or before that moment
  private resolve(nowUs: number): void {
    for (const horizon of this.horizons) {
      // ends with the pending fills: `next` grows by one a turn
      for (;;) {
        const fill = this.pending[horizon.next - this.dropped];
        if (fill === undefined || fill.atUs + horizon.us >= nowUs) break;
        this.judge(horizon, fill);
        horizon.next += 1;
      }
    }
    const done = (this.horizons.at(-1)?.next ?? 0) - this.dropped;
    if (done > 0 && done * 2 >= this.pending.length) {
      this.pending = this.pending.slice(done);
      this.dropped += done;
    }
    this.schedule();
  }

  private judge(horizon: Horizon, fill: PendingFill): void {
    horizon.weight += fill.lots;
    horizon.markOut += (10_000 * fill.lots * fill.sign * (this.mid - fill.price)) / fill.price;
    horizon.adverse += (10_000 * fill.lots * fill.sign * (this.mid - fill.mid)) / fill.mid;
  }

  private schedule(): void {
    this.dueUs = Number.POSITIVE_INFINITY;
    for (const horizon of this.horizons) {
      const fill = this.pending[horizon.next - this.dropped];
      if (fill !== undefined) this.dueUs = Math.min(this.dueUs, fill.atUs + horizon.us);
    }
  }
}
