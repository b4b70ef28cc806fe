// The whole bot under faults, seed by seed: the known seeds and fresh ones of this commit. Each line printed says
// how to run that seed again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MARKET_KINDS } from "./market.ts";
import { commitOf, explainFailure, lineOf } from "./report.ts";
import { drawScenario, type Scenario } from "./scenario.ts";
import { freshSeeds, knownSeeds } from "./seeds.ts";
import { simulate, type Verdict } from "./simulate.ts";

const FRESH = 24;
const SEED_SECONDS_MAX = 3;
const commit = commitOf();

function run(seed: number): Verdict {
  const verdict = simulate(drawScenario(seed));
  process.stdout.write(`${lineOf(verdict, commit)}\n`);
  return verdict;
}

function mustHold(verdict: Verdict): void {
  assert.equal(verdict.violations.length, 0, explainFailure(verdict));
}

for (const seed of knownSeeds()) {
  test(`TEST-14 TEST-18 DUR-71 known seed ${seed} holds`, () => mustHold(run(seed)));
}

test("TEST-13 TEST-14 TEST-15 DUR-71 fresh seeds of this commit hold, and TEST-16 their coverage is counted", () => {
  const cells = new Map<string, number>();
  const points = new Set<string>();
  let placed = 0;
  for (const seed of freshSeeds(commit, FRESH)) {
    const verdict = run(seed);
    mustHold(verdict);
    placed += verdict.placed;
    for (const [cell, count] of verdict.coverage) cells.set(cell, (cells.get(cell) ?? 0) + count);
    for (const point of verdict.points.keys()) points.add(point);
  }
  process.stdout.write(`coverage: ${cells.size} cells of fault × activity, ${points.size} crash points passed\n`);
  assert.ok(placed > 0, "no seed placed an order: the configurations drawn do not trade");
});

test("TEST-11 the same seed gives the same trace hash", () => {
  for (const seed of [10, 20]) {
    assert.equal(simulate(drawScenario(seed)).hash, simulate(drawScenario(seed)).hash, `replay: make sim SEED=${seed}`);
  }
});

test("TEST-19 a seed takes three seconds of one core at most, on average", () => {
  const before = process.cpuUsage();
  const seeds = [21, 22, 23, 24];
  for (const seed of seeds) simulate(drawScenario(seed));
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1_000_000 / seeds.length;
  assert.ok(seconds <= SEED_SECONDS_MAX, `${seconds.toFixed(2)} s a seed`);
});

test("TEST-15 a swarm switches each kind of fault on half the time, and one seed in ten has none", () => {
  const scenarios = Array.from({ length: 400 }, (_, i) => drawScenario(i + 1));
  const faultless = scenarios.filter(({ faults }) => faults.size === 0).length;
  assert.ok(faultless > 15 && faultless < 80, `${faultless} of 400 without faults`);
  const kills = scenarios.filter(({ faults }) => faults.has("kill")).length;
  assert.ok(kills > 120 && kills < 240, `${kills} of 400 with kills`);
});

test("TEST-12 seeds draw worlds of every mode, spacing and kind of market, each a configuration the bot accepts", () => {
  const scenarios = Array.from({ length: 200 }, (_, i) => drawScenario(i + 1));
  const drawn = (pick: (scenario: Scenario) => unknown): readonly string[] =>
    [...new Set(scenarios.map((scenario) => String(pick(scenario))))].sort();
  assert.deepEqual(
    drawn(({ grid }) => grid["mode"]),
    ["long", "neutral", "short"],
  );
  assert.deepEqual(
    drawn(({ market }) => market.kind),
    [...MARKET_KINDS].sort(),
  );
  assert.ok(drawn(({ instrument }) => instrument.symbol).length > 1);
  assert.ok(drawn(({ grid }) => grid["spacing"]).length > 1);
});
