// Section 11: every key, what is wrong with it, and what is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, readConfig } from "../../../test/grid/bench.ts";
import type { Instrument } from "../../market/instrument.ts";
import { changedKeys } from "./config-change.ts";
import { type GridTexts, gridConfigFrom, problemText } from "./config-reader.ts";
import { gridStrategy } from "./grid.ts";
import { GRID_KEYS } from "./keys.ts";

/** All problems of a configuration as sentences. */
function problems(texts: GridTexts, instrument: Instrument = ETH): readonly string[] {
  const read = gridConfigFrom({ ...EXAMPLE, ...texts }, instrument);
  return read.ok ? [] : read.error.map(problemText);
}

test("GRID-01 decimals become integers once: prices by the tick, value by the value unit, rates in millionths", () => {
  const config = readConfig({
    ...EXAMPLE,
    rangeLow: "2900.001",
    rangeHigh: "3100.009",
    edgeBpsMin: "-1.5",
    stopLow: "2800.00",
    dynamic: { scale: "1.25" },
  });
  const { interval, anchor, rangeLow, rangeHigh, edgePpm, stopLow, dynamic } = config;
  assert.deepEqual([interval, anchor, rangeLow, rangeHigh], [200, 300_000, 290_001, 310_000]);
  assert.deepEqual([edgePpm, stopLow, dynamic.scaleMilli], [-150, 280_000, 1250]);
  const texts = { spacing: "geometric", spacingBps: "12.34", interval: undefined };
  assert.equal(readConfig({ ...EXAMPLE, ...texts }).spacingPpm, 1234);
});

const GEOMETRIC: GridTexts = { interval: undefined, spacing: "geometric" };
/** Ten ticks in ten slots: as many as there are. */
const COUNTED: GridTexts = {
  interval: undefined,
  anchor: undefined,
  gridCount: 10,
  rangeLow: "3000.00",
  rangeHigh: "3000.10",
};

