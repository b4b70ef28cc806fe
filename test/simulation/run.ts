// `make sim SEED=n` replays one seed, `make sim SEEDS=n` runs that many fresh ones on all cores, `make sim REPLAY=file`
// runs explicit decisions: prints what happened, and for a failure the violation, the last events and the command that
// replays it. Exit 4 when a checker complained.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { readReplay, writeReplay } from "./replay-file.ts";
import { commitOf, explainFailure, lineOf } from "./report.ts";
import { runSeed, type SeedRun } from "./seed-run.ts";
import { longSeeds } from "./seeds.ts";
import { Shrinker } from "./shrink.ts";
import { simulate, type Verdict } from "./simulate.ts";
import { Tally } from "./tally.ts";

/** Time given to making a failure smaller. */
const SHRINK_MS = 300_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string" },
    replay: { type: "string" },
    /** Cores used; all unless told. */
    jobs: { type: "string" },
    /** Writes the sums into this file. */
    sums: { type: "string" },
    /** Adds up the files of sums that are named, and runs nothing. */
    merge: { type: "boolean", default: false },
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
  return longSeeds(count, values.from === undefined ? null : wholeNumber(values.from, "from"));
}

function makeSmaller(failure: Verdict): void {
  const { seed } = failure.scenario;
  const small = new Shrinker(failure, { ms: SHRINK_MS, nowMs: () => performance.now() }).shrink();
  const { strikes, hits } = small.decisions;
  if (!small.shown) {
    print("  its decisions do not show it without dice, so it cannot be made smaller: keep the seed and the commit\n");
    return;
  }
  const path = `sim-${seed}.json`;
  const about = small.verdict.violations[0]?.text ?? "";
  writeReplay(path, { about, scenario: small.verdict.scenario, decisions: small.decisions });
  print(`  shrunk in ${small.runs} runs to ${strikes.length} strikes and ${hits.length} faults of the exchange\n`);
  print(explainFailure(small.verdict));
  print(`  replay: make sim REPLAY=${path}\n`);
}

const tally = new Tally();
const commit = commitOf();

/** True when it failed. */
function judge({ verdict, again, ms }: SeedRun): boolean {
  const { seed } = verdict.scenario;
  const complained = verdict.violations.length > 0;
  const differs = again !== null && again !== verdict.hash;
  if (!values.quiet || complained) print(`${lineOf(verdict, commit)}  ${Math.round(ms)} ms\n`);
  tally.add(verdict);
  if (differs) print(`FAIL seed=${seed}: run twice, two trace hashes (TEST-11): ${verdict.hash} and ${again}\n`);
  if (complained) print(explainFailure(verdict));
  if (complained || differs) tally.sums.failed.push(seed);
  if (complained && values.shrink) makeSmaller(verdict);
  return complained || differs;
}

/** Hands the seeds out to workers, each the next one when it is done; without `--keep` a failure ends it. */
async function runAll(seeds: readonly number[]): Promise<void> {
  const asked = values.jobs === undefined ? availableParallelism() : wholeNumber(values.jobs, "jobs");
  let next = 0;
  let stopped = false;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // what a turn leaves behind dies young: room for it saves collecting it
      const resourceLimits = { maxYoungGenerationSizeMb: 64 };
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { resourceLimits });
      const hand = (): void => {
        const seed = stopped ? undefined : seeds[next];
        next += 1;
        if (seed === undefined) worker.terminate().then(() => resolve(), reject);
        else worker.postMessage(seed);
      };
      worker.on("message", (run: SeedRun) => {
        if (judge(run) && !values.keep) stopped = true;
        hand();
      });
      worker.on("error", reject);
      hand();
    });
  await Promise.all(Array.from({ length: Math.max(1, Math.min(asked, seeds.length)) }, work));
}

const beganMs = performance.now();
if (values.merge) for (const path of positionals) tally.read(path);
else if (values.replay !== undefined) {
  const { about, scenario, decisions } = readReplay(values.replay);
  print(`${values.replay}: ${about}\n`);
  judge({ verdict: simulate(scenario, { decisions }), again: null, ms: performance.now() - beganMs });
} else if (values.seed !== undefined) {
  for (const seed of seedsAsked()) judge(runSeed(seed));
} else await runAll(seedsAsked());
if (!values.merge) {
  const { user, system } = process.cpuUsage();
  tally.sums.cpuMs = (user + system) / 1000;
  tally.sums.wallMs = performance.now() - beganMs;
}
if (values.sums !== undefined) tally.write(values.sums);
if (values.coverage || values.merge || values.seeds !== undefined) print(tally.coverageText());
print(tally.speedText());
if (tally.sums.failed.length > 0) {
  print(`failed: ${tally.sums.failed.join(" ")}\n`);
  process.exitCode = 4;
}
