// GRID-20 and GRID-21: profit-taking for the slots nearest to the price. An exit is never worse than its level, and
// never larger than what its slot holds (N-03).

import { lots } from "../../market/amounts.ts";
import { isAtLeast } from "./gates.ts";
import { bandEdge, cancel, exitLevel, isInBand, ownOpposite, type Plan, place, sideOf } from "./plan.ts";
import { exitMinLots } from "./sizes.ts";
import type { Slot } from "./state.ts";

export interface ExitQuote {
  readonly price: number;
  readonly quantity: number;
  readonly postOnly: boolean;
  readonly improved: boolean;
}

/** Why a near slot gets no exit now; null when it is ready for one. */
export type ExitWait = "order" | "cooldown" | "gate" | "band" | "too_small";

/** Price and quantity of a slot's exit on the accepted book. */
export function exitQuote(plan: Plan, slot: Slot): ExitQuote {
  const { config, context, state } = plan;
  const level = plan.lattice.price(exitLevel(slot));
  const plain = slot.plainNext && config.postOnlyFallback !== "none";
  const postOnly = config.postOnly && !plain;
  const price = postOnly ? passivePrice(plan, slot, level) : plainPrice(plan, slot, level);
  const quantity = Math.min(slot.held, context.instrument.maxLots);
  return { price, quantity, postOnly, improved: price !== level && state.reference.ref0 > 0 };
}

/** A gap through the exit earns the better price and is not rejected. */
const passivePrice = (plan: Plan, slot: Slot, level: number): number =>
  slot.leg === "L" ? Math.max(level, plan.state.reference.ask) : Math.min(level, plan.state.reference.bid);

/** Moved past the bot's own resting opposite orders by one tick, and never beyond what the price band lets pass. */
function plainPrice(plan: Plan, slot: Slot, level: number): number {
  const side = sideOf(slot.leg, "exit");
  const own = ownOpposite(plan, side);
  const edge = bandEdge(plan.context, plan.state.reference, side);
  if (side === "sell") return Math.max(level, own === 0 ? level : own + 1, edge);
  return Math.min(level, own === 0 ? level : own - 1, edge);
}

/** Whether a slot among the nearest may get its exit now. */
export function exitWait(plan: Plan, slot: Slot, quote: ExitQuote): ExitWait | null {
  if (slot.order !== null) return "order";
  if (slot.coolUntilMs > plan.state.nowMs) return "cooldown";
  if (isAtLeast(plan.levels[slot.leg], "FREEZE")) return "gate";
  if (!isInBand(plan.context, plan.state.reference, sideOf(slot.leg, "exit"), quote.price)) return "band";
  if (quote.quantity < exitMinLots(plan.context.instrument, plan.config, quote.price)) return "too_small";
  return null;
}

export function planExits(plan: Plan): void {
  const { config, closable } = plan;
  // nothing to place and nobody waits: the order of the slots is of no interest
  if (closable.every((slot) => slot.order !== null)) return;
  const near = nearestFirst(plan);
  for (let i = 0; i < near.length && i < config.exitLevels; i += 1) {
    const slot = near[i];
    if (slot === undefined || slot.order !== null) continue;
    const quote = exitQuote(plan, slot);
    const wait = exitWait(plan, slot, quote);
    if (wait === "band" || wait === "too_small") plan.waiting.push(slot);
    if (wait !== null) continue;
    if (plan.exits >= config.exitLevels) plan.missing += 1;
    else if (plan.open < plan.openMax) placeExit(plan, slot, quote, i);
  }
  if (plan.missing > plan.exitsCancelling) cancelFarthest(plan, near, plan.missing - plan.exitsCancelling);
}

function placeExit(plan: Plan, slot: Slot, quote: ExitQuote, rank: number): void {
  place(plan, slot, {
    purpose: "exit",
    price: quote.price,
    quantity: lots(quote.quantity),
    postOnly: quote.postOnly,
    code: quote.improved ? "exit.improved" : "exit.take",
    rank,
  });
}

/** GRID-21: farthest first, and only those well outside the nearest. */
function cancelFarthest(plan: Plan, near: readonly Slot[], count: number): void {
  const { config } = plan;
  let left = count;
  for (let i = near.length - 1; i >= config.exitLevels + config.windowSlack && left > 0; i -= 1) {
    const slot = near[i];
    if (slot?.order?.purpose !== "exit" || slot.order.state !== "LIVE") continue;
    cancel(plan, slot, "cancel.far_exit", i);
    left -= 1;
  }
}

/** Closable slots by distance of their exit level from ref0, then by index. */
export function nearestFirst(plan: Plan): readonly Slot[] {
  const { closable, lattice } = plan;
  const { ref0 } = plan.state.reference;
  const distance = (slot: Slot): number => Math.abs(lattice.price(exitLevel(slot)) - ref0);
  return closable.sort((a, b) => distance(a) - distance(b) || a.j - b.j);
}