const WRONG: readonly (readonly [GridTexts, string])[] = [
  [{ interval: "1.995" }, "interval 1.995 is not a multiple of the tick 0.01; use 1.99 or 2.00"],
  [{ anchor: "3000.005" }, "anchor 3000.005 is not on the tick 0.01"],
  [{ stopLow: "2800.001" }, "stopLow 2800.001 is not on the tick 0.01"],
  [{ gridCount: 10 }, "give exactly one of interval, spacingBps, gridCount"],
  [{ interval: undefined }, "give exactly one of interval, spacingBps, gridCount"],
  [{ interval: undefined, gridCount: 10, anchor: undefined }, "gridCount needs both bounds"],
  [{ rangeLow: "3100.00", rangeHigh: "3000.00" }, "rangeLow must be below rangeHigh"],
  [{ trend: { fast: 60, slow: 60 } }, "trend.fast must be below trend.slow"],
  [{ stopLow: "3000.00", stopHigh: "2900.00" }, "stopLow must be below stopHigh"],
  [{ openOrdersMax: 20, entryLevels: 10, exitLevels: 10 }, "openOrdersMax 20 is below the 23 this window needs"],
  [{ orderQuote: 30 }, 'orderQuote: write the decimal in quotes: "30"'],
  [{ orderQuote: "0" }, "orderQuote: 0 is not allowed; give a quoted decimal above 0 quote (default none)"],
  [{ orderQuote: "thirty" }, "orderQuote: thirty is not allowed; give a quoted decimal above 0 quote (default none)"],
  [{ overspendPct: 101 }, "overspendPct: 101 is not allowed; give 0–100 % (default 10)"],
  [{ jumpBpsMax: 9 }, "jumpBpsMax: 9 is not allowed; give 10–5000 bps (default 500)"],
  [{ entryLevels: 2.5 }, "entryLevels: 2.5 is not allowed; give 1–200 levels (default 10)"],
  [{ entryLevels: "3" }, "entryLevels: 3 is not allowed; give 1–200 levels (default 10)"],
  [{ mode: "both" }, "mode: both is not allowed; give long, short, neutral (default long)"],
  [{ postOnly: "yes" }, "postOnly: yes is not allowed; give true or false (default true)"],
  [{ dynamic: { scale: "0.05" } }, 'dynamic.scale: 0.05 is not allowed; give "0.1"–"20.0" times (default 1.0)'],
  [{ entryLevel: 3 }, "entryLevel is unknown; the nearest key is entryLevels"],
  [{ inventory_skew_factor: "0.5" }, "inventory_skew_factor has another unit; use skewLevels, gaps at full inventory"],
  [{ adoptPosition: "ignore" }, "adoptPosition ignore is for spot; use refuse, entry or market"],
  [{ interval: "2.00", price_interval: "2.00" }, "interval is given twice"],
  [{ interval: "0.004" }, "interval 0.004 is not a multiple of the tick 0.01; use 0.01"],
  [{ spacing: "geometric" }, "interval is for spacing arithmetic; give spacingBps or gridCount"],
  [{ interval: undefined, spacingBps: "10" }, "spacingBps is for spacing geometric; set spacing to geometric"],
  [{ ...GEOMETRIC, spacingBps: "6000" }, 'spacingBps: 6000 is not allowed; give "0.01"–"5000" bps (default none)'],
  [{ ...GEOMETRIC, spacingBps: null }, 'spacingBps: nothing is not allowed; give "0.01"–"5000" bps (default none)'],
  [{ rangeLow: "3000.00", rangeHigh: "3000.00" }, "rangeLow must be below rangeHigh"],
  [{ stopLow: "2900.00", stopHigh: "2900.00" }, "stopLow must be below stopHigh"],
  [{ ...COUNTED, rangeHigh: undefined }, "gridCount needs both bounds"],
  [{ ...COUNTED, rangeLow: undefined }, "gridCount needs both bounds"],
  [{ ...COUNTED, gridCount: 11 }, "gridCount 11 is more than the ticks between rangeLow and rangeHigh"],
  [{ ...COUNTED, anchor: "3000.01" }, "with gridCount the anchor is rangeLow; leave anchor out"],
  [{ edgeBpsMin: "abc" }, 'edgeBpsMin: abc is not allowed; give "-100"–"1000" bps (default 0)'],
  [{ edgeBpsMin: "1.234" }, "edgeBpsMin 1.234 has more than 2 decimals"],
  [{ edgeBpsMin: "1000.01" }, 'edgeBpsMin: 1000.01 is not allowed; give "-100"–"1000" bps (default 0)'],
  [{ stopLow: "abc" }, "stopLow: abc is not allowed; give a quoted price on the tick (default none)"],
  [{ stopLow: "0.00" }, "stopLow: 0.00 is not allowed; give a quoted price on the tick (default none)"],
  [{ stopLow: "-5.00" }, "stopLow: -5.00 is not allowed; give a quoted price on the tick (default none)"],
  [{ stopLow: "-5.001" }, "stopLow: -5.001 is not allowed; give a quoted price on the tick (default none)"],
  [{ stopLow: "1e300" }, "stopLow: 1e300 is not allowed; give a quoted price on the tick (default none)"],
  [{ orderQuote: undefined }, "orderQuote: nothing is not allowed; give a quoted decimal above 0 quote (default none)"],
  [{ orderQuote: "0.000009" }, "orderQuote is below one tick × lot, 0.00001"],
  [{ orderQuote: "22517998136.85248" }, "orderQuote is too large to be counted in tick × lot"],
  [{ orderQuote: "1e30" }, "orderQuote is too large to be counted in tick × lot"],
  [{ margin_lock_duration_seconds: "5" }, "marginLockMs: 5 is not allowed; give 1000–300000 ms (default 10000)"],
  [{ entryLevels: Number.POSITIVE_INFINITY }, "entryLevels: Infinity is not allowed; give 1–200 levels (default 10)"],
  [{ mode: ["long"] }, 'mode: ["long"] is not allowed; give long, short, neutral (default long)'],
];

