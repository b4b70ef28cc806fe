// Checks 1 to 9 of RISK-06 at the edges where one unit or one fact decides, and the figures they show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, long, mode, outcome, reduce, sell, told } from "../../test/approval-examples.ts";
import { BTC, DEFAULTS, factsOf, limitsWith, liveMap, liveOrder, NOW, orderOf } from "../../test/risk-examples.ts";
import { lots, milliTicks, ticks } from "../market/amounts.ts";
import { explainApproval, initialRiskState } from "./approve.ts";

const closer = { priceBandBps: 100 };

test("RISK-05 where a strategy's reducing orders are refused the closer's still close", () => {
  for (const name of ["breaker", "draining", "monitor", "paused"] as const) {
    const facts = { ...long(5), mode: mode(name, { reducingAllowed: false }) };
    assert.equal(decide({ facts, order: sell(5) }).ok, false, name);
    assert.equal(decide({ facts: { ...facts, closer }, order: sell(5) }).ok, true, name);
  }
});

test("RISK-05 a breaker and a stop block opening on both sides, whichever leg the monitor names", () => {
  for (const name of ["breaker", "draining"] as const) {
    assert.equal(decide({ facts: { mode: mode(name, { blocks: "buy" }) }, order: sell(5) }).ok, false, name);
  }
});

test("RISK-04 while recovering the record says plainly that the mode refused", () => {
  const records = explainApproval(DEFAULTS, initialRiskState(), factsOf({ mode: mode("recovering") }), orderOf());
  assert.deepEqual(records[0], {
    code: "mode",
    passed: false,
    spared: false,
    text: "opening orders are blocked: drawdown 600 bps since 2024-08-09T00:00:00Z",
    value: "recovering",
    limit: "normal",
    unit: "mode",
  });
});

test("RISK-05 a halted instrument takes no order at all, a closing one neither", () => {
  const facts = { ...long(5), instrument: { ...BTC, status: "halted" as const } };
  assert.match(outcome({ facts, order: sell(5) }), /^instrument: .* is halted/);
  assert.equal(told("instrument", { facts, order: sell(5) }), "halted of trading status refused");
});

test("RISK-06 the exchange's quantities are limits met exactly: smallest, largest, notional", () => {
  const five = { ...BTC, minLots: lots(5), maxLots: lots(5), minNotional: 3_000_000 };
  assert.equal(outcome({ facts: { instrument: five } }), "approved");
  assert.equal(
    outcome({ facts: { instrument: five }, order: { quantity: lots(4) } }),
    "size-rules: quantity 0.004 is below the exchange minimum 0.005",
  );
  assert.match(outcome({ facts: { instrument: five }, order: { quantity: lots(6) } }), /^size-rules: .* above/);
});

test("RISK-04 the figures of size: the fault that refuses, else the quantity of the smallest one", () => {
  assert.equal(told("size-rules", {}), "0.005 of 0.001 BTC");
  assert.equal(told("size-rules", { order: { price: ticks(0) } }), "0.0 of 0.1 USDT refused");
  const facts = { instrument: { ...BTC, minNotional: 3_000_001 } };
  assert.equal(told("size-rules", { facts }), "300 of 300.0001 USDT refused");
  assert.equal(told("reduce-only", { facts: long(3), order: reduce(5) }), "0.005 of 0.003 BTC refused");
  assert.equal(told("order-quantity", {}), "0.005 of null BTC");
  const limits = limitsWith({ orderQuantityMax: "0.005" });
  assert.equal(told("order-quantity", { limits }), "0.005 of 0.005 BTC");
});

test("RISK-06 a book of exactly the oldest age is still one, and none has no age", () => {
  assert.equal(outcome({ facts: { bookAtMs: NOW - 5_000 } }), "approved");
  assert.equal(told("stale-book", { facts: { bookAtMs: null } }), "null of 5000 ms refused");
});

test("RISK-06 a mark of nothing is no price", () => {
  assert.equal(outcome({ facts: { mark: milliTicks(0) } }), "no-price: no fresh price for BTC/USDT:USDT");
  assert.equal(told("no-price", { facts: { mark: milliTicks(1) } }), "0.0001 of null USDT");
  assert.equal(told("no-price", {}), "60000.0 of null USDT");
  assert.equal(told("no-price", { facts: { mark: null } }), "null of null USDT refused");
});

test("RISK-06 as many unsettled orders as allowed are no reason to refuse", () => {
  const unsettled = { place: "unknown" as const, status: null, unknownSinceMs: 1_000 };
  const live = liveMap([1, 2, 3].map((seq) => liveOrder(seq, {}, unsettled)));
  assert.equal(outcome({ facts: { live } }), "approved");
  assert.equal(told("unknown-order", { facts: { live } }), "3 of 3 orders");
});

test("RISK-03 an order of exactly the largest notional passes", () => {
  const limits = limitsWith({ orderNotionalMax: "300" });
  assert.equal(outcome({ limits }), "approved");
});

test("RISK-03 the far edge of the band itself is inside it", () => {
  assert.equal(outcome({ order: { price: ticks(420_000) } }), "approved");
  assert.equal(outcome({ facts: long(5), order: sell(5, { price: ticks(780_000) }) }), "approved");
});

test("RISK-04 the figure of the band: how far through the reference, nothing without one", () => {
  assert.equal(told("price-band", { order: { price: ticks(600_600) } }), "10 of 100 bps");
  assert.equal(told("price-band", { order: { price: ticks(599_400) } }), "-10 of 100 bps");
  const blind = { ...long(5), mark: null, bid: null };
  assert.equal(told("price-band", { facts: blind, order: sell(5) }), "null of 100 bps");
  assert.equal(told("price-band", { facts: { closer: { priceBandBps: 500 } } }), "0 of 500 bps");
});
