// An open candle made of trades is what anybody would draw from them, whatever their decimals.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDecimal } from "../../base/decimal.ts";
import type { ClassicKline } from "../messages.ts";
import { intervalSeconds, isLess, joined, withTrade } from "./open-candle.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);
const text = (units: number): string => formatDecimal(BigInt(units), 3);

const trades = fc.array(
  fc.record({
    units: fc.integer({ min: 1, max: 5_000_000 }),
    lots: fc.integer({ min: 1, max: 9999 }),
    waitMs: fc.nat(20_000),
  }),
  { minLength: 1, maxLength: 60 },
);

test("open, highest, lowest, last and volume of the trades of each minute, exact", () => {
  fc.assert(
    fc.property(trades, (list) => {
      let atMs = 1_700_000_040_000;
      let candle: ClassicKline | null = null;
      const minutes = new Map<number, { units: number; lots: number }[]>();
      const drawn = new Map<number, ClassicKline>();
      for (const { units, lots, waitMs } of list) {
        atMs += waitMs;
        const time = Math.floor(atMs / 60_000) * 60;
        minutes.set(time, [...(minutes.get(time) ?? []), { units, lots }]);
        candle = withTrade(candle, { price: text(units), quantity: text(lots), atMs }, 60) ?? assert.fail();
        drawn.set(time, candle);
      }
      for (const [time, own] of minutes) {
        const prices = own.map(({ units }) => units);
        assert.deepEqual(drawn.get(time), {
          time,
          open: text(prices[0] ?? 0),
          high: text(Math.max(...prices)),
          low: text(Math.min(...prices)),
          close: text(prices.at(-1) ?? 0),
          volume: text(own.reduce((sum, { lots }) => sum + lots, 0)),
        });
      }
      const [first = assert.fail()] = [...drawn.keys()];
      const all = joined([...drawn.values()], first) ?? assert.fail();
      const prices = list.map(({ units }) => units);
      assert.deepEqual([all.high, all.low], [text(Math.max(...prices)), text(Math.min(...prices))]);
      assert.equal(all.volume, text(list.reduce((sum, { lots }) => sum + lots, 0)));
    }),
    { numRuns },
  );
});

test("a trade of an older minute changes nothing; order of decimals is exact", () => {
  const candle = withTrade(null, { price: "1", quantity: "1", atMs: 120_000 }, 60);
  assert.equal(withTrade(candle, { price: "9", quantity: "1", atMs: 119_999 }, 60), null);
  assert.equal(isLess("9007199254740993.1", "9007199254740993.2"), true);
  assert.equal(isLess("10", "9"), false);
  assert.equal(isLess("-1", "-0.5"), true);
  assert.equal(joined([], 0), null);
  assert.deepEqual(["1m", "1h", "7d"].map(intervalSeconds), [60, 3600, null]);
});
