// How far back a read of fills goes: never so little that one is left out, never farther the longer nothing happens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FillMemory, OrderMemory } from "./fill-memory.ts";
import { type SweepParts, sweep } from "./sweep.ts";

const SYMBOL = "BTC/USDT";
const DAY_MS = 86_400_000;

test("EXCH-44 an instrument without fills is read from the last read on, not from the day it was first followed", async () => {
  const asked: number[] = [];
  let nowMs = 1_790_000_000_000;
  const unasked = { result: "unavailable", text: "nothing is asked here" } as const;
  const parts: SweepParts = {
    reads: {
      openOrders: async () => ({ result: "ok", orders: [] }),
      fills: async (_symbol, { sinceMs }) => {
        asked.push(nowMs - sinceMs);
        return { result: "ok", fills: [], cursor: "" };
      },
      lookup: async () => unasked,
      account: async () => unasked,
      book: async () => unasked,
      clientOrderIdOf: () => null,
      remember: () => undefined,
    },
    fills: new FillMemory(),
    orders: new OrderMemory(),
    overlapMs: 5_000,
    exchangeNowMs: () => nowMs,
    tellOrder: () => false,
    tellFill: () => false,
    unheard: () => [],
    settled: () => undefined,
  };
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
