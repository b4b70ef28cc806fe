// How much was held and for how long (BT-35). Streams with the position changes; times in µs, positions in lots.

import { median } from "./metrics.ts";

export interface InventoryStats {
  readonly meanLots: number | null;
  readonly sdLots: number | null;
  readonly maxLots: number;
  readonly minLots: number;
  /** Share of time with the position at or beyond the limit; null where there is no limit or no time passed. */
  readonly atLimit: number | null;
  /** Median time from flat to flat; null when it never came back to flat. */
  readonly flatToFlatUs: number | null;
  readonly roundTrips: number;
}

/** Beyond this many round trips their median is not kept: memory stays flat (BT-27). */
const ROUND_TRIPS_MAX = 1_000_000;

export class InventoryTracker {
  private readonly limit: number | null;
  private readonly startUs: number;
  private lots: number;
  private sinceUs: number;
  private leftFlatUs: number | null;
  private sum = 0;
  private squares = 0;
  private limitUs = 0;
  private max: number;
  private min: number;
  private trips = new Float64Array(256);
  private tripCount = 0;

  constructor(startUs: number, lots: number, limit: number | null) {
    this.limit = limit;
    this.startUs = startUs;
    this.sinceUs = startUs;
    this.lots = lots;
    this.max = lots;
    this.min = lots;
    this.leftFlatUs = lots === 0 ? null : startUs;
  }

  set(atUs: number, lots: number): void {
    this.elapse(atUs);
    if (lots === 0 && this.leftFlatUs !== null) {
      this.keepTrip(atUs - this.leftFlatUs);
      this.leftFlatUs = null;
    } else if (lots !== 0 && this.leftFlatUs === null) {
      this.leftFlatUs = atUs;
    }
    this.lots = lots;
    if (lots > this.max) this.max = lots;
    if (lots < this.min) this.min = lots;
  }

  finish(endUs: number): InventoryStats {
    this.elapse(endUs);
    const time = endUs - this.startUs;
    const mean = time > 0 ? this.sum / time : null;
    const variance = mean === null ? null : Math.max(0, this.squares / time - mean * mean);
    const kept = this.tripCount <= ROUND_TRIPS_MAX ? this.trips.subarray(0, this.tripCount) : new Float64Array(0);
    return {
      meanLots: mean,
      sdLots: variance === null ? null : Math.sqrt(variance),
      maxLots: this.max,
      minLots: this.min,
      atLimit: this.limit === null || time <= 0 ? null : this.limitUs / time,
      flatToFlatUs: median(kept),
      roundTrips: this.tripCount,
    };
  }

  private elapse(atUs: number): void {
    const us = atUs - this.sinceUs;
    if (us <= 0) return;
    this.sum += us * this.lots;
    this.squares += us * this.lots * this.lots;
    if (this.limit !== null && Math.abs(this.lots) >= this.limit) this.limitUs += us;
    this.sinceUs = atUs;
  }

  private keepTrip(us: number): void {
    if (this.tripCount < ROUND_TRIPS_MAX) {
      if (this.tripCount === this.trips.length) {
        const grown = new Float64Array(this.trips.length * 2);
        grown.set(this.trips);
        this.trips = grown;
      }
      this.trips[this.tripCount] = us;
    }
    this.tripCount += 1;
  }
}
