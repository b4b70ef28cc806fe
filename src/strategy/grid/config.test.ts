// GRID-34, GRID-35, GRID-39: what a configuration in integers is asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, readConfig } from "../../../test/grid/bench.ts";
import { CANDLE_MS, candlesNeeded, exchangeOrdersLimit, LEGS_OF, usesLeg, windowOrdersNeeded } from "./config.ts";

const config = readConfig(EXAMPLE);

test("GRID-22 each mode trades its legs and no other; L before S", () => {
  assert.deepEqual(LEGS_OF, { long: ["L"], short: ["S"], neutral: ["L", "S"] });
  for (const mode of ["long", "short", "neutral"] as const) {
    for (const leg of ["L", "S"] as const) {
      assert.equal(usesLeg({ ...config, mode }, leg), LEGS_OF[mode].includes(leg), `${mode} ${leg}`);
    }
  }
});

test("GRID-39 the window needs its entries, the slack and one more of each leg, and its exits", () => {
  const window = { ...config, entryLevels: 7, windowSlack: 2, exitLevels: 5 };
  assert.equal(windowOrdersNeeded({ ...window, mode: "long" }), 15);
  assert.equal(windowOrdersNeeded({ ...window, mode: "neutral" }), 25);
});

test("GRID-39 an exchange's own limit less 10 %, which is rounded up", () => {
  assert.deepEqual([200, 201, 9].map(exchangeOrdersLimit), [180, 180, 8]);
});

test("GRID-34 GRID-35 the longest look-back says how many candles are needed; a true range needs one more", () => {
  const trend = { ...config.trend, enabled: true, slow: 30 };
  const dynamic = { ...config.dynamic, enabled: true, period: 30 };
  assert.equal(candlesNeeded(config), 0);
  assert.equal(candlesNeeded({ ...config, trend }), 30);
  assert.equal(candlesNeeded({ ...config, dynamic }), 31);
  assert.equal(candlesNeeded({ ...config, dynamic, trend: { ...trend, slow: 60 } }), 60);
});

test("GRID-34 candles are as long as their name says", () => {
  assert.deepEqual(CANDLE_MS, { "1m": 60_000, "3m": 180_000, "5m": 300_000, "15m": 900_000, "1h": 3_600_000 });
});
