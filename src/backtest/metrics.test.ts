// The report's formulas against the vectors of BT-37 and the cases where a figure does not exist.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DrawdownTracker } from "./drawdown.ts";
import { InventoryTracker } from "./inventory.ts";
import { MarkOutTracker } from "./mark-outs.ts";
import {
  annualisedReturn,
  annualisingFor,
  calmar,
  median,
  ratio,
  sharpe,
  sortino,
  stepReturns,
  totalReturn,
} from "./metrics.ts";

const EQUITY = [1000, 1020, 1010, 1050, 1030, 1100, 1089];
const near = (actual: number | null, expected: number): void => {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
};

function drawdownOf(equity: readonly number[]): DrawdownTracker {
  const tracker = new DrawdownTracker();
  equity.forEach((value, i) => {
    tracker.add(i, value);
  });
  return tracker;
}

test("BT-37 the daily equity vector gives return, drawdown, Sharpe and Sortino to the digit", () => {
  const returns = stepReturns(EQUITY);
  near(totalReturn(1000, 1089), 0.089);
  near(drawdownOf(EQUITY).result()?.depth ?? null, 0.01904761904761909);
  near(sharpe(returns, 365), 8.269338372792493);
  near(sortino(returns, 365), 29.26730562148953);
});

test("BT-35 a ratio that does not exist is null: 0/0, one return, a losing-free run, an equity of zero", () => {
  assert.equal(ratio(0, 0), null);
  assert.equal(ratio(1, 0), null);
  assert.equal(sharpe([0.1], 365), null);
  assert.equal(sharpe([0.1, 0.1], 1), null);
  assert.equal(sortino([0.1, 0.2], 1), null);
  assert.equal(sortino([], 1), null);
  assert.equal(stepReturns([100, 0, 50]), null);
  assert.equal(calmar(0.5, 0), null);
  assert.equal(calmar(null, 0.5), null);
  assert.equal(median([]), null);
});

test("BT-35 under 30 days nothing is annualised", () => {
  assert.equal(annualisedReturn(0.1, 29.9), null);
  near(annualisedReturn(0.1, 365), 0.10000000000000009);
  assert.equal(annualisedReturn(-1.2, 365), null);
  assert.equal(annualisingFor(29), 1);
  assert.equal(annualisingFor(30), 365);
});

test("BT-35 the drawdown knows its peak, bottom and recovery", () => {
  const worst = drawdownOf([100, 120, 90, 110, 119, 121, 115]).result();
  assert.deepEqual(worst, { depth: 0.25, peak: 120, bottom: 90, peakUs: 1, bottomUs: 2, recoveredUs: 5 });
  assert.equal(drawdownOf([100, 120, 90]).result()?.recoveredUs, null);
  assert.equal(drawdownOf([100, 101]).result()?.depth, 0);
  assert.equal(drawdownOf([]).result(), null);
});

test("BT-35 inventory is weighted by time, and flat to flat is a median", () => {
  const tracker = new InventoryTracker(0, 0, 4);
  tracker.set(10, 4); // 10 µs flat
  tracker.set(20, 0); // 10 µs at the limit
  tracker.set(30, -2); // 10 µs flat
  tracker.set(60, 0); // 30 µs short
  const stats = tracker.finish(100);
  assert.equal(stats.meanLots, (4 * 10 - 2 * 30) / 100);
  assert.equal(stats.maxLots, 4);
  assert.equal(stats.minLots, -2);
  assert.equal(stats.atLimit, 0.1);
  assert.equal(stats.flatToFlatUs, 20);
  assert.equal(stats.roundTrips, 2);
  near(stats.sdLots, Math.sqrt((16 * 10 + 4 * 30) / 100 - 0.04));
});

test("BT-35 a run that never comes back to flat has no flat-to-flat time, and no time no mean", () => {
  const stats = new InventoryTracker(0, 3, null).finish(0);
  assert.equal(stats.flatToFlatUs, null);
  assert.equal(stats.meanLots, null);
  assert.equal(stats.atLimit, null);
});

test("BT-35 mark-outs use the last mid at or before the horizon and leave out fills too near the end", () => {
  const tracker = new MarkOutTracker();
  const s = 1_000_000;
  tracker.setMid(0, 1000);
  tracker.fill(0, "buy", { price: 990, lots: 2 });
  tracker.setMid(s / 2, 1010);
  tracker.setMid(s, 1020); // exactly at the horizon: counts
  tracker.setMid(s + 1, 5000); // after it: does not
  tracker.setMid(6 * s, 1100);
  tracker.fill(6 * s, "sell", { price: 1110, lots: 1 });
  const [one, five, thirty] = tracker.finish(7 * s);
  near(one?.markOutBps ?? null, (2 * 10_000 * (30 / 990) + (10_000 * 10) / 1110) / 3);
  near(one?.adverseBps ?? null, (2 * 10_000 * (20 / 1000)) / 3);
  assert.equal(one?.counted, 2);
  assert.equal(five?.counted, 1);
  assert.equal(five?.leftOut, 1);
  near(five?.markOutBps ?? null, (10_000 * (5000 - 990)) / 990);
  assert.deepEqual(thirty, { horizonS: 30, markOutBps: null, adverseBps: null, counted: 0, leftOut: 2 });
});
