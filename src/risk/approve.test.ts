import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BTC,
  BTC_SPOT,
  DEFAULTS,
  factsOf,
  limitsWith,
  liveMap,
  liveOrder,
  NOW,
  orderOf,
  usdt,
} from "../../test/risk-examples.ts";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import type { NewOrder } from "../trading/order.ts";
import { approve, explainApproval, initialRiskState } from "./approve.ts";
import { CHECKS, openOrdersLimitOf } from "./checks.ts";
import type { ApprovalFacts, RiskMode } from "./facts.ts";
import { changedLimits, type RiskLimits } from "./limits.ts";

interface Case {
  readonly limits?: RiskLimits;
  readonly facts?: Partial<ApprovalFacts>;
  readonly order?: Partial<NewOrder>;
  readonly says: string;
}

const decide = (row: Omit<Case, "says">) =>
  approve(row.limits ?? DEFAULTS, initialRiskState(), factsOf(row.facts), orderOf(row.order));

const outcome = (row: Omit<Case, "says">): string => {
  const approval = decide(row);
  return approval.ok ? "approved" : `${approval.code}: ${approval.text}`;
};

const mode = (name: RiskMode, change: Partial<ApprovalFacts["mode"]> = {}): ApprovalFacts["mode"] => ({
  ...{ mode: name, reason: "drawdown 600 bps", sinceMs: 1_723_161_600_000, blocks: "both", reducingAllowed: true },
  ...change,
});

const long = (quantity: number): Partial<ApprovalFacts> => ({ position: lots(quantity) });
const sell = (quantity: number, more: Partial<NewOrder> = {}): Partial<NewOrder> => ({
  side: "sell",
  quantity: lots(quantity),
  ...more,
});
const reduce = (quantity: number): Partial<NewOrder> => sell(quantity, { reduceOnly: true });
const mixed = liveMap([liveOrder(1, {}, { place: "unknown", status: null, unknownSinceMs: 1_723_161_600_000 })]);
const manyUnknown = liveMap(
  [1, 2, 3, 4].map((seq) => liveOrder(seq, {}, { place: "unknown", status: null, unknownSinceMs: 1_000 })),
);
const resting = liveMap([
  liveOrder(7, { side: "sell", price: ticks(600_100) }),
  liveOrder(8, { price: ticks(599_000) }),
]);
const ownSell = `would trade with own order ${liveOrder(7).clientOrderId} at 60010.0`;
const ownBuy = `would trade with own order ${liveOrder(8).clientOrderId} at 59900.0`;

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

test("RISK-06 an order within every limit is approved unchanged", () => {
  const order = orderOf();
  const approval = approve(DEFAULTS, initialRiskState(), factsOf(), order);
  assert.ok(approval.ok);
  assert.equal(approval.approved, order);
  assert.equal(approval.checks, CHECKS.length);
});

test("RISK-06 the first refusal is the one that is told, in the order of the table", () => {
  const facts: Partial<ApprovalFacts> = { mark: null, bookAtMs: null, mode: mode("paused") };
  assert.match(outcome({ facts, order: { quantity: lots(9_999) } }), /^mode:/);
  assert.match(
    outcome({ facts: { ...facts, mode: mode("normal") }, order: { quantity: lots(9_999) } }),
    /^stale-book:/,
  );
});

test("RISK-06 the exchange's own limit of open orders counts less 10 %", () => {
  assert.equal(openOrdersLimitOf(DEFAULTS, { ...BTC, openOrdersMax: 15 }), 13);
  assert.equal(openOrdersLimitOf(DEFAULTS, BTC), 50);
});

test("RISK-06 the exchange's smallest notional is spared where it exempts reduce-only", () => {
  const instrument = { ...BTC, minNotional: 3_000_001 };
  assert.equal(outcome({ facts: { ...long(5), instrument }, order: reduce(5) }), "approved");
  assert.match(
    outcome({ facts: { ...long(5), instrument: { ...instrument, minNotionalOnReduceOnly: true } }, order: reduce(5) }),
    /^size-rules/,
  );
});

test("RISK-01 a decision depends on nothing but limits, state, facts and order", () => {
  const facts = factsOf({ live: resting });
  const first = approve(DEFAULTS, initialRiskState(), facts, orderOf());
  assert.deepEqual(approve(DEFAULTS, initialRiskState(), facts, orderOf()), first);
});

