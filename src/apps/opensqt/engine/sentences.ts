// Answers that are a sentence and no table: how far a kill has come, how the ledger ties to the exchange. They say only
// what the report holds.

import type { Plain } from "./plain.ts";

/** More than these are counted. */
const NAMED_MAX = 20;

const namesOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** Which own orders may still be there by their ids, since they are cancelled by hand when all else fails. */
function ordersText(ids: readonly string[]): string {
  if (ids.length === 0) return "no order left";
  const more = ids.length > NAMED_MAX ? ` and ${ids.length - NAMED_MAX} more` : "";
  return `${ids.length} ${ids.length === 1 ? "order" : "orders"} left: ${ids.slice(0, NAMED_MAX).join(" ")}${more}`;
}

/** How far a kill has come; of one that could not be proved, what to do. */
export function killText(report: Plain): string {
  const step = String(report["step"]);
  const failed = step === "failed";
  const ids = namesOf(report["ordersLeft"]);
  // on the way the number tells it; the ids are for the end
  const orders = failed || ids.length === 0 ? ordersText(ids) : `${ids.length} left to cancel`;
  const positions = namesOf(report["positionsLeft"]);
  const held = positions.length === 0 ? "" : `, positions: ${positions.join(", ")}`;
  const sure = report["proven"] === true ? ", proven" : failed ? ", NOT PROVEN" : "";
  const took = Number(report["tookMs"]) > 0 ? ` (${String(report["tookMs"])} ms)` : "";
  const todo = failed ? "\nLook at the exchange and cancel there what is left, or: opensqt kill --direct" : "";
  return `${step}: ${orders}${held}${sure}${took}${todo}`;
}

/** Cash alone: a position that differs is the reconciler's matter. */
export function tieText({ tiedAtMs, difference }: { tiedAtMs: number; difference: string | null }): string {
  if (tiedAtMs === 0) return "cash not yet compared with the exchange";
  return `cash compared with the exchange at ${new Date(tiedAtMs).toISOString()}: it differs by ${difference ?? "0"}`;
}
