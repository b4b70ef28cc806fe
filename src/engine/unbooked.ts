// What the exchange proved executed and no fill has booked yet: the word of an order often arrives before its fills,
// and a fill may be lost on the way. Limits and the closer count it, the ledger waits for the fills (RISK-07, DUR-35).

import { type Lots, lots, signOf } from "../market/amounts.ts";
import type { Order } from "../trading/order.ts";
import { ownedLots } from "./owned.ts";
import type { BotState } from "./state.ts";

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
