import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULTS, liveOrder, NOW, PROPERTY_RUNS } from "../../test/risk-examples.ts";
import { lots, milliTicks, ticks } from "../market/amounts.ts";
import type { Order } from "../trading/order.ts";
import { cleanStep } from "./cleaner.ts";

const limits = DEFAULTS.cleaner;
const mid = milliTicks(600_000_000);

/** `buys` at 59,999.9 downwards and `sells` at 60,000.1 upwards, numbered from the best. */
function resting(buys: number, sells: number, state: Partial<Order> = {}): Order[] {
  const orders: Order[] = [];
  for (let i = 1; i <= buys; i += 1)
    orders.push(liveOrder(i, { side: "buy", price: ticks(600_000 - i) }, { ...state }));
  for (let i = 1; i <= sells; i += 1) {
    orders.push(liveOrder(1_000 + i, { side: "sell", price: ticks(600_000 + i) }, { ...state }));
  }
  return orders;
}

/** `b31 b30 s2`: side and number of what is cancelled. */
function cleaned(orders: readonly Order[], change: Partial<typeof limits> = {}, nowMs = 2_000): string {
  const chosen = cleanStep({ ...limits, ...change }, { nowMs, mid, live: orders });
  const names = chosen.map((one) => orders.find((order) => order.clientOrderId === one.clientOrderId)?.placedSeq ?? 0);
  return names.map((seq) => (seq > 1_000 ? `s${seq - 1_000}` : `b${seq}`)).join(" ");
}

test("RISK-52 RISK-29 cleaner: of 31 buys and 21 sells the 10 lowest buys go", () => {
  assert.equal(cleaned(resting(31, 21)), "b31 b30 b29 b28 b27 b26 b25 b24 b23 b22");
});

test("RISK-52 RISK-29 cleaner: of 25 and 25, five of each go, the odd one from the buys", () => {
  assert.equal(cleaned(resting(25, 25)), "b25 b24 b23 b22 b21 s25 s24 s23 s22 s21");
  assert.equal(cleaned(resting(25, 25), { cleanBatch: 3 }), "b25 b24 s25");
});

test("RISK-29 below the threshold nothing is cancelled for being too many", () => {
  assert.equal(cleaned(resting(25, 24)), "");
  assert.equal(cleaned(resting(20, 30)), "s30 s29 s28 s27 s26 s25 s24 s23 s22 s21");
});

test("RISK-29 partly filled orders count but are spared, those being cancelled are no candidates", () => {
  const orders = resting(31, 21);
  for (const order of orders.slice(30, 31)) order.cumulative = lots(1);
  for (const order of orders.slice(28, 30)) order.cancelAsked = true;
  assert.equal(cleaned(orders), "b28 b27 b26 b25 b24 b23 b22 b21 b20 b19");
});

test("RISK-29 too old and too far orders go whatever their number, partly filled ones too", () => {
  assert.equal(cleaned(resting(2, 1), { orderAgeMsMax: 999 }), "b1 b2 s1");
  assert.equal(cleaned(resting(2, 1), { orderAgeMsMax: 1_000 }), "", "exactly as old as allowed");
  const far = [
    liveOrder(1, { price: ticks(599_400) }),
    liveOrder(2, { price: ticks(599_399) }, { cumulative: lots(1) }),
  ];
  assert.equal(cleaned(far, { orderDistanceBpsMax: 10 }), "b2");
});

test("RISK-29 each order goes for one reason, and what has ended neither counts nor goes", () => {
  const told = (orders: readonly Order[], change: Partial<typeof limits>, of: typeof mid | null = mid): string =>
    cleanStep({ ...limits, ...change }, { nowMs: 2_000, mid: of, live: orders })
      .map(({ why }) => why)
      .join(" ");
  const two = { cleanThreshold: 2, cleanBatch: 1 };
  assert.equal(told(resting(2, 0), { ...two, orderAgeMsMax: 999 }), "too-many too-old");
  assert.equal(told([...resting(1, 0), liveOrder(9, {}, { status: "canceled" })], two), "");
  assert.equal(told(resting(1, 0, { status: "canceled" }), { orderAgeMsMax: 999 }), "");
  const far = [liveOrder(1, { price: ticks(590_000) })];
  assert.equal(told(far, { orderDistanceBpsMax: 10 }), "too-far");
  assert.equal(told(far, { orderDistanceBpsMax: 10 }, null), "", "without a book nothing is too far");
});

test("RISK-29 the side with fewer orders gives none up, and of two at one price the older goes", () => {
  const orders = resting(3, 2);
  for (const order of orders.slice(0, 2)) order.cumulative = lots(1);
  assert.equal(cleaned(orders, { cleanThreshold: 5, cleanBatch: 3 }), "b3");
  const same = [1, 2].map((seq) => liveOrder(seq, { price: ticks(599_000) }));
  for (const pair of [same, same.toReversed()]) assert.equal(cleaned(pair, { cleanThreshold: 2, cleanBatch: 1 }), "b1");
});

test("RISK-29 RISK-51 the cleaner chooses own live orders, each once, and for number only unfilled, at most a batch", () => {
  const anyOrder = fc.record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    price: fc.integer({ min: 590_000, max: 610_000 }),
    place: fc.constantFrom("recorded" as const, "unknown" as const, "acknowledged" as const, "absent" as const),
    cumulative: fc.integer({ min: 0, max: 2 }),
    cancelAsked: fc.boolean(),
    placedAtMs: fc.integer({ min: NOW - 10_000, max: NOW }),
  });
  const law = fc.property(
    fc.array(anyOrder, { maxLength: 40 }),
    fc.integer({ min: 2, max: 30 }),
    fc.nat(5_000),
    (rows, threshold, age) => {
      const orders = rows.map((row, i) => {
        const { place, cancelAsked, placedAtMs } = row;
        return liveOrder(
          i,
          { side: row.side, price: ticks(row.price) },
          { place, cancelAsked, placedAtMs, cumulative: lots(row.cumulative) },
        );
      });
      const rules = { ...limits, cleanThreshold: threshold, cleanBatch: 5, orderAgeMsMax: age };
      const chosen = cleanStep(rules, { nowMs: NOW, mid, live: orders });
      const byId = new Map(orders.map((order) => [order.clientOrderId, order]));
      assert.equal(new Set(chosen.map((one) => one.clientOrderId)).size, chosen.length);
      assert.ok(chosen.filter((one) => one.why === "too-many").length <= rules.cleanBatch);
      for (const one of chosen) {
        const order = byId.get(one.clientOrderId);
        assert.ok(order?.place === "acknowledged" && !order.cancelAsked);
        if (one.why === "too-many") assert.equal(order.cumulative, 0);
      }
    },
  );
  fc.assert(law, { seed: 29, numRuns: PROPERTY_RUNS });
});
