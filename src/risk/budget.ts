// The budget of one bot (RISK-13…16): available + reserved + invested = budget + realised net, always, in exact money.
// Kept from approvals, fills and ends of orders; nothing is clamped, an overdraft is shown as what it is.

import { assert } from "../base/assert.ts";
import { bigCeilDiv } from "../base/integer.ts";
import { type Lots, lots, type Money, money, type Side, type Ticks } from "../market/amounts.ts";
import { type Instrument, unitMoney } from "../market/instrument.ts";

/** What one opening order holds back. */
export interface Reservation {
  readonly side: Side;
  readonly price: Ticks;
  /** Lots that may still execute. */
  remaining: Lots;
  reserved: bigint;
}

/** Plain canonical data. `invested` is the cost (spot) or margin (perpetual) of the open position. */
export interface BudgetState {
  readonly budget: bigint;
  invested: bigint;
  /** Gain and loss of closed lots, fees, funding. */
  realisedNet: bigint;
  /** Signed lots the invested money stands for. */
  position: number;
  /** Notional paid for that position: what a close is measured against. */
  cost: bigint;
  /** What fills cost beyond what was reserved for them, in sum; for the reader, not part of the identity. */
  overage: bigint;
  reservations: Map<string, Reservation>;
}

/** A fill as the budget sees it; `fee` is in the quote asset. */
export interface BudgetFill {
  readonly orderId: string;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly fee: Money;
}

export function initialBudget(budget: Money): BudgetState {
  return {
    budget,
    invested: 0n,
    realisedNet: 0n,
    position: 0,
    cost: 0n,
    overage: 0n,
    reservations: new Map(),
  };
}

/** A budget for a bot that holds something already: `cost` is the signed notional paid for `position`. */
export function budgetHolding(
  budget: Money,
  instrument: Instrument,
  held: { readonly position: number; readonly cost: bigint },
): BudgetState {
  const cost = held.cost < 0n ? -held.cost : held.cost;
  const state: BudgetState = { ...initialBudget(budget), position: held.position, cost };
  state.invested = marginOf(state, instrument);
  return state;
}

/** RISK-14, rounded up: notional ÷ leverage + taker fee. Leverage is 1 on spot; reducing orders reserve nothing. */
export function reservationFor(instrument: Instrument, price: Ticks, quantity: number): Money {
  const notional = value(instrument, { price, quantity });
  const margin = bigCeilDiv(notional, BigInt(Math.max(1, instrument.leverage)));
  const fee = bigCeilDiv(notional * BigInt(Math.max(0, instrument.takerPpm)), 1_000_000n);
  return money(margin + fee);
}

/** What opening orders may still take. Negative after an overage: opening stops until it is not. */
export function availableBudget(state: BudgetState): Money {
  return money(state.budget + state.realisedNet - state.invested - reservedBudget(state));
}

export function reservedBudget(state: BudgetState): Money {
  let sum = 0n;
  for (const reservation of state.reservations.values()) sum += reservation.reserved;
  return money(sum);
}

/** An opening order was approved. */
export function reserve(
  state: BudgetState,
  instrument: Instrument,
  order: { readonly orderId: string; readonly side: Side; readonly price: Ticks; readonly quantity: Lots },
): void {
  assert(!state.reservations.has(order.orderId), () => `order ${order.orderId} is reserved already`);
  const reserved = reservationFor(instrument, order.price, order.quantity);
  state.reservations.set(order.orderId, { side: order.side, price: order.price, remaining: order.quantity, reserved });
}

/** RISK-15: cost to invested, fee to realised net, reservation down to what the remainder needs. */
export function bookBudgetFill(state: BudgetState, instrument: Instrument, fill: BudgetFill): void {
  const before = state.invested + reservedBudget(state);
  shrink(state, instrument, fill);
  const signed = fill.side === "buy" ? fill.quantity : -fill.quantity;
  const closing =
    Math.sign(signed) === -Math.sign(state.position) ? Math.min(fill.quantity, Math.abs(state.position)) : 0;
  if (closing > 0) close(state, instrument, { ...fill, quantity: closing });
  const rest = fill.quantity - closing;
  open(state, instrument, { side: fill.side, price: fill.price, quantity: rest });
  state.realisedNet -= fill.fee;
  const grown = state.invested + reservedBudget(state) + fill.fee - before;
  if (grown > 0n && rest > 0) state.overage += grown;
}

/** The order ended: what it still held back is free again. */
export function releaseBudget(state: BudgetState, orderId: string): void {
  state.reservations.delete(orderId);
}

/**
 * Lots that fees in base have eaten: they are worth nothing any more, and what they cost is paid as that fee already.
 */
export function giveUp(state: BudgetState, instrument: Instrument, eaten: number): void {
  const gone = Math.min(eaten, Math.max(0, state.position));
  if (gone <= 0) return;
  state.cost -= (state.cost * BigInt(gone)) / BigInt(state.position);
  state.position -= gone;
  state.invested = marginOf(state, instrument);
}

/** Funding, rebates and other income, negative when paid. */
export function bookBudgetIncome(state: BudgetState, amount: Money): void {
  state.realisedNet += amount;
}

function shrink(state: BudgetState, instrument: Instrument, fill: BudgetFill): void {
  const reservation = state.reservations.get(fill.orderId);
  if (reservation === undefined) return;
  reservation.remaining = lots(Math.max(0, reservation.remaining - fill.quantity));
  reservation.reserved = reservationFor(instrument, reservation.price, reservation.remaining);
}

interface Part {
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: number;
}

function open(state: BudgetState, instrument: Instrument, part: Part): void {
  state.cost += value(instrument, part);
  state.position += part.side === "buy" ? part.quantity : -part.quantity;
  state.invested = marginOf(state, instrument);
}

/** Closes at the average cost; the last lot takes the whole rest, so nothing is left by rounding. */
function close(state: BudgetState, instrument: Instrument, part: Part): void {
  const held = Math.abs(state.position);
  const share = (state.cost * BigInt(part.quantity)) / BigInt(held);
  const proceeds = value(instrument, part);
  state.realisedNet += state.position > 0 ? proceeds - share : share - proceeds;
  state.cost -= share;
  state.position += part.side === "buy" ? part.quantity : -part.quantity;
  state.invested = marginOf(state, instrument);
}

const marginOf = (state: BudgetState, instrument: Instrument): bigint =>
  bigCeilDiv(state.cost, BigInt(Math.max(1, instrument.leverage)));

const value = (instrument: Instrument, part: { readonly price: Ticks; readonly quantity: number }): bigint =>
  BigInt(part.price) * BigInt(part.quantity) * unitMoney(instrument);
