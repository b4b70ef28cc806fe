// What was told is not told again, and an order never goes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lots, ticks } from "../../../market/amounts.ts";
import { foreignOrderId } from "../../../trading/client-order-id.ts";
import type { OrderEvent } from "../../../trading/event.ts";
import type { OrderStatus } from "../../../trading/order.ts";
import type { Unstamped } from "../../port.ts";
import { FillMemory, OrderMemory } from "./fill-memory.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

const orderOf = (status: OrderStatus, cumulative: number): Unstamped<OrderEvent> => ({
  kind: "order",
  symbol: "BTC/USDT:USDT",
  clientOrderId: foreignOrderId("o1"),
  exchangeOrderId: "1",
  side: "buy",
  price: ticks(100),
  quantity: lots(10),
  status,
  cumulative: lots(cumulative),
  reason: null,
  source: "stream",
});

test("EXCH-19 a fill is told once among the last 10,000, whatever its instrument calls its trades", () => {
  const memory = new FillMemory();
  const fill = (symbol: string, id: number): boolean => memory.take({ symbol, tradeId: String(id), side: "buy" });
  for (let id = 0; id < 10_000; id += 1) assert.ok(fill("A", id));
  for (let id = 0; id < 10_000; id += 1)
    assert.ok(fill("B", id), "the same number on another instrument is another trade");
  for (let id = 0; id < 10_000; id += 1) assert.ok(!fill("A", id) && !fill("B", id));
  assert.equal(memory.readToMs("A"), null, "what was told proves nothing of what was left out");
  for (const exchangeAtMs of [7, 9, 8]) memory.wasRead({ symbol: "A", exchangeAtMs });
  assert.equal(memory.readToMs("A"), 9);
});

const STATES = fc.array(fc.tuple(fc.constantFrom<OrderStatus>("open", "filled", "canceled", "expired"), fc.nat(10)), {
  minLength: 1,
  maxLength: 20,
});

test("EXCH-18 whatever comes twice or late, an order's quantity never falls, its end stays, nothing repeats", () => {
  fc.assert(
    fc.property(STATES, (said) => {
      const memory = new OrderMemory();
      let last: Unstamped<OrderEvent> | null = null;
      for (const [status, cumulative] of said) {
        const told = memory.take(orderOf(status, cumulative));
        if (told === null) continue;
        if (last !== null) {
          assert.ok(told.cumulative >= last.cumulative);
          if (last.status !== "open") assert.equal(told.status, last.status);
          assert.notDeepEqual(told, last);
        }
        last = told;
      }
      const most = Math.max(...said.map(([, cumulative]) => cumulative));
      assert.equal(last?.cumulative, most, "what was executed is known in the end");
    }),
    { numRuns },
  );
});

test("EXCH-18 a cancel that comes after a larger fill keeps the fill", () => {
  const memory = new OrderMemory();
  memory.take(orderOf("open", 4));
  const told = memory.take(orderOf("canceled", 2));
  assert.deepEqual([told?.status, told?.cumulative], ["canceled", 4]);
});

test("EXCH-44 an order is missing from a read only if nothing was told of it after the read was asked for", () => {
  const memory = new OrderMemory();
  memory.take(orderOf("open", 0));
  const { mark } = memory;
  assert.equal(memory.openAt("BTC/USDT:USDT", mark).length, 1);
  memory.take(orderOf("open", 1));
  assert.deepEqual(memory.openAt("BTC/USDT:USDT", mark), []);
});
