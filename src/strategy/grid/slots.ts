// Carries out the slot table: what became of an order changes the slot that owns it, and no other (N-02). Look-ups,
// resending of cancels and orphans are the engine's; the slot just waits.

import { assert } from "../../base/assert.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { OrderChange } from "../contract.ts";
import { openGate, setBoth } from "./gates.ts";
import { bookExecution } from "./held.ts";
import { type SlotCell, type SlotColumn, slotCell, slotEventOf } from "./slot-table.ts";
import type { GridState, Route, Slot, SlotOrder } from "./state.ts";
import { alert, type GridTurn, now, reconcile } from "./turn.ts";

/**
 * Finished orders kept for late news (GRID-29): the last thousand and a day's, never more than the engine remembers.
 */
const FINISHED_MIN = 1000;
const FINISHED_MAX = 4000;
const FINISHED_AGE_MS = 86_400_000;
const LOCK_MS_MAX = 300_000;
const BACKOFF_MS_MAX = 60_000;
/** After this many post-only rejects without a fallback the slot rests (GRID-37). */
const POST_ONLY_REST_MS = 60_000;
/** How long an empty slot keeps its counters after its cooldown ended. */
const FORGET_MS = 300_000;

/** Column of the table a slot stands in, as seen by one order. */
export function columnOf(slot: Slot | undefined, id: ClientOrderId | null): SlotColumn {
  if (slot !== undefined && slot.order !== null && (id === null || slot.order.id === id)) return slot.order.state;
  return slot !== undefined && slot.held > 0 ? "HELD" : "EMPTY";
}

/** Gives the slot an order that was just recorded (GRID-28). */
export function takeOrder(state: GridState, slot: Slot, order: SlotOrder): void {
  const cell = slotCell(order.purpose === "entry" ? "plan.entry" : "plan.exit", columnOf(slot, null));
  assert(cell.next === "SENT", () => `slot ${slot.j} cannot take an ${order.purpose}`);
  slot.order = order;
  state.routes.set(order.id, {
    j: slot.j,
    width: slot.width,
    leg: slot.leg,
    purpose: order.purpose,
    quantity: order.quantity,
    booked: 0,
    finishedAtMs: 0,
  });
}

/** Marks the slot's order as being cancelled. */
export function markCancel(slot: Slot): void {
  assert(slotCell("plan.cancel", columnOf(slot, null)).next === "CANCEL", () => `slot ${slot.j} has no live order`);
  if (slot.order !== null) slot.order.state = "CANCEL";
}

/** Applies what became of an order (section 6). Total: unknown, late, repeated and reordered events are all defined. */
export function applyOrderChange(turn: GridTurn, id: ClientOrderId, change: OrderChange): void {
  const { state } = turn;
  const route = state.routes.get(id) ?? state.finished.get(id);
  if (route === undefined) {
    state.counts.unknownOrders += 1;
    alert(turn, "unknown-order", "warning", "news of an order this grid does not remember", { clientOrderId: id });
    reconcile(turn, { code: "reconcile.unknown_order", clientOrderId: id });
    return;
  }
  const column = columnOf(state.slots.get(route.j), id);
  const cell = slotCell(slotEventOf(change, route.booked), column);
  const booked = book(turn, id, route, change);
  const slot = state.slots.get(route.j);
  if (slot?.order?.id === id) moveOwn(turn, slot, { cell, change, progressed: booked > 0 });
  else if (cell.alert === "always") alertOf(turn, slot, { id, route, change });
  if (cell.idle && booked === 0) state.counts.orderEventsIgnored += 1;
  if (slot !== undefined) tidySlot(state, slot);
}

/** **B**: books what is new of the highest executed total proven. Returns the lots booked. */
function book(turn: GridTurn, id: ClientOrderId, route: Route, change: OrderChange): number {
  if (!("cumulative" in change)) return 0;
  const executed = change.cumulative - route.booked;
  if (executed < 0) turn.state.counts.cumulativeBack += 1;
  if (executed <= 0) return 0;
  route.booked = change.cumulative;
  if (change.cumulative > route.quantity) {
    const facts = { clientOrderId: id, quantity: route.quantity, executed: change.cumulative };
    alert(turn, "over-filled", "error", "more was executed than the order asked for; booked in full", facts);
  }
  if (bookExecution(turn.state, route, executed)) {
    const text = `${turn.state.stray} lots belong to no slot; adopt or writeOff them`;
    alert(turn, "stray", "error", text, { clientOrderId: id, stray: turn.state.stray });
  }
  return executed;
}

interface Move {
  readonly cell: SlotCell;
  readonly change: OrderChange;
  readonly progressed: boolean;
}