test("RISK-02 a missing or stale fact refuses opening orders and lets reducing ones pass", () => {
  const blind: Partial<ApprovalFacts> = {
    ...{ bookAtMs: null, bid: null, ask: null, mark: null, equity: null, equityAtMs: null, budgetAvailable: money(0n) },
    live: manyUnknown,
  };
  assert.match(outcome({ facts: blind }), /^stale-book/);
  assert.equal(outcome({ facts: { ...blind, position: lots(5), live: new Map() }, order: sell(5) }), "approved");
});

test("RISK-03 a limit is met exactly and passed by one unit, without a floating quotient", () => {
  assert.equal(outcome({ order: { price: ticks(606_000) } }), "approved");
  assert.match(outcome({ order: { price: ticks(606_001) } }), /^price-band/);
  assert.equal(outcome({ facts: { equity: usdt(100) } }), "approved");
  assert.match(outcome({ facts: { equity: money(usdt(100) - 1n) } }), /^leverage/);
  assert.equal(outcome({ facts: long(78) }), "approved");
  assert.match(outcome({ facts: { ...long(78), mark: milliTicks(602_409_639) } }), /^position-notional/);
});

test("RISK-04 every check tells limit, value and unit, not only the refused one", () => {
  const state = initialRiskState();
  const records = explainApproval(DEFAULTS, state, factsOf(long(10)), orderOf());
  assert.deepEqual(state, initialRiskState());
  assert.equal(records.length, 18);
  assert.ok(records.every((record) => record.passed && record.unit !== ""));
  const shown = records.map((record) => `${record.code} ${record.value} of ${record.limit} ${record.unit}`);
  assert.ok(shown.includes("order-notional 300 of 500 USDT"));
  assert.ok(shown.includes("position-notional 900 of 5000 USDT"));
  assert.ok(shown.includes("leverage 0.09 of 3 times equity"));
  assert.ok(shown.includes("open-orders 0 of 50 orders"));
  assert.ok(shown.includes("stale-book 0 of 5000 ms"));
});

test("RISK-04 explaining runs all checks and marks those a reducing order is spared", () => {
  const records = explainApproval(
    DEFAULTS,
    initialRiskState(),
    factsOf({ ...long(5), bookAtMs: null, mode: mode("killed") }),
    orderOf(sell(5)),
  );
  assert.deepEqual(
    records.filter((record) => !record.passed).map((record) => record.code),
    ["mode"],
  );
  const spared = records.filter((record) => record.spared).map((record) => record.code);
  assert.deepEqual(spared, [
    "stale-book",
    "no-price",
    "unknown-order",
    "position",
    "position-notional",
    "leverage",
    "exposure",
    "budget",
  ]);
});

/** mode → may open / may reduce / may the closer reduce */
const MODES: { readonly [name in RiskMode]: readonly [boolean, boolean, boolean] } = {
  killed: [false, false, true],
  recovering: [false, false, false],
  draining: [false, true, true],
  breaker: [false, true, true],
  monitor: [false, true, true],
  paused: [false, true, true],
  normal: [true, true, true],
};

for (const [name, [opens, reduces, closes]] of Object.entries(MODES)) {
  test(`RISK-05 mode ${name}: opening ${opens}, reducing ${reduces}, closer ${closes}`, () => {
    const facts = { ...long(5), mode: mode(name as RiskMode) };
    const closer = { priceBandBps: 100 };
    assert.equal(decide({ facts }).ok, opens);
    assert.equal(decide({ facts, order: sell(5) }).ok, reduces);
    assert.equal(decide({ facts: { ...facts, closer }, order: sell(5) }).ok, closes);
    assert.equal(decide({ facts: { ...facts, closer } }).ok, opens, "the closer opens nothing");
  });
}

test("RISK-05 a breaker that cancels all, and a stop that is cancelling, refuse reducing orders too", () => {
  for (const name of ["breaker", "draining"] as const) {
    const facts = { ...long(5), mode: mode(name, { reducingAllowed: false }) };
    assert.match(outcome({ facts, order: sell(5) }), /^mode: orders are blocked/);
  }
});

test("RISK-05 the monitor and a pause block only the sides they name", () => {
  for (const name of ["monitor", "paused"] as const) {
    assert.equal(decide({ facts: { mode: mode(name, { blocks: "buy" }) } }).ok, false);
    assert.equal(decide({ facts: { mode: mode(name, { blocks: "buy" }) }, order: sell(5) }).ok, true);
    assert.equal(decide({ facts: { mode: mode(name, { blocks: "both" }) }, order: sell(5) }).ok, false);
  }
});

test("RISK-05 before a delisting closing orders still pass, so that no position is stranded", () => {
  const facts = { ...long(5), instrument: { ...BTC, status: "delisting" as const } };
  assert.equal(decide({ facts, order: sell(5) }).ok, true);
});

