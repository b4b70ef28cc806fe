// What events do to an order as the engine knows it: the place table, the exchange's word, executed totals. Returns
// what the strategy must hear. Knows nothing of slots.

import { BugError } from "../base/assert.ts";
import { type Lots, lots } from "../market/amounts.ts";
import type { OrderChange } from "../strategy/contract.ts";
import type { AbsentEvent, FillEvent, OrderEvent, OutcomeEvent } from "../trading/event.ts";
import type { Order, OrderStatus } from "../trading/order.ts";
import { nextPlaceState, type PlaceAction, type PlaceInput } from "../trading/order-life.ts";

/** A change for the strategy, and what the engine itself must do about the order. */
export interface OrderUpdate {
  readonly change: OrderChange | null;
  readonly action: PlaceAction | "over-filled" | "cancel-again" | null;
}

const NOTHING: OrderUpdate = { change: null, action: null };

/** Applies one column of the place table; a bug cell is a bug of ours. */
function place(order: Order, input: PlaceInput, nowMs: number): PlaceAction | null {
  const cell = nextPlaceState(order.place, input, { everySendRefused: true, stillValid: false });
  if (cell.kind === "bug") throw new BugError(`order ${order.clientOrderId}: ${input} in state ${order.place}`);
  if (cell.state === "unknown" && order.place !== "unknown") order.unknownSinceMs = nowMs;
  if (cell.state !== "unknown") order.unknownSinceMs = null;
  order.place = cell.state;
  return cell.action;
}

/** How the send of a place ended. */
export function applyPlaceOutcome(order: Order, event: OutcomeEvent): OrderUpdate {
  if (order.place === "recorded" && event.result !== "not-sent") place(order, "send-starts", event.atMs);
  switch (event.result) {
    case "accepted": {
      const before = order.place;
      const action = place(order, "accepted", event.atMs);
      order.exchangeOrderId ??= event.exchangeOrderId;
      if (before === "acknowledged") return { change: null, action };
      order.status = "open";
      return { change: { change: "open", cumulative: order.cumulative }, action };
    }
    case "rejected": {
      const before = order.place;
      const action = place(order, "refused", event.atMs);
      if (order.place !== "rejected" || before === "rejected") return { change: null, action };
      const reason = event.reason ?? "OTHER";
      return { change: { change: "rejected", cumulative: order.cumulative, reason, text: event.text }, action };
    }
    case "unknown":
    case "not-open": {
      const before = order.place;
      const action = place(order, "no-answer", event.atMs);
      return { change: order.place === "unknown" && before !== "unknown" ? { change: "unknown" } : null, action };
    }
    case "not-sent": {
      const before = order.place;
      const action = place(order, "not-sent", event.atMs);
      return { change: order.place === "withdrawn" && before !== "withdrawn" ? { change: "withdrawn" } : null, action };
    }
  }
}

/** A run begins: what had no outcome is unknown from now on. */
export function applyRestart(order: Order, nowMs: number): OrderUpdate {
  const before = order.place;
  place(order, "restart", nowMs);
  return order.place === "unknown" && before !== "unknown" ? { change: { change: "unknown" }, action: null } : NOTHING;
}

/** The exchange's word by stream or look-up. A final state only changes by later positive evidence (TEST-P4). */
export function applyOrderEvent(order: Order, event: OrderEvent): OrderUpdate {
  const action = place(order, "shown", event.atMs);
  order.exchangeOrderId ??= event.exchangeOrderId;
  const executed = raise(order, event.cumulative);
  const over = executed && order.cumulative > order.order.quantity ? "over-filled" : null;
  if (isFinal(order.status)) {
    return executed ? { change: executedChange(order), action: over ?? action } : { change: null, action };
  }
  const before = order.status;
  order.status = order.cumulative >= order.order.quantity ? "filled" : event.status;
  const change = changeOf(order, { before, executed, event });
  return { change, action: over ?? action };
}

interface Seen {
  readonly before: OrderStatus | null;
  readonly executed: boolean;
  readonly event: OrderEvent;
}

function changeOf(order: Order, seen: Seen): OrderChange | null {
  const cumulative = order.cumulative;
  switch (order.status) {
    case "filled":
      return { change: "filled", cumulative };
    case "canceled":
    case "expired":
      if (seen.event.reason !== null) {
        return {
          change: "rejected",
          cumulative,
          reason: seen.event.reason,
          text: `ended by the exchange: ${seen.event.reason}`,
        };
      }
      return { change: order.status, cumulative };
    case "open":
    case null:
      if (seen.executed) return { change: "executed", cumulative };
      return seen.before === "open" ? null : { change: "open", cumulative };
  }
}

/** A fill of ours: the strategy hears the executed total, the ledger books the fill itself. */
export function applyFill(order: Order, fill: FillEvent): OrderUpdate {
  const action = place(order, "shown", fill.atMs);
  order.filled = lots(order.filled + fill.quantity);
  const executed = raise(order, order.filled);
  const over = order.cumulative > order.order.quantity ? "over-filled" : null;
  if (!executed) return { change: null, action: over ?? action };
  return { change: executedChange(order), action: over ?? action };
}

function executedChange(order: Order): OrderChange {
  if (!isFinal(order.status) && order.cumulative >= order.order.quantity) order.status = "filled";
  if (order.status === "filled") return { change: "filled", cumulative: order.cumulative };
  if (order.status === "canceled" || order.status === "expired")
    return { change: "executed", cumulative: order.cumulative };
  order.status = "open";
  return { change: "executed", cumulative: order.cumulative };
}

/** Settling found nothing left. With anything executed it is a cancelled order (GRID-27). */
export function applyAbsent(order: Order, event: AbsentEvent): OrderUpdate {
  if (isFinal(order.status)) return NOTHING;
  if (order.place === "acknowledged") {
    if (event.note !== "forgotten") return { change: null, action: "reconcile" };
    order.status = "canceled";
    return { change: { change: "canceled", cumulative: order.cumulative }, action: null };
  }
  const before = order.place;
  const action = place(order, "not-found-window-over", event.atMs);
  if (order.place !== "absent" || before === "absent") return { change: null, action };
  return { change: { change: "absent" }, action };
}

/** How a cancel call ended. Only proof of the order's end frees a slot (N-11). */
export function applyCancelOutcome(event: OutcomeEvent): OrderUpdate {
  switch (event.result) {
    case "accepted":
    case "not-open":
      return NOTHING;
    case "rejected":
    case "unknown":
    case "not-sent":
      return { change: { change: "cancel-failed" }, action: "cancel-again" };
  }
}

const isFinal = (status: OrderStatus | null): boolean => status !== null && status !== "open";

function raise(order: Order, cumulative: Lots): boolean {
  if (cumulative <= order.cumulative) return false;
  order.cumulative = cumulative;
  return true;
}
