// An order as the exchange holds it. Mutable and plain, so that it can be saved; what leaves is a copy.

import { lots, type Side, ticks } from "../market/amounts.ts";
import { type ClientOrderId, foreignOrderId } from "../trading/client-order-id.ts";
import type { OrderEvent } from "../trading/event.ts";
import type { OrderStatus, RejectReason, TimeInForce } from "../trading/order.ts";

/** Queue place not known: the book was invalid, or (L1) our price is not the best yet. Nothing fills by queue then. */
export const NO_PLACE = -1;

export interface SimOrder {
  /** Given at acceptance. */
  exchangeOrderId: string;
  readonly account: string;
  readonly symbol: string;
  /** Changes only where the exchange gives an amended order a new one. */
  clientOrderId: string;
  readonly side: Side;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  price: number;
  quantity: number;
  filled: number;
  status: OrderStatus;
  reason: RejectReason | null;
  /** Time priority: of arrival, or of the amendment that lost the place. */
  priority: number;
  /** Lots ahead of us at our price (BT-16 `a`), or {@link NO_PLACE}. */
  ahead: number;
  /** Lots traded at our price since the level last changed (BT-16 `c`). */
  traded: number;
  readonly acceptedUs: number;
  endedUs: number;
}

export const leftOf = (order: SimOrder): number => order.quantity - order.filled;

/** The order as a stream, a look-up or the open-orders read tells it. */
export function orderView(order: SimOrder, source: OrderEvent["source"]): Omit<OrderEvent, "atMs"> {
  return {
    kind: "order",
    symbol: order.symbol,
    clientOrderId: idOf(order),
    exchangeOrderId: order.exchangeOrderId,
    side: order.side,
    price: ticks(order.price),
    quantity: lots(order.quantity),
    status: order.status,
    cumulative: lots(order.filled),
    reason: order.reason,
    source,
  };
}

export const idOf = (order: SimOrder): ClientOrderId => foreignOrderId(order.clientOrderId);
