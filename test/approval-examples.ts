// Decisions of approval as one line of text, and the scenes its tests play in.

import { lots, ticks } from "../src/market/amounts.ts";
import { type Approval, approve, explainApproval, initialRiskState } from "../src/risk/approve.ts";
import type { ApprovalFacts, RiskMode } from "../src/risk/facts.ts";
import type { RiskLimits } from "../src/risk/limits.ts";
import type { NewOrder } from "../src/trading/order.ts";
import { DEFAULTS, factsOf, liveMap, liveOrder, orderOf } from "./risk-examples.ts";

/** One decision in a table: what differs from a healthy world, and what is said. */
export interface Case {
  readonly limits?: RiskLimits;
  readonly facts?: Partial<ApprovalFacts>;
  readonly order?: Partial<NewOrder>;
  readonly says: string;
}

/** The decision with these things changed. */
export const decide = (row: Omit<Case, "says">): Approval =>
  approve(row.limits ?? DEFAULTS, initialRiskState(), factsOf(row.facts), orderOf(row.order));

/** `approved`, or `code: text`. */
export const outcome = (row: Omit<Case, "says">): string => {
  const approval = decide(row);
  return approval.ok ? "approved" : `${approval.code}: ${approval.text}`;
};

/** `value of limit unit` of one check as `explain` shows it, and whether it would refuse. */
export function told(code: string, row: Omit<Case, "says">): string {
  const records = explainApproval(row.limits ?? DEFAULTS, initialRiskState(), factsOf(row.facts), orderOf(row.order));
  const record = records.find((each) => each.code === code);
  if (record === undefined) throw new Error(`there is no check ${code}`);
  return `${record.value} of ${record.limit} ${record.unit}${record.passed ? "" : " refused"}`;
}

export const mode = (name: RiskMode, change: Partial<ApprovalFacts["mode"]> = {}): ApprovalFacts["mode"] => ({
  mode: name,
  reason: "drawdown 600 bps",
  sinceMs: 1_723_161_600_000,
  blocks: "both",
  reducingAllowed: true,
  ...change,
});

export const long = (quantity: number): Partial<ApprovalFacts> => ({ position: lots(quantity) });
export const sell = (quantity: number, more: Partial<NewOrder> = {}): Partial<NewOrder> => ({
  side: "sell",
  quantity: lots(quantity),
  ...more,
});
export const reduce = (quantity: number): Partial<NewOrder> => sell(quantity, { reduceOnly: true });
export const mixed = liveMap([liveOrder(1, {}, { place: "unknown", status: null, unknownSinceMs: 1_723_161_600_000 })]);
export const manyUnknown = liveMap(
  [1, 2, 3, 4].map((seq) => liveOrder(seq, {}, { place: "unknown", status: null, unknownSinceMs: 1_000 })),
);
export const resting = liveMap([
  liveOrder(7, { side: "sell", price: ticks(600_100) }),
  liveOrder(8, { price: ticks(599_000) }),
]);
export const ownSell = `would trade with own order ${liveOrder(7).clientOrderId} at 60010.0`;
export const ownBuy = `would trade with own order ${liveOrder(8).clientOrderId} at 59900.0`;
