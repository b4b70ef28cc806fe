import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Case,
  long,
  manyUnknown,
  mixed,
  mode,
  outcome,
  ownBuy,
  ownSell,
  reduce,
  resting,
  sell,
} from "../../test/approval-examples.ts";
import { BTC, BTC_SPOT, limitsWith, liveOrder, NOW, usdt } from "../../test/risk-examples.ts";
import { lots, ticks } from "../market/amounts.ts";

const REFUSALS: { readonly [name: string]: Case } = {
  "1 mode": {
    facts: { mode: mode("breaker") },
    says: "mode: opening orders are blocked: drawdown 600 bps since 2024-08-09T00:00:00Z",
  },
  "2 halted": {
    facts: { instrument: { ...BTC, status: "halted" } },
    says: "instrument: BTC/USDT:USDT is halted on simulated",
  },
  "2 unknown": { order: { symbol: "ETH/USDT:USDT" }, says: "instrument: ETH/USDT:USDT is unknown on simulated" },
  "2 inverse": {
    facts: { instrument: { ...BTC, inverse: true } },
    says: "instrument: BTC/USDT:USDT is an inverse contract on simulated",
  },
  "2 delisting": {
    facts: { instrument: { ...BTC, status: "delisting" } },
    says: "instrument: BTC/USDT:USDT is delisting on simulated",
  },
  "3 too small": {
    order: { quantity: lots(0) },
    says: "size-rules: quantity 0.000 is below the exchange minimum 0.001",
  },
  "3 too large": {
    facts: { instrument: { ...BTC, maxLots: lots(4) } },
    says: "size-rules: quantity 0.005 is above the exchange maximum 0.004",
  },
  "3 notional": {
    facts: { instrument: { ...BTC, minNotional: 3_000_001 } },
    says: "size-rules: notional 300 is below the exchange minimum 300.0001",
  },
  "3 no price": { order: { price: ticks(0) }, says: "size-rules: price 0.0 is below the exchange minimum 0.1" },
  "4 reduce-only": {
    facts: long(3),
    order: reduce(5),
    says: "reduce-only: reduce-only 0.005, but only 0.003 can be closed",
  },
  "5 stale book": { facts: { bookAtMs: NOW - 5_001 }, says: "stale-book: book is 5001 ms old, limit 5000 ms" },
  "5 no book": { facts: { bookAtMs: null }, says: "stale-book: no book has arrived yet, limit 5000 ms" },
  "6 no price": { facts: { mark: null }, says: "no-price: no fresh price for BTC/USDT:USDT" },
  "7 slot unknown": {
    facts: { live: mixed },
    order: { slotKey: "slot1" },
    says: `unknown-order: order ${liveOrder(1).clientOrderId} of this slot is unsettled since 2024-08-09T00:00:00Z`,
  },
  "7 many unknown": {
    facts: { live: manyUnknown },
    says: "unknown-order: 4 orders of BTC/USDT:USDT are unsettled, limit 3",
  },
  "8 quantity": {
    limits: limitsWith({ orderQuantityMax: "0.004" }),
    says: "order-quantity: order quantity 0.005 BTC is above orderQuantityMax 0.004 BTC",
  },
  "8 notional": {
    order: { quantity: lots(9) },
    says: "order-notional: order notional 540 USDT is above orderNotionalMax 500 USDT",
  },
  "9 buy through": {
    order: { price: ticks(606_001) },
    says: "price-band: buy at 60600.1 is 101 bps through mid 60000.0, limit 100 bps",
  },
  "9 buy far": {
    order: { price: ticks(419_999) },
    says: "price-band: buy at 41999.9 is 3001 bps behind mid 60000.0, limit 3000 bps",
  },
  "9 sell through": {
    order: sell(5, { price: ticks(593_999) }),
    says: "price-band: sell at 59399.9 is 101 bps through mid 60000.0, limit 100 bps",
  },
  "9 sell far, against the mark": {
    facts: { bid: null },
    order: sell(5, { price: ticks(780_001) }),
    says: "price-band: sell at 78000.1 is 3001 bps behind mark 60000.0, limit 3000 bps",
  },
  "10 position": {
    limits: limitsWith({ positionQuantityMax: "0.010" }),
    facts: long(6),
    says: "position: worst-case position would be 0.011 BTC, limit 0.010 BTC",
  },
  "10 notional": {
    facts: long(79),
    says: "position-notional: worst-case position would be 5040 USDT, limit 5000 USDT",
  },
  "10 spot sells only what it bought": {
    facts: { instrument: BTC_SPOT, position: lots(3) },
    order: { ...sell(5), symbol: "BTC/USDT" },
    says: "position: sell of 0.005 BTC, but this bot has only 0.003 BTC to sell",
  },
  "11 leverage": {
    facts: { equity: usdt(99.9999) },
    says: "leverage: leverage would be 3.0001, limit 3",
  },
  "11 no equity": { facts: { equity: usdt(0) }, says: "leverage: leverage would be infinite, limit 3" },
  "11 stale": {
    facts: { equityAtMs: NOW - 60_001 },
    says: "leverage: leverage is not known: the account's equity is stale, limit 3",
  },
  "12 exposure": {
    limits: limitsWith({ exposureGrossMax: "299" }),
    says: "exposure: exposure would be 300 USDT, grant 299 USDT",
  },
  "13 budget": {
    facts: { budgetAvailable: usdt(100) },
    says: "budget: needs 100.15 USDT, 100 USDT of budget left",
  },
  "14 open orders": {
    limits: limitsWith({ openOrdersMax: "2", "cleaner.cleanThreshold": "2", "cleaner.cleanBatch": "1" }),
    facts: { live: resting },
    says: "open-orders: 2 open orders, limit 2",
  },
  "16 own sell": { facts: { live: resting }, order: { price: ticks(600_100) }, says: `self-trade: ${ownSell}` },
  "16 own buy": { facts: { live: resting }, order: sell(5, { price: ticks(599_000) }), says: `self-trade: ${ownBuy}` },
};

for (const [name, row] of Object.entries(REFUSALS)) {
  test(`RISK-06 check ${name}`, () => {
    assert.equal(outcome(row), row.says);
  });
}
