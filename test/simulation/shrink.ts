// Makes a failure smaller (TEST-18): fewer fault kinds, then a shorter run, as long as the same checker complains. The
// result is a scenario of explicit decisions; nothing else is random.

import type { Scenario } from "./scenario.ts";
import { simulate, type Verdict } from "./simulate.ts";

export interface Shrunk {
  readonly verdict: Verdict;
  readonly runs: number;
}

/** `patienceMs` by `nowMs`: how long it may take. */
export function shrink(failure: Verdict, patienceMs: number, nowMs: () => number): Shrunk {
  const wanted = failure.violations[0]?.checker;
  const untilMs = nowMs() + patienceMs;
  let best = failure;
  let runs = 0;

  /** Keeps the smaller scenario when it fails in the same way. */
  const attempt = (smaller: Partial<Scenario>): void => {
    if (nowMs() >= untilMs) return;
    runs += 1;
    const verdict = simulate({ ...best.scenario, ...smaller });
    if (verdict.violations[0]?.checker === wanted) best = verdict;
  };

  const kinds = [...failure.scenario.faults.keys()];
  for (let size = Math.ceil(kinds.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kinds.length; from += size) {
      const without = new Set(kinds.slice(from, from + size));
      const faults = new Map([...best.scenario.faults].filter(([kind]) => !without.has(kind)));
      if (faults.size < best.scenario.faults.size) attempt({ faults });
    }
  }
  for (const eventsMax of [500, 2_000, 8_000]) if (eventsMax < best.events) attempt({ eventsMax });
  return { verdict: best, runs };
}
