// An order as we ask for it, and as we know it. Its life is the table of `order-life.ts`.

import type { Brand } from "../base/brand.ts";
import type { Lots, Side, Ticks } from "../market/amounts.ts";
import type { ClientOrderId } from "./client-order-id.ts";

export type TimeInForce = "GTC" | "IOC" | "FOK";

/** An order a strategy wants. */
export interface NewOrder {
  readonly symbol: string;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  /** The strategy's own name of what the order is for (a slot): an unknown order blocks new risk with the same key. */
  readonly slotKey: string;
}

/** Something risk said yes to; constructed only in `risk/` (RISK-02). */
export type Approved<T> = Brand<T, "Approved">;

/** Life of the place effect, DUR-34. `sent` lives in the executor's memory only; the journal knows the others. */
export type PlaceState = "recorded" | "sent" | "unknown" | "acknowledged" | "rejected" | "withdrawn" | "absent";

/** The exchange's word about an acknowledged order. */
export type OrderStatus = "open" | "filled" | "canceled" | "expired";

/** Why the exchange said no (design: reasons of api.md section 6). */
export const REJECT_REASONS = [
  "POST_ONLY_WOULD_TAKE",
  "INSUFFICIENT_FUNDS",
  "REDUCE_ONLY_REJECTED",
  "PRICE_OUT_OF_BAND",
  "OFF_GRID",
  "BELOW_MINIMUM",
  "TOO_MANY_ORDERS",
  "RATE_LIMITED",
  "INSTRUMENT_NOT_TRADING",
  "SELF_TRADE",
  "FILL_OR_KILL",
  "OTHER",
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** An order as the engine knows it. Plain data: it is part of the state and of the snapshot. */
export interface Order {
  readonly clientOrderId: ClientOrderId;
  /** As it was asked for; said in other ticks and lots when the instrument's grid changes. */
  order: NewOrder;
  /** Event time and number of the step that decided it. */
  readonly placedAtMs: number;
  readonly placedSeq: number;
  place: PlaceState;
  /** The exchange's word; null until it gave one. */
  status: OrderStatus | null;
  exchangeOrderId: string | null;
  /** Highest executed quantity proven, by order updates or by fills. */
  cumulative: Lots;
  /** Sum of the fills booked in the ledger. */
  filled: Lots;
  /** A cancel was decided and not refused yet. */
  cancelAsked: boolean;
  /** When it became unknown, for limits and alerts; null while it is not. */
  unknownSinceMs: number | null;
  /** Step of the newest evidence about it: an older read of the exchange says nothing (RISK-31). */
  changedSeq: number;
}

/** An order counts as live until the exchange's word or proof ends it (risk.md section 2). */
export function isLive(order: Order): boolean {
  if (order.status !== null && order.status !== "open") return false;
  return order.place !== "rejected" && order.place !== "withdrawn" && order.place !== "absent";
}

/** What may still execute. */
export const remainingLots = (order: Order): number => Math.max(0, order.order.quantity - order.cumulative);
