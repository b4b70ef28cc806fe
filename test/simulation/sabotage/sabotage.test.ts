// Checkers must be able to fail (TEST-17): every breakage is caught by the checker it names, alone, within a few seeds.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { drawScenario } from "../scenario.ts";
import { simulate } from "../simulate.ts";
import type { Breakage } from "./breakage.ts";
import { BREAKAGES } from "./breakages.ts";

const SEEDS_MAX = 60;
const MINUTES_70_MS = 4_200_000;

/** The seed at which the checker complained, or null. Short runs: what is broken shows soon. */
function seedThatCatches({ wraps, caughtBy, faults }: Breakage): number | null {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const drawn = drawScenario(seed);
    const scenario = { ...drawn, faults: new Map(faults), funding: true, durationMs: MINUTES_70_MS, eventsMax: 3_000 };
    if (simulate(scenario, { wraps, only: caughtBy }).violations.length > 0) return seed;
  }
  return null;
}

for (const breakage of BREAKAGES) {
  test(`TEST-17 ${breakage.caughtBy} notices that ${breakage.name}`, () => {
    const seed = seedThatCatches(breakage);
    assert.ok(seed !== null, `${breakage.caughtBy} did not complain in ${SEEDS_MAX} seeds`);
  });
}

test("TEST-17 every checker is made to fail by one breakage at least, and there are twenty", () => {
  const files = readdirSync(join(import.meta.dirname, "../checkers")).map((file) => file.replace(/\.ts$/, ""));
  const checkers = files.filter((name) => !["all", "checker", "order-words"].includes(name));
  const caught = new Set(BREAKAGES.map(({ caughtBy }) => caughtBy));
  assert.deepEqual(
    checkers.filter((name) => !caught.has(name)),
    [],
  );
  assert.ok(BREAKAGES.length >= 20);
});

test("TEST-17 the same short runs without a breakage pass every checker", () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const { violations } = simulate({ ...drawScenario(seed), durationMs: MINUTES_70_MS, eventsMax: 3_000 });
    assert.deepEqual(violations, []);
  }
});
