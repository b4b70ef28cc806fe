// How things are timed: A and B in turn, round after round in one process, so that a busy machine slows both alike.

import { numberText } from "./row.ts";

/** Rounds of a bench (TEST-38); `--quick` makes it fewer. */
export const ROUNDS = 7;

export interface BenchOptions {
  readonly quick: boolean;
  /** Runs what other people wrote, installed into a temporary folder for the occasion. */
  readonly peers: boolean;
}

export const roundsOf = (options: BenchOptions): number => (options.quick ? 3 : ROUNDS);

/** Milliseconds of every round, in order. */
export interface Rounds {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Processor time of A, all its threads: what is left of a wall time when others hold the processor. */
  readonly aCpu: readonly number[];
}

/** Runs both once unmeasured, then in turn. */
export async function alternate(
  rounds: number,
  a: () => void | Promise<void>,
  b: () => void | Promise<void>,
): Promise<Rounds> {
  const times = { a: [] as number[], b: [] as number[], aCpu: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, work] of [["a", a] as const, ["b", b] as const]) {
      const start = performance.now();
      const cpu = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(cpu);
      if (round < 0) continue;
      times[name].push(performance.now() - start);
      if (name === "a") times.aCpu.push((user + system) / 1_000);
    }
  }
  return times;
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

export const best = (values: readonly number[]): number => Math.min(...values);

/**
 * Best time of A for bounds that are no ratio: wall time, or processor time where that is less, because a process that
 * waits for a busy machine is not slow. On a quiet machine it is the wall time: threads of V8 come on top of the other.
 */
export const bestAlone = ({ a, aCpu }: Rounds): number => Math.min(best(a), best(aCpu));

export const cpuText = ({ aCpu }: Rounds): string => `${numberText(best(aCpu))} ms of processor time`;

/** Median of the rounds' own ratios: what bounds of TEST-38 are held against. */
export const medianRatio = ({ a, b }: Rounds): number => median(a.map((each, i) => each / (b[i] ?? Number.NaN)));

/** Ratio of the best rounds: what bounds of BT-32 are held against. */
export const bestRatio = ({ a, b }: Rounds): number => best(a) / best(b);

/** Best and median of the rounds as people read it. */
export const msText = (values: readonly number[]): string =>
  `${numberText(best(values))} ms (median ${numberText(median(values))})`;

/** 99th percentile. */
export const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * 0.99))] ?? 0;

/** Milliseconds of each of `count` calls, one after the other. */
export async function timed(count: number, call: (i: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    await call(i);
    times.push(performance.now() - start);
  }
  return times;
}
