// The ladder as screens show it: every slot that holds, waits or works, and every window level with its reason for
// being empty (GRID-25). Reads the state only.

import { present } from "../../base/assert.ts";
import { type Lots, lots, milliTicks, ticks } from "../../market/amounts.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { LadderRow, Outbox, StrategyContext, StrategyView } from "../contract.ts";
import { LEGS_OF } from "./config.ts";
import { gateTexts } from "./gates.ts";
import { latticeOf } from "./lattice.ts";
import { entryLevel, exitLevel, isClosable, type Plan, preparePlan } from "./plan.ts";
import { chooseEntry, type EntryChoice } from "./plan-entries.ts";
import type { GridState, Slot } from "./state.ts";

const NOWHERE: Outbox = {
  place: () => present<ClientOrderId>(null, "an order of a view, which places none,"),
  cancel: () => {},
  timer: () => {},
  alert: () => {},
  reconcile: () => {},
  reloadCandles: () => {},
  flatten: () => {},
  adjustLedger: () => {},
  acceptConfig: () => {},
};

export function viewOf(context: StrategyContext, state: GridState): StrategyView {
  const { reference } = state;
  return {
    phase: state.phase,
    reference: reference.ref0 === 0 ? null : milliTicks((reference.bid + reference.ask) * 500),
    gates: gateTexts(state),
    ladder: ladderOf(context, state),
  };
}

/** Highest price first; at one price the slot before the skipped level. */
function ladderOf(context: StrategyContext, state: GridState): readonly LadderRow[] {
  const plan = planOf(context, state);
  if (plan === null) return [];
  const rows: LadderRow[] = [];
  for (const slot of state.slots.values()) rows.push(slotRow(plan, slot));
  for (const choice of skippedLevels(plan)) rows.push(skipRow(plan, choice));
  return rows.sort((a, b) => b.price - a.price || (a.key > b.key ? -1 : 1));
}

/** A planner's scan of the state, or null before there is a lattice and a price. */
export function planOf(context: StrategyContext, state: GridState): Plan | null {
  if (state.lattice === null || state.reference.ref0 === 0) return null;
  return preparePlan({ state, context, out: NOWHERE, effects: 0 }, latticeOf(state.lattice));
}

/** Window levels without an entry of their own, each with its reason (GRID-25). */
export function skippedLevels(plan: Plan): readonly EntryChoice[] {
  const skipped: EntryChoice[] = [];
  for (let rank = 0; rank < plan.config.entryLevels; rank += 1) {
    for (const leg of LEGS_OF[plan.config.mode]) {
      const choice = chooseEntry(plan, leg, rank);
      const slot = plan.state.slots.get(choice.j);
      const own = slot?.leg === leg && slot.order?.purpose === "entry";
      if (choice.skip !== null && !own) skipped.push(choice);
    }
  }
  return skipped;
}

function slotRow(plan: Plan, slot: Slot): LadderRow {
  const { order } = slot;
  return {
    key: `slot ${slot.j}`,
    price: ticks(plan.lattice.price(entryLevel(slot))),
    exitPrice: ticks(plan.lattice.price(exitLevel(slot))),
    leg: slot.leg,
    held: lots(slot.held),
    state: order?.state ?? (slot.held > 0 ? "HELD" : "EMPTY"),
    clientOrderId: order?.id ?? null,
    note: noteOf(plan, slot),
  };
}

function noteOf(plan: Plan, slot: Slot): string {
  const { order } = slot;
  if (order !== null) return `${order.purpose} ${order.side} ${order.quantity} at ${order.price}`;
  if (slot.coolUntilMs > plan.state.nowMs) return `cooling for ${slot.coolUntilMs - plan.state.nowMs} ms`;
  if (slot.held > 0 && !isClosable(plan, slot)) return "dust";
  return slot.held > 0 ? "waits for its exit" : "";
}

function skipRow(plan: Plan, choice: EntryChoice): LadderRow {
  const exit = choice.leg === "L" ? choice.j + plan.stride : choice.j;
  const none: Lots = lots(0);
  return {
    key: `skip ${choice.leg}${choice.level}`,
    price: ticks(choice.price),
    exitPrice: ticks(plan.lattice.price(exit)),
    leg: choice.leg,
    held: none,
    state: "EMPTY",
    clientOrderId: null,
    note: `skip.${choice.skip}`,
  };
}
