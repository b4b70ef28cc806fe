// What one planner run knows: the book, the frame, the gates' levels and a scan of the slots, and how it places and
// cancels. The three passes stand in plan-cancels.ts, plan-exits.ts and plan-entries.ts.

import { compareProducts, mulCeilDiv, mulFloorDiv } from "../../base/integer.ts";
import { lots, opposite, type Side, ticks } from "../../market/amounts.ts";
import type { Leg } from "../../trading/command.ts";
import type { Because } from "../../trading/effect.ts";
import type { NewOrder } from "../../trading/order.ts";
import type { GateLevel, StrategyContext } from "../contract.ts";
import { type GridConfig, usesLeg } from "./config.ts";
import { gateTexts, levelOf } from "./gates.ts";
import type { Lattice } from "./lattice.ts";
import { computeFrame, emptyFrame, type Frame } from "./reference.ts";
import { exitMinLots } from "./sizes.ts";
import { markCancel, nextSlotTimeMs, takeOrder } from "./slots.ts";
import type { GridState, Purpose, ReferenceState, Slot } from "./state.ts";
import type { GridTurn } from "./turn.ts";

export interface Plan {
  readonly turn: GridTurn;
  readonly state: GridState;
  readonly config: GridConfig;
  readonly context: StrategyContext;
  readonly lattice: Lattice;
  readonly stride: number;
  readonly levels: { readonly L: GateLevel; readonly S: GateLevel };
  readonly frame: Frame;
  /** Slots whose lots can be closed (GRID-18), in the order of the slot map. */
  readonly closable: Slot[];
  /** L slots holding lots less S slots holding lots. */
  net: number;
  /** Orders out, and of them exits, and exits being cancelled. */
  open: number;
  exits: number;
  exitsCancelling: number;
  /** Slots that hold lots or have an entry order (the inventory cap's count). */
  occupied: number;
  widthMax: number;
  /** Open orders allowed: the configuration's, risk's and the exchange's own (GRID-39). */
  readonly openMax: number;
  /** Near slots whose exit waits for the book, and window levels outside the price band: a new book may free them. */
  readonly waiting: Slot[];
  readonly banded: { readonly side: Side; readonly price: number }[];
  /** Near slots without an order because exitLevels are out already (GRID-21). */
  missing: number;
  /** Earliest end of a slot's cooldown, and earliest time a slot must be looked at again; 0 for never. */
  coolNextMs: number;
  slotNextMs: number;
}

export const sideOf = (leg: Leg, purpose: Purpose): Side => ((leg === "L") === (purpose === "entry") ? "buy" : "sell");

/** Entry and exit level of a slot (grid.md section 1). */
export const entryLevel = (slot: Pick<Slot, "j" | "width" | "leg">): number =>
  slot.leg === "L" ? slot.j : slot.j + slot.width;
export const exitLevel = (slot: Pick<Slot, "j" | "width" | "leg">): number =>
  slot.leg === "L" ? slot.j + slot.width : slot.j;

/** True when all of `held` can be sold or bought back at the exit level. */
export function isClosable(plan: Pick<Plan, "lattice" | "context" | "config">, slot: Slot): boolean {
  if (slot.held === 0) return false;
  return slot.held >= exitMinLots(plan.context.instrument, plan.config, plan.lattice.price(exitLevel(slot)));
}

/** Looks at every slot once. */
export function preparePlan(turn: GridTurn, lattice: Lattice, frame: Frame = emptyFrame()): Plan {
  const { state, context } = turn;
  const { config } = state;
  const plan: Plan = {
    turn,
    state,
    config,
    context,
    lattice,
    stride: state.indicators.stride,
    levels: { L: levelOf(state, "L"), S: levelOf(state, "S") },
    frame,
    closable: [],
    net: 0,
    open: 0,
    exits: 0,
    exitsCancelling: 0,
    occupied: 0,
    widthMax: state.indicators.stride,
    openMax: Math.min(config.openOrdersMax, context.openOrdersLimit),
    waiting: [],
    banded: [],
    missing: 0,
    coolNextMs: 0,
    slotNextMs: 0,
  };
  for (const slot of state.slots.values()) scan(plan, slot);
  computeFrame({ lattice, config, stride: plan.stride, net: plan.net }, state.reference, frame);
  return plan;
}

function scan(plan: Plan, slot: Slot): void {
  const { order } = slot;
  if (slot.width > plan.widthMax) plan.widthMax = slot.width;
  if (slot.held > 0) {
    plan.net += slot.leg === "L" ? 1 : -1;
    if (isClosable(plan, slot)) plan.closable.push(slot);
  }
  if (slot.held > 0 || order?.purpose === "entry") plan.occupied += 1;
  if (order !== null) {
    plan.open += 1;
    if (order.purpose === "exit") {
      plan.exits += 1;
      if (order.state === "CANCEL") plan.exitsCancelling += 1;
    }
  }
  const next = nextSlotTimeMs(slot, plan.state.nowMs);
  if (next === 0) return;
  plan.slotNextMs = earlier(plan.slotNextMs, next);
  if (slot.coolUntilMs > plan.state.nowMs) plan.coolNextMs = earlier(plan.coolNextMs, slot.coolUntilMs);
}