function moveOwn(turn: GridTurn, slot: Slot, move: Move): void {
  const { state } = turn;
  const { cell, change } = move;
  const order = slot.order;
  if (order === null) return;
  if (move.progressed || change.change === "open") {
    slot.postOnlyRejects = 0;
    slot.plainNext = false;
  }
  if (change.change === "open") slot.otherRejects = 0;
  if (cell.next === "settle") settle(state, slot, order);
  else if (cell.next !== null) order.state = cell.next;
  if (cell.coolMs > 0) cool(turn, slot, cell.coolMs);
  if (cell.rejects) countPostOnlyReject(turn, slot, order);
  if (cell.lock) lockMargin(turn, slot, order);
  if (cell.backoff) {
    slot.otherRejects += 1;
    cool(turn, slot, Math.min(BACKOFF_MS_MAX, 1000 * 2 ** Math.min(slot.otherRejects - 1, 6)));
  }
  if (cell.reconcile) reconcile(turn, { code: "reconcile.order", clientOrderId: order.id, slot: slot.j });
  if (cell.alert === "always" || (cell.alert === "fifth" && slot.otherRejects === 5)) {
    alertOf(turn, slot, { id: order.id, route: { j: slot.j, purpose: order.purpose }, change });
  }
}

function alertOf(
  turn: GridTurn,
  slot: Slot | undefined,
  about: { readonly id: ClientOrderId; readonly route: Pick<Route, "j" | "purpose">; readonly change: OrderChange },
): void {
  const { change, route } = about;
  const detail = "text" in change ? `: ${change.text}` : "";
  const text = `${route.purpose} of slot ${route.j}: ${change.change}${detail}`;
  const facts = { clientOrderId: about.id, slot: route.j, held: slot?.held ?? 0 };
  alert(turn, `order-${change.change}`, "warning", text, facts);
}

/** Drops the order: the slot is EMPTY or HELD by what it holds. Only proof of the end comes here (N-11). */
function settle(state: GridState, slot: Slot, order: SlotOrder): void {
  slot.order = null;
  const route = state.routes.get(order.id);
  if (route === undefined) return;
  state.routes.delete(order.id);
  route.finishedAtMs = state.nowMs;
  state.finished.set(order.id, route);
  for (const [id, oldest] of state.finished) {
    if (state.finished.size <= FINISHED_MIN) break;
    if (state.finished.size <= FINISHED_MAX && state.nowMs - oldest.finishedAtMs < FINISHED_AGE_MS) break;
    state.finished.delete(id);
  }
}

function cool(turn: GridTurn, slot: Slot, durationMs: number): void {
  slot.coolUntilMs = Math.max(slot.coolUntilMs, now(turn) + durationMs);
}

/** GRID-37. */
function countPostOnlyReject(turn: GridTurn, slot: Slot, order: SlotOrder): void {
  const { config } = turn.state;
  slot.postOnlyRejects += 1;
  if (slot.postOnlyRejects < config.postOnlyRejectsMax) {
    cool(turn, slot, config.postOnlyRetryMs);
    return;
  }
  slot.postOnlyRejects = 0;
  const fallback = config.postOnlyFallback;
  slot.plainNext = fallback === "all" || (fallback === "exits" && order.purpose === "exit");
  cool(turn, slot, slot.plainNext ? config.postOnlyRetryMs : POST_ONLY_REST_MS);
}

/** GRID-38: a reject while the lock holds belongs to an order sent before it and does not lengthen it. */
function lockMargin(turn: GridTurn, slot: Slot, order: SlotOrder): void {
  const { state } = turn;
  const { lock } = state;
  const at = now(turn);
  if (at >= lock.untilMs) {
    const repeated = lock.untilMs > 0 && at <= lock.untilMs + LOCK_MS_MAX;
    lock.lengthMs = Math.min(LOCK_MS_MAX, repeated ? lock.lengthMs * 2 : state.config.marginLockMs);
    lock.untilMs = at + lock.lengthMs;
    const text = `no funds for the ${order.purpose} at level ${slot.j}; no entries for ${lock.lengthMs} ms`;
    alert(turn, "margin-lock", "warning", text, { slot: slot.j, lockMs: lock.lengthMs });
  }
  const strict = order.purpose === "exit" || state.gates.get("margin")?.L === "REDUCE";
  setBoth(state, "margin", strict ? "REDUCE" : "HOLD", "not enough funds");
  // an exit is not held back by the gate: without a rest it would be refused again at once
  if (order.purpose === "exit") cool(turn, slot, 5000);
}

/** End of the margin lock. */
export function unlockMargin(state: GridState): void {
  if (state.gates.has("margin") && state.nowMs >= state.lock.untilMs) openGate(state, "margin");
}

/** When the slot may be forgotten although it remembers something; 0 when it may be at once. */
const forgetAtMs = (slot: Slot): number =>
  slot.otherRejects > 0 || slot.postOnlyRejects > 0 || slot.plainNext ? slot.coolUntilMs + FORGET_MS : slot.coolUntilMs;

/** Forgets a slot that holds nothing, has no order, and nothing worth remembering. */
export function tidySlot(state: GridState, slot: Slot): void {
  if (slot.held > 0 || slot.order !== null || state.nowMs < forgetAtMs(slot)) return;
  state.slots.delete(slot.j);
}

/** Next time the slot's own clock matters: its cooldown's end, or when it may be forgotten; 0 for never. */
export function nextSlotTimeMs(slot: Slot, atMs: number): number {
  if (slot.coolUntilMs > atMs) return slot.coolUntilMs;
  return slot.held === 0 && slot.order === null ? forgetAtMs(slot) : 0;
}
