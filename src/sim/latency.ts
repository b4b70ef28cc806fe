// Delays of one direction (BT-18): zero, constant, sampled from recorded values, or drawn from them in seeded blocks.

import { assert } from "../base/assert.ts";
import { Prng, type PrngState } from "../base/prng.ts";
import type { LatencyModel } from "./options.ts";

/** Draws the delay of one message. State is plain, so a saved exchange goes on with the same delays. */
export class LatencyClock {
  private readonly model: LatencyModel;
  private readonly prng: Prng;
  private at = 0;
  private left = 0;

  constructor(model: LatencyModel, seed: string) {
    this.model = model;
    this.prng = new Prng(seed);
    if (model.kind === "sampled") {
      assert(
        model.us.length > 0 && model.us.length === model.atUs.length,
        "sampled latency needs a value for each time",
      );
    }
    if (model.kind === "bootstrap") assert(model.us.length > 0 && model.block > 0, "bootstrap latency needs values");
  }

  /** Microseconds for a message sent at `nowUs`; `recordedUs` is the row's own delay where the tape knows one. */
  next(nowUs: number, recordedUs: number): number {
    const model = this.model;
    switch (model.kind) {
      case "zero":
        return 0;
      case "constant":
        return model.us;
      case "recorded":
        return Math.max(0, Math.round(recordedUs + model.floorUs));
      case "sampled":
        return model.us[nearest(model.atUs, nowUs)] ?? 0;
      case "bootstrap":
        return this.fromBlock(model.us, model.block);
    }
  }

  save(): { readonly prng: readonly number[]; readonly at: number; readonly left: number } {
    return { prng: this.prng.state.map((word) => word + 0), at: this.at, left: this.left };
  }

  restore(saved: { readonly prng: readonly number[]; readonly at: number; readonly left: number }): void {
    restorePrng(this.prng, saved.prng);
    this.at = saved.at;
    this.left = saved.left;
  }

  private fromBlock(values: readonly number[], block: number): number {
    if (this.left === 0) {
      this.at = this.prng.integer(0, values.length - 1);
      this.left = block;
    }
    const value = values[this.at % values.length] ?? 0;
    this.at += 1;
    this.left -= 1;
    return value;
  }
}

/** Puts a generator where it was saved. */
export function restorePrng(prng: Prng, words: readonly number[]): void {
  const state: PrngState = prng.state;
  for (let i = 0; i < 4; i += 1) state[i] = words[i] ?? 0;
}

/** Index of the ascending value nearest to `target`; the earlier one when two are equally near. */
function nearest(ascending: readonly number[], target: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < target) low = middle + 1;
    else high = middle;
  }
  const after = ascending[low] ?? 0;
  const before = ascending[low - 1];
  return before !== undefined && target - before <= after - target ? low - 1 : low;
}

/** Messages a second of one connection, as an exponentially fading count with a memory of one second. */
export class MessageRate {
  private rate = 0;
  private atUs = 0;

  /** Counts one message and returns the rate just before it. */
  count(nowUs: number): number {
    const faded = this.rate * Math.exp(-Math.max(0, nowUs - this.atUs) / 1_000_000);
    this.rate = faded + 1;
    this.atUs = Math.max(this.atUs, nowUs);
    return faded;
  }
}
