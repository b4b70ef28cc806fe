// A kill at every named point one bot passes (DUR-71, the crash matrix in one thread): the bot dies there again and
// again, recovers, and every checker holds. A point nobody passes fails the test, so the list stays true.

import assert from "node:assert/strict";
import { test } from "node:test";
import { REACHABLE_POINTS } from "./points.ts";
import { explainFailure } from "./report.ts";
import { drawScenario } from "./scenario.ts";
import { simulate } from "./simulate.ts";

const SEEDS = Array.from({ length: 24 }, (_, i) => 101 + i);
const DEATHS_WANTED = 4;
const HALF_AN_HOUR_MS = 1_800_000;

for (const point of REACHABLE_POINTS) {
  test(`DUR-49 DUR-71 killed at ${point} again and again, the bot loses nothing and repeats nothing`, () => {
    let deaths = 0;
    for (const seed of SEEDS) {
      const faults = new Map([
        ["killAtPoint", 120],
        ["acceptThenTimeout", 0.1],
        ["kill", 30],
        ["stop", 30],
        ["update", 6],
      ] as const);
      const drawn = drawScenario(seed);
      // small trades, ours first in the queue: fills come in parts
      const market = { ...drawn.market, lots: Math.ceil(drawn.market.lots / 10) };
      const times = { durationMs: HALF_AN_HOUR_MS, snapshotEvents: 200 };
      const scenario = { ...drawn, ...times, market, queue: "front" as const, faults, points: [point] };
      const verdict = simulate(scenario);
      assert.equal(verdict.violations.length, 0, explainFailure(verdict));
      deaths += verdict.ends.get(`died at ${point}`) ?? 0;
      if (deaths >= DEATHS_WANTED) return;
    }
    assert.ok(deaths > 0, `${point} is never passed: list it as unreachable with the reason`);
  });
}