for (const [texts, sentence] of WRONG) {
  test(`GRID-01 a wrong configuration is refused: ${sentence}`, () => {
    assert.deepEqual(problems(texts), [sentence]);
  });
}

test("GRID-01 each problem names its key, the value that was given and what is expected", () => {
  const cases: readonly (readonly [GridTexts, string, string])[] = [
    [{ interval: undefined }, "interval", ""],
    [{ spacing: "geometric" }, "interval", "2.00"],
    [{ interval: undefined, spacingBps: "10" }, "spacingBps", "10"],
    [{ rangeLow: "3100.00", rangeHigh: "3000.00" }, "rangeLow", "3100.00"],
    [{ stopLow: "3000.00", stopHigh: "2900.00" }, "stopLow", "3000.00"],
    [{ trend: { fast: 60, slow: 60 } }, "trend.fast", "60"],
    [{ openOrdersMax: 5 }, "openOrdersMax", "5"],
    [{ adoptPosition: "ignore" }, "adoptPosition", "ignore"],
    [{ ...COUNTED, rangeLow: undefined }, "gridCount", "10"],
    [{ ...COUNTED, gridCount: 11 }, "gridCount", "11"],
    [{ ...COUNTED, anchor: "3000.01" }, "anchor", "3000.01"],
    [{ orderQuote: "0.000009" }, "orderQuote", "0.000009"],
    [{ orderQuote: "1e30" }, "orderQuote", "1e30"],
  ];
  for (const [texts, key, value] of cases) {
    const read = gridConfigFrom({ ...EXAMPLE, ...texts }, ETH);
    assert.ok(!read.ok);
    assert.deepEqual(
      read.error.map((problem) => [problem.key, problem.value]),
      [[key, value]],
    );
  }
  const spot = gridConfigFrom({ ...EXAMPLE, mode: "short" }, { ...ETH, kind: "spot" });
  assert.deepEqual(spot.ok ? "" : spot.error.map(({ key, value }) => [key, value]), [["mode", "short"]]);
  const unknown = gridConfigFrom({ ...EXAMPLE, nonsense: 1 }, ETH);
  assert.equal(unknown.ok ? "" : unknown.error[0]?.expected, "a known key");
});

test("GRID-01 values at the very limit are read", () => {
  assert.equal(readConfig({ ...EXAMPLE, orderQuote: "0.00001" }).orderValue, 1);
  assert.equal(readConfig({ ...EXAMPLE, orderQuote: "22517998136.85247" }).orderValue, 2_251_799_813_685_247);
  assert.equal(readConfig({ ...EXAMPLE, ...COUNTED }).gridCount, 10);
  assert.equal(readConfig({ ...EXAMPLE, entryLevels: 10, exitLevels: 10, openOrdersMax: 23 }).openOrdersMax, 23);
  const { stopLow, stopHigh } = readConfig({ ...EXAMPLE, stopLow: "2900.00", stopHigh: "2900.01" });
  assert.deepEqual([stopLow, stopHigh], [290_000, 290_001]);
  assert.equal(readConfig({ ...EXAMPLE, anchor: "auto", trend: { bandBps: 33 } }).anchor, null);
  assert.equal(readConfig({ ...EXAMPLE, trend: { bandBps: 33 } }).trend.bandBps, 33);
  assert.deepEqual(problems({ adoptPosition: "ignore" }, { ...ETH, kind: "spot" }), []);
  assert.equal(readConfig({ ...EXAMPLE, ...COUNTED, anchor: "3000.00" }).anchor, 300_000);
});

test("GRID-01 a key without a value is as good as left out, and nothing is warned of", () => {
  const texts = { gridCount: undefined, spacingBps: undefined, nonsense: undefined, stopLow: null, entryLevels: null };
  const read = gridConfigFrom({ ...EXAMPLE, ...texts }, ETH);
  assert.ok(read.ok);
  assert.deepEqual(read.value.warnings, []);
  assert.deepEqual([read.value.config.stopLow, read.value.config.entryLevels], [null, 10]);
});

