// Where faults struck (TEST-16): what the bot's orders were doing, and which mode it was in. Every pair can be reached:
// what a killed process sent is refused while the next one recovers, and a late cancel while it knows of no order.

import { modeOf } from "../../src/engine/mode.ts";
import type { BotState } from "../../src/engine/state.ts";
import { FAULT_KINDS, type FaultKind } from "./faults.ts";

export const ACTIVITIES = ["idle", "placing", "resting", "partly filled", "cancelling", "unknown", "settling"] as const;
export const MODES = ["normal", "paused", "monitor", "breaker", "killed", "draining", "recovering"] as const;
export type Cell = (typeof ACTIVITIES)[number] | (typeof MODES)[number];
export const CELLS: readonly Cell[] = [...ACTIVITIES, ...MODES];

/** Every activity that some order is in, and the mode. */
export function cellsOf(state: BotState): ReadonlySet<Cell> {
  const cells = new Set<Cell>([modeOf(state).mode]);
  let orders = 0;
  for (const { place, cancelAsked, cumulative, status } of state.orders.values()) {
    orders += 1;
    if (place === "unknown") cells.add(state.phase === "recovering" ? "settling" : "unknown");
    else if (place === "recorded" || place === "sent") cells.add("placing");
    else if (cancelAsked) cells.add("cancelling");
    else if (status === "open") cells.add("resting");
    if (cumulative > 0) cells.add("partly filled");
  }
  if (orders === 0) cells.add("idle");
  return cells;
}

/** Kinds that only a request to place meets. */
export const OF_A_PLACE: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "postOnlyReject",
  "insufficientFunds",
  "otherReject",
  "fillBeforeAck",
]);

/** Amending is no activity here: no strategy of this release amends. */
export const NEVER = "amending: no strategy of this release changes an order in place (EXCH-17)";

export interface CoverageReport {
  readonly reached: number;
  readonly reachable: number;
  readonly missing: readonly string[];
  /** How often the rarest reachable cell was hit. */
  readonly rarest: number;
}

/** Counts by `kind × cell`, as runs add them up. */
export function coverageReport(counts: ReadonlyMap<string, number>): CoverageReport {
  let reached = 0;
  let reachable = 0;
  let rarest = Number.POSITIVE_INFINITY;
  const missing: string[] = [];
  for (const kind of FAULT_KINDS) {
    for (const cell of CELLS) {
      reachable += 1;
      const count = counts.get(`${kind} × ${cell}`) ?? 0;
      rarest = Math.min(rarest, count);
      if (count > 0) reached += 1;
      else missing.push(`${kind} × ${cell}`);
    }
  }
  return { reached, reachable, missing, rarest };
}

const SHORT_NAMES: { readonly [cell in Cell]?: string } = { "partly filled": "partly", recovering: "recover" };

/** The table a person reads: a row a kind of fault, a column a cell. */
export function coverageTable(counts: ReadonlyMap<string, number>): string {
  const width = Math.max(...FAULT_KINDS.map((kind) => kind.length));
  const cells = CELLS.map((cell) => (SHORT_NAMES[cell] ?? cell).padStart(10)).join("");
  const lines = [`${"".padEnd(width)}${cells}`];
  for (const kind of FAULT_KINDS) {
    const row = CELLS.map((cell) => {
      return String(counts.get(`${kind} × ${cell}`) ?? 0).padStart(10);
    });
    lines.push(`${kind.padEnd(width)}${row.join("")}`);
  }
  return `${lines.join("\n")}\n`;
}
