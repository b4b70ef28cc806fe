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
