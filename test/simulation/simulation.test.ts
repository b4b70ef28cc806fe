// The whole bot under faults, seed by seed: the known seeds and fresh ones of this commit. Each line printed says
// how to run that seed again.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { coverageReport } from "./coverage.ts";
import { type Aim, aimsOf, directedSeed } from "./directed.ts";
import { MARKET_KINDS } from "./market.ts";
import { readReplay, writeReplay } from "./replay-file.ts";
import { commitOf, explainFailure, lineOf } from "./report.ts";
import { BREAKAGES } from "./sabotage/breakages.ts";
import { drawScenario, type Scenario, STEERED_EVERY, STEERED_WHOLE_EVERY } from "./scenario.ts";
import { freshSeeds, knownSeeds } from "./seeds.ts";
import { Shrinker } from "./shrink.ts";
import { simulate, type Verdict } from "./simulate.ts";

const FRESH_SWARM = 6;
/** Steered ones that live whole hours: each reaches many cells. */
const FRESH_STEERED = 22;
/** TEST-16: what the seeds of a commit must reach, percent; what a long run reaches is in docs/simulation.md. */
const COVERAGE_MIN = 80;
/** What chance leaves out directed seeds reach, up to this, percent; each is for one cell. */
const COVERAGE_WANTED = 82;
const DIRECTED_MAX = 120;
const TWICE_EVERY = 10;
const REPLAYS = join(import.meta.dirname, "replays");
const SEED_SECONDS_MAX = 3;
const commit = commitOf();

function run(scenario: Scenario): Verdict {
  const verdict = simulate(scenario);
  process.stdout.write(`${lineOf(verdict, commit)}\n`);
  return verdict;
}

/** Of the seeds that follow from the commit: some of the swarm, whole, and more that go for rare moments. */
function freshScenarios(): readonly Scenario[] {
  const seeds = freshSeeds(commit, FRESH_STEERED * STEERED_WHOLE_EVERY);
  const swarm = seeds.filter((seed) => seed % STEERED_EVERY !== 0).slice(0, FRESH_SWARM);
  const steered = seeds.filter((seed) => seed % STEERED_WHOLE_EVERY === 0);
  return [...swarm, ...steered].map(drawScenario);
}

function replays(): readonly string[] {
  return existsSync(REPLAYS) ? readdirSync(REPLAYS).filter((name) => name.endsWith(".json")) : [];
}

/** One of each kind of fault first, so that few seeds reach many cells. */
function spread(aims: readonly Aim[]): readonly Aim[] {
  const nthOf = new Map<string, number>();
  const placed = aims.map((aim) => {
    const nth = nthOf.get(aim.kind) ?? 0;
    nthOf.set(aim.kind, nth + 1);
    return { aim, nth };
  });
  return placed.sort((a, b) => a.nth - b.nth).map(({ aim }) => aim);
}

function mustHold(verdict: Verdict): void {
  assert.equal(verdict.violations.length, 0, explainFailure(verdict));
}

for (const seed of knownSeeds()) {
  test(`TEST-14 TEST-18 DUR-71 known seed ${seed} holds`, () => mustHold(run(drawScenario(seed))));
}

for (const file of replays()) {
  test(`TEST-18 ${file} holds: a failure that was made smaller stays away`, () => {
    const { scenario, decisions } = readReplay(join(REPLAYS, file));
    mustHold(simulate(scenario, { decisions }));
  });
}

test("TEST-13 TEST-14 TEST-15 DUR-71 fresh seeds of this commit hold, and TEST-16 reach four of five cells", () => {
  const cells = new Map<string, number>();
  const points = new Set<string>();
  let placed = 0;
  const live = (scenario: Scenario): void => {
    const verdict = run(scenario);
    mustHold(verdict);
    placed += verdict.placed;
    for (const [cell, count] of verdict.coverage) cells.set(cell, (cells.get(cell) ?? 0) + count);
    for (const point of verdict.points.keys()) points.add(point);
    if (scenario.seed % TWICE_EVERY === 0) {
      assert.equal(simulate(scenario).hash, verdict.hash, `TEST-11: ${lineOf(verdict, commit)}`);
    }
  };
  for (const scenario of freshScenarios()) live(scenario);
  const told = (): ReturnType<typeof coverageReport> & { readonly percent: number } => {
    const report = coverageReport(cells);
    return { ...report, percent: (100 * report.reached) / report.reachable };
  };
  process.stdout.write(`coverage by chance: ${told().percent.toFixed(1)} % of the cells\n`);
  const [nth = 0] = freshSeeds(commit, 1);
  for (const aim of spread(aimsOf(told().missing)).slice(0, DIRECTED_MAX)) {
    if (told().percent >= COVERAGE_WANTED) break;
    if (!cells.has(`${aim.kind} × ${aim.cell}`)) live(drawScenario(directedSeed(aim, nth)));
  }
  const { reached, reachable, missing, percent } = told();
  process.stdout.write(`coverage: ${reached} of ${reachable} cells (${percent.toFixed(1)} %), ${points.size} points\n`);
  assert.ok(placed > 0, "no seed placed an order: the configurations drawn do not trade");
  assert.ok(percent >= COVERAGE_MIN, `only ${percent.toFixed(1)} % of the reachable cells; not ${missing.join(", ")}`);
});

test("TEST-11 the same seed gives the same trace hash", () => {
  for (const seed of [1_010, 1_020, 1_030]) {
    assert.equal(simulate(drawScenario(seed)).hash, simulate(drawScenario(seed)).hash, `replay: make sim SEED=${seed}`);
  }
});

test("TEST-18 a failure is made smaller, and its file of decisions shows the same without dice", () => {
  const drawn = drawScenario(3);
  const faults = new Map([...drawn.faults, ["deaf", 30], ["kill", 6], ["acceptThenTimeout", 0.05]] as const);
  const scenario = { ...drawn, faults, durationMs: 1_200_000, eventsMax: 3_000 };
  const broken = BREAKAGES.find(({ name }) => name === "every alert is raised twice");
  assert.ok(broken !== undefined);
  const options = { wraps: broken.wraps, only: broken.caughtBy };
  const failure = simulate(scenario, options);
  assert.equal(failure.violations[0]?.checker, broken.caughtBy);
  // its patience is a number of runs here, so that the machine's speed decides nothing
  let asked = 0;
  const shrinker = new Shrinker(failure, { ms: 60, nowMs: () => (asked += 1) }, options);
  const { verdict, decisions } = shrinker.shrink();
  const before = failure.decisions.strikes.length + failure.decisions.hits.length;
  assert.ok(decisions.strikes.length + decisions.hits.length < before, "nothing was left out");
  const path = join(mkdtempSync(join(tmpdir(), "sim-")), "small.json");
  writeReplay(path, { about: "a test", scenario: verdict.scenario, decisions });
  const read = readReplay(path);
  assert.deepEqual(read.scenario, verdict.scenario);
  const again = simulate(read.scenario, { ...options, decisions: read.decisions });
  assert.deepEqual(again.violations, verdict.violations);
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
