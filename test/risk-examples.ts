// Instruments, orders and facts that tests of risk speak about. Prices and quantities are in ticks and lots.

import { lots, milliTicks, money, ticks } from "../src/market/amounts.ts";
import type { Instrument } from "../src/market/instrument.ts";
import type { ApprovalFacts } from "../src/risk/facts.ts";
import { defaultRiskLimits, type RiskLimits, type RiskTexts, riskLimitsFrom } from "../src/risk/limits.ts";
import { foreignOrderId, makeClientOrderId } from "../src/trading/client-order-id.ts";
import type { NewOrder, Order } from "../src/trading/order.ts";
import { BTC_PERPETUAL, BTC_SPOT as SPOT } from "./instruments.ts";

/** Whole USDT as Money. */
export const usdt = (value: number) => money(BigInt(Math.round(value * 10_000)) * 10n ** 14n);

export const PROPERTY_RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

/** BTC/USDT:USDT, tick 0.1, lot 0.001, smallest notional 5 USDT (not asked of reduce-only), 3× leverage. */
export const BTC: Instrument = { ...BTC_PERPETUAL, leverage: 3 };

export const BTC_SPOT: Instrument = {
  ...SPOT,
  tickSize: BTC.tickSize,
  lotSize: BTC.lotSize,
  minNotional: BTC.minNotional,
};

/** The defaults with these keys changed. */
export function limitsWith(texts: RiskTexts, instrument: Instrument = BTC): RiskLimits {
  const limits = riskLimitsFrom(texts, instrument);
  if (!limits.ok) throw new Error(limits.error.map((problem) => `${problem.key}: ${problem.text}`).join("\n"));
  return limits.value;
}

export const DEFAULTS = defaultRiskLimits(BTC);

/** Buy of 0.005 BTC at 60,000 unless told otherwise. */
export function orderOf(change: Partial<NewOrder> = {}): NewOrder {
  return {
    symbol: BTC.symbol,
    side: "buy",
    price: ticks(600_000),
    quantity: lots(5),
    timeInForce: "GTC",
    postOnly: true,
    reduceOnly: false,
    slotKey: "L1",
    ...change,
  };
}

/** One of our orders, resting unless told otherwise. `seq` names it. */
export function liveOrder(seq: number, change: Partial<NewOrder> = {}, state: Partial<Order> = {}): Order {
  return {
    clientOrderId: makeClientOrderId({ tag: "btcgrd", lineage: 0, seq, index: 0 }),
    order: orderOf({ slotKey: `slot${seq}`, ...change }),
    placedAtMs: 1_000,
    placedSeq: seq,
    changedSeq: seq,
    place: "acknowledged",
    status: "open",
    exchangeOrderId: `x${seq}`,
    cumulative: lots(0),
    filled: lots(0),
    cancelAsked: false,
    unknownSinceMs: null,
    ...state,
  };
}

export const foreignId = foreignOrderId("somebody-else-1");

export const liveMap = (orders: readonly Order[]): Map<string, Order> =>
  new Map(orders.map((order) => [order.clientOrderId, order]));

export const NOW = 1_000_000;

/** A flat bot, a fresh book 59,999.9 / 60,000.1, a mark of 60,000 and 10,000 USDT of equity. */
export function factsOf(change: Partial<ApprovalFacts> = {}): ApprovalFacts {
  return {
    nowMs: NOW,
    mode: { mode: "normal", reason: "", sinceMs: 0, blocks: "both", reducingAllowed: true },
    instrument: BTC,
    bookAtMs: NOW,
    bid: ticks(599_999),
    ask: ticks(600_001),
    mark: milliTicks(600_000_000),
    position: lots(0),
    live: new Map(),
    equity: usdt(10_000),
    equityAtMs: NOW,
    ...change,
  };
}
