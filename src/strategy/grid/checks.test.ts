// GRID-02, GRID-08, GRID-17, GRID-39: what must hold before the grid may trade, in words that say what to do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, readConfig } from "../../../test/grid/bench.ts";
import { lots, ticks } from "../../market/amounts.ts";
import {
  breakEvenGap,
  gapFindings,
  instrumentProblems,
  roundedDownText,
  roundedUpText,
  sizeProblem,
} from "./checks.ts";
import { latticeOf } from "./lattice.ts";
import { planOf } from "./plan.fixture.ts";

const config = readConfig(EXAMPLE);
const MILLI = 10n ** 15n;

test("GRID-17 amounts to type are rounded to cents, or to five digits where that is finer", () => {
  assert.equal(roundedUpText(19_078n * MILLI + 1n), "19.079");
  assert.equal(roundedUpText(19_078n * MILLI), "19.078");
  assert.equal(roundedDownText(19_079n * MILLI - 1n), "19.078");
  assert.equal(roundedUpText(1_234_567_891n * MILLI), "1234567.90");
  assert.equal(roundedDownText(1_234_567_899n * MILLI), "1234567.89");
  assert.equal(roundedUpText((1_234_560n * MILLI) / 1_000_000n), "0.0012346");
  assert.equal(roundedDownText(123n), "0.000000000000000123");
});

test("GRID-02 GRID-39 what the instrument forbids is said all at once; limits themselves are allowed", () => {
  const problems = (change: object, rules: object = {}) =>
    instrumentProblems({ ...config, ...change }, { ...ETH, ...rules });
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ openOrdersMax: 9 }), []);
  assert.deepEqual(problems({ openOrdersMax: 180 }), []);
  assert.deepEqual(problems({ openOrdersMax: 8 }), ["openOrdersMax 8 is below the 9 this window needs"]);
  const own = "openOrdersMax 181 is above 180, the exchange's own limit less 10 %";
  assert.deepEqual(problems({ openOrdersMax: 181 }), [own]);
  assert.deepEqual(problems({ mode: "short" }, { inverse: true, kind: "spot", status: "halted" }), [
    "ETH/USDT:USDT is an inverse contract; use a linear one",
    "spot allows mode long only",
    "ETH/USDT:USDT is halted",
  ]);
  assert.deepEqual(problems({}, { kind: "spot" }), []);
});

test("GRID-08 GRID-48 the break-even gap pays two maker fees and the edge, and is a tick at least", () => {
  assert.equal(breakEvenGap(300_000, ETH), 121);
  assert.equal(breakEvenGap(300_000, ETH, 100), 151);
  assert.equal(breakEvenGap(2500, ETH), 2);
  assert.equal(breakEvenGap(300_000, { ...ETH, makerPpm: -100 }), 1);
});

test("GRID-08 an arithmetic grid that loses at its anchor or in its bounds is refused, far off warned of", () => {
  const found = (step: number, change: object = {}) => {
    const lattice = latticeOf({ spacing: "arithmetic", anchor: ticks(300_000), step });
    return gapFindings({ ...config, ...change }, lattice, ETH);
  };
  const loses = "a cycle at 3000.00 loses 0.30024 USDT per ETH: interval 1.20 must be at least 1.51";
  assert.deepEqual(found(120, { edgePpm: 100 }), { refuse: [loses], warn: [] });
  assert.deepEqual(found(151, { edgePpm: 100, rangeHigh: ticks(300_000) }), { refuse: [], warn: [] });
  const far = "a cycle at 5998.00 loses 0.3996 USDT per ETH: interval 2.00 must be at least 2.40";
  assert.deepEqual(found(200), { refuse: [], warn: [`${far}; no entry is placed where a cycle loses`] });
  assert.deepEqual(found(200, { rangeHigh: ticks(400_000) }), { refuse: [], warn: [] });
  assert.deepEqual(found(200, { rangeHigh: ticks(600_000) }), { refuse: [far], warn: [] });
});

