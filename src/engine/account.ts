// The exchange's view of account, orders and position against ours: carried to the reconciler of `risk/`, whose
// decisions are done here. A correction changes position, ledger and audit in one step (RISK-35).

import { type Lots, lots } from "../market/amounts.ts";
import { type ReconcileDecision, reconcile } from "../risk/reconcile.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import type { AccountEvent, ExchangeStateEvent, OpenOrderSeen, OrderEvent, PositionEvent } from "../trading/event.ts";
import { endBreaker, trip } from "./breakers.ts";
import { watchMargin } from "./margin-watch.ts";
import { onOrder, trackOrphan } from "./order-events.ts";
import type { BotState, DivergenceRecord, DivergenceWaiting } from "./state.ts";
import { currentMark, type Turn } from "./turn.ts";
import { bookedAsRead, provenPosition } from "./unbooked.ts";
import { watched } from "./watched.ts";

/** Divergences kept for the lists; the journal has them all. */
const DIVERGENCES_MAX = 50;

export function onAccount(turn: Turn, event: AccountEvent): readonly StrategyInput[] {
  const { equity, quoteAvailable, maintenanceMargin } = event;
  turn.state.equity = { equity, quoteAvailable, maintenanceMargin, atMs: turn.state.nowMs };
  const limits = watched(turn.state);
  if (limits !== null) watchMargin(turn, limits);
  return [];
}

/** The exchange's own view of the position: only its liquidation price is used, the lots are the ledger's. */
export function onPosition(turn: Turn, event: PositionEvent): readonly StrategyInput[] {
  const { state } = turn;
  if (event.symbol !== state.instrument?.symbol || event.liquidation === null) return [];
  state.liquidation = { price: event.liquidation, atMs: state.nowMs };
  return [];
}

export function onExchangeState(turn: Turn, event: ExchangeStateEvent): readonly StrategyInput[] {
  const { state } = turn;
  if (state.instrument === null || event.symbol !== state.instrument.symbol) return [];
  const { liquidation } = event;
  state.liquidation = liquidation === undefined ? null : { price: liquidation, atMs: state.nowMs };
  bookedAsRead(state, event.openOrders);
  const changed = new Set<string>();
  for (const order of state.orders.values()) {
    if (order.changedSeq > event.askedAtSeq) changed.add(order.clientOrderId);
  }
  // of those that ended, only what the exchange still shows can be judged
  for (const { clientOrderId } of event.openOrders) {
    const order = state.ended.get(clientOrderId);
    if (order !== undefined && order.changedSeq > event.askedAtSeq) changed.add(clientOrderId);
  }
  const filledSinceAsked = state.fillSeq > event.askedAtSeq;
  const decisions = reconcile({
    nowMs: state.nowMs,
    limits: turn.limits,
    instrument: state.instrument,
    tag: state.identity.tag,
    live: state.orders,
    open: event.openOrders,
    changedSinceAsked: changed,
    position: {
      local: provenPosition(state),
      exchange: event.positionLots,
      filledSinceAsked,
      fillsApplied: isConfirmed(state, event),
      takesAll: state.tailLost === true && state.started,
    },
    mark: currentMark(state),
    attempt: state.reconcileAttempt,
    corrections: state.corrections,
    approvals: state.approvals,
  });
  const asksAgain = decisions.some((decision) => decision.kind === "ask-again");
  state.reconcileAttempt = asksAgain ? state.reconcileAttempt + 1 : 0;
  if (!filledSinceAsked) remember(state, event);
  return decisions.flatMap((decision) => carryOut(turn, event, decision));
}

/**
 * A fill executed between the read of the fills and that of the position looks like a divergence until the next read
 * brings it. So a difference is judged when two reads, one after the other, show exactly the same one (RISK-31).
 */
function isConfirmed(state: BotState, event: ExchangeStateEvent): boolean {
  const { suspicion } = state;
  return suspicion?.local === provenPosition(state) && suspicion.exchange === event.positionLots;
}

/** What the newest read showed; an open divergence that was explained meanwhile leaves nothing to accept. */
function remember(state: BotState, event: ExchangeStateEvent): void {
  const seen = { local: provenPosition(state), exchange: event.positionLots };
  const agrees = seen.local === seen.exchange;
  if (agrees && state.started) delete state.tailLost;
  state.suspicion = agrees ? null : seen;
  if (agrees && state.divergence !== null) state.divergence = { ...state.divergence, ...seen };
}

