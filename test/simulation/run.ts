// `make sim SEED=n` replays one seed, `make sim SEEDS=n` runs that many fresh ones: prints what happened, and for a
// failure the violation, the last events and the command that replays it. Exit 4 when a checker complained.

import { parseArgs } from "node:util";
import { commitOf, explainFailure, lineOf } from "./report.ts";
import { drawScenario } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { simulate, type Verdict } from "./simulate.ts";

/** Time given to making a failure smaller. */
const SHRINK_MS = 300_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string" },
    coverage: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
  },
});

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

const totals = new Map<string, number>();
const add = (name: string, count: number): void => {
  totals.set(name, (totals.get(name) ?? 0) + count);
};

function tally({ coverage, points, exchangeFaults, ends }: Verdict): void {
  for (const [cell, count] of coverage) add(`cell ${cell}`, count);
  for (const [point, count] of points) add(`point ${point}`, count);
  for (const [fault, count] of exchangeFaults) add(`exchange ${fault}`, count);
  for (const [end, count] of ends) add(`process ${end}`, count);
}

let failed = 0;
for (const seed of seedsAsked()) {
  const startedMs = performance.now();
  const verdict = simulate(drawScenario(seed));
  process.stdout.write(`${lineOf(verdict, commitOf())}  ${Math.round(performance.now() - startedMs)} ms\n`);
  tally(verdict);
  if (verdict.violations.length === 0) continue;
  failed += 1;
  process.stdout.write(explainFailure(verdict));
  if (values.shrink) {
    const small = shrink(verdict, SHRINK_MS, () => performance.now());
    const kinds = [...small.verdict.scenario.faults].map(([kind, rate]) => `${kind} ${rate}`).join(", ");
    process.stdout.write(`  shrunk in ${small.runs} runs to the faults: ${kinds || "none"}\n`);
    process.stdout.write(explainFailure(small.verdict));
  }
  if (!values.keep) break;
}
if (values.coverage) {
  for (const [name, count] of [...totals].sort(([a], [b]) => (a < b ? -1 : 1)))
    process.stdout.write(`${count.toString().padStart(8)}  ${name}\n`);
}
process.exitCode = failed > 0 ? 4 : 0;
