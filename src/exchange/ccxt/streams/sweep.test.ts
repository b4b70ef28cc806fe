// How far back a read of fills goes: never so little that one is left out, never farther the longer nothing happens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../../../market/amounts.ts";
import { foreignOrderId } from "../../../trading/client-order-id.ts";
import { FillMemory, OrderMemory } from "./fill-memory.ts";
import { StreamSaid } from "./stream-said.ts";
import { type SweepParts, sweep } from "./sweep.ts";

const SYMBOL = "BTC/USDT";
const DAY_MS = 86_400_000;

/** What is not named is empty; look-ups fail. */
function partsOf(more: Partial<Omit<SweepParts, "reads">>, reads: Partial<SweepParts["reads"]>): SweepParts {
  const unasked = { result: "unavailable", text: "nothing is asked here" } as const;
  return {
    reads: {
      openOrders: async () => ({ result: "ok", orders: [] }),
      fills: async () => ({ result: "ok", fills: [], cursor: "" }),
      lookup: async () => unasked,
      account: async () => unasked,
      book: async () => unasked,
      clientOrderIdOf: () => null,
      remember: () => undefined,
      ...reads,
    },
    fills: new FillMemory(),
    orders: new OrderMemory(),
    overlapMs: 5_000,
    exchangeNowMs: () => 0,
    tellOrder: () => false,
    tellFill: () => false,
    unheard: () => [],
    settled: () => undefined,
    ...more,
  };
}

test("EXCH-50 an order of somebody else's that has no id and is gone keeps no read from being complete", async () => {
  const parts = partsOf({}, {});
  parts.orders.take({
    kind: "order",
    symbol: SYMBOL,
    clientOrderId: foreignOrderId(""),
    exchangeOrderId: "7",
    side: "buy",
    price: ticks(100),
    quantity: lots(10),
    status: "open",
    cumulative: lots(0),
    reason: null,
    source: "open-orders",
  });
  assert.equal((await sweep(parts, { symbol: SYMBOL, sinceMs: 0 }, 1)).result, "complete");
});

test("EXCH-22 what an instrument's stream owed when its last bot left makes nobody else's stream stale", () => {
  const said = new StreamSaid();
  said.acknowledged({ symbol: SYMBOL, clientOrderId: "a1" }, 1_000);
  said.acknowledged({ symbol: "ETH/USDT", clientOrderId: "b1" }, 2_000);
  said.forget(SYMBOL);
  assert.equal(said.unheardMs, 2_000);
  assert.deepEqual([said.unheardOf(SYMBOL), said.unheardOf("ETH/USDT")], [[], ["b1"]]);
});

test("EXCH-44 an instrument without fills is read from the last read on, not from the day it was first followed", async () => {
  const asked: number[] = [];
  let nowMs = 1_790_000_000_000;
  const parts = partsOf(
    { exchangeNowMs: () => nowMs },
    {
      fills: async (_symbol, { sinceMs }) => {
        asked.push(nowMs - sinceMs);
        return { result: "ok", fills: [], cursor: "" };
      },
    },
  );
  const of = { symbol: SYMBOL, sinceMs: nowMs - 5_000 };
  for (let day = 0; day < 30; day += 1) {
    for (const _ of [1, 2]) {
      assert.equal((await sweep(parts, of, 3)).result, "complete");
      nowMs += 15_000;
    }
    nowMs += DAY_MS;
  }
  const [first = 0, ...later] = asked;
  assert.equal(first, 5_000);
  assert.ok(Math.max(...later) < DAY_MS + 3_600_000, `${Math.max(...later)} ms`);
  assert.ok(Math.min(...later) >= 15_000, "what came late or by a clock a little off is within it");
});
