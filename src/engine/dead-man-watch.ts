// A dead-man switch that fired (RISK-39): every order of ours that rested was cancelled within seconds, and none of
// those cancels was ours. A single one is the exchange's or a person's doing, and the strategy's own matter. Before a
// forced close the exchange cancels everything too: nothing is placed from then on, and soon it is known which.

import { isLive, type Order } from "../trading/order.ts";
import { trip } from "./breakers.ts";
import { BREAKER_TIMER } from "./names.ts";
import type { BotState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { watched } from "./watched.ts";

/** Cancels of one switch come together; a strategy rests longer before it replaces an order. */
const TOGETHER_MS = 5_000;
const ORDERS_MIN = 2;
/** The fill of a forced close follows its cancels at once. */
const VERDICT_MS = 2_000;
/** Among the blocks until it is known what cancelled everything. */
const GONE_BLOCK = "orders-gone";

/** An order was cancelled by the exchange's word. Before the bot runs, recovery reads everything: nothing is blind. */
export function watchUnasked(turn: Turn, order: Order): void {
  const { state } = turn;
  const { history } = state;
  if (watched(state) === null || order.cancelAsked || order.order.timeInForce !== "GTC") return;
  if (state.blocks.has(GONE_BLOCK)) return;
  const before = history.unasked;
  const together = before !== null && state.nowMs - before.fromMs <= TOGETHER_MS;
  // of those that rested when the first was cancelled, this one among them
  const unasked = together
    ? { ...before, count: before.count + 1 }
    : { fromMs: state.nowMs, count: 1, of: 1 + restingBefore(turn) };
  history.unasked = unasked;
  if (unasked.count < ORDERS_MIN || unasked.count < unasked.of) return;
  const reason = `all ${unasked.count} resting orders were cancelled and we asked for none`;
  state.blocks.set(GONE_BLOCK, { reason, sinceMs: state.nowMs, level: "HALT", leg: "both", reducing: false });
  turn.gatesChanged = true;
  const atMs = verdictMs(state) ?? state.nowMs;
  const armed = state.timers.get(BREAKER_TIMER);
  if (armed === undefined || armed > atMs) turn.timer(BREAKER_TIMER, atMs);
}

/** When it is known what cancelled everything; null while nothing did. */
export function verdictMs({ blocks }: BotState): number | null {
  const gone = blocks.get(GONE_BLOCK);
  return gone === undefined ? null : gone.sinceMs + VERDICT_MS;
}

/** Each second while the bot runs: nobody closed the position since, so it was the switch. */
export function judgeGone(turn: Turn): void {
  const { state } = turn;
  const reason = state.blocks.get(GONE_BLOCK)?.reason;
  const atMs = verdictMs(state);
  if (reason === undefined || atMs === null || state.nowMs < atMs) return;
  const orders = state.history.unasked?.count ?? 0;
  explainGone(turn);
  const text = `${reason}: the dead-man switch fired`;
  if (trip(turn, "manual", { reason: `opened: ${text}`, action: "A", told: null })) {
    const told = `${text}; nothing is placed before an operator has looked`;
    turn.alert("dead-man-fired", "critical", told, { orders });
  }
}

/** It is known what cancelled everything: that holds the bot from now on. */
export function explainGone(turn: Turn): void {
  turn.state.history.unasked = null;
  if (turn.state.blocks.delete(GONE_BLOCK)) turn.gatesChanged = true;
}

function restingBefore({ state }: Turn): number {
  let resting = 0;
  for (const order of state.orders.values()) {
    if (isLive(order) && order.place === "acknowledged" && !order.cancelAsked) resting += 1;
  }
  return resting;
}
