// GRID-10 … GRID-14 and section 15: which books are believed, where the window stands.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EXAMPLE, GridBench, readConfig, trades } from "../../../test/grid/bench.ts";
import { lots, ticks } from "../../market/amounts.ts";
import { type Lattice, latticeOf, latticeSpecFor } from "./lattice.ts";
import { acceptBook, computeFrame, emptyFrame, rankOf, skewShift } from "./reference.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const config = readConfig(EXAMPLE);
const lattice: Lattice = latticeOf(latticeSpecFor(config, 0));

test("GRID-10 the very first reference needs three books in a row that agree", () => {
  const bench = new GridBench({ ...EXAMPLE, anchor: "auto" });
  for (const mid of ["3000.00", "3300.00", "3000.00", "3000.10"]) assert.equal(bench.mid(mid), "", mid);
  assert.equal(bench.state.reference.ref0, 0);
  assert.match(bench.mid("3000.20"), /BUY/);
  assert.equal(bench.state.lattice?.anchor, 300_020);
});

test("GRID-10 one absurd price is ignored and counted; three in a row are believed, then the fence applies", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.ack();
  const ignored = bench.state.counts.booksIgnored;
  assert.equal(bench.mid("200.00"), "");
  assert.equal(bench.mid("3000.00"), "");
  assert.equal(bench.mid("200.00"), "");
  assert.equal(bench.mid("200.00"), "");
  assert.equal(bench.state.counts.booksIgnored, ignored + 3);
  assert.match(bench.mid("200.00"), /^CANCEL BUY .* cancel.gate/);
  assert.deepEqual(bench.view().gates, ["fence:FREEZE"]);
});

test("GRID-10 a crossed, zero, negative or broken book is never accepted and ends the run of three", () => {
  const bench = new GridBench(EXAMPLE);
  const book = (bid: number, ask: number): string =>
    bench.send({ kind: "book", bid: ticks(bid), ask: ticks(ask), bidQuantity: lots(1), askQuantity: lots(1) });
  for (const [bid, ask] of [
    [300_001, 300_001],
    [300_002, 300_001],
    [0, 300_001],
    [-5, 300_001],
  ] as const) {
    bench.mid("3000.00");
    bench.mid("3000.00");
    assert.equal(book(bid, ask), "");
  }
  bench.mid("3000.00");
  bench.send({ kind: "bad-book" });
  bench.mid("3000.00");
  bench.mid("3000.00");
  assert.equal(bench.state.reference.ref0, 0);
});

test("GRID-10 a book that is no pair of whole prices above zero is refused, however near it lies", () => {
  const broken: readonly (readonly [number, number])[] = [
    [0, 2000],
    [-10, 2010],
    [999.5, 1001],
    [999, 1001.5],
    [999, Number.NaN],
    [1001, 1000],
  ];
  for (const [bid, ask] of broken) {
    const state = { bid: 999, ask: 1001, ref0: 1000, first: 7, second: 8 };
    assert.equal(acceptBook(state, bid, ask, 5000), false, `${bid}/${ask}`);
    assert.deepEqual(state, { bid: 999, ask: 1001, ref0: 1000, first: 0, second: 0 });
  }
});

test("GRID-10 a book exactly as far away as allowed is believed at once; one tick further it waits in line", () => {
  const state = { bid: 9999, ask: 10_001, ref0: 10_000, first: 0, second: 0 };
  assert.equal(acceptBook(state, 10_500, 10_502, 500), false);
  assert.deepEqual(state, { bid: 9999, ask: 10_001, ref0: 10_000, first: 10_501, second: 0 });
  assert.equal(acceptBook(state, 9498, 9500, 500), false);
  assert.deepEqual([state.first, state.second], [10_501, 9499]);
  assert.equal(acceptBook(state, 10_499, 10_501, 500), true);
  assert.deepEqual(state, { bid: 10_499, ask: 10_501, ref0: 10_500, first: 0, second: 0 });
});

test("GRID-11 the skew is exact where inventory times gap leaves the safe integers", () => {
  const wide = latticeOf({ spacing: "arithmetic", anchor: ticks(2_000_000_000_000), step: 999_999_999_989 });
  const skewed = { ...config, skewLevels: 48, heldSlotsMax: 997 };
  const exact = (996n * 48n * 999_999_999_989n) / 997n;
  for (const sign of [1, -1]) {
    const inputs = { lattice: wide, config: skewed, stride: 1, net: sign * 996 };
    assert.equal(skewShift(inputs, 2_000_000_000_000), sign * Number(exact));
  }
});

