import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BTC, BTC_SPOT, PROPERTY_RUNS, usdt } from "../../test/risk-examples.ts";
import { lots, money, ticks } from "../market/amounts.ts";
import { formatMoney } from "../market/instrument.ts";
import {
  availableBudget,
  type BudgetState,
  bookBudgetFill,
  bookBudgetIncome,
  budgetHolding,
  giveUp,
  initialBudget,
  releaseBudget,
  reservationFor,
  reserve,
  reservedBudget,
} from "./budget.ts";

/** A coin at tick 0.1, lot 0.1, taker 10 bps. */
const COIN = { ...BTC_SPOT, tickSize: "0.1", lotSize: "0.1", takerPpm: 1_000 };

const identity = (state: BudgetState): void => {
  const sum = availableBudget(state) + reservedBudget(state) + state.invested;
  assert.equal(sum, state.budget + state.realisedNet);
};

test("RISK-52 budget: 1,000; buy 2 at 100, 1.2 filled at 99.5, cancelled, sold at 101", () => {
  const state = initialBudget(usdt(1_000));
  const available = (): string => formatMoney(availableBudget(state));
  reserve(state, COIN, { orderId: "a", side: "buy", price: ticks(1_000), quantity: lots(20) });
  assert.equal(formatMoney(reservedBudget(state)), "200.2");
  assert.equal(available(), "799.8");
  bookBudgetFill(state, COIN, { orderId: "a", side: "buy", price: ticks(995), quantity: lots(12), fee: usdt(0.1194) });
  assert.equal(available(), "800.4006");
  assert.equal(formatMoney(reservedBudget(state)), "80.08");
  assert.equal(formatMoney(money(state.invested)), "119.4");
  releaseBudget(state, "a");
  assert.equal(available(), "880.4806");
  bookBudgetFill(state, COIN, {
    orderId: "b",
    side: "sell",
    price: ticks(1_010),
    quantity: lots(12),
    fee: usdt(0.1212),
  });
  assert.equal(available(), "1001.5594");
  assert.equal(formatMoney(money(state.realisedNet)), "1.5594");
  identity(state);
});

test("RISK-14 a reservation is rounded up: notional by leverage, plus the taker fee", () => {
  assert.equal(formatMoney(reservationFor(COIN, ticks(1_000), 20)), "200.2");
  assert.equal(formatMoney(reservationFor(BTC, ticks(600_000), 5)), "100.15");
  assert.equal(formatMoney(reservationFor(BTC, ticks(600_001), 5)), "100.150166916666666667");
});

test("RISK-15 a fill that costs more than was reserved is an overage, and available may turn negative", () => {
  const state = initialBudget(usdt(200));
  reserve(state, COIN, { orderId: "a", side: "buy", price: ticks(990), quantity: lots(20) });
  bookBudgetFill(state, COIN, { orderId: "a", side: "buy", price: ticks(1_000), quantity: lots(20), fee: usdt(0.2) });
  assert.equal(formatMoney(availableBudget(state)), "-0.2");
  assert.equal(formatMoney(money(state.overage)), "2.002");
  identity(state);
});

test("RISK-15 a fill within its reservation is no overage, nor is a fee that a close does not earn", () => {
  const state = initialBudget(usdt(1_000));
  reserve(state, COIN, { orderId: "a", side: "buy", price: ticks(1_000), quantity: lots(20) });
  bookBudgetFill(state, COIN, { orderId: "a", side: "buy", price: ticks(995), quantity: lots(20), fee: usdt(0.199) });
  assert.equal(formatMoney(money(state.overage)), "0");
  // 199 of cost come free, the fee is 200: more than it freed, but no order that opens was dearer than it said
  bookBudgetFill(state, COIN, { orderId: "b", side: "sell", price: ticks(995), quantity: lots(20), fee: usdt(200) });
  assert.equal(formatMoney(money(state.overage)), "0");
  assert.equal(formatMoney(availableBudget(state)), "799.801");
});

test("RISK-15 an overage is of the fill alone: what other orders hold back is no part of it", () => {
  const state = initialBudget(usdt(1_000));
  reserve(state, COIN, { orderId: "a", side: "buy", price: ticks(990), quantity: lots(20) });
  reserve(state, COIN, { orderId: "b", side: "buy", price: ticks(1_000), quantity: lots(10) });
  bookBudgetFill(state, COIN, { orderId: "a", side: "buy", price: ticks(1_000), quantity: lots(20), fee: usdt(0.2) });
  // 200.2 paid where 198.198 were reserved
  assert.equal(formatMoney(money(state.overage)), "2.002");
  assert.equal(formatMoney(reservedBudget(state)), "100.1");
});

/** What fills of BTC at 3× leave: `buy 10 at 600000` in lots and ticks → invested, realised net. */
const POSITIONS: readonly (readonly [fills: string, position: number, invested: string, realisedNet: string])[] = [
  ["buy 10 at 600000, buy 10 at 620000", 20, "406.666666666666666667", "0"],
  // sold at 63,000 against an average of 61,000
  ["buy 10 at 600000, buy 10 at 620000, sell 10 at 630000", 10, "203.333333333333333334", "20"],
  ["sell 10 at 600000", -10, "200", "0"],
  ["sell 10 at 600000, buy 5 at 580000", -5, "100", "10"],
  ["sell 10 at 600000, buy 5 at 580000, buy 5 at 610000", 0, "0", "5"],
  // turned around: 20 gained on the short, 5 lots long at 58,000
  ["sell 10 at 600000, buy 15 at 580000", 5, "96.666666666666666667", "20"],
  ["buy 10 at 600000, sell 15 at 580000", -5, "96.666666666666666667", "-20"],
];