/** Earlier of two times where 0 means never. */
export const earlier = (a: number, b: number): number => (a === 0 ? b : b === 0 || a < b ? a : b);

/** Level of a leg; a leg the mode does not use stands at REDUCE for entries, while its lots are still worked off. */
export function entryLevelOf(plan: Plan, leg: Leg): GateLevel {
  const level = plan.levels[leg];
  return usesLeg(plan.config, leg) || level === "FREEZE" || level === "HALT" ? level : "REDUCE";
}

/** Risk's price band (RISK-06 check 9) around the accepted mid. */
export function isInBand(context: StrategyContext, book: ReferenceState, side: Side, price: number): boolean {
  const doubled = book.bid + book.ask;
  const { priceBandBps: near, priceBandFarBps: far } = context;
  if (side === "buy") {
    if (compareProducts(2 * price, 10_000, doubled, 10_000 + near) > 0) return false;
    return compareProducts(2 * price, 10_000, doubled, 10_000 - far) >= 0;
  }
  if (compareProducts(2 * price, 10_000, doubled, 10_000 - near) < 0) return false;
  return compareProducts(2 * price, 10_000, doubled, 10_000 + far) <= 0;
}

/** Worst price on the near side that the band still allows: a plain exit is never asked beyond it. */
export function bandEdge(context: StrategyContext, book: ReferenceState, side: Side): number {
  const doubled = book.bid + book.ask;
  if (side === "buy") return mulFloorDiv(doubled, 10_000 + context.priceBandBps, 20_000);
  return mulCeilDiv(doubled, 10_000 - context.priceBandBps, 20_000);
}

/** An order the planner decided on. */
export interface Decision {
  readonly purpose: Purpose;
  readonly price: number;
  readonly quantity: number;
  readonly postOnly: boolean;
  readonly code: string;
  readonly rank: number | null;
}

/** Records the order in its slot in the same step that asks for it (GRID-28). */
export function place(plan: Plan, slot: Slot, decision: Decision): void {
  const { turn, context } = plan;
  const { purpose } = decision;
  const side = sideOf(slot.leg, purpose);
  const price = ticks(decision.price);
  const quantity = lots(decision.quantity);
  const order: NewOrder = {
    symbol: context.instrument.symbol,
    side,
    price,
    quantity,
    timeInForce: "GTC",
    postOnly: decision.postOnly,
    reduceOnly: purpose === "exit" && context.instrument.kind !== "spot" && plan.config.mode !== "neutral",
    slotKey: String(slot.j),
  };
  turn.effects += 1;
  const id = turn.out.place(order, becauseOf(plan, decision.code, slot, decision.rank));
  plan.occupied += purpose === "entry" && slot.held === 0 ? 1 : 0;
  plan.open += 1;
  plan.exits += purpose === "exit" ? 1 : 0;
  slot.plainNext = false;
  slot.coolUntilMs = 0;
  takeOrder(plan.state, slot, { id, purpose, side, price, quantity, state: "SENT" });
}

/** Asks for the end of the slot's live order. */
export function cancel(plan: Plan, slot: Slot, code: string, rank: number | null): void {
  if (slot.order === null) return;
  plan.turn.effects += 1;
  plan.turn.out.cancel(slot.order.id, becauseOf(plan, code, slot, rank));
  plan.exitsCancelling += slot.order.purpose === "exit" ? 1 : 0;
  markCancel(slot);
}

/** GRID-25: the numbers a decision was made from. */
function becauseOf(plan: Plan, code: string, slot: Slot, rank: number | null): Because {
  const { frame, state } = plan;
  return {
    code,
    rank,
    slot: slot.j,
    leg: slot.leg,
    entry: plan.lattice.price(entryLevel(slot)),
    exit: plan.lattice.price(exitLevel(slot)),
    ref0: state.reference.ref0,
    ref: frame.ref,
    c: frame.c,
    m: plan.stride,
    bid: state.reference.bid,
    ask: state.reference.ask,
    held: slot.held,
    gates: gateTexts(state),
  };
}

/**
 * The bot's own resting order nearest to meeting an order of this side: its highest buy, or its lowest sell; 0 if none.
 */
export function ownOpposite(plan: Plan, side: Side): number {
  const other = opposite(side);
  let price = 0;
  for (const { order } of plan.state.slots.values()) {
    if (order === null || order.side !== other) continue;
    if (price === 0 || (other === "buy" ? order.price > price : order.price < price)) price = order.price;
  }
  return price;
}
