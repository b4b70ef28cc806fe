// GRID-22: entries of the window, nearest first, L before S. Every level that gets none has a reason (GRID-25).

import { ticks } from "../../market/amounts.ts";
import { formatPrice } from "../../market/instrument.ts";
import type { Leg } from "../../trading/command.ts";
import { LEGS_OF } from "./config.ts";
import { slotAt } from "./held.ts";
import { beatsFees, isUsable } from "./lattice.ts";
import { entryLevelOf, isClosable, isInBand, type Plan, place, sideOf } from "./plan.ts";
import { entryLots } from "./sizes.ts";
import type { Slot } from "./state.ts";
import { alert } from "./turn.ts";

export type Skip =
  | "occupied"
  | "cell"
  | "cap"
  | "quota"
  | "too_small"
  | "cooldown"
  | "gate"
  | "range"
  | "band"
  | "fees";

/** What the planner makes of one window level. */
export interface EntryChoice {
  readonly leg: Leg;
  readonly rank: number;
  readonly level: number;
  /** The slot: `level` for L, `level − m` for S. */
  readonly j: number;
  readonly price: number;
  readonly quantity: number;
  readonly topUp: boolean;
  readonly skip: Skip | null;
}

export function planEntries(plan: Plan): void {
  const { entryLevels, mode } = plan.config;
  const legs = LEGS_OF[mode];
  for (let rank = 0; rank < entryLevels; rank += 1) {
    for (const leg of legs) planEntry(plan, leg, rank);
  }
}

function planEntry(plan: Plan, leg: Leg, rank: number): void {
  const j = slotIndex(plan, leg, rank);
  // the usual case, decided before anything is allocated
  const there = plan.state.slots.get(j);
  if (there !== undefined && (there.order !== null || there.coolUntilMs > plan.state.nowMs)) return;
  if (!isUsable(plan.lattice, plan.config, j, plan.stride)) return;
  const choice = chooseEntry(plan, leg, rank);
  if (choice.skip === "too_small") alertSize(plan, choice);
  if (choice.skip === "band") plan.banded.push({ side: sideOf(leg, "entry"), price: choice.price });
  if (choice.skip !== null) return;
  const slot = slotAt(plan.state, j, { width: plan.stride, leg });
  slot.leg = leg;
  slot.width = plan.stride;
  place(plan, slot, {
    purpose: "entry",
    price: choice.price,
    quantity: choice.quantity,
    postOnly: plan.config.postOnly && !(slot.plainNext && plan.config.postOnlyFallback === "all"),
    code: choice.topUp ? "entry.topup" : "entry.window",
    rank,
  });
}

function slotIndex(plan: Plan, leg: Leg, rank: number): number {
  const { frame, stride } = plan;
  return leg === "L" ? frame.kL - rank * stride : frame.kS + rank * stride - stride;
}

/** Judges one window level as the slots stand now. Changes nothing: the view and the preview ask it too. */
export function chooseEntry(plan: Plan, leg: Leg, rank: number): EntryChoice {
  const { stride, lattice } = plan;
  const j = slotIndex(plan, leg, rank);
  const level = leg === "L" ? j : j + stride;
  const price = lattice.price(level);
  const slot = plan.state.slots.get(j);
  const held = slot?.held ?? 0;
  const base = { leg, rank, level, j, price, topUp: held > 0 };
  const skip = placeSkip(plan, leg, j, slot) ?? rulesSkip(plan, leg, j, price) ?? countSkip(plan, held);
  if (skip !== null) return { ...base, quantity: 0, skip };
  const quantity = entryLots(plan.context.instrument, plan.config, price, held);
  return { ...base, quantity, skip: quantity === 0 ? "too_small" : null };
}

/** What stands in the way at the cell itself or beside it. */
function placeSkip(plan: Plan, leg: Leg, j: number, slot: Slot | undefined): Skip | null {
  if (slot !== undefined) {
    if (slot.order !== null) return "occupied";
    if (slot.coolUntilMs > plan.state.nowMs) return "cooldown";
    const dustOfLeg = slot.leg === leg && slot.width === plan.stride && !isClosable(plan, slot);
    if (slot.held > 0 && !dustOfLeg) return "occupied";
  }
  if (entryLevelOf(plan, leg) !== "RUN") return "gate";
  return overlapsAnother(plan, j) ? "cell" : null;
}

/** A slot with an order or closable lots, of either leg, overlaps the cell j … j+m. The slot at j was judged before. */
function overlapsAnother(plan: Plan, j: number): boolean {
  const { stride, state } = plan;
  for (let a = j - plan.widthMax + 1; a < j + stride; a += 1) {
    const other = state.slots.get(a);
    if (other === undefined || j >= a + other.width) continue;
    if (other.order !== null || isClosable(plan, other)) return true;
  }
  return false;
}

function rulesSkip(plan: Plan, leg: Leg, j: number, price: number): Skip | null {
  const { stride, lattice, config, context } = plan;
  if (!isUsable(lattice, config, j, stride)) return "range";
  if (!isInBand(context, plan.state.reference, sideOf(leg, "entry"), price)) return "band";
  const fee = { makerPpm: context.instrument.makerPpm, edgePpm: config.edgePpm };
  return beatsFees(lattice.price(j), lattice.price(j + stride), fee) ? null : "fees";
}

function countSkip(plan: Plan, held: number): Skip | null {
  if (held === 0 && plan.occupied >= plan.config.heldSlotsMax) return "cap";
  return plan.open >= plan.openMax ? "quota" : null;
}

/** One alert a level (GRID-17). */
function alertSize(plan: Plan, choice: EntryChoice): void {
  const { sizeAlerts } = plan.state;
  if (sizeAlerts.has(choice.level)) return;
  for (const oldest of sizeAlerts.keys()) {
    if (sizeAlerts.size < 1000) break;
    sizeAlerts.delete(oldest);
  }
  sizeAlerts.set(choice.level, plan.state.nowMs);
  const price = formatPrice(plan.context.instrument, ticks(choice.price));
  alert(plan.turn, "entry-size", "warning", `level ${price} has no size that orderQuote allows`, {
    level: choice.level,
  });
}
