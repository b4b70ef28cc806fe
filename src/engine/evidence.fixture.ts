// Evidence about orders of a running bot, to be handled alone: outcomes, fills, the exchange's word. For tests.

import assert from "node:assert/strict";
import { lots, ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { type ClientOrderId, foreignOrderId, makeClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent, OrderEvent, OutcomeEvent } from "../trading/event.ts";
import type { NewOrder } from "../trading/order.ts";
import { benchWith } from "./breakers.fixture.ts";
import { accepted, type Bench, fillOf, INSTRUMENT, orderSeen } from "./probe.fixture.ts";

export const OWN = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 999_999, index: 0 });
export const FOREIGN = foreignOrderId("manual-1");
export const SPOT: Instrument = { ...INSTRUMENT, kind: "spot", leverage: 1, feeIn: "received" };

/** An order of ten lots as the buy of a bench's bot is. */
export const newOrder = (change: Partial<NewOrder> = {}): NewOrder => ({
  symbol: INSTRUMENT.symbol,
  side: "buy",
  price: ticks(299_900),
  quantity: lots(10),
  timeInForce: "GTC",
  postOnly: true,
  reduceOnly: false,
  slotKey: "b",
  ...change,
});

/** An order of ten lots as a read of the exchange shows it. */
export const SHOWN = {
  exchangeOrderId: "x1",
  side: "buy",
  price: ticks(299_900),
  quantity: lots(10),
  cumulative: lots(0),
} as const;

/** A running bot that holds so many lots, bought at 3,000.00, and nothing else. */
export function holding(quantity: number): Bench {
  const bot = benchWith();
  bot.state.orders.clear();
  bot.state.ledger.position = lots(quantity);
  bot.state.ledger.cost = BigInt(quantity) * 300_000n;
  return bot;
}

/** A running bot with two quotes the exchange has; the id of its buy. */
export function quoting(): { readonly bot: Bench; readonly id: ClientOrderId } {
  const bot = benchWith();
  return { bot, id: bot.placed()[0] ?? assert.fail() };
}

export const outcome = (
  clientOrderId: ClientOrderId,
  of: "place" | "cancel",
  result: OutcomeEvent["result"],
): OutcomeEvent => ({ ...accepted(clientOrderId), of, result, atMs: 0 }) as OutcomeEvent;
export const fill = (bot: Bench, id: ClientOrderId | null, change: Partial<FillEvent> = {}): FillEvent =>
  ({ ...fillOf(bot.state, id ?? OWN, { tradeId: "1", quantity: 4 }), clientOrderId: id, ...change }) as FillEvent;
export const seen = (bot: Bench, id: ClientOrderId, change: Partial<OrderEvent> = {}): OrderEvent =>
  ({ ...orderSeen(bot.state, id, { status: "open", cumulative: 0 }), ...change }) as OrderEvent;

/** Moves the order into another slot, as a slice of the closer or an orphan stands there. */
export function moveTo(bot: Bench, id: ClientOrderId, slotKey: string): void {
  const order = bot.state.orders.get(id) ?? assert.fail();
  bot.state.orders.set(id, { ...order, order: { ...order.order, slotKey } as NewOrder });
}
