// A dead-man switch that fired (RISK-39): every order of ours that rested was cancelled within seconds, and none of
// those cancels was ours. A single one is the exchange's or a person's doing, and the strategy's own matter.

import { isLive, type Order } from "../trading/order.ts";
import { trip } from "./breakers.ts";
import type { Turn } from "./turn.ts";
import { watched } from "./watch.ts";

/** Cancels of one switch come together; a strategy rests longer before it replaces an order. */
const TOGETHER_MS = 5_000;
const ORDERS_MIN = 2;

/** An order was cancelled by the exchange's word. Before the bot runs, recovery reads everything: nothing is blind. */
export function watchUnasked(turn: Turn, order: Order): void {
  const { state } = turn;
  const { history } = state;
  if (watched(state) === null || order.cancelAsked || order.order.timeInForce !== "GTC") return;
  const before = history.unasked;
  const together = before !== null && state.nowMs - before.fromMs <= TOGETHER_MS;
  // of those that rested when the first was cancelled, this one among them
  const unasked = together
    ? { ...before, count: before.count + 1 }
    : { fromMs: state.nowMs, count: 1, of: 1 + restingBefore(turn) };
  history.unasked = unasked;
  if (unasked.count < ORDERS_MIN || unasked.count < unasked.of) return;
  history.unasked = null;
  const text = `all ${unasked.count} resting orders were cancelled and we asked for none: the dead-man switch fired`;
  const told = { text: `${text}; nothing is placed before an operator has looked`, facts: { orders: unasked.count } };
  const reason = `opened: ${text}`;
  if (trip(turn, "manual", { reason, action: "A", told: null })) {
    turn.alert("dead-man-fired", "critical", told.text, told.facts);
  }
}

function restingBefore({ state }: Turn): number {
  let resting = 0;
  for (const order of state.orders.values()) {
    if (isLive(order) && order.place === "acknowledged" && !order.cancelAsked) resting += 1;
  }
  return resting;
}
