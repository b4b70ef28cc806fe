// What the checks of RISK-06 compare, at the edges where one unit decides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { long, outcome, resting, sell, told } from "../../test/approval-examples.ts";
import { DEFAULTS, factsOf, limitsWith, NOW, orderOf, usdt } from "../../test/risk-examples.ts";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import { approve, explainApproval, initialRiskState } from "./approve.ts";
import type { ApprovalFacts } from "./facts.ts";
import type { RiskTexts } from "./limits.ts";
import { recordedApproval } from "./recorded.ts";
import { callersApproval } from "./wire-approval.ts";

test("RISK-18 on probation opening orders have half of every limit of size, rounded down, closing ones all", () => {
  const said = (change: Partial<ApprovalFacts>, quantity: number, texts: RiskTexts): string =>
    outcome({ limits: limitsWith(texts), facts: { probation: true, ...change }, order: { quantity: lots(quantity) } });
  // orders of 300 and 240 USDT, half of 500 is 250
  assert.equal(said({}, 5, {}), "order-notional: order notional 300 USDT is above orderNotionalMax 250 USDT");
  assert.equal(said({}, 4, {}), "approved");
  assert.equal(said({ probation: false }, 5, {}), "approved");
  const odd = { orderQuantityMax: "0.009", positionQuantityMax: "0.011" };
  assert.equal(said({}, 5, odd), "order-quantity: order quantity 0.005 BTC is above orderQuantityMax 0.004 BTC");
  assert.equal(said(long(2), 4, odd), "position: worst-case position would be 0.006 BTC, limit 0.005 BTC");
  assert.equal(
    said(long(80), 4, { positionNotionalMax: "10000", exposureGrossMax: "20000" }),
    "position-notional: worst-case position would be 5040 USDT, limit 5000 USDT",
  );
  assert.equal(said(long(1), 4, { exposureGrossMax: "599" }), "exposure: exposure would be 300 USDT, grant 299.5 USDT");
  assert.equal(said({ ...long(1), grant: usdt(400) }, 4, {}), "exposure: exposure would be 300 USDT, grant 200 USDT");
  const closing = { facts: { ...long(5), probation: true }, order: sell(5) };
  assert.equal(outcome(closing), "approved");
});

test("RISK-06 the price band is measured from the mid of a fresh book, from the mark once it is stale", () => {
  // mid 60,000, mark 50,000: a closing sell at 50,100 is far through the one, and behind the other
  const facts = { ...long(5), mark: milliTicks(500_000_000) };
  const order = sell(5, { price: ticks(501_000) });
  assert.match(outcome({ facts, order }), /^price-band: sell at 50100.0 is 1650 bps through mid 60000.0/);
  assert.match(outcome({ facts: { ...facts, bookAtMs: NOW - 5_000 }, order }), /^price-band/);
  const stale = { ...facts, bookAtMs: NOW - 5_001 };
  assert.equal(outcome({ facts: stale, order }), "approved");
  const through = sell(5, { price: ticks(480_000) });
  assert.match(outcome({ facts: stale, order: through }), /^price-band: .* through mark 50000.0/);
  assert.match(outcome({ facts: { ...stale, markIsMid: false }, order: through }), /^price-band/);
  assert.equal(outcome({ facts: { ...stale, markIsMid: true }, order: through }), "approved");
});

test("RISK-04 explaining tells the exposure of a closing order too, and how many went out in the last second", () => {
  const state = initialRiskState();
  const of = (change: Partial<ApprovalFacts>, code: string): string => {
    const records = explainApproval(DEFAULTS, state, factsOf(change), orderOf(sell(5)));
    const record = records.find((each) => each.code === code);
    return `${record?.value} of ${record?.limit}${record?.text ?? "?"}`;
  };
  // 0.010 BTC long, and a sell of 0.005 that may not be executed: 600 USDT remain
  assert.equal(of(long(10), "position-notional"), "600 of 5000");
  assert.equal(of({ ...long(10), mark: null }, "position-notional"), "null of 5000");
  assert.equal(of({}, "order-rate"), "0 of 25");
  assert.ok(approve(DEFAULTS, state, factsOf(), orderOf()).ok);
  assert.equal(of({ nowMs: NOW + 999 }, "order-rate"), "1 of 25");
  assert.equal(of({ nowMs: NOW + 1_000 }, "order-rate"), "0 of 25");
});

test("RISK-08 after a night without orders the order budget is full, and no fuller", () => {
  const limits = limitsWith({ ordersPerSecondMax: "1000", ordersBurst: "2" });
  const state = initialRiskState();
  const at = (nowMs: number): boolean =>
    approve(limits, state, factsOf({ nowMs, bookAtMs: nowMs, equityAtMs: nowMs }), orderOf()).ok;
  assert.ok(at(NOW) && at(NOW));
  const night = NOW + 40_000_000;
  assert.deepEqual([at(night), at(night), at(night)], [true, true, false]);
});

test("RISK-04 the figures of room: what the order would lead to, of what is allowed, in which unit", () => {
  const limits = limitsWith({ positionQuantityMax: "0.010" });
  assert.equal(told("position", { limits, facts: long(5) }), "0.010 of 0.010 BTC");
  assert.equal(told("position", { facts: long(5) }), "0.010 of null BTC");
  assert.equal(told("exposure", { facts: { ...long(5), grant: usdt(700) } }), "600 of 700 USDT");
  assert.equal(told("budget", { facts: { budgetAvailable: usdt(200) } }), "100.15 of 200 USDT");
  assert.equal(told("budget", {}), "100.15 of null USDT");
  assert.equal(told("self-trade", { facts: { live: resting } }), "60000.0 of 60010.0 USDT");
  assert.equal(told("self-trade", { facts: { live: resting }, order: sell(5) }), "60000.0 of 59900.0 USDT");
  assert.equal(told("self-trade", {}), "60000.0 of null USDT");
});

test("RISK-02 without a mark nothing that is measured by it passes", () => {
  const blind: Partial<ApprovalFacts> = { mark: null };
  assert.equal(told("position-notional", { facts: blind }), "null of 5000 USDT refused");
  assert.equal(told("leverage", { facts: blind }), "null of 3 times equity refused");
  assert.match(told("exposure", { facts: blind }), /^null of .* refused$/);
});

test("RISK-03 a limit met exactly is kept: position, its value, and the budget", () => {
  const ten = limitsWith({ positionQuantityMax: "0.010", positionNotionalMax: "600" });
  assert.equal(outcome({ limits: ten, facts: long(5) }), "approved");
  assert.equal(outcome({ facts: { budgetAvailable: usdt(100.15) } }), "approved");
});

test("RISK-06 leverage: equity that has not arrived is not known, and below nothing there is no room at all", () => {
  const missing = "leverage: leverage is not known: the account's equity has not arrived, limit 3";
  assert.equal(outcome({ facts: { equity: null, equityAtMs: null } }), missing);
  assert.equal(outcome({ facts: { equity: money(-usdt(100)) } }), "leverage: leverage would be infinite, limit 3");
});

test("RISK-09 a grant above the bot's own limit of exposure widens nothing", () => {
  const limits = limitsWith({ exposureGrossMax: "299" });
  assert.equal(
    outcome({ limits, facts: { grant: usdt(5_000) } }),
    "exposure: exposure would be 300 USDT, grant 299 USDT",
  );
});

test("RISK-02 an order that was approved before comes back as it was, from the journal and over the wire", () => {
  const order = orderOf();
  assert.equal(recordedApproval(order), order);
  assert.equal(callersApproval(order), order);
});
