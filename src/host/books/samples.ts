// Position and result of one bot at round instants, for curves and histories: every 5 s for half an hour, every minute
// for a week, every hour from then on. A sample tells the state at its instant; which ones stay depends on the samples
// alone, so the journal gives the same ones again.

import type { Lots, MilliTicks } from "../../market/amounts.ts";

const STEP_MS = 5_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** How long the finer ones are kept. */
const FINE_MS = 30 * MINUTE_MS;
const MINUTES_MS = 7 * 24 * HOUR_MS;

/** Money in 10^−18 of the quote asset; fees and rebates positive. */
export interface Sample {
  readonly atMs: number;
  readonly position: Lots;
  /** Signed cost of the position, value units. */
  readonly cost: bigint;
  readonly mark: MilliTicks | null;
  readonly gross: bigint;
  readonly fees: bigint;
  readonly rebates: bigint;
  readonly funding: bigint;
  readonly unrealized: bigint;
  readonly net: bigint;
}

export class Samples {
  private fine: Sample[] = [];
  private minutes: Sample[] = [];
  private hours: Sample[] = [];
  private nextAtMs = Number.NEGATIVE_INFINITY;

  /** Before an event of engine time `atMs` is taken: samples the state of before it where an instant has passed. */
  upTo(atMs: number, sample: (atMs: number) => Sample | null): void {
    if (atMs < this.nextAtMs) return;
    const instant = Math.floor(atMs / STEP_MS) * STEP_MS;
    const began = this.nextAtMs === Number.NEGATIVE_INFINITY;
    this.nextAtMs = instant + STEP_MS;
    const taken = began ? null : sample(instant);
    if (taken !== null) this.add(taken);
  }

  /** All that are kept, oldest first. */
  all(): readonly Sample[] {
    return [...this.hours, ...this.minutes, ...this.fine];
  }

  /** Samples of `[fromMs, toMs)`, the first of each step where `stepMs` is above 0; 0 is an open end. */
  range(fromMs: number, toMs: number, stepMs: number): readonly Sample[] {
    const found: Sample[] = [];
    let last = Number.NEGATIVE_INFINITY;
    for (const sample of this.all()) {
      if (sample.atMs < fromMs || (toMs !== 0 && sample.atMs >= toMs)) continue;
      const step = stepMs <= 0 ? sample.atMs : Math.floor(sample.atMs / stepMs);
      if (step === last) continue;
      last = step;
      found.push(sample);
    }
    return found;
  }

  private add(sample: Sample): void {
    this.fine.push(sample);
    const fineFrom = sample.atMs - FINE_MS;
    if ((this.fine[0]?.atMs ?? sample.atMs) < fineFrom - MINUTE_MS) {
      this.fine = moveOld(this.fine, this.minutes, fineFrom, MINUTE_MS);
    }
    const minutesFrom = sample.atMs - MINUTES_MS;
    if ((this.minutes[0]?.atMs ?? sample.atMs) < minutesFrom - HOUR_MS) {
      this.minutes = moveOld(this.minutes, this.hours, minutesFrom, HOUR_MS);
    }
  }
}

/** Moves samples before `fromMs` into the coarser list, the first of each `stepMs`; returns the rest. */
function moveOld(list: Sample[], coarse: Sample[], fromMs: number, stepMs: number): Sample[] {
  let i = 0;
  for (; i < list.length; i += 1) {
    const sample = list[i];
    if (sample === undefined || sample.atMs >= fromMs) break;
    const last = coarse[coarse.length - 1];
    if (last === undefined || Math.floor(last.atMs / stepMs) !== Math.floor(sample.atMs / stepMs)) coarse.push(sample);
  }
  return list.slice(i);
}
