// GRID-44: where held lots go when the lattice changes, and when it does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench, readConfig } from "../../../test/grid/bench.ts";
import { lots, ticks } from "../../market/amounts.ts";
import type { GridConfig } from "./config.ts";
import type { GridTexts } from "./config-reader.ts";
import { standing, type Told } from "./standing.fixture.ts";

function relattice(bench: GridBench, texts: Partial<GridTexts>, change: Partial<GridConfig> = {}): string {
  const strategyConfig = { ...readConfig({ ...EXAMPLE, ...texts }, bench.instrument), ...change };
  const config = { strategy: "grid", strategyConfig, risk: null, cancelOnExit: "all" } as const;
  return bench.command({ name: "relattice", config });
}

const problemOf = (bench: GridBench): string => bench.alerts.map(({ text }) => text).join("; ");

test("GRID-44 longs move up to the nearest free cells, nearest exits first, shorts down", () => {
  // long exits 3002, 3004, 3006; short exits 2998, 2996
  const told: Told = [
    [2, 3],
    [0, 1],
    [1, 2],
    [-2, 5, 1, "S"],
    [-1, 4, 1, "S"],
  ];
  const bench = standing({ mode: "neutral" }, told);
  relattice(bench, { mode: "neutral", interval: "5.00" });
  assert.equal(bench.held(), "-2:0.005 -1:0.004 0:0.001 1:0.002 2:0.003");
  assert.deepEqual(
    bench.slots().map(({ leg, width }) => `${leg}${width}`),
    ["L1", "L1", "L1", "S1", "S1"],
  );
});

test("GRID-44 an exit that is a level of the new lattice stays where it is, for longs and for shorts", () => {
  const bench = standing({ mode: "neutral" }, [
    [1, 1],
    [-2, 2, 1, "S"],
  ]);
  relattice(bench, { mode: "neutral", interval: "4.00" });
  // 3004 is the top of cell 0, 2996 the bottom of cell -1
  assert.equal(bench.held(), "-1:0.002 0:0.001");
});

test("GRID-44 of two cells with one exit the lower goes first, whatever order they were filled in", () => {
  const bench = standing({ mode: "neutral" }, [
    [1, 4],
    [0, 3, 2],
    [-4, 5, 1, "S"],
    [-4 - 1, 6, 1, "S"],
  ]);
  relattice(bench, { mode: "neutral", interval: "4.00" });
  assert.equal(bench.held(), "-3:0.006 -2:0.005 0:0.003 1:0.004");
});

test("GRID-44 held lots never move to exits outside the fence; at its very edge they may", () => {
  // the fence of an anchor of 300.00 ends at 3,000.00; that of 29,960.00 begins at 2,996.00
  const cases = [
    ["long", -1, "300.00", ""],
    ["long", 0, "300.00", "held lots would exit outside the fence of the new lattice"],
    ["short", -2, "29960.00", ""],
    ["short", -3, "29960.00", "held lots would exit outside the fence of the new lattice"],
  ] as const;
  for (const [mode, j, anchor, problem] of cases) {
    const bench = standing({ mode }, [[j, 10, 1, mode === "long" ? "L" : "S"]]);
    relattice(bench, { mode, anchor, interval: "20.00" });
    assert.equal(
      problemOf(bench),
      problem === "" ? "the lattice was changed" : `the lattice stays as it was: ${problem}`,
    );
    assert.equal(bench.alerts[0]?.severity, problem === "" ? "info" : "error");
    assert.deepEqual(bench.view().gates, ["operator:HALT"]);
  }
});

test("GRID-44 the new lattice is told by its anchor and step, and the engine by its configuration", () => {
  const bench = standing({}, []);
  bench.state.sizeAlerts.set(7, 1000);
  bench.state.indicators.stride = 3;
  const trend = { enabled: true, fast: 2, slow: 3 };
  const text = relattice(bench, { interval: "4.00", anchor: "3001.00", trend });
  assert.match(text, /CONFIG accepted/);
  assert.match(text, /CANDLES/);
  const facts = { anchor: 300_100, step: 400 };
  assert.deepEqual(bench.alerts, [{ code: "relattice", severity: "info", text: "the lattice was changed", facts }]);
  assert.equal(bench.state.sizeAlerts.size, 0);
  assert.equal(bench.state.indicators.stride, 1);
});

test("GRID-29 GRID-44 late lots of an order of the old lattice are stray in the new one", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  const { id } = bench.slotOrder(-1);
  bench.ack();
  relattice(bench, { interval: "4.00" });
  bench.confirmAll();
  assert.equal(bench.state.lattice?.step, 400);
  assert.match(bench.order(id, { change: "executed", cumulative: lots(4) }), /ALERT stray: 4 lots/);
  assert.deepEqual([bench.held(), bench.state.tally.fills], ["", 4]);
});

