// GRID-41, GRID-42, section 7: what a start is refused for, what it takes over, and gates the first price decides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench, startFacts } from "../../../test/grid/bench.ts";
import { lots, milliTicks, ticks } from "../../market/amounts.ts";
import { candle } from "./standing.fixture.ts";

/** What a start is told to be wrong, whole. */
function refusals(bench: GridBench): readonly object[] {
  for (let i = 0; i < 3; i += 1) bench.book("2999.99/3000.01");
  return bench.alerts;
}

const critical = (text: string): object => ({ code: "start-refused", severity: "critical", text, facts: {} });

test("GRID-41 GRID-42 every setting that forbids a start is told at once, before the lattice is looked at", () => {
  const bench = new GridBench({ ...EXAMPLE, openOrdersMax: 20, stopLow: "2999.00", stopHigh: "3001.00" });
  Object.assign(bench.state.config, { stopLow: ticks(300_000), stopHigh: ticks(300_000) });
  bench.openOrdersLimit = 19;
  bench.instrument = { ...bench.instrument, status: "halted" };
  bench.send({ kind: "start", facts: { ...startFacts(lots(55), null), oneWayMode: false } });
  assert.deepEqual(refusals(bench), [
    critical("ETH/USDT:USDT is halted"),
    critical("openOrdersMax 20 is above the 19 that risk allows"),
    critical("account is in hedge mode; switch to one-way"),
    critical("stopLow must be below the current price"),
    critical("stopHigh must be above the current price"),
    critical("position 0.055 ETH is not explained by the journal; set adoptPosition to entry or market, or close it"),
  ]);
  assert.equal(bench.view().phase, "refused");
  assert.equal(bench.state.lattice, null);
});

test("GRID-41 limits and stops just beside the price let a start through", () => {
  const bench = new GridBench({ ...EXAMPLE, openOrdersMax: 20, stopLow: "2999.99", stopHigh: "3000.01" });
  bench.openOrdersLimit = 20;
  const [warning, ...others] = refusals(bench);
  assert.equal(bench.view().phase, "running");
  assert.deepEqual(others, []);
  const text =
    "a cycle at 5998.00 loses 0.3996 USDT per ETH: interval 2.00 must be at least 2.40; " +
    "no entry is placed where a cycle loses";
  assert.deepEqual(warning, { code: "start-warning", severity: "warning", text, facts: {} });
});

test("GRID-06 GRID-08 GRID-17 a lattice that loses, has no step or no size for an order is refused", () => {
  const losing = new GridBench(EXAMPLE);
  Object.assign(losing.state.config, { interval: ticks(100), orderValue: 1_000_000 });
  assert.deepEqual(refusals(losing), [
    critical("a cycle at 3000.00 loses 0.2002 USDT per ETH: interval 1.00 must be at least 1.21"),
    critical("orderQuote 10 is too small: level 2999.00 needs 7 lots (20.993 USDT); use 19.085 or more"),
  ]);
  const counted = { interval: null, anchor: null, gridCount: 10, rangeLow: ticks(300_000) };
  for (const [rangeHigh, told] of [
    [300_009, [critical("gridCount is larger than the ticks between rangeLow and rangeHigh allow")]],
    [300_010, []],
  ] as const) {
    const bench = new GridBench(EXAMPLE);
    bench.instrument = { ...bench.instrument, makerPpm: 0 };
    Object.assign(bench.state.config, { ...counted, rangeHigh: ticks(rangeHigh) });
    assert.deepEqual(refusals(bench), told);
  }
});

test("GRID-42 a position is taken over at its average or at the market, or not at all and the start refused", () => {
  const average = milliTicks(300_400_000);
  for (const [adoptPosition, held] of [
    ["entry", "2:0.005"],
    ["market", "0:0.005"],
  ] as const) {
    const bench = new GridBench({ ...EXAMPLE, adoptPosition }, { position: "0.005", average });
    bench.start("2999.99/3000.01");
    assert.equal(bench.held(), held);
    assert.deepEqual(bench.state.start, { lots: 0, entry: null, oneWayMode: true });
  }
  const text = (position: string): string =>
    `position ${position} ETH is not explained by the journal; set adoptPosition to entry or market, or close it`;
  const wrongLeg = new GridBench({ ...EXAMPLE, adoptPosition: "market" }, { position: "-0.005" });
  assert.deepEqual(refusals(wrongLeg).slice(1), [critical(text("-0.005"))]);
  const outside = { position: "0.005", average: milliTicks(4_000_000_000) };
  const far = new GridBench({ ...EXAMPLE, adoptPosition: "entry" }, outside);
  assert.deepEqual(refusals(far).slice(2), [critical(text("0.005"))]);
  assert.deepEqual([far.view().phase, far.state.lattice], ["refused", null]);
});

test("GRID-41 no start before its facts, and none before a price", () => {
  const bench = new GridBench(EXAMPLE);
  bench.state.start = null;
  assert.deepEqual(refusals(bench), []);
  assert.equal(bench.view().phase, "starting");
});

test("GRID-35 candles that came before the start give the stride it starts with", () => {
  const bench = new GridBench({ ...EXAMPLE, dynamic: { enabled: true, period: 5, holdCandles: 3 } });
  for (let i = 1; i <= 6; i += 1) bench.send({ kind: "candle", candle: candle(i, 300_000, 300) });
  bench.start("2999.99/3000.01");
  assert.equal(bench.state.indicators.stride, 3);
});

test("GRID-07 GRID-19 a price outside ten times the anchor freezes the grid, at its start and later", () => {
  const bench = new GridBench({ ...EXAMPLE, anchor: "200.00" });
  bench.start("2000.00/2000.02");
  assert.deepEqual(bench.view().gates, ["fence:FREEZE"]);
  const later = new GridBench({ ...EXAMPLE, anchor: "200.00", jumpBpsMax: 500 });
  later.start("1999.90/1999.92");
  assert.deepEqual(later.view().gates, []);
  later.alerts.length = 0;
  later.mid("2001.00");
  assert.deepEqual(later.view().gates, ["fence:FREEZE"]);
  assert.deepEqual(later.alerts, []);
});

test("GRID-19 entries held back by a wide book go out with the first narrow one, though the price is the same", () => {
  const bench = new GridBench({ ...EXAMPLE, spreadBpsMax: 5 });
  bench.start("2999.00/3001.00");
  assert.equal(bench.resting(), "");
  assert.equal(bench.book("2999.00/3001.00"), "");
  assert.match(bench.book("2999.99/3000.01"), /^BUY 2998.00/);
});

test("GRID-36 a stop is told with the price that reached it", () => {
  const bench = new GridBench({ ...EXAMPLE, stopLow: "2990.00", stopAction: "flatten" });
  bench.start("2999.99/3000.01");
  bench.alerts.length = 0;
  bench.mid("2989.00");
  const text = "the price reached a stop; flatten";
  assert.deepEqual(bench.alerts, [{ code: "stop", severity: "critical", text, facts: { ref0: 298_900 } }]);
  assert.deepEqual(bench.asked, [{ code: "flatten.stop", ref0: 298_900 }]);
});
