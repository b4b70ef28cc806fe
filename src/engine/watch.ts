// What the breakers watch in this bot: once a second of event time and at the events that matter, `risk/breaker/`
// judges, and what it finds trips. A configuration of a release before the breakers watches nothing.

import { money } from "../market/amounts.ts";
import { formatMoney } from "../market/instrument.ts";
import type { BreakerName } from "../risk/breaker/breaker.ts";
import { drawdownBps, drawdownTrips, profitAtMark } from "../risk/breaker/capital.ts";
import type { BreakerLimits } from "../risk/breaker/limits.ts";
import { addFill, type ClosingFill, closingEnded, type Held } from "../risk/breaker/losses.ts";
import { liquidationDistanceBps, liquidationWithin } from "../risk/breaker/margin.ts";
import { addToPeak, peakOf } from "../risk/breaker/peak-window.ts";
import { addRequest, judgeRetries } from "../risk/breaker/retries.ts";
import { addRoundTrip, judgeRoundTrips, latencyHolds } from "../risk/breaker/round-trips.ts";
import type { OrderChange } from "../strategy/contract.ts";
import type { OutcomeEvent } from "../trading/event.ts";
import type { Order } from "../trading/order.ts";
import { isLive } from "../trading/order.ts";
import { armBreakers, lookAtBreakers, trip } from "./breakers.ts";
import { judgeGone, verdictMs } from "./dead-man-watch.ts";
import { watchFunding } from "./funding-watch.ts";
import { marginHolds, watchMargin } from "./margin-watch.ts";
import { forgetMonitor, monitorDueMs, monitorNow } from "./monitoring.ts";
import { CLOSER_SLOT } from "./names.ts";
import type { BotState } from "./state.ts";
import { currentMark, type Turn } from "./turn.ts";
import { provenPosition } from "./unbooked.ts";
import { watched } from "./watched.ts";

const LOOK_EVERY_MS = 1_000;
/** All needed feeds must have been fresh for so long (RISK-18 `stale-feed`). */
export const FRESH_MS = 10_000;

/** Feeds without which nothing opens, as they stand among the blocks while they are stale. */
const NEEDED = ["feed-book", "feed-orders", "feed-account"] as const;

export const allFresh = ({ blocks }: BotState): boolean => !NEEDED.some((name) => blocks.has(name));

/** Whether the round of looks is due. */
export const isLookDue = (state: BotState): boolean => state.nowMs - state.history.lookedAtMs >= LOOK_EVERY_MS;

/** One round: everything that time or price alone can trip or end. */
export function lookAround(turn: Turn): void {
  const { state } = turn;
  const { history } = state;
  history.lookedAtMs = state.nowMs;
  const limits = watched(state);
  if (limits === null) return;
  // a run whose feeds were never called stale counts from its first look
  if (history.freshSinceMs === null && allFresh(state)) history.freshSinceMs = state.nowMs;
  watchCapital(turn, limits);
  watchLatency(turn, limits);
  watchUnknown(turn, limits);
  watchMargin(turn, limits);
  watchLiquidation(turn, limits);
  watchFunding(turn);
  judgeGone(turn);
  const { monitor } = turn.limits;
  if (monitor === undefined) forgetMonitor(turn);
  else monitorNow(turn, monitor);
  lookAtBreakers(turn, (name) => causeHolds(state, name));
  armBreakers(turn, nextLookMs(turn, limits));
}