test("GRID-05 GRID-08 a geometric grid is judged cell by cell: the rounding to ticks may lose anywhere", () => {
  // gaps of 450 ppm of 100.00 are 4 or 5 ticks, and 4 do not pay the fees
  const lattice = latticeOf({ spacing: "geometric", anchor: ticks(10_000), step: 450 });
  const found = (low: number, high: number) =>
    gapFindings({ ...config, spacing: "geometric", rangeLow: ticks(low), rangeHigh: ticks(high) }, lattice, ETH);
  const loses = (at: string): string => `a cycle at ${at} USDT per ETH: the gap 0.04 must be at least 0.05`;
  assert.deepEqual(found(10_000, 10_014), { refuse: [loses("100.05 loses 0.000028")], warn: [] });
  assert.deepEqual(found(10_099, 10_109), { refuse: [], warn: [] });
  assert.deepEqual(found(10_099, 10_113), { refuse: [loses("101.09 loses 0.000444")], warn: [] });
});

/** The size problem of a window around a book, in ticks. */
function problem(texts: object, mid: number, rules: object = {}): string | null {
  const { plan } = planOf([], { texts: { orderQuote: "30", ...texts }, bid: mid - 1, ask: mid + 1 });
  const own = readConfig({ ...EXAMPLE, orderQuote: "20", ...texts });
  return sizeProblem(own, plan, { ...ETH, ...rules });
}

test("GRID-17 every usable level of the first window needs a size; else it is told what would do", () => {
  // orders of 20.00: 7 lots down to 2858.00, none at 2856.00, where 8 lots would be 22.848
  const small = "orderQuote 20 is too small: level 2856.00 needs 8 lots (22.848 USDT); use 20.771 or more";
  const long = { entryLevels: 3 };
  const short = { mode: "short", entryLevels: 2 };
  assert.equal(problem({ ...long, entryLevels: 2 }, 286_100), null);
  assert.equal(problem(long, 286_100), small);
  assert.equal(problem({ ...long, rangeLow: "2858.00" }, 286_100), null);
  assert.equal(problem({ ...long, rangeLow: "2856.00" }, 286_100), small);
  assert.equal(problem(short, 285_700), null);
  assert.equal(problem(short, 285_500), small);
  assert.equal(problem({ ...short, rangeHigh: "2856.00" }, 285_500), small);
});

test("GRID-17 GRID-35 levels of a wider stride are judged where they are, of either leg", () => {
  const { plan } = planOf([], { bid: 286_099, ask: 286_101 });
  const own = readConfig({ ...EXAMPLE, orderQuote: "20", entryLevels: 2 });
  const window = { lattice: plan.lattice, frame: { ...plan.frame, kL: -70, kS: -72 }, stride: 2 };
  assert.match(String(sizeProblem(own, window, ETH)), /level 2856.00/);
  assert.equal(sizeProblem({ ...own, entryLevels: 1 }, window, ETH), null);
  assert.match(String(sizeProblem({ ...own, mode: "short" }, window, ETH)), /level 2856.00/);
  const above = { ...window, frame: { ...plan.frame, kS: -71 } };
  assert.equal(sizeProblem({ ...own, mode: "short" }, above, ETH), null);
});

test("GRID-17 an order of more lots than the exchange allows is too large, of fewer too small", () => {
  const large = "orderQuote 30 is too large: level 2998.00 allows at most 9 lots";
  assert.equal(problem({ orderQuote: "30" }, 300_000, { maxLots: lots(9) }), large);
  assert.equal(problem({ orderQuote: "30" }, 300_000, { maxLots: lots(10) }), null);
  // 10.5 lots are rounded to 11
  const nearest = "orderQuote 30 is too large: level 2856.00 allows at most 10 lots";
  assert.equal(problem({ orderQuote: "30", entryLevels: 1 }, 285_700, { maxLots: lots(10) }), nearest);
  const both = sizeProblem({ ...config, orderValue: 1_800_000 }, planOf([]).plan, { ...ETH, maxLots: lots(6) });
  assert.match(String(both), /^orderQuote 18 is too small: level 2998.00 needs 7 lots/);
  const one = "orderQuote 20 is too small: level 2998.00 needs 1 lot (2.998 USDT); use 2.7255 or more";
  const few = { minNotional: 0, maxLots: lots(7) };
  assert.equal(problem({ entryLevels: 1 }, 300_000, few), null);
  const tiny = sizeProblem({ ...config, orderValue: 1000 }, planOf([]).plan, { ...ETH, minNotional: 0 });
  assert.equal(tiny, one.replace("orderQuote 20", "orderQuote 0.01"));
});
