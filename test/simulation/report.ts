// How a seed's verdict is told: one line each, and for a failure everything a person needs first.

import { execFileSync } from "node:child_process";
import type { Verdict } from "./simulate.ts";

const LAST_LINES = 40;

/** Short commit of this checkout, or "unknown" outside one. */
export function commitOf(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

/** TEST-07: what ran, and how to run it again. */
export function lineOf(verdict: Verdict, commit: string): string {
  const { scenario, violations, events, fills, placed, hash, virtualMs, latched } = verdict;
  const state = violations.length === 0 ? "ok  " : "FAIL";
  const figures = `${Math.round(virtualMs / 1000)} s, ${events} events, ${placed} placed, ${fills} fills`;
  const run = `seed=${scenario.seed} commit=${commit} replay: make sim SEED=${scenario.seed}`;
  return `${state} ${run}  ${figures}, ${latched ?? "quoting"}, ${hash.slice(0, 12)}`;
}

export function explainFailure({ scenario, violations, log }: Verdict): string {
  const kinds = [...scenario.faults.keys()].join(" ");
  const lines = [
    ...violations.slice(0, 5).map(({ checker, text }) => `  ${checker}: ${text}`),
    `  market ${scenario.market.kind} (${scenario.market.depth}), ${scenario.instrument.symbol}, sync ${scenario.sync}`,
    `  faults: ${kinds || "none"}`,
    `  grid ${JSON.stringify(scenario.grid)}`,
    `  the last of it:`,
    ...log.slice(-LAST_LINES).map((line) => `    ${line}`),
    `  replay: make sim SEED=${scenario.seed}`,
  ];
  return `${lines.join("\n")}\n`;
}
