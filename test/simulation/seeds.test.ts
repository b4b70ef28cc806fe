// Which seeds are played, by a commit and by a long run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULT_KINDS } from "./faults.ts";
import { drawScenario, STEERED_EVERY } from "./scenario.ts";
import { freshSeeds, knownSeeds, longSeeds } from "./seeds.ts";

test("TEST-18 a commit plays the ten newest of the known seeds, a long run every one that ever failed", () => {
  const all = knownSeeds(Number.POSITIVE_INFINITY);
  assert.equal(new Set(all).size, all.length, "each stands once");
  assert.deepEqual(knownSeeds(), all.slice(-10));
  const long = longSeeds(100, null);
  assert.ok(all.every((seed) => long.includes(seed)));
  assert.ok(Array.from({ length: 100 }, (_, i) => i + 1).every((seed) => long.includes(seed)));
  assert.equal(new Set(long).size, long.length);
  assert.deepEqual(longSeeds(3, 5_000), [5_000, 5_001, 5_002]);
});

test("TEST-07 seeds of a commit follow from it alone, whatever it is called", () => {
  assert.deepEqual(freshSeeds("4ad163f", 2), [5_903_267, 5_903_268]);
  assert.deepEqual(freshSeeds("ffffffffffff", 1), [8_777_215]);
  assert.deepEqual(freshSeeds("unknown", 1), [1_000_000]);
});

test("TEST-15 every kind of fault is drawn half the time, at rates in each half of its range", () => {
  const seeds = Array.from({ length: 600 }, (_, i) => i + 1).filter((seed) => seed % STEERED_EVERY !== 0);
  const swarms = seeds.map((seed) => drawScenario(seed).faults).filter(({ size }) => size > 0);
  for (const kind of FAULT_KINDS) {
    const rates = swarms.flatMap((faults) => faults.get(kind) ?? []);
    const share = rates.length / swarms.length;
    assert.ok(share > 0.4 && share < 0.6, `${kind} in ${share}`);
    const [least, most] = [Math.min(...rates), Math.max(...rates)];
    const lower = rates.filter((rate) => rate < Math.sqrt(least * most)).length / rates.length;
    assert.ok(lower > 0.3 && lower < 0.7, `${kind}: ${lower} of its rates in the lower half, log by log`);
  }
});
