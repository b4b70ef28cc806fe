// The shared closer: brings a position to zero by slices that only reduce, within the slippage limit (RISK-36, 37).
// Flatten, stop and kill use it. It decides one order at a time and remembers nothing but when it began.

import { ceilDiv, toSafe } from "../base/integer.ts";
import { lots, type MilliTicks, milliTicks, type Side, type Ticks, ticks } from "../market/amounts.ts";
import { type Instrument, unitMoney } from "../market/instrument.ts";
import type { Level } from "../trading/event.ts";
import type { NewOrder } from "../trading/order.ts";
import { closable, midOf, type OrderSums } from "./exposure.ts";
import type { RiskLimits } from "./limits.ts";
import { sizeWithin, throughMark, widenedBps } from "./slippage.ts";

export interface CloserFacts {
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly instrument: Instrument;
  readonly position: number;
  /** Live orders that could still change the position: they are waited for, never doubled. */
  readonly live: OrderSums;
  /** Levels best first; empty when there is no fresh book. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly mark: MilliTicks | null;
  /** Kill and margin: the limit widens with time, and without a book the mark is good enough. */
  readonly urgent: boolean;
  /** Slot key its orders carry. */
  readonly slotKey: string;
}

export type CloserDecision =
  /** Nothing is left that an order could close; `dust` lots remain. */
  | { readonly kind: "done"; readonly dust: number }
  | { readonly kind: "wait"; readonly untilMs: number; readonly why: string }
  | {
      readonly kind: "order";
      readonly order: NewOrder;
      /** Price band this order is judged by in approval. */
      readonly priceBandBps: number;
      readonly nextAtMs: number;
    };

/** The next slice, a wait, or the end. Total: whatever the book, it never enlarges the position. */
export function closeStep(limits: RiskLimits, facts: CloserFacts): CloserDecision {
  const { position, instrument } = facts;
  if (position === 0) return { kind: "done", dust: 0 };
  const side: Side = position > 0 ? "sell" : "buy";
  const price = referencePrice(facts, side);
  const wait = (why: string): CloserDecision => ({ kind: "wait", untilMs: facts.nowMs + limits.sliceMs, why });
  if (price === null) return wait("there is no book to close into");
  const least = leastLots(instrument, price);
  if (Math.abs(position) < least) return { kind: "done", dust: Math.abs(position) };
  const free = closable(side, position, facts.live);
  if (free < least) return wait("orders that may still execute hold the position");
  const sized = sizeOf(limits, facts, { side, least, free });
  if (sized === null) return wait("nothing fits the slippage limit");
  const order: NewOrder = {
    symbol: instrument.symbol,
    side,
    price: sized.price,
    quantity: lots(sized.quantity),
    timeInForce: "IOC",
    postOnly: false,
    reduceOnly: instrument.kind === "perpetual",
    slotKey: facts.slotKey,
  };
  return { kind: "order", order, priceBandBps: bandOf(limits, facts), nextAtMs: facts.nowMs + limits.sliceMs };
}

const slippageOf = (limits: RiskLimits, facts: CloserFacts): number =>
  facts.urgent ? widenedBps(limits.slippageBpsMax, facts.nowMs - facts.startedAtMs) : limits.slippageBpsMax;

const bandOf = (limits: RiskLimits, facts: CloserFacts): number =>
  Math.max(limits.priceBandBps, slippageOf(limits, facts));

/** Best price of the side it takes from; without a whole book the edge around the mark, for the urgent alone. */
function referencePrice(facts: CloserFacts, side: Side): Ticks | null {
  if (bookMid(facts) !== null) return (side === "buy" ? facts.asks : facts.bids)[0]?.[0] ?? null;
  if (!facts.urgent || facts.mark === null || facts.mark < 1000) return null;
  return ticks(ceilDiv(facts.mark, 1000));
}

const bookMid = (facts: CloserFacts): number | null => midOf(facts.bids[0]?.[0] ?? null, facts.asks[0]?.[0] ?? null);

/** Smallest order the exchange takes at this price, in lots. */
function leastLots(instrument: Instrument, price: number): number {
  const exempt = instrument.kind === "perpetual" && !instrument.minNotionalOnReduceOnly;
  return Math.max(1, instrument.minLots, exempt ? 0 : ceilDiv(instrument.minNotional, price));
}

interface Slice {
  readonly side: Side;
  readonly least: number;
  readonly free: number;
}

function sizeOf(limits: RiskLimits, facts: CloserFacts, slice: Slice): { quantity: number; price: Ticks } | null {
  const mid = bookMid(facts);
  const slippageBps = slippageOf(limits, facts);
  if (mid === null) {
    if (facts.mark === null) return null;
    const price = throughMark(slice.side, facts.mark, slippageBps);
    const quantity = cappedLots(limits, facts.instrument, { price, wanted: slice.free });
    return price <= 0 || quantity < slice.least ? null : { quantity, price: ticks(price) };
  }
  const levels = slice.side === "buy" ? facts.asks : facts.bids;
  const band = { slippageBps, priceBandBps: bandOf(limits, facts), participationBps: limits.participationBps };
  const depth = { side: slice.side, levels, mid: milliTicks(mid) };
  const sized = sizeWithin(depth, { wanted: slice.free, least: slice.least }, band);
  if (sized === null) return null;
  const quantity = cappedLots(limits, facts.instrument, { price: sized.price, wanted: sized.quantity });
  // a level below the best may ask for one lot more to reach the exchange's smallest notional
  return quantity < leastLots(facts.instrument, sized.price) ? null : { quantity, price: sized.price };
}

/** What one order may be at most by the limits (checks 3 and 8). */
function cappedLots(limits: RiskLimits, instrument: Instrument, order: { price: number; wanted: number }): number {
  if (order.price <= 0) return 0;
  const affordable = limits.orderNotionalMax / (BigInt(order.price) * unitMoney(instrument));
  const bounds = [order.wanted, instrument.maxLots, limits.orderQuantityMax ?? order.wanted];
  return Math.min(...bounds, affordable > BigInt(order.wanted) ? order.wanted : toSafe(affordable));
}
