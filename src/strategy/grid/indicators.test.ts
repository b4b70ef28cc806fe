// GRID-34, GRID-35: which candles are taken, what the sums are, and when the stride in force changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, readConfig } from "../../../test/grid/bench.ts";
import { ticks } from "../../market/amounts.ts";
import type { CandleEvent } from "../../trading/event.ts";
import { emptyWindow, settleStride, strideWanted, takeCandle, trendOf } from "./indicators.ts";
import { latticeOf } from "./lattice.ts";
import { candle } from "./standing.fixture.ts";
import { emptyIndicators } from "./state.ts";

const plain = readConfig(EXAMPLE);
const trend = { enabled: true, fast: 2, slow: 3, bandBps: 10 } as const;
const dynamic = { enabled: true, period: 3, scaleMilli: 1000, strideMax: 5, holdCandles: 2 } as const;
const config = { ...plain, trend, dynamic };

/** The candle of minute `i` with the three prices that count. */
function shaped(i: number, low: number, close: number, high: number): CandleEvent {
  return { ...candle(i, close), low: ticks(low), high: ticks(high) };
}

test("GRID-34 a candle that is open, of another length, broken or that nobody asked for changes nothing", () => {
  const state = { ...emptyIndicators(), reloading: true };
  const broken = [shaped(9, 0, 5, 10), shaped(9, -1, 5, 10), shaped(9, 6, 5, 10), shaped(9, 4, 11, 10)];
  const foreign = [candle(9, 100, 0, false), { ...candle(9, 100), interval: "5m" as const }, ...broken];
  for (const one of foreign) assert.equal(takeCandle(state, config, one), "ignored");
  assert.equal(takeCandle(state, plain, candle(9, 100)), "ignored");
  assert.deepEqual(state, { ...emptyIndicators(), reloading: true });
});

test("GRID-34 a gap empties the window until older candles have filled it; repetitions are ignored", () => {
  const state = emptyIndicators();
  const taken = (i: number): string => {
    const verdict = takeCandle(state, config, candle(i, 100 + i));
    return `${verdict} ${state.closes.join(",")}${state.reloading ? " reloading" : ""}`;
  };
  assert.equal(taken(10), "taken 110");
  assert.equal(taken(11), "taken 110,111");
  assert.equal(taken(10), "ignored 110,111");
  assert.equal(taken(8), "ignored 110,111");
  assert.equal(taken(14), "gap 114 reloading");
  assert.equal(taken(14), "ignored 114 reloading");
  assert.equal(taken(11), "taken 111 reloading");
  assert.equal(taken(12), "taken 111,112 reloading");
  assert.equal(taken(11), "ignored 111,112 reloading");
  assert.equal(taken(13), "taken 111,112,113 reloading");
  // the trend has its three closes now; the true ranges want one candle more
  assert.equal(taken(14), "taken 112,113,114");
  assert.equal(taken(15), "taken 113,114,115");
  assert.deepEqual([state.sumFast, state.sumSlow, state.sumRange], [229, 342, 3]);
});

test("GRID-35 the true range reaches to the close before, over a gap up and a gap down", () => {
  const state = emptyIndicators();
  for (const one of [
    shaped(1, 100, 100, 100),
    shaped(2, 110, 115, 120),
    shaped(3, 80, 85, 90),
    shaped(4, 80, 90, 95),
  ]) {
    assert.equal(takeCandle(state, config, one), "taken");
  }
  assert.deepEqual(state.ranges, [20, 35, 15]);
});

test("GRID-34 an emptied window keeps the stride in force, and that a reload was asked for", () => {
  const state = {
    ...emptyIndicators(),
    stride: 3,
    reloading: true,
    closes: [1],
    ranges: [1],
    sumRange: 1,
    lastOpenMs: 9,
  };
  emptyWindow(state);
  assert.deepEqual(state, { ...emptyIndicators(), stride: 3, reloading: true });
});

test("GRID-34 means apart by exactly the band are flat; beyond it there is a trend", () => {
  const wide = { ...config, trend: { enabled: true, fast: 1, slow: 2, bandBps: 1000 } };
  const of = (sumFast: number, closes = [100, 100]) =>
    trendOf({ ...emptyIndicators(), closes, sumFast, sumSlow: 200 }, wide);
  assert.deepEqual(
    [89, 90, 100, 110, 111].map((fast) => of(fast)),
    ["DOWN", "FLAT", "FLAT", "FLAT", "UP"],
  );
  assert.equal(of(50, [100]), "FLAT");
});

test("GRID-35 the stride wanted: none while it is off or the window is short, never above the widest", () => {
  const lattice = latticeOf({ spacing: "arithmetic", anchor: ticks(1000), step: 1 });
  const whole = { ...emptyIndicators(), closes: [1000, 1000], ranges: [1, 1, 1] };
  const wanted = (sumRange: number, set: object = {}): number | null =>
    strideWanted({ ...whole, sumRange }, { ...config, dynamic: { ...dynamic, ...set } }, lattice);
  assert.deepEqual(
    [0, 3, 4, 15, 16].map((sum) => wanted(sum)),
    [1, 1, 2, 5, 5],
  );
  assert.equal(wanted(Number.MAX_SAFE_INTEGER, { scaleMilli: 20_000 }), 5);
  assert.equal(wanted(3, { enabled: false }), null);
  assert.equal(wanted(3, { period: 4 }), null);
  assert.equal(strideWanted(emptyIndicators(), config, lattice), null);
});

test("GRID-35 a stride is in force when enough candles in a row wanted it; the one in force ends the count", () => {
  const state = { ...emptyIndicators(), stride: 2 };
  const settle = (wanted: number): readonly unknown[] => [
    settleStride(state, config, wanted),
    state.stride,
    state.candidate,
    state.candidateCount,
  ];
  assert.deepEqual(settle(3), [false, 2, 3, 1]);
  assert.deepEqual(settle(4), [false, 2, 4, 1]);
  assert.deepEqual(settle(2), [false, 2, 0, 0]);
  assert.deepEqual(settle(4), [false, 2, 4, 1]);
  assert.deepEqual(settle(4), [true, 4, 0, 0]);
});
