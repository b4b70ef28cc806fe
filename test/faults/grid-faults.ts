// A group of faults as tests: several towns beside each other, since each spends its time waiting. Test code only.

import assert from "node:assert/strict";
import { test } from "node:test";
import { differ } from "./sides.ts";
import { inParallel, tableOf } from "./table.ts";
import { type TownMarket, USDM } from "./town-market.ts";
import { type Trial, type TrialSeen, tryFault } from "./trial.ts";

const TOGETHER = 6;

/** One test for the group; every failing fault is told with its story, and the table of what was seen is printed. */
export function gridGoesThrough(name: string, trials: readonly Trial[], at: TownMarket = USDM): void {
  test(name, async (context) => {
    const seen: TrialSeen[] = [];
    const failures: string[] = [];
    await inParallel(TOGETHER, trials, async (trial) => {
      try {
        const one = await tryFault(trial, at);
        seen.push(one);
        const wrong = trial.differs === true ? [] : differ(one.differences);
        if (wrong.length > 0) failures.push(`${trial.name}: ${wrong.join("; ")}`);
        if (one.fired === 0) failures.push(`${trial.name}: it never struck`);
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    });
    for (const line of tableOf(seen).split("\n")) context.diagnostic(line);
    assert.equal(failures.join("\n\n"), "");
  });
}
