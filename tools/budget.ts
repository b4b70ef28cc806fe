// What each suite of `make test` may take, in seconds of its files' own time while others run beside it (TEST-43), and
// "wall" for all of them together. The table is always printed; it fails a run only where that is asked for: how long
// a shared machine takes says as much about its other tenants (docs/decisions/0050).

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

/** Over its budget by more than this, in percent, is too long. */
const OVER_PERCENT = 20;

const BudgetFile = z.record(z.string(), z.number().int().positive());

export type Budget = Readonly<Record<string, number>>;

export interface BudgetTable {
  readonly text: string;
  /** Suites that took over a fifth more than they may, with both figures. */
  readonly over: readonly string[];
}

/** Seconds by suite. Errors: throws where the file is not that. */
export function readBudget(path: string = resolve(import.meta.dirname, "../test/budget.json")): Budget {
  return BudgetFile.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** `tookMs` by suite. A suite without a budget is over it: who adds a suite says what it may take. */
export function budgetTable(tookMs: ReadonlyMap<string, number>, budget: Budget): BudgetTable {
  const over: string[] = [];
  const lines = [...tookMs].map(([suite, ms]) => {
    const tookS = Math.round(ms / 1000);
    const mayS = budget[suite];
    if (mayS === undefined) over.push(`${suite}: ${tookS} s, and test/budget.json has no line for it`);
    else if (tookS * 100 > mayS * (100 + OVER_PERCENT)) over.push(`${suite}: ${tookS} s of ${mayS} s`);
    return `  ${suite.padEnd(12)} ${String(tookS).padStart(5)} s of ${String(mayS ?? "?").padStart(5)} s`;
  });
  return { text: lines.join("\n"), over };
}
