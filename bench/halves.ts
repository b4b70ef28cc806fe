// Whether a run grows slower (TEST-38): the 99th percentile of its turns in the second half against the first, on
// SQLite, with the whole host, risk, ledger and journal. Ten minutes of a market are told as fast as they go, so that
// the rounds are many; what a wall clock adds over hours is the soak's (docs/soak.md).

import { join } from "node:path";
import { runBacktest } from "../src/backtest/runner.ts";
import type { Journal } from "../src/journal/port.ts";
import { openSqliteJournal } from "../src/journal/sqlite-open.ts";
import { syntheticPlan } from "./plans.ts";
import { type BenchOptions, median, p99, roundsOf } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const RUN_S = 600;
/** Before that a bot begins: it opens its journal and places all its orders at once, which it never does again. */
const BEGIN_S = 60;

export async function benchHalves(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const ratios: number[] = [];
  const seen = { first: [] as number[], second: [] as number[], turns: 0 };
  for (let round = -1; round < roundsOf(options); round += 1) {
    const turnsMs = await runOf(join(dir, `run${round}`));
    // the first run is for the compiler
    if (round < 0) continue;
    const half = turnsMs.length >> 1;
    const [first, second] = [p99(turnsMs.slice(0, half)), p99(turnsMs.slice(half))];
    ratios.push(second / first);
    seen.first.push(first);
    seen.second.push(second);
    seen.turns = turnsMs.length;
  }
  const us = (values: readonly number[]): string => `${numberText(median(values) * 1_000)} µs`;
  return [
    {
      bench: "halves",
      measure: `turn p99 in the second / the first half of ${RUN_S / 60} minutes of market, SQLite \`kill\``,
      value: median(ratios),
      unit: "×",
      must: { most: 1.1 },
      want: null,
      detail: detailOf(
        `${us(seen.second)} against ${us(seen.first)}, ${numberText(seen.turns)} turns a run`,
        "host, risk, ledger and journal at work, told as fast as they go",
      ),
    },
  ];
}

/** Milliseconds of each turn after the begin, from the record of its events to that of its effects. */
async function runOf(path: string): Promise<number[]> {
  const holder = { host: "bench", pid: process.pid, sinceMs: Date.now() };
  const warn = (text: string): never => {
    throw new Error(text);
  };
  const options = { bot: "bench", tag: "bench0", sync: "kill" as const, holder, warn, reserveBytes: 0 };
  const journal = openSqliteJournal(path, options);
  const turnsMs: number[] = [];
  const plan = syntheticPlan(BEGIN_S + RUN_S);
  const fromMs = plan.startUs / 1_000 + BEGIN_S * 1_000;
  const { end } = await runBacktest({ ...plan, journal: timed(journal, { fromMs, turnsMs }) });
  journal.close();
  if (end !== null) throw new Error(end.text);
  return turnsMs;
}

/** The same journal, with the time of each turn noted whose events came at `fromMs` of the market or later. */
function timed(
  journal: Journal,
  { fromMs, turnsMs }: { readonly fromMs: number; readonly turnsMs: number[] },
): Journal {
  let began = 0;
  let counts = false;
  const append: Pick<Journal, "appendEvents" | "appendEffects"> = {
    appendEvents: (...events) => {
      counts = (events[1][0]?.atMs ?? 0) >= fromMs;
      began = performance.now();
      journal.appendEvents(...events);
    },
    appendEffects: (turn) => {
      journal.appendEffects(turn);
      if (counts) turnsMs.push(performance.now() - began);
    },
  };
  return new Proxy(journal, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(append, name) ? append : target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
