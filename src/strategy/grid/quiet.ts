// When a new book cannot change the plan. After a planner run without effects, this keeps the conditions under which
// the next run would have none either; they are exact, so skipping never changes an effect (proved by property). A
// cache beside the state, never part of it: losing it costs one planner run.

import type { Instrument } from "../../market/instrument.ts";
import type { StrategyContext } from "../contract.ts";
import { earlier, exitLevel, isClosable, isInBand, type Plan } from "./plan.ts";
import { halfWayPrice } from "./plan-cancels.ts";
import { exitQuote, exitWait, nearestFirst } from "./plan-exits.ts";
import { computeFrame, emptyFrame, type Frame, type FrameInputs } from "./reference.ts";
import type { GridState, Slot } from "./state.ts";

export interface Quiet {
  readonly plan: Plan;
  readonly instrument: Instrument;
  readonly priceBandBps: number;
  readonly priceBandFarBps: number;
  readonly openOrdersLimit: number;
  readonly inputs: FrameInputs;
  readonly kL: number;
  readonly kS: number;
  readonly frame: Frame;
  /** Time from which a cooldown, a lock or a slot to forget matters; 0 for never. */
  readonly wakeMs: number;
  /** 2·ref0 must stay strictly between: the nearest exits stay the nearest. */
  readonly low2: number;
  readonly high2: number;
  /** ref0 must stay below / above: no partly filled entry is half way to its exit. */
  readonly halfAbove: number;
  readonly halfBelow: number;
}

/** Conditions under which the run that just had no effects would have none again. */
export function quietAfter(plan: Plan): Quiet {
  const { state, context, config } = plan;
  const range = { low2: Number.MIN_SAFE_INTEGER, high2: Number.MAX_SAFE_INTEGER };
  if (plan.closable.length > config.exitLevels) {
    const near = nearestFirst(plan);
    keepNearest(plan, near, config.exitLevels, range);
    if (plan.missing > plan.exitsCancelling) keepNearest(plan, near, config.exitLevels + config.windowSlack, range);
  }
  const half = { halfAbove: Number.MAX_SAFE_INTEGER, halfBelow: Number.MIN_SAFE_INTEGER };
  for (const slot of state.slots.values()) keepPartial(plan, slot, half);
  const lock = state.gates.has("margin") ? state.lock.untilMs : 0;
  return {
    plan,
    instrument: context.instrument,
    priceBandBps: context.priceBandBps,
    priceBandFarBps: context.priceBandFarBps,
    openOrdersLimit: context.openOrdersLimit,
    inputs: { lattice: plan.lattice, config, stride: plan.stride, net: plan.net },
    kL: plan.frame.kL,
    kS: plan.frame.kS,
    frame: emptyFrame(),
    wakeMs: earlier(plan.slotNextMs, lock),
    ...range,
    ...half,
  };
}

/** Narrows the range in which the first `count` of the closable slots stay the first. */
function keepNearest(plan: Plan, near: readonly Slot[], count: number, range: { low2: number; high2: number }): void {
  if (near.length <= count) return;
  let lowest = Number.MAX_SAFE_INTEGER;
  let highest = Number.MIN_SAFE_INTEGER;
  near.forEach((slot, i) => {
    const price = plan.lattice.price(exitLevel(slot));
    if (i < count) {
      lowest = Math.min(lowest, price);
      highest = Math.max(highest, price);
      return;
    }
    if (price > lowest) range.high2 = Math.min(range.high2, price + lowest);
    if (price < highest) range.low2 = Math.max(range.low2, price + highest);
  });
}

function keepPartial(plan: Plan, slot: Slot, half: { halfAbove: number; halfBelow: number }): void {
  const { order } = slot;
  if (order === null || order.purpose !== "entry" || order.state !== "LIVE" || !isClosable(plan, slot)) return;
  const price = halfWayPrice(plan, slot);
  if (slot.leg === "L") half.halfAbove = Math.min(half.halfAbove, price);
  else half.halfBelow = Math.max(half.halfBelow, price);
}

/** True when the accepted book and the time change nothing the planner would do. */
export function isQuiet(quiet: Quiet, state: GridState, context: StrategyContext): boolean {
  const { ref0 } = state.reference;
  if (quiet.wakeMs !== 0 && state.nowMs >= quiet.wakeMs) return false;
  if (ref0 >= quiet.halfAbove || ref0 <= quiet.halfBelow) return false;
  if (2 * ref0 <= quiet.low2 || 2 * ref0 >= quiet.high2) return false;
  if (context.instrument !== quiet.instrument || context.openOrdersLimit !== quiet.openOrdersLimit) return false;
  if (context.priceBandBps !== quiet.priceBandBps || context.priceBandFarBps !== quiet.priceBandFarBps) return false;
  const { frame, plan } = quiet;
  computeFrame(quiet.inputs, state.reference, frame);
  if (frame.kL !== quiet.kL || frame.kS !== quiet.kS) return false;
  for (const { side, price } of plan.banded) if (isInBand(context, state.reference, side, price)) return false;
  for (const slot of plan.waiting) if (exitWait(plan, slot, exitQuote(plan, slot)) === null) return false;
  return true;
}

/** What is remembered beside a state. */
export interface Memory {
  quiet: Quiet | null;
}

const MEMORIES = new WeakMap<GridState, Memory>();

export function memoryOf(state: GridState): Memory {
  const known = MEMORIES.get(state);
  if (known !== undefined) return known;
  const memory: Memory = { quiet: null };
  MEMORIES.set(state, memory);
  return memory;
}