test("RISK-07 an order one tick away from meeting an own one passes, the next does not", () => {
  const facts = { live: resting };
  assert.equal(outcome({ facts, order: { price: ticks(600_099) } }), "approved");
  assert.match(outcome({ facts, order: { price: ticks(600_100) } }), /^self-trade/);
  assert.equal(outcome({ facts, order: sell(5, { price: ticks(599_001) }) }), "approved");
  assert.match(outcome({ facts, order: sell(5, { price: ticks(599_000) }) }), /^self-trade/);
});

test("RISK-08 the order budget is spent, refilled by event time, and the same again on replay", () => {
  const limits = limitsWith({ ordersPerSecondMax: "2", ordersBurst: "3" });
  const run = (): string[] => {
    const state = initialRiskState();
    return [0, 0, 0, 0, 499, 500, 500, 1_000, 900, 60_000].map((after) => {
      const approval = approve(
        limits,
        state,
        factsOf({ nowMs: NOW + after, bookAtMs: NOW + after, equityAtMs: NOW }),
        orderOf(),
      );
      return approval.ok ? "approved" : approval.text;
    });
  };
  assert.deepEqual(run(), [
    ...["approved", "approved", "approved", "3 orders in the last second, limit 2"],
    ...["3 orders in the last second, limit 2", "approved", "4 orders in the last second, limit 2", "approved"],
    ...["1 orders in the last second, limit 2", "approved"],
  ]);
  assert.deepEqual(run(), run());
});

test("RISK-08 the closer has an order budget of its own, and a refusal spends nothing", () => {
  const limits = limitsWith({ ordersPerSecondMax: "1", ordersBurst: "1" });
  const state = initialRiskState();
  const facts = factsOf(long(50));
  assert.equal(approve(limits, state, facts, orderOf({ quantity: lots(99) })).ok, false);
  assert.equal(approve(limits, state, facts, orderOf()).ok, true);
  assert.equal(approve(limits, state, facts, orderOf()).ok, false);
  assert.equal(approve(limits, state, { ...facts, closer: { priceBandBps: 100 } }, orderOf(reduce(5))).ok, true);
  assert.equal(approve(limits, state, { ...facts, closer: { priceBandBps: 100 } }, orderOf(reduce(5))).ok, false);
});

test("RISK-08 a running change of limits is tighter at once, and looser only up to the configured value", () => {
  const tight = changedLimits(DEFAULTS, { orderNotionalMax: usdt(100), positionQuantityMax: lots(3) });
  assert.equal(tight.orderNotionalMax, usdt(100));
  assert.equal(tight.positionQuantityMax, 3);
  assert.equal(changedLimits(DEFAULTS, { orderNotionalMax: usdt(900) }).orderNotionalMax, usdt(500));
});

test("RISK-52 leverage: 4,500 USDT on 2,000 is 2.25; 1,501 USDT more would be 3.0005 and is refused", () => {
  const wide = { orderNotionalMax: "100000", positionNotionalMax: "100000" };
  const limits = limitsWith({ ...wide, priceBandBps: "5000" });
  const facts = { position: lots(75), equity: usdt(2_000), instrument: { ...BTC, minNotional: 1 } };
  assert.equal(outcome({ limits, facts, order: { quantity: lots(25) } }), "approved");
  const before = explainApproval(
    limits,
    initialRiskState(),
    factsOf({ ...facts, position: lots(0) }),
    orderOf({ quantity: lots(75) }),
  );
  assert.equal(before.find((record) => record.code === "leverage")?.value, "2.25");
  // one lot is 1 USDT here: a mark of 1,000 per whole unit of 0.001
  const fine = { ...facts, position: lots(4_500), mark: milliTicks(10_000_000), bid: ticks(9_999), ask: ticks(10_001) };
  const order = { quantity: lots(1_501), price: ticks(10_000) };
  assert.equal(outcome({ limits, facts: fine, order }), "leverage: leverage would be 3.0005, limit 3");
});

test("RISK-52 grant: 840 and 2,100 USDT of exposure leave 60 of a grant of 3,000", () => {
  const limits = limitsWith({ exposureGrossMax: "900", positionNotionalMax: "5000" });
  const facts = { ...long(10), live: liveMap([liveOrder(1, { quantity: lots(4) })]) };
  assert.equal(outcome({ limits, facts, order: { quantity: lots(1) } }), "approved");
  assert.equal(
    outcome({ limits, facts, order: { quantity: lots(2) } }),
    "exposure: exposure would be 960 USDT, grant 900 USDT",
  );
});
