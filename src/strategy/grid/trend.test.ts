// GRID-34, GRID-35: what candles do to the gates and to the stride.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench } from "../../../test/grid/bench.ts";
import { candle, standing } from "./standing.fixture.ts";

const TREND = { enabled: true, fast: 2, slow: 3, bandBps: 20 } as const;
const DYNAMIC = { enabled: true, period: 5, holdCandles: 3 } as const;

/** Candles of the minutes `from` to `to`. */
function candles(bench: GridBench, from: number, to: number, range: number): void {
  for (let i = from; i <= to; i += 1) bench.send({ kind: "candle", candle: candle(i, 300_000, range) });
}

test("GRID-34 old candles are counted, unclosed ones not even that; neither is judged again", () => {
  const bench = new GridBench({ ...EXAMPLE, dynamic: DYNAMIC });
  candles(bench, 1, 6, 100);
  bench.start("2999.99/3000.01");
  candles(bench, 7, 9, 300);
  const before = structuredClone(bench.state.indicators);
  assert.equal(before.candidateCount, 1);
  bench.send({ kind: "candle", candle: candle(9, 300_000, 300) });
  bench.send({ kind: "candle", candle: candle(10, 300_000, 300, false) });
  assert.deepEqual(bench.state.indicators, before);
  assert.equal(bench.state.counts.candlesIgnored, 1);
});

test("GRID-34 a gap in the candles is told with the candle that came instead", () => {
  const bench = standing({ trend: TREND }, []);
  candles(bench, 1, 3, 0);
  bench.send({ kind: "candle", candle: candle(5, 300_000) });
  const text = "a candle is missing; the window is loaded again";
  const facts = { openAtMs: 300_000 };
  assert.deepEqual(bench.alerts, [{ code: "candle-gap", severity: "warning", text, facts }]);
  assert.equal(bench.state.gates.get("indicators")?.reason, "too few closed candles");
});

test("GRID-34 a trend takes entries off the leg it runs against, and says which way it goes", () => {
  for (const [close, levels] of [
    [296_000, { L: "REDUCE", S: "RUN", reason: "trend DOWN" }],
    [304_000, { L: "RUN", S: "REDUCE", reason: "trend UP" }],
    [300_100, undefined],
  ] as const) {
    const bench = standing({ mode: "neutral", trend: TREND }, []);
    candles(bench, 1, 3, 0);
    bench.send({ kind: "candle", candle: candle(4, close) });
    assert.deepEqual(bench.state.gates.get("trend"), levels);
  }
});

test("GRID-34 GRID-44 a grid without indicators asks for no candles, whatever changes", () => {
  const bench = standing({}, []);
  const text = bench.send({ kind: "config", config: { ...bench.config, interval: 300 } });
  assert.doesNotMatch(text, /CANDLES/);
  assert.equal(bench.state.indicators.reloading, false);
});

test("GRID-35 GRID-44 a window computed by other keys is emptied before it is loaded again", () => {
  const bench = standing({ trend: TREND }, []);
  candles(bench, 1, 3, 0);
  bench.send({ kind: "config", config: { ...bench.config, trend: { ...TREND, slow: 4 } } });
  assert.deepEqual(bench.state.indicators.closes, []);
  assert.ok(bench.view().gates.includes("indicators:HOLD"));
});

test("GRID-35 the first stride a window gives is taken at once, later ones once holdCandles agree", () => {
  const first = standing({ dynamic: DYNAMIC }, []);
  candles(first, 1, 5, 300);
  assert.deepEqual([first.state.indicators.stride, first.state.indicators.candidate], [1, 0]);
  candles(first, 6, 6, 300);
  assert.equal(first.state.indicators.stride, 3);
  candles(first, 7, 11, 100);
  assert.equal(first.state.indicators.stride, 3);
  candles(first, 12, 14, 100);
  assert.equal(first.state.indicators.stride, 1);
});

test("GRID-35 a window that is loaded again while the grid has slots does not move them at once", () => {
  const bench = standing({ dynamic: DYNAMIC }, [[0, 10]]);
  candles(bench, 1, 6, 300);
  assert.deepEqual([bench.state.indicators.stride, bench.state.indicators.candidateCount], [1, 1]);
  candles(bench, 7, 8, 300);
  assert.equal(bench.state.indicators.stride, 3);
});
