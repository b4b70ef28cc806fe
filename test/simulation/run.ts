// `make sim SEED=n` replays one seed, `make sim SEEDS=n` runs that many fresh ones, `make sim REPLAY=file` runs explicit
// decisions: prints what happened, and for a failure the violation, the last events and the command that replays it.
// Exit 4 when a checker complained.

import { parseArgs } from "node:util";
import { coverageReport, coverageTable, NEVER } from "./coverage.ts";
import { readReplay, writeReplay } from "./replay-file.ts";
import { commitOf, explainFailure, lineOf } from "./report.ts";
import { drawScenario } from "./scenario.ts";
import { Shrinker } from "./shrink.ts";
import { simulate, type Verdict } from "./simulate.ts";

/** Time given to making a failure smaller. */
const SHRINK_MS = 300_000;
/** Every so many seeds one is run twice (TEST-11). */
const TWICE_EVERY = 10;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string" },
    replay: { type: "string" },
    coverage: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});

const print = (text: string): void => void process.stdout.write(text);

function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    process.stderr.write(`--${option} ${text}: a whole number up to nine digits is wanted\n`);
    process.exit(2);
  }
  return Number.parseInt(text, 10);
}

function seedsAsked(): number[] {
  if (values.seed !== undefined) return [wholeNumber(values.seed, "seed")];
  const count = wholeNumber(values.seeds ?? "20", "seeds");
  const from = wholeNumber(values.from ?? "1", "from");
  return Array.from({ length: count }, (_, i) => from + i);
}

const cells = new Map<string, number>();
const totals = new Map<string, number>();
let virtualMs = 0;

function add(name: string, count: number, to: Map<string, number> = totals): void {
  to.set(name, (to.get(name) ?? 0) + count);
}

function tally({ coverage, points, exchangeFaults, ends, virtualMs: lived }: Verdict): void {
  virtualMs += lived;
  for (const [cell, count] of coverage) add(cell, count, cells);
  for (const [point, count] of points) add(`point ${point}`, count);
  for (const [fault, count] of exchangeFaults) add(`exchange ${fault}`, count);
  for (const [end, count] of ends) add(`process ${end}`, count);
}

function makeSmaller(failure: Verdict): void {
  const { seed } = failure.scenario;
  const small = new Shrinker(failure, { ms: SHRINK_MS, nowMs: () => performance.now() }).shrink();
  const { strikes, hits } = small.decisions;
  const path = `sim-${seed}.json`;
  const about = small.verdict.violations[0]?.text ?? "";
  writeReplay(path, { about, scenario: small.verdict.scenario, decisions: small.decisions });
  print(`  shrunk in ${small.runs} runs to ${strikes.length} strikes and ${hits.length} faults of the exchange\n`);
  print(explainFailure(small.verdict));
  print(`  replay: make sim REPLAY=${path}\n`);
}

/** True when it failed. */
function judge(verdict: Verdict, ms: number): boolean {
  const failed = verdict.violations.length > 0;
  if (!values.quiet || failed) print(`${lineOf(verdict, commit)}  ${Math.round(ms)} ms\n`);
  tally(verdict);
  if (!failed) return false;
  print(explainFailure(verdict));
  if (values.shrink) makeSmaller(verdict);
  return true;
}

function runSeed(seed: number): boolean {
  const startedMs = performance.now();
  const verdict = simulate(drawScenario(seed));
  const failed = judge(verdict, performance.now() - startedMs);
  if (failed || seed % TWICE_EVERY !== 0 || values.seed !== undefined) return failed;
  const again = simulate(drawScenario(seed));
  if (again.hash === verdict.hash) return false;
  print(`FAIL seed=${seed}: run twice, two trace hashes (TEST-11): ${verdict.hash} and ${again.hash}\n`);
  return true;
}

function printCoverage(): void {
  const { reached, reachable, missing } = coverageReport(cells);
  print(`\n${coverageTable(cells)}`);
  print(`- cannot be reached; nor can ${NEVER}\n`);
  print(`coverage: ${reached} of ${reachable} reachable cells (${((100 * reached) / reachable).toFixed(1)} %)\n`);
  if (missing.length > 0 && missing.length <= 200) print(`not reached: ${missing.join(", ")}\n`);
  for (const [name, count] of [...totals].sort(([a], [b]) => (a < b ? -1 : 1)))
    print(`${count.toString().padStart(10)}  ${name}\n`);
}

const commit = commitOf();
const beganMs = performance.now();
let failures = 0;
if (values.replay !== undefined) {
  const { about, scenario, decisions } = readReplay(values.replay);
  print(`${values.replay}: ${about}\n`);
  if (judge(simulate(scenario, { decisions }), performance.now() - beganMs)) failures += 1;
} else {
  for (const seed of seedsAsked()) {
    if (runSeed(seed)) failures += 1;
    if (failures > 0 && !values.keep) break;
  }
}
if (values.coverage || values.seeds !== undefined) printCoverage();
const seconds = (performance.now() - beganMs) / 1000;
const { user, system } = process.cpuUsage();
const hours = virtualMs / 3_600_000;
const perCore = (hours * 1_000_000) / (user + system);
print(
  `${hours.toFixed(1)} hours simulated in ${seconds.toFixed(1)} s: ${(hours / seconds).toFixed(2)} hours a second` +
    `, ${perCore.toFixed(2)} a second of one core\n`,
);
process.exitCode = failures > 0 ? 4 : 0;