test("GRID-01 all problems of a configuration are told at once", () => {
  assert.equal(problems({ interval: "1.995", overspendPct: 101, jumpBpsMax: 9, nonsense: 1 }).length, 4);
});

test("GRID-01 old names are read with a warning, ignored ones too", () => {
  const read = gridConfigFrom(
    {
      price_interval: "2.00",
      order_quantity: "30",
      buy_window_size: 4,
      margin_lock_duration_seconds: 5,
      min_order_value: "5",
    },
    ETH,
  );
  assert.ok(read.ok);
  assert.deepEqual(read.value.warnings, [
    "price_interval is an old name; write interval",
    "order_quantity is an old name; write orderQuote",
    "buy_window_size is an old name; write entryLevels",
    "margin_lock_duration_seconds is an old name; write marginLockMs",
    "min_order_value is ignored: the instrument knows it",
  ]);
  assert.deepEqual([read.value.config.entryLevels, read.value.config.marginLockMs], [4, 5000]);
});

test("GRID-01 every default of the table is inside its own range", () => {
  const config = readConfig({ interval: "2.00", orderQuote: "30" });
  assert.deepEqual(
    [config.entryLevels, config.windowSlack, config.heldSlotsMax, config.openOrdersMax, config.entryGapPct],
    [10, 2, 100, 50, 10],
  );
  assert.equal(new Set(GRID_KEYS.map(({ key }) => key)).size, GRID_KEYS.length);
});

test("GRID-02 inverse contracts are refused, and spot in any mode but long", () => {
  const config = readConfig(EXAMPLE);
  const check = (instrument: Instrument) => gridStrategy.check(config, instrument, { quoteAvailable: null });
  assert.deepEqual(check({ ...ETH, inverse: true }), ["ETH/USDT:USDT is an inverse contract; use a linear one"]);
  assert.deepEqual(problems({ mode: "short" }, { ...ETH, kind: "spot" }), ["spot allows mode long only"]);
  const neutral = { ...config, mode: "neutral" } as const;
  assert.deepEqual(gridStrategy.check(neutral, { ...ETH, kind: "spot" }, { quoteAvailable: null }), [
    "spot allows mode long only",
  ]);
});

test("GRID-02 an account in hedge mode is refused at start", () => {
  const bench = new GridBench(EXAMPLE);
  assert.ok(bench.state.start !== null);
  bench.state.start = { ...bench.state.start, oneWayMode: false };
  assert.match(bench.start("2999.99/3000.01"), /start-refused: account is in hedge mode/);
});

test("GRID-39 the quota may not exceed risk's nor the exchange's own less 10 %", () => {
  const config = readConfig(EXAMPLE);
  const found = gridStrategy.check(config, { ...ETH, openOrdersMax: 50 }, { quoteAvailable: null });
  assert.deepEqual(found, ["openOrdersMax 50 is above 45, the exchange's own limit less 10 %"]);
  const bench = new GridBench(EXAMPLE);
  bench.openOrdersLimit = 40;
  assert.match(bench.start("2999.99/3000.01"), /openOrdersMax 50 is above the 40 that risk allows/);
});

test("GRID-44 keys know when they may change: at once, by relattice, or only flat", () => {
  const before = readConfig(EXAMPLE);
  const changed = (texts: GridTexts) => changedKeys(before, readConfig({ ...EXAMPLE, ...texts }));
  assert.deepEqual(changed({}), []);
  assert.deepEqual(changed({ orderQuote: "40", trend: { fast: 5 } }), [
    { key: "orderQuote", change: "live" },
    { key: "trend", change: "live" },
  ]);
  assert.deepEqual(changed({ interval: "3.00" }), [{ key: "interval", change: "drain" }]);
  assert.deepEqual(changed({ mode: "short" }), [{ key: "mode", change: "flat" }]);
  assert.deepEqual(changed({ rangeLow: "2000.00" }), [{ key: "rangeLow", change: "live" }]);
});
