// Seeded randomness for simulation and tests: sfc32, four 32-bit words of state, plain data so it can be snapshotted.
// Source: Chris Doty-Humphrey, PractRand. The core never draws a random number.

/** State of the generator: four unsigned 32-bit words. */
export type PrngState = [number, number, number, number];

export class Prng {
  readonly state: PrngState;

  /** `seed` may be any text or integer; equal seeds give equal sequences on any machine. */
  constructor(seed: string | number | PrngState) {
    if (Array.isArray(seed)) {
      this.state = [seed[0], seed[1], seed[2], seed[3]];
      return;
    }
    const words = hashWords(String(seed));
    this.state = words;
    for (let i = 0; i < 12; i += 1) this.uint32();
  }

  /** Uniform in 0 … 2^32−1. */
  uint32(): number {
    const s = this.state;
    const t = (((s[0] + s[1]) | 0) + s[3]) | 0;
    s[3] = (s[3] + 1) | 0;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = (s[2] + (s[2] << 3)) | 0;
    s[2] = (s[2] << 21) | (s[2] >>> 11);
    s[2] = (s[2] + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1) with 53 bits. */
  float(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in low … high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.float() * (high - low + 1));
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.float() < p;
  }

  /** One of the items, uniformly. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.integer(0, items.length - 1)] ?? items[0];
  }

  /** Exponential with the given mean (time to the next arrival of a Poisson process). */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float());
  }

  /** A generator of its own, independent of how much this one is drawn from afterwards. */
  fork(label: string): Prng {
    return new Prng(`${this.uint32()}/${label}`);
  }
}

function hashWords(text: string): PrngState {
  // cyrb128: spreads any text over four words.
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i += 1) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  return [h1 | 0, h2 | 0, h3 | 0, h4 | 0];
}
