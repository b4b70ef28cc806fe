// Worst-case position over every order of fills, what may still be closed, and its worth (risk.md section 2). All in
// lots and exact money; an unknown order counts as if it rested.

import { bigCeilDiv } from "../base/integer.ts";
import { type Lots, lots, type MilliTicks, type Money, money, type Side, type Ticks } from "../market/amounts.ts";
import { type Instrument, unitMoney } from "../market/instrument.ts";
import { isLive, type NewOrder, type Order, remainingLots } from "../trading/order.ts";

/** Sums over the live orders of one instrument, made in one pass. Quantities are what remains, in lots. */
export interface LiveTotals {
  count: number;
  /** Not reduce-only. */
  buys: number;
  sells: number;
  reduceBuys: number;
  reduceSells: number;
  lowestSell: Order | null;
  highestBuy: Order | null;
  unknown: number;
  /** An unsettled order of the slot asked for. */
  unknownOfSlot: Order | null;
}

/** One pass over the live orders; `slotKey` is the slot whose unsettled order is looked for. */
export function liveTotals(live: ReadonlyMap<string, Order>, slotKey: string | null): LiveTotals {
  const totals: LiveTotals = {
    count: 0,
    buys: 0,
    sells: 0,
    reduceBuys: 0,
    reduceSells: 0,
    lowestSell: null,
    highestBuy: null,
    unknown: 0,
    unknownOfSlot: null,
  };
  for (const order of live.values()) {
    if (isLive(order)) count(totals, order, slotKey);
  }
  return totals;
}

function count(totals: LiveTotals, order: Order, slotKey: string | null): void {
  const { side, reduceOnly, price } = order.order;
  const remaining = remainingLots(order);
  totals.count += 1;
  if (order.place === "unknown") {
    totals.unknown += 1;
    if (order.order.slotKey === slotKey) totals.unknownOfSlot = order;
  }
  if (side === "buy") {
    if (reduceOnly) totals.reduceBuys += remaining;
    else totals.buys += remaining;
    if (remaining > 0 && (totals.highestBuy === null || price > totals.highestBuy.order.price))
      totals.highestBuy = order;
  } else {
    if (reduceOnly) totals.reduceSells += remaining;
    else totals.sells += remaining;
    if (remaining > 0 && (totals.lowestSell === null || price < totals.lowestSell.order.price))
      totals.lowestSell = order;
  }
}

/** What the worst case is made of; {@link LiveTotals} is one. */
export type OrderSums = Pick<LiveTotals, "buys" | "sells" | "reduceBuys" | "reduceSells">;

/** `L`: the longest position any order of fills can lead to. Reduce-only buys help a short, and end at flat. */
export function worstLong(position: number, sums: OrderSums): number {
  return (position < 0 ? Math.min(0, position + sums.reduceBuys) : position) + sums.buys;
}

/** `W`: the shortest position any order of fills can lead to. */
export function worstShort(position: number, sums: OrderSums): number {
  return (position > 0 ? Math.max(0, position - sums.reduceSells) : position) - sums.sells;
}

/** max(|L|, |W|) in lots. */
export function worstCase(position: number, sums: OrderSums): Lots {
  return lots(Math.max(Math.abs(worstLong(position, sums)), Math.abs(worstShort(position, sums))));
}

/** The worst case with one more order alive. */
export function worstCaseWith(
  position: number,
  sums: OrderSums,
  order: Pick<NewOrder, "side" | "quantity" | "reduceOnly">,
): Lots {
  const buy = order.side === "buy";
  const opening = order.reduceOnly ? 0 : order.quantity;
  const reducing = order.reduceOnly ? order.quantity : 0;
  return worstCase(position, {
    buys: sums.buys + (buy ? opening : 0),
    sells: sums.sells + (buy ? 0 : opening),
    reduceBuys: sums.reduceBuys + (buy ? reducing : 0),
    reduceSells: sums.reduceSells + (buy ? 0 : reducing),
  });
}

/** Lots an order of this side may close without ever turning the position around. */
export function closable(side: Side, position: number, sums: OrderSums): Lots {
  if (side === "sell") return lots(Math.max(0, position - sums.sells - sums.reduceSells));
  return lots(Math.max(0, -position - sums.buys - sums.reduceBuys));
}

/** A reducing order never makes the worst case larger; anything else is opening, in full. */
export function isReducing(order: Pick<NewOrder, "side" | "quantity">, position: number, sums: OrderSums): boolean {
  return order.quantity <= closable(order.side, position, sums);
}

/** Mid in milliticks of a whole book; one-sided and crossed books have none. */
export function midOf(bid: Ticks | null, ask: Ticks | null): number | null {
  return bid === null || ask === null || bid <= 0 || bid >= ask ? null : (bid + ask) * 500;
}

/** |lots| × mark as Money, rounded up: the value a limit is compared with is never too small. */
export function exposureMoney(instrument: Instrument, mark: MilliTicks, quantity: number): Money {
  return money(bigCeilDiv(BigInt(Math.abs(quantity)) * BigInt(mark) * unitMoney(instrument), 1000n));
}