function carryOut(turn: Turn, event: ExchangeStateEvent, decision: ReconcileDecision): readonly StrategyInput[] {
  const { state } = turn;
  switch (decision.kind) {
    case "lookup": {
      const because = { code: "lookup.reconcile", why: decision.why };
      const { clientOrderId } = decision;
      turn.effects.push({ kind: "lookup", symbol: event.symbol, clientOrderId, because });
      return [];
    }
    case "orphan": {
      const seen = event.openOrders.find((order) => order.clientOrderId === decision.clientOrderId);
      if (seen === undefined) return [];
      const ended = state.ended.get(seen.clientOrderId);
      if (ended === undefined) {
        trackOrphan(turn, seen);
        bookedAsRead(state, [seen]);
      }
      // an order whose end the exchange told is on no newer list: this one is stale. One it never had is late evidence
      else if (ended.place !== "acknowledged") return onOrder(turn, shownOpen(event, seen));
      return [];
    }
    case "foreign":
      if (decision.alert)
        turn.alert("foreign-orders", "warning", "orders of others are open here", { count: decision.count });
      return [];
    case "fetch-fills":
    case "ask-again":
      turn.reconcile({ code: "reconcile.again", attempt: state.reconcileAttempt });
      return [];
    case "inconclusive":
      turn.alert("divergence", "warning", "the position could not be compared: fills keep coming between", {});
      return [];
    case "correct":
      state.corrections = decision.corrections;
      delete state.tailLost;
      record(state, decision, { action: "corrected", by: "" });
      return adjust(turn, decision.lots, { code: "adjusted", local: decision.local, exchange: decision.exchange });
    case "breaker": {
      state.divergence = waiting(decision);
      const told = { text: decision.text, facts: { local: decision.local, exchange: decision.exchange } };
      if (trip(turn, "divergence", { reason: decision.text, told }))
        record(state, decision, { action: "waits", by: "" });
      return [];
    }
  }
}

/** Only a small one carries its mark: it earns trust when it is accepted. */
const waiting = ({ local, exchange, small }: Extract<ReconcileDecision, { kind: "breaker" }>): DivergenceWaiting =>
  small ? { local, exchange, small } : { local, exchange };

/** What was found and what was done about it (RISK-53). */
function record(
  state: BotState,
  { local, exchange }: { readonly local: Lots; readonly exchange: Lots },
  { action, by }: Pick<DivergenceRecord, "action" | "by">,
): void {
  state.divergences.push({ atMs: state.nowMs, local, exchange, action, by });
  if (state.divergences.length > DIVERGENCES_MAX) state.divergences.shift();
}

const shownOpen = (event: ExchangeStateEvent, seen: OpenOrderSeen): OrderEvent => ({
  ...seen,
  kind: "order",
  symbol: event.symbol,
  status: "open",
  reason: null,
  source: "open-orders",
  atMs: event.atMs,
});

function adjust(
  turn: Turn,
  quantity: Lots,
  evidence: { code: string; local: Lots; exchange: Lots },
): readonly StrategyInput[] {
  turn.adjustLedger(quantity, turn.lastPrice(), { ...evidence, code: "adjust.reconcile" });
  const { local, exchange } = evidence;
  turn.alert("adjusted", "error", "the position was corrected to the exchange's", {
    local,
    exchange,
    cause: "unexplained",
  });
  return [{ kind: "correction", lots: quantity }];
}

/** The operator accepts the exchange's position: one adjustment, and the breaker closes. */
export function acceptDivergence(turn: Turn, by: string): readonly StrategyInput[] {
  const { state } = turn;
  const { divergence } = state;
  if (divergence === null) return [];
  state.divergence = null;
  endBreaker(turn, "divergence");
  record(state, divergence, { action: "accepted", by });
  if (divergence.small === true) state.approvals += 1;
  turn.alert("reconcile-accepted", "warning", `the exchange's position was accepted by ${by}`, {});
  // what was filled since the breaker opened is booked already: only the unexplained part is adjusted
  const unexplained = lots(divergence.exchange - divergence.local);
  if (unexplained === 0) return [];
  return adjust(turn, unexplained, { code: "adjusted", local: divergence.local, exchange: divergence.exchange });
}
