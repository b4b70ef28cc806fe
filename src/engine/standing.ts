// Work that stands over several events: the kill switch, the shared closer, and the stop. After each event it is asked
// what it wants now; `risk/` decides, this file only carries out within the step.

import { closeStep } from "../risk/closer.ts";
import { liveTotals } from "../risk/exposure.ts";
import { isKilled, type KillFacts, type KillInput, killStep } from "../risk/kill.ts";
import { parseClientOrderId } from "../trading/client-order-id.ts";
import type { EngineEvent, Level } from "../trading/event.ts";
import { isLive } from "../trading/order.ts";
import { CLOSER_SLOT, isUrgent, STANDING_TIMER } from "./names.ts";
import type { BotState } from "./state.ts";
import { currentMark, type Turn } from "./turn.ts";
import { provenPosition } from "./unbooked.ts";

/** Whether anything stands that `standingWork` must be asked about. */
export const hasStandingWork = (state: BotState): boolean =>
  state.closer !== null || isKilled(state.kill) || state.phase === "stopping";

/** Kill first, then the closer it may have called, then the stop, which waits for both. */
export function standingWork(turn: Turn, event: EngineEvent): void {
  const { state } = turn;
  if (state.instrument === null || state.limits === null) return;
  if (isKilled(state.kill)) killTurn(turn, killInput(state, event));
  // one slice at a time, however much happens: the book has to show what the last one took
  if (state.closer !== null && (state.nowMs >= state.closer.nextAtMs || isAtTarget(state))) close(turn);
  if (state.phase === "stopping") finishStop(turn);
}

/**
 * A read is clean when it shows nothing with our tag: one that was asked for before the cancels shows what they ended
 * meanwhile, and proves nothing.
 */
function killInput(state: BotState, event: EngineEvent): KillInput {
  if (event.kind !== "exchange-state") return { kind: "turn" };
  const { tag } = state.identity;
  const ownOpen = event.openOrders.filter(({ clientOrderId }) => parseClientOrderId(clientOrderId)?.tag === tag).length;
  return { kind: "read", ownOpen };
}

/** Pulls or feeds the kill switch and does what it wants. */
export function killTurn(turn: Turn, input: KillInput): void {
  const { state } = turn;
  const before = state.kill.phase;
  const { state: next, wants } = killStep(state.kill, input, killFacts(state));
  state.kill = next;
  if (before !== next.phase) turn.gatesChanged = true;
  // a kill that is to leave the position alone ends every other close, too (RISK-05)
  if (isKilled(next) && !next.flatten && state.closer !== null) {
    state.closer = null;
    turn.gatesChanged = true;
  }
  for (const want of wants) {
    switch (want.kind) {
      case "cancel":
        for (const id of state.orders.keys()) if (want.ids.includes(id)) turn.cancel(id, { code: "cancel.kill" });
        break;
      case "read":
        turn.reconcile({ code: "reconcile.kill" });
        break;
      case "flatten":
        turn.flatten({ code: "flatten.kill" });
        break;
      case "wake":
        turn.timer(STANDING_TIMER, want.atMs);
        break;
      case "report": {
        const { proved, ordersLeft, positionLots, dust, flatAfterMs } = want.report;
        const text = proved ? "the kill is proved: nothing of ours is on the exchange" : "the kill is not proved";
        const facts = { ordersLeft: ordersLeft.length, positionLots, dust, flatAfterMs };
        turn.alert(want.code, "critical", text, facts);
        break;
      }
    }
  }
}

function killFacts(state: BotState): KillFacts {
  const live = [...state.orders.values()].map((order) => ({
    id: order.clientOrderId,
    cancelAsked: order.cancelAsked,
    closer: order.order.slotKey === CLOSER_SLOT,
  }));
  return {
    nowMs: state.nowMs,
    live,
    positionLots: provenPosition(state),
    flat: state.closer === null && isFlat(state),
  };
}

/** Nothing above one lot that the ledger owns (RISK-24), or the closer said that the rest is dust. */
function isFlat(state: BotState): boolean {
  const position = provenPosition(state);
  return position === 0 || state.closedDust === position;
}

/** Nothing is left to take, or more was taken already. */
function isAtTarget(state: BotState): boolean {
  const target = state.closer?.target ?? 0;
  const position = provenPosition(state);
  return Math.abs(position) <= Math.abs(target) || position * target < 0;
}

/** A stale book is none (RISK-37): then only the urgent close, at the mark. */
function freshBook({ state, limits }: Turn): { readonly bids: readonly Level[]; readonly asks: readonly Level[] } {
  const { book, nowMs } = state;
  return book === null || nowMs - book.atMs > limits.bookAgeMsMax ? { bids: [], asks: [] } : book;
}

/** An order nobody knows the fate of, or whose cancel is on its way: what it brings is to be closed as well. */
function mayStillMove({ orders }: BotState): boolean {
  for (const order of orders.values()) {
    if (isLive(order) && (order.cancelAsked || order.place !== "acknowledged")) return true;
  }
  return false;
}

/** One decision of the closer: a slice, a wait, or the end. */
function close(turn: Turn): void {
  const { state } = turn;
  const { closer } = state;
  if (closer === null) return;
  const urgent = isKilled(state.kill) || isUrgent(closer.because);
  const decision = closeStep(turn.limits, {
    nowMs: state.nowMs,
    // a close that was patient before the kill has waited for nothing that widens
    startedAtMs: isUrgent(closer.because) ? closer.startedAtMs : Math.max(closer.startedAtMs, state.kill.latchedAtMs),
    instrument: turn.instrument,
    position: isAtTarget(state) ? 0 : provenPosition(state) - closer.target,
    live: liveTotals(state.orders, CLOSER_SLOT),
    ...freshBook(turn),
    mark: currentMark(state),
    urgent,
    slotKey: CLOSER_SLOT,
  });
  switch (decision.kind) {
    case "done":
      if ([...state.orders.values()].some((order) => order.order.slotKey === CLOSER_SLOT)) return;
      if (closer.target === 0 && mayStillMove(state)) return;
      state.closer = null;
      turn.gatesChanged = true;
      if (closer.target !== 0) return;
      state.closedDust = provenPosition(state);
      turn.alert("flat", "warning", "the position is closed", { dust: decision.dust, because: closer.because });
      return;
    case "wait":
      state.closer = { ...closer, nextAtMs: decision.untilMs };
      turn.timer(STANDING_TIMER, decision.untilMs);
      return;
    case "order":
      state.closer = { ...closer, nextAtMs: decision.nextAtMs };
      turn.timer(STANDING_TIMER, decision.nextAtMs);
      turn.placeForCloser(decision.order, decision.priceBandBps, { code: "flatten.slice", why: closer.because });
  }
}

/**
 * The stop is over when nothing is left that should be gone: no order at all under `all`, otherwise none that is
 * unknown, unanswered or being cancelled (DUR-58). The host proves it by reads of its own.
 */
function finishStop(turn: Turn): void {
  const { state } = turn;
  if (state.closer !== null) return;
  let waits = false;
  for (const order of state.orders.values()) {
    if (!isLive(order)) continue;
    if (state.stopPolicy === "all" && !order.cancelAsked) turn.cancel(order.clientOrderId, { code: "cancel.stop" });
    waits ||= order.cancelAsked || order.place !== "acknowledged";
  }
  if (waits) return;
  state.phase = "stopped";
  turn.effects.push({ kind: "stopped", ordersLeft: state.orders.size });
}
