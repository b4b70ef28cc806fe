// GRID-04 … GRID-09: levels, bounds and the worst gap.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ETH, EXAMPLE, GridBench, readConfig } from "../../../test/grid/bench.ts";
import { ticks } from "../../market/amounts.ts";
import { gapFindings } from "./checks.ts";
import { beatsFees, isUsable, latticeOf, latticeSpecFor, stepForCount } from "./lattice.ts";
import type { LatticeSpec } from "./state.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

const arithmetic = (anchor: number, step: number): LatticeSpec => ({
  spacing: "arithmetic",
  anchor: ticks(anchor),
  step,
});
const geometric = (anchor: number, step: number): LatticeSpec => ({
  ...arithmetic(anchor, step),
  spacing: "geometric",
});

const prices = (spec: LatticeSpec, from: number, to: number): readonly number[] => {
  const lattice = latticeOf(spec);
  return Array.from({ length: to - from + 1 }, (_, i) => lattice.price(from + i));
};

test("GRID-04 arithmetic levels stand a fixed number of ticks apart", () => {
  assert.deepEqual(prices(arithmetic(300_000, 200), -2, 2), [299_600, 299_800, 300_000, 300_200, 300_400]);
});

test("GRID-05 geometric levels, example 7 to the digit", () => {
  assert.deepEqual(
    prices(geometric(10_000, 10_000), -5, 5),
    [9515, 9610, 9706, 9803, 9901, 10_000, 10_100, 10_201, 10_303, 10_406, 10_510],
  );
});

test("GRID-06 gridCount: the largest step that keeps the last level inside the range", () => {
  const [low, high] = [ticks(9000), ticks(11_000)];
  assert.equal(stepForCount({ spacing: "geometric" }, low, high, 10), 20_274);
  assert.deepEqual(
    prices(geometric(9000, 20_274), 0, 10),
    [9000, 9182, 9369, 9559, 9752, 9950, 10_152, 10_358, 10_568, 10_782, 11_000],
  );
  assert.equal(stepForCount({ spacing: "arithmetic" }, low, high, 10), 200);
  assert.equal(stepForCount({ spacing: "arithmetic" }, low, high, 3), 666);
  const config = readConfig({
    spacing: "arithmetic",
    gridCount: 10,
    rangeLow: "90.00",
    rangeHigh: "110.00",
    orderQuote: "50",
  });
  assert.deepEqual(latticeSpecFor(config, 10_000), arithmetic(9000, 200));
});

test("GRID-06 many slots in a narrow range, and what can make no lattice", () => {
  assert.equal(stepForCount({ spacing: "geometric" }, ticks(9000), ticks(11_000), 1000), 200);
  const texts = { ...EXAMPLE, interval: undefined, spacing: "geometric", spacingBps: "100", anchor: "100.00" };
  assert.deepEqual(latticeSpecFor(readConfig(texts), 0), geometric(10_000, 10_000));
  const half = { ...readConfig(EXAMPLE), interval: null, gridCount: 10 };
  const bounds = [{ rangeLow: ticks(9000) }, { rangeHigh: ticks(11_000) }, {}];
  for (const one of bounds) {
    assert.throws(() => latticeSpecFor({ ...half, ...one }, 0), /a grid without interval, spacingBps or gridCount/);
  }
  assert.throws(() => latticeOf(arithmetic(0, 5)), /lattice from 0 by 5/);
  assert.throws(() => latticeOf(arithmetic(7, 0)), /lattice from 7 by 0/);
});

test("GRID-07 GRID-12 a level asked for far outside is looked for at most one tick beyond the fence", () => {
  const lattice = latticeOf(arithmetic(1000, 10));
  const cases: readonly (readonly [number, number, number])[] = [
    [5, -91, -90],
    [100, -90, -90],
    [10_000, 900, 900],
    [20_000, 900, 901],
  ];
  for (const [price, floor, ceil] of cases) {
    assert.deepEqual([lattice.floorLevel(price, 1), lattice.ceilLevel(price, 1)], [floor, ceil], `${price}`);
  }
  // the lowest fence of all: levels round down to no price at all
  assert.equal(latticeOf(geometric(1, 500_000)).floorLevel(0, 1), -2);
});

test("GRID-12 GRID-35 with a stride only its multiples count, on either lattice, whatever was asked before", () => {
  const even = latticeOf(arithmetic(300_000, 200));
  const cases: readonly (readonly [number, number, number])[] = [
    [300_000, 0, 0],
    [300_001, 0, 3],
    [300_600, 3, 3],
    [299_999, -3, 0],
    [299_399, -6, -3],
  ];
  for (const [price, floor, ceil] of cases) {
    assert.deepEqual([even.floorLevel(price, 3), even.ceilLevel(price, 3)], [floor, ceil], `${price}`);
  }
  const rising = latticeOf(geometric(10_000, 10_000));
  const levels = [10_000, 10_001, 10_303, 9999, 9705, 10_303, 10_000].map((price) => [
    rising.floorLevel(price, 3),
    rising.ceilLevel(price, 3),
  ]);
  const expected = [
    [0, 0],
    [0, 3],
    [3, 3],
    [-3, 0],
    [-6, -3],
    [3, 3],
    [0, 0],
  ];
  assert.deepEqual(levels, expected);
});

