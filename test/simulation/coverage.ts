// Where faults struck (TEST-16): what the bot's orders were doing, and which mode it was in. Cells nobody can reach
// stand here with the reason.

import { modeOf } from "../../src/engine/mode.ts";
import type { BotState } from "../../src/engine/state.ts";
import { FAULTS } from "../../src/sim/fault-plan.ts";
import { FAULT_KINDS, type FaultKind, isExchangeFault } from "./faults.ts";

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

/** Why the cell cannot be reached; null when it can. */
export function unreachable(kind: FaultKind, cell: Cell): string | null {
  const place = OF_A_PLACE.has(kind);
  const cancel = kind === "cancelLost";
  const mutation = isExchangeFault(kind) && FAULTS[kind] === "request" && !READS.has(kind);
  if ((mutation || place) && cell === "idle") return "a request belongs to an order that is there";
  if (place && (cell === "settling" || cell === "recovering")) return "nothing is placed before the recovery is over";
  if (cancel && cell === "idle") return "a cancel belongs to an order that is there";
  if (kind === "secondCopy" || kind === "takenOver") return null;
  return null;
}

const READS: ReadonlySet<FaultKind> = new Set<FaultKind>(["readUnavailable", "lookupLag", "staleOpenOrders"]);

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
      if (unreachable(kind, cell) !== null) continue;
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

/** The table a person reads: a row a kind of fault, a column a cell; `-` cannot be reached. */
export function coverageTable(counts: ReadonlyMap<string, number>): string {
  const width = Math.max(...FAULT_KINDS.map((kind) => kind.length));
  const cells = CELLS.map((cell) => (SHORT_NAMES[cell] ?? cell).padStart(10)).join("");
  const lines = [`${"".padEnd(width)}${cells}`];
  for (const kind of FAULT_KINDS) {
    const row = CELLS.map((cell) => {
      const text = unreachable(kind, cell) === null ? String(counts.get(`${kind} × ${cell}`) ?? 0) : "-";
      return text.padStart(10);
    });
    lines.push(`${kind.padEnd(width)}${row.join("")}`);
  }
  return `${lines.join("\n")}\n`;
}
