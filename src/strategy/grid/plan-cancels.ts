// GRID-19: which live orders have to go. Only an order in LIVE is ever cancelled; one on its way is waited for.

import type { GateLevel } from "../contract.ts";
import { isAtLeast } from "./gates.ts";
import { isUsable } from "./lattice.ts";
import { cancel, entryLevel, entryLevelOf, exitLevel, isClosable, type Plan } from "./plan.ts";
import { rankOf } from "./reference.ts";
import type { Slot, SlotOrder } from "./state.ts";

export function planCancels(plan: Plan): void {
  const levelL = entryLevelOf(plan, "L");
  const levelS = entryLevelOf(plan, "S");
  for (const slot of plan.state.slots.values()) {
    const { order } = slot;
    if (order === null || order.state !== "LIVE") continue;
    const level = slot.leg === "L" ? levelL : levelS;
    if (order.purpose === "entry") cancelEntry(plan, slot, level);
    else cancelExit(plan, slot, level, order);
  }
}

function cancelEntry(plan: Plan, slot: Slot, level: GateLevel): void {
  const rank = rankOf(plan.frame, slot.leg, slot, plan.stride);
  const { config } = plan;
  const lagging = rank === null || rank < -1 || rank > config.entryLevels - 1 + config.windowSlack;
  if (isAtLeast(level, "REDUCE")) cancel(plan, slot, "cancel.gate", rank);
  else if (lagging || !isUsable(plan.lattice, config, slot.j, slot.width)) cancel(plan, slot, "cancel.window", rank);
  else if (slot.held > 0 && isHalfWay(plan, slot) && isClosable(plan, slot)) cancel(plan, slot, "cancel.partial", rank);
}

function cancelExit(plan: Plan, slot: Slot, level: GateLevel, order: SlotOrder): void {
  const booked = plan.state.routes.get(order.id)?.booked ?? 0;
  if (level === "HALT") cancel(plan, slot, "cancel.gate", null);
  else if (order.quantity - booked > slot.held) cancel(plan, slot, "cancel.over_held", null);
}

/** The price has gone half the cell towards the exit: 2·|ref0 − p(e)| ≥ |p(x) − p(e)| on the profit side. */
function isHalfWay(plan: Plan, slot: Slot): boolean {
  const { ref0 } = plan.state.reference;
  const entry = plan.lattice.price(entryLevel(slot));
  const exit = plan.lattice.price(exitLevel(slot));
  return slot.leg === "L" ? 2 * (ref0 - entry) >= exit - entry : 2 * (entry - ref0) >= entry - exit;
}

/** Reference price from which a partly filled entry makes room for its exit: at or above (L), at or below (S). */
export function halfWayPrice(plan: Plan, slot: Slot): number {
  const entry = plan.lattice.price(entryLevel(slot));
  const exit = plan.lattice.price(exitLevel(slot));
  return slot.leg === "L" ? entry + Math.ceil((exit - entry) / 2) : entry - Math.ceil((entry - exit) / 2);
}
