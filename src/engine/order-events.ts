// Evidence about our orders: outcomes of sends, the exchange's word, fills, proofs of absence. Finds the order, applies
// the tables, keeps the books of live and ended orders, and tells the strategy what changed. Late evidence always wins.

import { bigNearestDiv } from "../base/integer.ts";
import { lots, money, ZERO_MONEY } from "../market/amounts.ts";
import { baseMoney, type Instrument, notionalMoney } from "../market/instrument.ts";
import type { ClosingFill } from "../risk/breaker/losses.ts";
import { type BudgetFill, bookBudgetFill, giveUp, releaseBudget } from "../risk/budget.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import { type ClientOrderId, parseClientOrderId } from "../trading/client-order-id.ts";
import type { AbsentEvent, FillEvent, OpenOrderSeen, OrderEvent, OutcomeEvent } from "../trading/event.ts";
import { bookFill, fillIdentity } from "../trading/ledger.ts";
import { isLive, type Order } from "../trading/order.ts";
import { trip } from "./breakers.ts";
import { explainGone, watchUnasked } from "./dead-man-watch.ts";
import { CANCEL_TIMER, CLOSER_SLOT, ORPHAN_SLOT, UNKNOWN_TIMER } from "./names.ts";
import {
  applyAbsent,
  applyCancelOutcome,
  applyFill,
  applyOrderEvent,
  applyPlaceOutcome,
  type OrderUpdate,
} from "./orders.ts";
import { eatenLots } from "./owned.ts";
import type { BotState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { noteStray, noteUnbooked, takeStray } from "./unbooked.ts";
import { watchFill, watchOrder, watchOutcome, watchTakenBack, watchUnknown } from "./watch.ts";
import { watched } from "./watched.ts";

/** Ended orders are kept for late evidence: at least 1,000, longer while younger than a day, never more than 4,000. */
const ENDED_MIN = 1000;
const ENDED_MAX = 4000;
const ENDED_AGE_MS = 86_400_000;
const RECENT_FILLS_MAX = 10_000;
const CANCEL_RETRY_MS = 2000;
const UNKNOWN_ALERT_MS = 30_000;

export function onOutcome(turn: Turn, event: OutcomeEvent): readonly StrategyInput[] {
  const order = find(turn.state, event.clientOrderId);
  if (order === undefined) return [];
  watchOutcome(turn, event);
  return settle(turn, order, event.of === "place" ? applyPlaceOutcome(order, event) : applyCancelOutcome(event));
}

export function onAbsent(turn: Turn, event: AbsentEvent): readonly StrategyInput[] {
  const order = find(turn.state, event.clientOrderId);
  return order === undefined ? [] : settle(turn, order, applyAbsent(order, event));
}

export function onOrder(turn: Turn, event: OrderEvent): readonly StrategyInput[] {
  const { state } = turn;
  if (event.symbol !== state.instrument?.symbol) return [];
  const order = find(state, event.clientOrderId) ?? adoptOrphan(turn, event);
  if (order === null) return [];
  const taken = order.place === "acknowledged";
  const update = applyOrderEvent(order, event);
  if (taken && update.change?.change === "rejected") watchTakenBack(turn, order, update.change);
  return settle(turn, order, update);
}

export function onFill(turn: Turn, event: FillEvent): readonly StrategyInput[] {
  const { state } = turn;
  const { instrument } = state;
  if (instrument === null || event.symbol !== instrument.symbol) return [];
  const forced = event.origin === "liquidation" || event.origin === "adl";
  const identity = fillIdentity(instrument.exchange, event);
  if (!forced && !isOurs(state, event.clientOrderId)) {
    state.foreign += 1;
    comparePosition(turn, `foreign|${identity}`);
    return [];
  }
  if (state.recentFills.has(identity)) return [];
  rememberFill(state.recentFills, identity);
  state.fillSeq = state.seq;
  const eaten = eatenLots(state);
  const held = { position: state.ledger.position, cost: state.ledger.cost };
  turn.postings.push(...bookFill(state.ledger, instrument, event));
  if (state.budget !== null) {
    bookBudgetFill(state.budget, instrument, budgetFill(event, instrument));
    giveUp(state.budget, instrument, eatenLots(state) - eaten);
  }
  const order = event.clientOrderId === null ? undefined : find(state, event.clientOrderId);
  if (order === undefined && event.clientOrderId !== null) noteStray(state, event.clientOrderId, event.quantity);
  if (order !== undefined) watchFill(turn, closingFill(event, order, instrument), held);
  const moved = order === undefined ? [] : settle(turn, order, applyFill(order, event));
  if (forced) onForcedFill(turn, event);
  const slot = order?.order.slotKey;
  const closer = slot === CLOSER_SLOT;
  const routed = slot !== undefined && !closer && slot !== ORPHAN_SLOT;
  // the fill first: a fee taken in base is known before anything is sold of what it brought (GRID-03)
  return [{ kind: "fill", fill: event, routed, closer }, ...moved];
}

/** The exchange closed a part of the position itself: nothing is placed until an operator has looked (RISK-18). */
function onForcedFill(turn: Turn, { quantity, origin }: FillEvent): void {
  const text = `the exchange closed ${quantity} lots by ${origin}`;
  turn.alert("liquidation", "critical", text, {});
  // it is what cancelled the orders, too
  explainGone(turn);
  if (turn.limits.breakers === undefined) return;
  trip(turn, "manual", { reason: `opened: ${text}`, action: "A", told: null });
}

/** The fill as the count of losses sees it. */
function closingFill(fill: FillEvent, { clientOrderId, order }: Order, instrument: Instrument): ClosingFill {
  const { side, price, quantity } = fill;
  const { slotKey, reduceOnly } = order;
  const { fee } = budgetFill(fill, instrument);
  const onlyCloses = reduceOnly || slotKey === ORPHAN_SLOT || (instrument.kind === "spot" && side === "sell");
  return { clientOrderId, slotKey, side, price, quantity, fee, onlyCloses };
}

/** Somebody else moved the position: it is compared now, not at the next round (RISK-32); once, however often told. */
function comparePosition(turn: Turn, identity: string): void {
  const { recentFills, phase } = turn.state;
  if (phase !== "running" || recentFills.has(identity)) return;
  rememberFill(recentFills, identity);
  turn.reconcile({ code: "reconcile.foreign" });
}

const find = (state: BotState, id: ClientOrderId): Order | undefined => state.orders.get(id) ?? state.ended.get(id);

function isOurs(state: BotState, id: ClientOrderId | null): boolean {
  if (id === null) return false;
  return find(state, id) !== undefined || parseClientOrderId(id)?.tag === state.identity.tag;
}

/** An open order with our tag that no journal knows: counted in limits, cancelled, its fills are stray (GRID-40). */
function adoptOrphan(turn: Turn, event: OrderEvent): Order | null {
  const { state } = turn;
  if (!isOurs(state, event.clientOrderId)) {
    state.foreign += 1;
    return null;
  }
  return event.status === "open" ? trackOrphan(turn, event) : null;
}

/** Takes an unknown open order of ours into the books, so that it counts in every limit until it is gone. */
export function trackOrphan(turn: Turn, event: OpenOrderSeen): Order {
  const { state } = turn;
  const booked = takeStray(state, event.clientOrderId);
  const order: Order = {
    clientOrderId: event.clientOrderId,
    order: {
      symbol: turn.instrument.symbol,
      side: event.side,
      price: event.price,
      quantity: event.quantity,
      timeInForce: "GTC",
      postOnly: false,
      reduceOnly: false,
      slotKey: ORPHAN_SLOT,
    },
    placedAtMs: state.nowMs,
    placedSeq: state.seq,
    place: "acknowledged",
    status: null,
    exchangeOrderId: event.exchangeOrderId,
    cumulative: lots(Math.max(event.cumulative, booked)),
    filled: booked,
    cancelAsked: false,
    unknownSinceMs: null,
    changedSeq: state.seq,
  };
  state.orders.set(event.clientOrderId, order);
  const facts = { clientOrderId: event.clientOrderId };
  turn.alert("orphan", "warning", "an open order of ours that the journal does not know; it is being cancelled", facts);
  if (turn.limits.onOrphan !== "cancel") return order;
  // while recovering it may yet turn out that this journal is an old copy (DUR-25): the cancel goes out after that
  if (state.phase === "recovering") order.cancelAsked = true;
  else turn.cancel(event.clientOrderId, { code: "cancel.orphan" });
  return order;
}

/** Moves the order between live and ended as its state now says, does what the tables ask for, tells the strategy. */
function settle(turn: Turn, order: Order, update: OrderUpdate): readonly StrategyInput[] {
  const { state } = turn;
  const id = order.clientOrderId;
  order.changedSeq = state.seq;
  noteUnbooked(state, order);
  if (isLive(order)) {
    if (state.ended.delete(id)) state.orders.set(id, order);
  } else if (state.orders.delete(id)) {
    state.ended.set(id, order);
    if (state.budget !== null) releaseBudget(state.budget, id);
    forget(state);
  }
  act(turn, order, update);
  watchOrder(turn, order);
  if (update.change?.change === "canceled") watchUnasked(turn, order);
  const limits = order.unknownSinceMs === null ? null : watched(state);
  if (limits !== null) watchUnknown(turn, limits);
  if (order.unknownSinceMs !== null) turn.timer(UNKNOWN_TIMER, order.unknownSinceMs + UNKNOWN_ALERT_MS);
  const slot = order.order.slotKey;
  if (update.change === null || slot === CLOSER_SLOT || slot === ORPHAN_SLOT) return [];
  return [{ kind: "order", clientOrderId: id, change: update.change }];
}

/** The fill in the budget's words: a fee in base counts at the fill's own price, one in a third asset not at all. */
function budgetFill(fill: FillEvent, instrument: Instrument): BudgetFill {
  const { side, price, quantity } = fill;
  let fee = fill.feeAsset === instrument.quote ? fill.fee : ZERO_MONEY;
  if (fill.feeAsset === instrument.base) {
    const perLot = baseMoney(instrument, lots(1));
    fee = money(bigNearestDiv(notionalMoney(instrument, price, lots(1)) * fill.fee, perLot));
  }
  return { orderId: fill.clientOrderId ?? fill.tradeId, side, price, quantity, fee };
}

function act(turn: Turn, order: Order, update: OrderUpdate): void {
  const facts = { clientOrderId: order.clientOrderId };
  switch (update.action) {
    case null:
      return;
    case "late-order":
      turn.alert("late-order", "error", "an order believed gone is on the exchange; it is being cancelled", facts);
      if (isLive(order)) turn.cancel(order.clientOrderId, { code: "cancel.late" });
      return;
    case "alert":
      turn.alert("unknown-order", "error", "the exchange refused an order that it acknowledged before", facts);
      return;
    case "reconcile":
      turn.reconcile({ code: "reconcile.absent", clientOrderId: order.clientOrderId });
      return;
    case "over-filled":
      turn.alert("over-filled", "error", "more was executed than the order asked for; it is booked in full", facts);
      return;
    case "cancel-again":
      if (isLive(order)) turn.timer(CANCEL_TIMER, turn.state.nowMs + CANCEL_RETRY_MS);
      return;
  }
}

function forget(state: BotState): void {
  for (const [id, order] of state.ended) {
    if (state.ended.size <= ENDED_MIN) return;
    if (state.ended.size <= ENDED_MAX && state.nowMs - order.placedAtMs < ENDED_AGE_MS) return;
    state.ended.delete(id);
    state.unbooked.delete(id);
    state.history.closing.delete(id);
  }
}

/** Remembers the identity of what is booked once; the oldest goes where there are too many. */
export function rememberFill(seen: Map<string, number>, identity: string): void {
  seen.set(identity, 1);
  if (seen.size <= RECENT_FILLS_MAX) return;
  for (const oldest of seen.keys()) {
    seen.delete(oldest);
    return;
  }
}