test("GRID-07 a slot is usable only with both ends inside fence and bounds", () => {
  const lattice = latticeOf(arithmetic(1000, 100));
  const free = readConfig({ ...EXAMPLE, interval: "1.00" });
  const cases: readonly (readonly [number | null, number | null, number, boolean])[] = [
    [null, null, -9, true],
    [null, null, -10, false],
    [null, null, 89, true],
    [null, null, 90, false],
    [800, null, -2, true],
    [800, null, -3, false],
    [800, null, 80, true],
    [null, 1200, 1, true],
    [null, 1200, 2, false],
  ];
  for (const [low, high, j, usable] of cases) {
    const config = {
      ...free,
      rangeLow: low === null ? null : ticks(low),
      rangeHigh: high === null ? null : ticks(high),
    };
    assert.equal(isUsable(lattice, config, j, 1), usable, `${low} ${high} ${j}`);
  }
});

test("GRID-08 a gap must beat the maker's fees on both sides, and the edge asked for", () => {
  const fee = (makerPpm: number, edgePpm = 0) => ({ makerPpm, edgePpm });
  assert.equal(beatsFees(300_000, 300_121, fee(200)), true);
  assert.equal(beatsFees(300_000, 300_120, fee(200)), false);
  assert.equal(beatsFees(300_000, 300_001, fee(-100)), true);
  assert.equal(beatsFees(300_000, 300_000, fee(-100)), false);
  assert.equal(beatsFees(300_000, 300_200, fee(200, 1000)), false);
});

test("GRID-08 a range whose worst level loses is refused, with the loss and the interval that works", () => {
  const instrument = { ...ETH, tickSize: "0.1", base: "BTC", symbol: "BTC/USDT:USDT" };
  const texts = { interval: "1.0", orderQuote: "100", anchor: "41000.0", rangeHigh: "42001.0" };
  const config = readConfig(texts, instrument);
  const found = gapFindings(config, latticeOf(latticeSpecFor(config, 0)), instrument);
  assert.deepEqual(found.refuse, ["a cycle at 42000.0 loses 15.8002 USDT per BTC: interval 1.0 must be at least 16.9"]);
});

test("GRID-08 a trailing grid is judged at its anchor, warned of levels far away, and skips them", () => {
  const config = readConfig(EXAMPLE);
  const found = gapFindings(config, latticeOf(latticeSpecFor(config, 0)), ETH);
  assert.deepEqual(found.refuse, []);
  assert.match(found.warn.join(), /a cycle at 5998.00 loses .* no entry is placed where a cycle loses/);
  const bench = new GridBench({ ...EXAMPLE, interval: "1.22", anchor: "3000.00", entryLevels: 1 });
  bench.start("2999.99/3000.01");
  bench.confirmAll();
  for (const mid of ["3100.00", "3200.00"]) bench.mid(mid);
  assert.ok(bench.view().ladder.some((row) => row.note === "skip.fees"));
});

test("GRID-09 N-07 the anchor is set once, by the first accepted price, and survives a restart at another price", () => {
  const bench = new GridBench({ ...EXAMPLE, anchor: "auto" });
  bench.start("3001.00/3001.04");
  assert.equal(bench.state.lattice?.anchor, 300_102);
  bench.crash();
  bench.send({ kind: "recovering" });
  bench.send({ kind: "recovered" });
  for (let i = 0; i < 4; i += 1) bench.mid("3050.00");
  assert.equal(bench.state.lattice?.anchor, 300_102);
});

test("GRID-P13 GRID-05 levels rise strictly and depend on k alone, whichever way they are walked", () => {
  const anchors = fc.integer({ min: 100_000, max: 1_000_000_000_000 });
  const steps = fc.integer({ min: 100, max: 50_000 });
  const walks = fc.array(fc.integer({ min: -120, max: 120 }), { minLength: 1, maxLength: 40 });
  let fresh = 0;
  fc.assert(
    fc.property(anchors, steps, walks, (anchor, step, walk) => {
      // an anchor of its own for each walk, so that no remembered price helps
      fresh += 1;
      const lattice = latticeOf(geometric(anchor + fresh, step));
      const walked = new Map(walk.map((k) => [k, lattice.price(k)]));
      for (const [k, price] of walked) {
        assert.equal(price, geometricPrice(anchor + fresh, step, k));
        assert.ok(lattice.price(k + 1) > price);
        if (price < lattice.fenceLow || price > lattice.fenceHigh) continue;
        assert.equal(lattice.floorLevel(price, 1), k);
        assert.equal(lattice.ceilLevel(price, 1), k);
        assert.equal(lattice.nearestLevel(price, 1), k);
      }
    }),
    { numRuns: RUNS },
  );
});

/** GRID-05 written down once more, slowly. */
function geometricPrice(anchor: number, step: number, k: number): number {
  let nano = BigInt(anchor) * 1_000_000_000n;
  const factor = 1_000_000n + BigInt(step);
  for (let i = 0; i < Math.abs(k); i += 1) nano = k > 0 ? (nano * factor) / 1_000_000n : (nano * 1_000_000n) / factor;
  return Number((nano + 500_000_000n) / 1_000_000_000n);
}

test("GRID-12 the nearest of every m-th level, a tie to the higher", () => {
  const lattice = latticeOf(arithmetic(300_000, 200));
  const cases: readonly (readonly [number, number, number])[] = [
    [300_099, 1, 0],
    [300_100, 1, 1],
    [299_900, 1, 0],
    [299_899, 1, -1],
    [300_299, 3, 0],
    [300_300, 3, 3],
  ];
  for (const [price, stride, level] of cases) assert.equal(lattice.nearestLevel(price, stride), level, `${price}`);
});