/** Whether what opened it still holds: then only force closes it. */
export function causeHolds(state: BotState, name: BreakerName): boolean {
  const { history, nowMs } = state;
  const limits = state.limits?.breakers;
  switch (name) {
    case "latency":
      return latencyHolds(history.roundTrips, limits?.latencyP99MsMax ?? 0, nowMs);
    case "retries":
      return judgeRetries(history.retries, limits?.retryRatioBpsMax ?? 0, nowMs).tooMany;
    case "unknown":
      return oldestUnknown(state) !== null;
    case "stale-feed":
      return history.freshSinceMs === null || nowMs - history.freshSinceMs < FRESH_MS;
    case "divergence":
      return state.divergence !== null && state.divergence.local !== state.divergence.exchange;
    case "margin-ratio":
      return limits !== undefined && marginHolds(state, limits.marginRatioWarnBps);
    case "liquidation":
      return limits !== undefined && nearLiquidation(state, limits.liquidationTripBps);
    case "consecutive-losses":
    case "drawdown-window":
    case "drawdown-amount":
    case "drawdown-total":
    case "net-exposure":
    case "rejects":
    case "manual":
      return false;
  }
}

/** When something ends or trips by time alone; the ends of cool-downs are the breakers' own. */
function nextLookMs(turn: Turn, limits: BreakerLimits): number | null {
  const { state } = turn;
  const times: number[] = [];
  const { monitor } = turn.limits;
  const monitorMs = monitor === undefined ? null : monitorDueMs(turn, monitor);
  if (monitorMs !== null) times.push(monitorMs);
  const { freshSinceMs, halving } = state.history;
  if (state.breakers.has("stale-feed") && freshSinceMs !== null) times.push(freshSinceMs + FRESH_MS);
  // a read that was asked for and did not come is asked for again
  if (halving !== null) times.push(Math.max(halving.nextAtMs, state.nowMs + LOOK_EVERY_MS));
  const unknownSinceMs = oldestUnknown(state);
  if (unknownSinceMs !== null && !state.breakers.has("unknown"))
    times.push(unknownSinceMs + limits.unknownAgeMsMax + 1);
  const goneMs = verdictMs(state);
  if (goneMs !== null) times.push(goneMs);
  const later = times.filter((atMs) => atMs > state.nowMs);
  return later.length === 0 ? null : Math.min(...later);
}

/** The capital curve: sampled each second that has a price. */
function watchCapital(turn: Turn, limits: BreakerLimits): void {
  const { state } = turn;
  const { history, ledger } = state;
  if (limits.drawdownBpsMax === 0 && limits.drawdownAmountMax === 0n) return;
  const mark = currentMark(state);
  // without a price the last valuation stands
  if (mark === null) return;
  const profit = profitAtMark(ledger, turn.instrument, mark);
  addToPeak(history.profit, profit, { nowMs: state.nowMs, windowMs: limits.drawdownWindowMs });
  const peak = peakOf(history.profit) ?? profit;
  if (peak === profit && peak >= 0n) return;
  const base = state.budget?.budget ?? history.startEquity;
  const action = limits.onDrawdown === "flatten" ? "F" : "A";
  const text = (amount: bigint): string => `${formatMoney(money(amount))} ${turn.instrument.quote}`;
  if (base !== null && drawdownTrips(base + peak, base + profit, limits.drawdownBpsMax)) {
    const value = String(drawdownBps(base + peak, base + profit));
    const limit = String(limits.drawdownBpsMax);
    const fall = `from ${text(base + peak)} to ${text(base + profit)}`;
    const reason = `opened: capital fell ${fall}, ${value} bps, limit ${limit}`;
    trip(turn, "drawdown-window", { reason, value: `${value} bps`, limit: `${limit} bps`, action });
  }
  if (limits.drawdownAmountMax > 0n && peak - profit >= limits.drawdownAmountMax) {
    const reason = `opened: capital fell by ${text(peak - profit)}, limit ${text(limits.drawdownAmountMax)}`;
    const [value, limit] = [text(peak - profit), text(limits.drawdownAmountMax)];
    trip(turn, "drawdown-amount", { reason, value, limit, action });
  }
}

function watchLatency(turn: Turn, { latencyP99MsMax: limit }: BreakerLimits): void {
  if (limit === 0) return;
  const found = judgeRoundTrips(turn.state.history.roundTrips, limit, turn.state.nowMs);
  if (found === null) return;
  const reason = `opened: 99 of 100 orders took up to ${found} ms, limit ${limit} ms`;
  trip(turn, "latency", { reason, value: `${found} ms`, limit: `${limit} ms` });
}

