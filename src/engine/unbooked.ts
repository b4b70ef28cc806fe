// What the exchange proved executed and no fill has booked yet: the word of an order often arrives before its fills,
// and a fill may be lost on the way. Limits and the closer count it, the ledger waits for the fills (RISK-07, DUR-35).

import { type Lots, lots, signOf } from "../market/amounts.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { OpenOrderSeen } from "../trading/event.ts";
import type { Order } from "../trading/order.ts";
import { ORPHAN_SLOT } from "./names.ts";
import { ownedLots } from "./owned.ts";
import type { BotState } from "./state.ts";

/** Orders of ours that are in no book, and what of them is booked. */
const STRAYS_MAX = 1_000;

/** Takes note of what an order has executed beyond its booked fills; nothing is kept of one that is booked in full. */
export function noteUnbooked(state: BotState, order: Order): void {
  const missing = order.cumulative - order.filled;
  if (missing > 0) state.unbooked.set(order.clientOrderId, lots(signOf(order.order.side) * missing));
  else state.unbooked.delete(order.clientOrderId);
}

/** Position with everything that is proven executed, booked or not. */
export function provenPosition(state: BotState): Lots {
  let position: number = ownedLots(state);
  for (const missing of state.unbooked.values()) position += missing;
  return lots(position);
}

/** A fill of ours was booked whose order we do not know: should it turn up, its lots are not booked again. */
export function noteStray(state: BotState, id: ClientOrderId, quantity: Lots): void {
  state.strays ??= new Map();
  state.strays.set(id, lots((state.strays.get(id) ?? 0) + quantity));
  if (state.strays.size <= STRAYS_MAX) return;
  for (const oldest of state.strays.keys()) {
    state.strays.delete(oldest);
    return;
  }
}

/** What is booked already of an order that turns up; from now on the order itself knows. */
export function takeStray(state: BotState, id: ClientOrderId): Lots {
  const booked = state.strays?.get(id) ?? lots(0);
  state.strays?.delete(id);
  return booked;
}

/**
 * A complete read shows an orphan partly executed. Its list of orders was read before its fills, and those are booked:
 * what is still missing is older than this journal, and part of the position it began with.
 */
export function bookedAsRead(state: BotState, open: readonly OpenOrderSeen[]): void {
  for (const { clientOrderId, cumulative } of open) {
    const order = state.orders.get(clientOrderId);
    if (order?.order.slotKey !== ORPHAN_SLOT || order.filled >= cumulative) continue;
    order.filled = cumulative;
    order.cumulative = lots(Math.max(order.cumulative, cumulative));
    noteUnbooked(state, order);
  }
}