test("GRID-13 however far the skew moves the price, the first levels stay inside the book", () => {
  const frame = emptyFrame();
  assert.deepEqual(frame, { ref: 0, c: 0, gap: 0, kL: 0, kS: 0 });
  const short = { bid: 300_198, ask: 300_200, ref0: 300_199, first: 0, second: 0 };
  const long = { bid: 300_200, ask: 300_202, ref0: 300_201, first: 0, second: 0 };
  for (const mode of ["long", "neutral"] as const) {
    const inputs = { lattice, config: { ...config, mode, skewLevels: 5 }, stride: 1 };
    computeFrame({ ...inputs, net: -100 }, short, frame);
    assert.deepEqual([frame.ref, frame.kL], [301_199, 0]);
    computeFrame({ ...inputs, net: 100 }, long, frame);
    assert.deepEqual([frame.ref, frame.kS], [299_201, 2]);
  }
});

test("GRID-11 N-17 the skew is bounded by skewLevels gaps, whatever is held", () => {
  const nets = fc.integer({ min: -5000, max: 5000 });
  fc.assert(
    fc.property(nets, fc.integer({ min: 0, max: 50 }), (net, skewLevels) => {
      const shift = skewShift({ lattice, config: { ...config, skewLevels }, stride: 1, net }, 300_000);
      assert.ok(Math.abs(shift) <= skewLevels * 200);
      assert.ok(!Object.is(shift, -0));
    }),
    { numRuns: RUNS },
  );
});

test("GRID-12 GRID-13 first levels stand clear of the price by the entry gap, and inside the book", () => {
  const frame = emptyFrame();
  const cases: readonly (readonly [number, number, string, number, number])[] = [
    [299_999, 300_001, "long", -1, 1],
    [300_019, 300_021, "long", 0, 1],
    [300_018, 300_020, "long", -1, 1],
    [299_979, 299_981, "long", -1, 0],
    [300_029, 300_031, "neutral", -1, 1],
    [300_149, 300_151, "neutral", 0, 2],
    [299_000, 301_000, "long", -1, 1],
  ];
  for (const [bid, ask, mode, kL, kS] of cases) {
    const inputs = { lattice, config: { ...config, mode: mode as "long" | "neutral" }, stride: 1, net: 0 };
    const book = { bid, ask, ref0: Math.trunc((bid + ask) / 2), first: 0, second: 0 };
    computeFrame(inputs, book, frame);
    assert.deepEqual([frame.kL, frame.kS], [kL, kS], `${bid}/${ask} ${mode}`);
  }
});

test("GRID-14 rank counts strides from the first entry; other widths and levels have none", () => {
  const frame = { ...emptyFrame(), kL: -3, kS: 3 };
  assert.equal(rankOf(frame, "L", { j: -9, width: 3 }, 3), 2);
  assert.equal(rankOf(frame, "S", { j: 6, width: 3 }, 3), 2);
  assert.equal(rankOf(frame, "L", { j: -3, width: 1 }, 3), null);
  assert.equal(rankOf(frame, "L", { j: -4, width: 3 }, 3), null);
  assert.equal(rankOf(frame, "L", { j: 0, width: 3 }, 3), -1);
});

test("N-06 a price at the edge of the window, moving to and fro by less than a gap, causes no cancel at all", () => {
  const bench = new GridBench({ ...EXAMPLE, windowSlack: 1 });
  bench.start("2999.99/3000.01");
  bench.ack();
  const texts: string[] = [];
  for (let i = 0; i < 50; i += 1) {
    texts.push(bench.mid(i % 2 === 0 ? "3000.21" : "2998.30"));
    bench.ack();
  }
  assert.ok(!texts.join("\n").includes("CANCEL"), texts.join("\n"));
});

test("GRID-P15 prices of a million million ticks give the same decisions, exact and without −0", () => {
  // the same market in ticks a million times finer: every decision is the same in money
  const coarse = { tickSize: "0.01", minNotional: 2_000_000 };
  const fine = { tickSize: "0.00000001", minNotional: 2_000_000_000_000 };
  const run = (rules: { tickSize: string; minNotional: number }, decimals: number): string[] => {
    const bench = new GridBench({ ...EXAMPLE, skewLevels: 0 }, { instrument: { ...bench0.instrument, ...rules } });
    const texts = [bench.start("2999.98/3000.02")];
    bench.ack();
    for (const [bid, ask] of BOOKS) {
      texts.push(trades(bench.book(`${bid}/${ask}`)));
      for (const slot of bench.slots()) {
        if (slot.order?.state !== "LIVE" || slot.order.side !== "buy") continue;
        if (slot.order.price >= bench.state.reference.ask) texts.push(trades(bench.fill(slot.j)));
      }
      bench.ack();
      bench.confirmAll();
      bench.crash();
    }
    const shorter = (price: string): string => price.slice(0, price.length - decimals);
    return texts.map((text) => text.replaceAll(/\d+\.\d{8}|\d+\.\d\d(?!\d)/g, shorter));
  };
  assert.deepEqual(run(fine, 6), run(coarse, 0));
});

const bench0 = new GridBench(EXAMPLE);
const BOOKS = [
  ["2997.88", "2997.92"],
  ["2995.00", "2995.04"],
  ["2999.00", "2999.20"],
  ["3004.10", "3004.30"],
  ["3010.00", "3010.20"],
  ["2990.00", "2990.10"],
] as const;
