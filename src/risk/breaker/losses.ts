// Losing closing orders in a row (RISK-18). A closing order is measured against what its own slot paid, fees of both
// ways in it: the average of a falling grid would call every good cycle a loss. Lots no slot paid for count by it.

import { bigNearestDiv } from "../../base/integer.ts";
import { type Lots, type Money, money, type Side, signOf, type Ticks, ZERO_MONEY } from "../../market/amounts.ts";
import { type Instrument, unitMoney } from "../../market/instrument.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { BreakerHistory, SlotCost } from "./history.ts";

/** Slots remembered; the longest untouched is forgotten first. */
const SLOTS_MAX = 2_000;

/** One fill of ours; `fee` in the quote asset. */
export interface ClosingFill {
  readonly clientOrderId: ClientOrderId;
  readonly slotKey: string;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly fee: Money;
  /** The order can only close: lots its slot never paid for are measured against the average. */
  readonly onlyCloses: boolean;
}

/** The bot's open lots before the fill and what they cost, value units. */
export interface Held {
  readonly position: number;
  readonly cost: bigint;
}

/** A fill, and what the bot held before it. */
export interface FilledFrom {
  readonly fill: ClosingFill;
  readonly held: Held;
}

/** Moves the fill between slots and closing orders. */
export function addFill(history: BreakerHistory, instrument: Instrument, { fill, held }: FilledFrom): void {
  const sign = signOf(fill.side);
  const own = history.slots.get(fill.slotKey);
  const unit = unitMoney(instrument);
  const opposes = (lots: number): boolean => lots !== 0 && lots > 0 !== sign > 0;
  const from: SlotCost | null =
    own !== undefined && opposes(own.lots)
      ? own
      : fill.onlyCloses && own === undefined && opposes(held.position)
        ? { lots: held.position, cost: money(held.cost * unit) }
        : null;
  const closed = from === null ? 0 : Math.min(Math.abs(from.lots), fill.quantity);
  const value = (quantity: number): bigint => BigInt(fill.price) * BigInt(quantity) * unit;
  const feeOf = (quantity: number): bigint => bigNearestDiv(fill.fee * BigInt(quantity), BigInt(fill.quantity));
  if (from !== null) {
    const cost = bigNearestDiv(from.cost * BigInt(closed), BigInt(Math.abs(from.lots)));
    const net = BigInt(-sign) * value(closed) - cost - feeOf(closed);
    history.closing.set(fill.clientOrderId, money((history.closing.get(fill.clientOrderId) ?? 0n) + net));
    if (from === own) keep(history, fill.slotKey, { lots: own.lots + sign * closed, cost: money(own.cost - cost) });
  }
  const opened = fill.quantity - closed;
  if (opened === 0) return;
  const before = history.slots.get(fill.slotKey) ?? { lots: 0, cost: ZERO_MONEY };
  const cost = before.cost + BigInt(sign) * value(opened) + (fill.fee - feeOf(closed));
  keep(history, fill.slotKey, { lots: before.lots + sign * opened, cost: money(cost) });
}

function keep(history: BreakerHistory, slotKey: string, slot: SlotCost): void {
  history.slots.delete(slotKey);
  if (slot.lots !== 0) history.slots.set(slotKey, slot);
  if (history.slots.size <= SLOTS_MAX) return;
  for (const oldest of history.slots.keys()) {
    history.slots.delete(oldest);
    return;
  }
}

/** An order ended and its fills are booked: a loss counts, a gain begins anew, nothing is skipped. */
export function closingEnded(history: BreakerHistory, clientOrderId: ClientOrderId): void {
  const net = history.closing.get(clientOrderId);
  if (net === undefined) return;
  history.closing.delete(clientOrderId);
  if (net < 0n) history.lossesInRow += 1;
  else if (net > 0n) history.lossesInRow = 0;
}
