// Whose lots are whose: booking into slots, strays, base fees, write-offs. Every change keeps
// Σ held(L) − Σ held(S) + stray = fills + adopted − writtenOff − baseFeeLots (GRID-30).

import { assert } from "../../base/assert.ts";
import { bigCeilDiv, toSafe } from "../../base/integer.ts";
import { lots, type Money } from "../../market/amounts.ts";
import { baseMoney } from "../../market/instrument.ts";
import type { Leg } from "../../trading/command.ts";
import { setBoth } from "./gates.ts";
import type { GridState, Route, Slot } from "./state.ts";

/** +1 for L, −1 for S: the sign of the lots a slot of this leg holds. */
export const legSign = (leg: Leg): 1 | -1 => (leg === "L" ? 1 : -1);

/** The slot at j, made empty when there is none. */
export function slotAt(state: GridState, j: number, cell: { readonly width: number; readonly leg: Leg }): Slot {
  const existing = state.slots.get(j);
  if (existing !== undefined) return existing;
  const slot: Slot = {
    j,
    width: cell.width,
    leg: cell.leg,
    held: 0,
    order: null,
    coolUntilMs: 0,
    postOnlyRejects: 0,
    plainNext: false,
    otherRejects: 0,
  };
  state.slots.set(j, slot);
  return slot;
}

/** Books `executed` more lots of an order (GRID-30). True when some of them found no slot and became stray. */
export function bookExecution(state: GridState, route: Route, executed: number): boolean {
  const direction = (route.purpose === "entry" ? 1 : -1) * legSign(route.leg);
  state.tally.fills += direction * executed;
  const placed = route.purpose === "entry" ? bookEntry(state, route, executed) : bookExit(state, route, executed);
  if (placed === executed) return false;
  addStray(state, direction * (executed - placed));
  return true;
}

function bookEntry(state: GridState, route: Route, executed: number): number {
  if (route.width === 0) return 0;
  const slot = slotAt(state, route.j, route);
  if (slot.held === 0 && slot.order === null) {
    slot.leg = route.leg;
    slot.width = route.width;
  }
  if (slot.leg !== route.leg) return 0;
  slot.held += executed;
  takeBaseFees(state, slot);
  return executed;
}

function bookExit(state: GridState, route: Route, executed: number): number {
  const slot = state.slots.get(route.j);
  if (slot === undefined || slot.leg !== route.leg || route.width === 0) return 0;
  const taken = Math.min(executed, slot.held);
  slot.held -= taken;
  return taken;
}

/** Adds lots no slot owns; the gate holds both legs until they are resolved. */
export function addStray(state: GridState, signed: number): void {
  state.stray += signed;
  setBoth(state, "stray", state.stray === 0 ? "RUN" : "HOLD", "lots that no slot owns");
}

/** Counts a fee the exchange took in base (GRID-03), and takes what it comes to off the slot being filled. */
export function addBaseFee(state: GridState, fee: Money, slot: Slot | undefined): void {
  state.baseFees += fee;
  if (slot !== undefined) takeBaseFees(state, slot);
}

function takeBaseFees(state: GridState, slot: Slot): void {
  if (slot.leg !== "L") return;
  const owed = toSafe(bigCeilDiv(state.baseFees, baseMoney(state, lots(1))));
  const taken = Math.min(owed - state.baseFeeLots, slot.held);
  if (taken <= 0) return;
  slot.held -= taken;
  state.baseFeeLots += taken;
}

/** Slots of a leg that hold lots, worst entry first: the highest buys, the lowest sells. */
export function worstFirst(state: GridState, leg: Leg): readonly Slot[] {
  const held: Slot[] = [];
  for (const slot of state.slots.values()) if (slot.leg === leg && slot.held > 0) held.push(slot);
  return held.sort((a, b) => (leg === "L" ? b.j - a.j : a.j + a.width - (b.j + b.width) || a.j - b.j));
}

/** Takes up to `count` lots off a leg's slots, worst entry first. Returns how many were taken. */
export function takeHeld(state: GridState, leg: Leg, count: number): number {
  assert(count >= 0, "a negative count of lots to take");
  let left = count;
  for (const slot of worstFirst(state, leg)) {
    const taken = Math.min(left, slot.held);
    slot.held -= taken;
    left -= taken;
  }
  return count - left;
}

/** A fill of the shared closer or a forced one (GRID-36): reduces what the other side holds, the rest is stray. */
export function bookClosing(state: GridState, signed: number): void {
  state.tally.fills += signed;
  const leg: Leg = signed > 0 ? "S" : "L";
  const size = Math.abs(signed);
  const rest = size - takeHeld(state, leg, size);
  addStray(state, Math.sign(signed) * rest);
  if (heldTotal(state, "L") === heldTotal(state, "S") && state.stray === 0) pairOff(state);
}

/** Once the closer made the position flat, longs and shorts of a neutral grid have cancelled each other. */
function pairOff(state: GridState): void {
  for (const slot of state.slots.values()) slot.held = 0;
}

/** Σ held of a leg. */
export function heldTotal(state: GridState, leg: Leg): number {
  let total = 0;
  for (const slot of state.slots.values()) if (slot.leg === leg) total += slot.held;
  return total;
}