for (const [fills, position, invested, realisedNet] of POSITIONS) {
  test(`RISK-15 by hand, leverage 3: ${fills}`, () => {
    const state = initialBudget(usdt(1_000));
    for (const line of fills.split(", ")) {
      const [side, quantity, , price] = line.split(" ");
      const fill = { price: ticks(Number(price)), quantity: lots(Number(quantity)), fee: usdt(0) };
      bookBudgetFill(state, BTC, { orderId: "x", side: side === "buy" ? "buy" : "sell", ...fill });
    }
    assert.equal(state.position, position);
    assert.equal(formatMoney(money(state.invested)), invested);
    assert.equal(formatMoney(money(state.realisedNet)), realisedNet);
    identity(state);
  });
}

test("RISK-13 a budget for a bot that holds something begins with its margin invested, long or short", () => {
  for (const [position, cost, side] of [
    [10, usdt(600), "sell"],
    [-10, -usdt(600), "buy"],
  ] as const) {
    const state = budgetHolding(usdt(1_000), BTC, { position, cost });
    assert.equal(formatMoney(money(state.invested)), "200");
    assert.equal(formatMoney(availableBudget(state)), "800");
    // closed at what was paid: nothing gained, all of it free
    bookBudgetFill(state, BTC, { orderId: "c", side, price: ticks(600_000), quantity: lots(10), fee: usdt(0) });
    assert.equal(formatMoney(availableBudget(state)), "1000");
  }
});

test("RISK-16 lots that fees in base have eaten are given up at what they cost, and never more than are held", () => {
  const held = (): BudgetState => budgetHolding(usdt(1_000), COIN, { position: 20, cost: usdt(200) });
  const after = (state: BudgetState, eaten: number): string => {
    giveUp(state, COIN, eaten);
    return `${state.position} lots, ${formatMoney(money(state.invested))} invested`;
  };
  assert.equal(after(held(), 5), "15 lots, 150 invested");
  assert.equal(after(held(), 20), "0 lots, 0 invested");
  assert.equal(after(held(), 30), "0 lots, 0 invested");
  assert.equal(after(held(), 0), "20 lots, 200 invested");
  assert.equal(after(held(), -5), "20 lots, 200 invested");
  assert.equal(after(initialBudget(usdt(1_000)), 5), "0 lots, 0 invested");
  const short = budgetHolding(usdt(1_000), BTC, { position: -10, cost: -usdt(600) });
  assert.equal(after(short, 5), "-10 lots, 200 invested");
});

test("RISK-13 funding paid makes the budget smaller, a rebate larger", () => {
  const state = initialBudget(usdt(1_000));
  bookBudgetIncome(state, money(-usdt(3)));
  assert.equal(formatMoney(availableBudget(state)), "997");
  bookBudgetIncome(state, usdt(1));
  assert.equal(formatMoney(availableBudget(state)), "998");
});

test("RISK-14 reserving twice for one order is a bug of ours, told with the order", () => {
  const state = initialBudget(usdt(1_000));
  const order = { orderId: "a", side: "buy", price: ticks(1_000), quantity: lots(20) } as const;
  reserve(state, COIN, order);
  assert.throws(() => reserve(state, COIN, order), /order a is reserved already/);
});

test("RISK-13 TEST-P17 available + reserved + invested = budget + realised net after anything that happens", () => {
  const side = fc.constantFrom("buy" as const, "sell" as const);
  const amounts = {
    id: fc.nat(4),
    side,
    price: fc.integer({ min: 900, max: 1_100 }),
    quantity: fc.integer({ min: 1, max: 40 }),
  };
  const anyAct = fc.oneof(
    fc.record({ act: fc.constant("reserve" as const), ...amounts }),
    fc.record({ act: fc.constant("fill" as const), fee: fc.integer({ min: -100, max: 100 }), ...amounts }),
    fc.record({ act: fc.constant("release" as const), ...amounts }),
    fc.record({ act: fc.constant("income" as const), ...amounts }),
  );
  const law = fc.property(fc.array(anyAct, { maxLength: 60 }), fc.constantFrom(COIN, BTC), (acts, instrument) => {
    const state = initialBudget(usdt(1_000));
    for (const act of acts) {
      const orderId = `o${act.id}`;
      const order = { orderId, side: act.side, price: ticks(act.price), quantity: lots(act.quantity) };
      if (act.act === "reserve" && !state.reservations.has(orderId)) reserve(state, instrument, order);
      if (act.act === "fill") bookBudgetFill(state, instrument, { ...order, fee: usdt(act.fee / 100) });
      if (act.act === "release") releaseBudget(state, orderId);
      if (act.act === "income") bookBudgetIncome(state, usdt(act.side === "buy" ? 1 : -1));
      identity(state);
      assert.ok(state.invested >= 0n && (state.position !== 0 || state.invested === 0n));
      for (const one of state.reservations.values()) {
        assert.equal(one.reserved, reservationFor(instrument, one.price, one.remaining));
      }
    }
  });
  fc.assert(law, { seed: 17, numRuns: PROPERTY_RUNS });
});
