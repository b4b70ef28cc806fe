// One seed as `make sim` runs it: every tenth twice, since the same seed must give the same trace (TEST-11).

import { drawScenario } from "./scenario.ts";
import { simulate, type Verdict } from "./simulate.ts";

const TWICE_EVERY = 10;

export interface SeedRun {
  readonly verdict: Verdict;
  /** Trace hash of the second run; null where there was none. */
  readonly again: string | null;
  readonly ms: number;
}

export function runSeed(seed: number): SeedRun {
  const startedMs = performance.now();
  const verdict = simulate(drawScenario(seed));
  const ms = performance.now() - startedMs;
  const twice = seed % TWICE_EVERY === 0 && verdict.violations.length === 0;
  return { verdict, again: twice ? simulate(drawScenario(seed)).hash : null, ms };
}
