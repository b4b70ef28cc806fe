// The way a made-up price goes (EMU-33): a seeded walk that all instruments of one base share, partly shared with every
// other base too, with drifts and jumps by preset. A function of time alone, so it needs no saving and never differs.

import { Prng } from "../../../base/prng.ts";

/** Relative to the first price, per second or in all; all rates are per one, not per cent. */
export interface PathShape {
  /** Standard deviation after one second. */
  readonly volatility: number;
  /** Part of the walk that every base shares, 0 … 1. */
  readonly shared: number;
  /** Stretches of a steady move; `afterS` since the start. */
  readonly drifts: readonly { readonly afterS: number; readonly forS: number; readonly perSecond: number }[];
  readonly jumps: readonly { readonly afterS: number; readonly by: number }[];
}

/** How one exchange's price lies beside the others' (EMU-34). */
export interface ExchangeOffset {
  /** Millionths above the shared price. */
  readonly offsetPpm?: number;
  /** How much later it moves. */
  readonly lagMs?: number;
  /** Largest deviation of its own, millionths, drawn anew each step. */
  readonly noisePpm?: number;
}

const STEP_US = 250_000;
const STEPS_PER_SECOND = 4;
/** Twelve times the variance of a uniform number in 0 … 1, over four of them: makes their sum's deviation one. */
const UNIT = 3 ** 0.5;

/** A walk of deviation one a second, made as far as somebody asked. */
class Walk {
  private readonly prng: Prng;
  private readonly at: number[] = [0];

  constructor(seed: string) {
    this.prng = new Prng(seed);
  }

  value(step: number): number {
    const { at, prng } = this;
    while (at.length <= step) {
      const sum = prng.float() + prng.float() + prng.float() + prng.float() - 2;
      at.push((at[at.length - 1] ?? 0) + (sum * UNIT) / 2);
    }
    return at[step] ?? 0;
  }
}

export class PricePaths {
  private readonly seed: string;
  private readonly startUs: number;
  private readonly shape: PathShape;
  private readonly walks = new Map<string, Walk>();

  constructor(seed: string, startUs: number, shape: PathShape) {
    this.seed = seed;
    this.startUs = startUs;
    this.shape = shape;
  }

  /** Price of a base at a time, as a multiple of its first one; never below a hundredth of it. */
  factor(base: string, us: number): number {
    const step = Math.max(0, Math.floor((us - this.startUs) / STEP_US));
    const { shared, volatility } = this.shape;
    const walked = shared * this.walk("everyone").value(step) + (1 - shared) * this.walk(base).value(step);
    const factor = 1 + walked * volatility + this.moved(step / STEPS_PER_SECOND);
    return Math.max(0.01, factor);
  }

  /** The mid of one instrument in ticks, as its exchange shows it. */
  of(base: string, first: number, { offsetPpm = 0, lagMs = 0, noisePpm = 0 }: ExchangeOffset): (us: number) => number {
    const noise = new Walk(`${this.seed}/noise/${base}/${first}`);
    const level = 1 + offsetPpm / 1_000_000;
    return (us) => {
      const at = us - lagMs * 1000;
      const step = Math.max(1, Math.floor((us - this.startUs) / STEP_US));
      const own = noisePpm === 0 ? 0 : (noise.value(step) - noise.value(step - 1)) * (noisePpm / 1_000_000);
      return first * level * this.factor(base, at) * (1 + own);
    };
  }

  private moved(seconds: number): number {
    let sum = 0;
    for (const { afterS, forS, perSecond } of this.shape.drifts) {
      sum += Math.min(Math.max(0, seconds - afterS), forS) * perSecond;
    }
    for (const { afterS, by } of this.shape.jumps) if (seconds >= afterS) sum += by;
    return sum;
  }

  private walk(name: string): Walk {
    let walk = this.walks.get(name);
    if (walk === undefined) {
      walk = new Walk(`${this.seed}/path/${name}`);
      this.walks.set(name, walk);
    }
    return walk;
  }
}
