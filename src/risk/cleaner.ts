// The order cleaner (RISK-29): which resting orders of ours to cancel because they are too many, too old or too far.
// One pass over what it is given; it sees only own orders and never asks twice for the same one.

import { compareProducts } from "../base/integer.ts";
import type { MilliTicks, Side } from "../market/amounts.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import { isLive, type Order } from "../trading/order.ts";
import type { CleanerLimits } from "./limits.ts";

export interface CleanerFacts {
  readonly nowMs: number;
  /** Null without a fresh book: then nothing is too far. */
  readonly mid: MilliTicks | null;
  readonly live: Iterable<Order>;
}

export interface Cleaning {
  readonly clientOrderId: ClientOrderId;
  readonly why: "too-many" | "too-old" | "too-far";
}

/** Orders to cancel now. Partly filled orders count, but are never cancelled for being too many. */
export function cleanStep(limits: CleanerLimits, facts: CleanerFacts): readonly Cleaning[] {
  const live: Order[] = [];
  for (const order of facts.live) if (isLive(order)) live.push(order);
  const chosen = new Map<ClientOrderId, Cleaning>();
  const add = (order: Order, why: Cleaning["why"]): void => {
    if (!chosen.has(order.clientOrderId)) chosen.set(order.clientOrderId, { clientOrderId: order.clientOrderId, why });
  };
  if (live.length >= limits.cleanThreshold) for (const order of surplus(limits, live)) add(order, "too-many");
  for (const order of live) {
    if (!isCandidate(order)) continue;
    if (limits.orderAgeMsMax > 0 && facts.nowMs - order.placedAtMs > limits.orderAgeMsMax) add(order, "too-old");
    if (limits.orderDistanceBpsMax > 0 && isFar(order, facts.mid, limits.orderDistanceBpsMax)) add(order, "too-far");
  }
  return [...chosen.values()];
}

/** Acknowledged and not being cancelled: what is unsettled is the settling's business. */
const isCandidate = (order: Order): boolean => order.place === "acknowledged" && !order.cancelAsked;

/** From the side with more; equal: half each, the odd one from the buys. */
function surplus(limits: CleanerLimits, live: readonly Order[]): readonly Order[] {
  const buys = live.filter((order) => order.order.side === "buy").length;
  const sells = live.length - buys;
  const fromBuys = buys > sells ? limits.cleanBatch : sells > buys ? 0 : Math.ceil(limits.cleanBatch / 2);
  return [
    ...farthest(live, "buy").slice(0, fromBuys),
    ...farthest(live, "sell").slice(0, limits.cleanBatch - fromBuys),
  ];
}

/** Buys lowest price first, sells highest first; the older of equals first. */
function farthest(live: readonly Order[], side: Side): readonly Order[] {
  const sign = side === "buy" ? 1 : -1;
  return live
    .filter((order) => order.order.side === side && order.cumulative === 0 && isCandidate(order))
    .sort((a, b) => (a.order.price - b.order.price) * sign || a.placedSeq - b.placedSeq);
}

function isFar(order: Order, mid: MilliTicks | null, bps: number): boolean {
  if (mid === null) return false;
  return compareProducts(Math.abs(order.order.price * 1000 - mid), 10_000, bps, mid) > 0;
}