/** Event time since which the oldest unsettled order is; null when all are settled. */
function oldestUnknown({ orders }: BotState): number | null {
  let oldest: number | null = null;
  for (const { unknownSinceMs } of orders.values()) {
    if (unknownSinceMs !== null && (oldest === null || unknownSinceMs < oldest)) oldest = unknownSinceMs;
  }
  return oldest;
}

/** Asked at each round while an order is unsettled, and whenever one becomes so. */
export function watchUnknown(turn: Turn, limits: BreakerLimits): void {
  const { state } = turn;
  const since = oldestUnknown(state);
  if (since === null) return;
  let count = 0;
  for (const { unknownSinceMs } of state.orders.values()) if (unknownSinceMs !== null) count += 1;
  const { unknownOrdersMax } = turn.limits;
  const [value, limit] = [`${count} orders`, `${unknownOrdersMax} orders`];
  if (count > unknownOrdersMax) {
    trip(turn, "unknown", { reason: `opened: ${count} orders are unsettled, limit ${unknownOrdersMax}`, value, limit });
  } else if (state.nowMs - since > limits.unknownAgeMsMax) {
    const age = state.nowMs - since;
    const reason = `opened: an order is unsettled for ${age} ms, limit ${limits.unknownAgeMsMax} ms`;
    trip(turn, "unknown", { reason, value: `${age} ms`, limit: `${limits.unknownAgeMsMax} ms` });
  }
}

function nearLiquidation(state: BotState, bps: number): boolean {
  const mark = currentMark(state);
  const price = state.liquidation?.price ?? null;
  return mark !== null && price !== null && state.ledger.position !== 0 && liquidationWithin(mark, price, bps);
}

/** Warns once while it is near, trips when it is too near. Without a price the margin ratio alone decides. */
function watchLiquidation(turn: Turn, limits: BreakerLimits): void {
  const { state } = turn;
  const { warned } = state.history;
  const mark = currentMark(state);
  if (state.liquidation === null || mark === null) return;
  const distance = liquidationDistanceBps(mark, state.liquidation.price);
  if (nearLiquidation(state, limits.liquidationTripBps)) {
    const reason = `opened: liquidation is ${distance} bps away, limit ${limits.liquidationTripBps}`;
    const [value, limit] = [`${distance} bps`, `${limits.liquidationTripBps} bps`];
    if (!trip(turn, "liquidation", { reason, value, limit })) closeAgain(turn, distance);
    return;
  }
  const near = nearLiquidation(state, limits.liquidationWarnBps);
  if (near && !warned.liquidation) {
    const limit = limits.liquidationTripBps;
    const text = `the liquidation price is ${distance} bps from the mark; at ${limit} bps the position is closed`;
    turn.alert("liquidation", "warning", text, { distanceBps: distance, limitBps: limits.liquidationTripBps });
  }
  warned.liquidation = near;
}

/**
 * The breaker waits for a person, and the position may be near liquidation a second time before that: by a late fill,
 * or because a kill that is reset now had ended the close. What no order could close is left.
 */
function closeAgain(turn: Turn, distanceBps: number): void {
  const { state } = turn;
  const position = provenPosition(state);
  const isLeft = position === 0 || position === state.closedDust;
  if (!state.breakers.has("liquidation") || state.closer !== null || isLeft) return;
  const text = `liquidation is ${distanceBps} bps away again: the position is closed`;
  turn.alert("liquidation", "critical", text, { breaker: "liquidation", distanceBps });
  turn.flatten({ code: "flatten.liquidation" });
}