test("GRID-44 a lattice waits for the first price believed after the steps changed", () => {
  const bench = standing({ anchor: "auto" }, [[0, 10]]);
  bench.instrument = { ...bench.instrument, tickSize: "0.03", minNotional: 1_000_000 };
  bench.send({ kind: "instrument", instrument: bench.instrument });
  relattice(bench, { interval: "3.00", anchor: "auto" });
  assert.equal(bench.state.lattice?.step, 200);
  for (let i = 0; i < 3; i += 1) bench.book("2999.97/3000.03");
  // the anchor of old, 3000.00, and the exit 3002.00, which between two new ticks is the higher: 3002.01 of cell 1
  assert.deepEqual(bench.state.lattice, { spacing: "arithmetic", anchor: 100_000, step: 100 });
  assert.deepEqual([bench.held(), bench.state.tickSize], ["0:0.010", "0.03"]);
  assert.deepEqual(bench.view().gates, ["operator:HALT"]);
});

test("GRID-44 between two new ticks a long's exit goes to the higher, a short's and the anchor to the lower", () => {
  for (const [mode, j, held] of [
    ["long", 0, "1:0.010"],
    ["short", -1, "-2:0.010"],
  ] as const) {
    const bench = standing({ mode, anchor: "auto" }, [[j, 10, 1, mode === "long" ? "L" : "S"]]);
    bench.instrument = { ...bench.instrument, tickSize: "0.07", minNotional: 1_000_000 };
    bench.send({ kind: "instrument", instrument: bench.instrument });
    for (let i = 0; i < 3; i += 1) bench.book("2999.92/3000.06");
    relattice(bench, { mode, anchor: "auto", interval: "1.96" });
    // in ticks of 0.07: 3000.00 is 42857.14, the long exit 3002.00 is 42885.71, the short exit 2998.00 is 42828.57
    assert.deepEqual(bench.state.lattice, { spacing: "arithmetic", anchor: 42_857, step: 28 });
    assert.equal(bench.held(), held);
  }
});

test("GRID-44 a new lot size is taken only while nothing is held and nothing stray", () => {
  for (const [told, stray, problem] of [
    [[], 0, null],
    [[[0, 0]], 0, null],
    [[], -1, "the lot size changed while lots are held"],
    [
      [
        [0, 0],
        [1, 10],
      ],
      0,
      "the lot size changed while lots are held",
    ],
  ] as const) {
    const bench = standing({}, told);
    bench.state.stray = stray;
    bench.instrument = { ...bench.instrument, lotSize: "0.002" };
    bench.send({ kind: "instrument", instrument: bench.instrument });
    for (let i = 0; i < 3; i += 1) bench.mid("3000.00");
    bench.alerts.length = 0;
    relattice(bench, {});
    assert.equal(
      problemOf(bench),
      problem === null ? "the lattice was changed" : `the lattice stays as it was: ${problem}`,
    );
    assert.equal(bench.state.lotSize, problem === null ? "0.002" : "0.001");
  }
});

test("GRID-44 with lots held a lattice of the same lot size is taken", () => {
  const bench = standing({}, [[0, 10]]);
  relattice(bench, { interval: "4.00" });
  assert.equal(problemOf(bench), "the lattice was changed");
});

test("GRID-06 GRID-44 a lattice needs an open market, an anchor and a step of a tick at least", () => {
  const halted = standing({}, []);
  halted.instrument = { ...halted.instrument, status: "halted" };
  relattice(halted, {});
  assert.equal(problemOf(halted), "the lattice stays as it was: the instrument is halted");

  const none = "the lattice stays as it was: gridCount does not fit between rangeLow and rangeHigh";
  const counted = { interval: null, anchor: null, gridCount: 10, rangeLow: ticks(300_000) };
  for (const [change, told] of [
    [{ ...counted, rangeHigh: ticks(300_009) }, none],
    [{ ...counted, rangeHigh: ticks(300_010) }, "the lattice was changed"],
    [{ anchor: ticks(1) }, "the lattice was changed"],
  ] as const) {
    const bench = standing({}, []);
    bench.instrument = { ...bench.instrument, makerPpm: 0 };
    relattice(bench, {}, change);
    assert.equal(problemOf(bench), told);
  }

  // a tick larger than the old anchor leaves no anchor
  const coarse = standing({ anchor: "auto" }, []);
  coarse.instrument = { ...coarse.instrument, tickSize: "5000" };
  coarse.send({ kind: "instrument", instrument: coarse.instrument });
  for (let i = 0; i < 3; i += 1) coarse.book("5000/10000");
  coarse.alerts.length = 0;
  relattice(coarse, { anchor: "auto", interval: "5000" });
  assert.equal(problemOf(coarse), none);
});