/** A send ended: its round trip, its tries, and whether the exchange refuses everything. */
export function watchOutcome(turn: Turn, event: OutcomeEvent): void {
  const { state } = turn;
  const { history } = state;
  if (state.limits?.breakers === undefined) return;
  const answered = event.result === "accepted" || event.result === "rejected" || event.result === "not-open";
  if (answered && event.tookMs !== undefined) addRoundTrip(history.roundTrips, state.nowMs, event.tookMs);
  const tries = event.tries ?? 1;
  if (event.result !== "not-sent") addRequest(history.retries, { tries, failed: !answered }, state.nowMs);
  if (event.of === "place") {
    if (event.result === "accepted" && history.refusalsInRow > 0) {
      history.taken = { clientOrderId: event.clientOrderId, refusals: history.refusalsInRow };
      history.refusalsInRow = 0;
    }
    if (event.result === "rejected" && event.reason !== "POST_ONLY_WOULD_TAKE") history.refusalsInRow += 1;
  }
  const limits = watched(state);
  if (limits === null) return;
  if (tries > 1 || !answered) watchRetries(turn, limits);
  if (event.of === "place" && event.result === "rejected") watchRejects(turn, limits, event.text);
}

function watchRejects(turn: Turn, { rejectsInRowMax: limit }: BreakerLimits, last: string): void {
  const { refusalsInRow: count } = turn.state.history;
  if (limit === 0 || count < limit) return;
  const reason = `opened: the exchange refused ${count} orders in a row, limit ${limit}; the last: ${last}`;
  trip(turn, "rejects", { reason, value: `${count} orders`, limit: `${limit} orders` });
}

/** A refusal by stream follows its answer at once; what rested longer was ended for another reason. */
const TAKEN_BACK_MS = 5_000;

/** Some exchanges take an order and judge it afterwards: refused like any other, and the taking ended no row. */
export function watchTakenBack(turn: Turn, order: Order, { reason, text }: Rejection): void {
  const { state } = turn;
  const { history } = state;
  if (state.limits?.breakers === undefined || reason === "POST_ONLY_WOULD_TAKE") return;
  if (order.cumulative > 0 || state.nowMs - order.placedAtMs > TAKEN_BACK_MS) return;
  const before = history.taken?.clientOrderId === order.clientOrderId ? history.taken.refusals : 0;
  history.refusalsInRow = Math.max(history.refusalsInRow, before) + 1;
  const limits = watched(state);
  if (limits !== null) watchRejects(turn, limits, text);
}

type Rejection = Extract<OrderChange, { readonly change: "rejected" }>;

function watchRetries(turn: Turn, { retryRatioBpsMax }: BreakerLimits): void {
  const found = judgeRetries(turn.state.history.retries, retryRatioBpsMax, turn.state.nowMs);
  if (!found.tooMany) return;
  const seen = `${found.retried} of ${found.tries} tries were repeats, ${found.errors} failed in five minutes`;
  trip(turn, "retries", { reason: `opened: ${seen}`, value: seen, limit: `${retryRatioBpsMax} bps or 50 errors` });
}

/**
 * A fill of an own order, before its order's state says whether it is over. Slices of the closer are no closing orders
 * of the strategy: what a person, a breaker, a kill or a stop sells at a loss says nothing about its trading.
 */
export function watchFill(turn: Turn, fill: ClosingFill, held: Held): void {
  const { history, ledger } = turn.state;
  if (turn.state.limits?.breakers === undefined) return;
  if (fill.slotKey !== CLOSER_SLOT) addFill(history, turn.instrument, { fill, held });
  if (ledger.position === 0) history.slots.clear();
}

/** An order changed: one that ended with all its fills booked is won or lost. */
export function watchOrder(turn: Turn, order: Order): void {
  const { state } = turn;
  const { history } = state;
  if (!history.closing.has(order.clientOrderId) || isLive(order) || order.filled < order.cumulative) return;
  closingEnded(history, order.clientOrderId);
  const limit = watched(state)?.lossesInRowMax ?? 0;
  if (limit === 0 || history.lossesInRow < limit) return;
  const reason = `opened: ${history.lossesInRow} closing orders in a row lost, limit ${limit}`;
  const [value, most] = [`${history.lossesInRow} orders`, `${limit} orders`];
  trip(turn, "consecutive-losses", { reason, value, limit: most });
}
