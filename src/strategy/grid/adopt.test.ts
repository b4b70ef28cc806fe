// GRID-30, GRID-42, RISK-33: lots that come or go without an order, to the lot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GridBench } from "../../../test/grid/bench.ts";
import { lots, milliTicks } from "../../market/amounts.ts";
import { heldTotal } from "./held.ts";
import { standing, type Told } from "./standing.fixture.ts";

const adopt = (bench: GridBench, count: number, average: number | null = null): string =>
  bench.command({
    name: "adopt",
    lots: lots(count),
    average: average === null ? null : milliTicks(average),
  });

const writeOff = (bench: GridBench, count: number, leg: "L" | "S"): string =>
  bench.command({ name: "writeOff", lots: lots(count), leg });

/** Held lots of both legs, strays, and what was adopted and written off. */
function sums(bench: GridBench): readonly number[] {
  const { stray, tally } = bench.state;
  return [heldTotal(bench.state, "L"), heldTotal(bench.state, "S"), stray, tally.adopted, tally.writtenOff];
}

function refused(bench: GridBench, count: number, mode: string): void {
  const text = `${count} lots cannot be adopted: mode ${mode}, or no free cell inside the fence`;
  assert.deepEqual(bench.alerts, [{ code: "adopt-refused", severity: "error", text, facts: { lots: count } }]);
}

test("GRID-42 adoption fills whole slots from the market on, upwards for a long, downwards for a short", () => {
  const long = standing({}, []);
  assert.equal(adopt(long, 25), "ADJUST 0.025 at 3000.00");
  assert.deepEqual(long.asked, [{ code: "adopt", lots: 25 }]);
  assert.equal(long.held(), "0:0.010 1:0.010 2:0.005");
  const short = standing({ mode: "short" }, []);
  assert.equal(adopt(short, -25), "ADJUST -0.025 at 3000.00");
  assert.equal(short.held(), "-3:0.005 -2:0.010 -1:0.010");
  assert.deepEqual(
    short.slots().map(({ leg }) => leg),
    ["S", "S", "S"],
  );
});

test("GRID-19 GRID-42 the slot that reaches the cap takes all that is left; empty slots do not count", () => {
  const bench = standing({ heldSlotsMax: 3 }, [
    [-1, 10],
    [-2, 0],
    [-3, 0],
  ]);
  adopt(bench, 45);
  assert.equal(bench.held(), "-1:0.010 0:0.010 1:0.035");
});

test("GRID-15 GRID-42 what is too little for an exit of its own joins the slot before; alone it has a slot", () => {
  // exits of a neutral grid are at least 20 USDT: 8 lots below 2857.14, 7 above; full orders 11 and 10
  const texts = { mode: "neutral", anchor: "2856.00" } as const;
  for (const [count, held] of [
    [3, "-1:0.003"],
    [11, "-1:0.011"],
    [17, "-1:0.017"],
    [18, "-1:0.011 0:0.007"],
  ] as const) {
    const bench = standing(texts, []);
    for (let i = 0; i < 3; i += 1) bench.mid("2853.50");
    adopt(bench, count);
    assert.equal(bench.held(), held);
    assert.equal(bench.state.stray, 0);
  }
});

test("GRID-16 GRID-42 a short's slot is as large as an order at its entry, the top of its cell", () => {
  const bench = standing({ mode: "short", anchor: "2856.00" }, []);
  for (let i = 0; i < 3; i += 1) bench.mid("2858.50");
  adopt(bench, -21);
  assert.equal(bench.held(), "-1:0.011 0:0.010");
});

test("GRID-07 GRID-42 cells up to the very fence are used; the last one inside takes what is left", () => {
  const long = standing({ anchor: "300.00" }, []);
  long.mid("2997.50");
  adopt(long, 25);
  assert.equal(long.held(), "1349:0.025");
  const short = standing({ mode: "short", anchor: "29800.00", interval: "20.00" }, []);
  adopt(short, -25);
  assert.equal(short.held(), "-1341:0.025");
});

test("GRID-42 a cell with an order out is not free; one that only rests is", () => {
  const out = new GridBench({ interval: "2.00", orderQuote: "30", anchor: "3000.00", entryLevels: 3 });
  out.start("2999.99/3000.01");
  out.ack();
  out.mid("2997.00");
  adopt(out, 5);
  assert.equal(out.held(), "0:0.005");
  const resting = standing({}, [[0, 0, 2]]);
  adopt(resting, 5);
  assert.equal(resting.held(), "0:0.005");
  assert.equal(resting.slot(0)?.width, 1);
});

test("GRID-42 what cannot be adopted is refused whole: no lots, a leg of no use, beyond the fence, too early", () => {
  for (const [count, average] of [
    [0, null],
    [-5, null],
    [5, 4_000_000_000],
  ] as const) {
    const bench = standing({}, []);
    bench.state.stray = 2;
    assert.match(adopt(bench, count, average), /^ALERT adopt-refused[^\n]*$/);
    refused(bench, count, "long");
    assert.deepEqual(sums(bench), [0, 0, 2, 0, 0]);
  }
  const neutral = standing({ mode: "neutral" }, []);
  adopt(neutral, 0);
  refused(neutral, 0, "neutral");
  const early = new GridBench({ interval: "2.00", orderQuote: "30" });
  adopt(early, 5);
  refused(early, 5, "long");
  assert.deepEqual(sums(early), [0, 0, 0, 0, 0]);
});

test("GRID-30 GRID-42 adoption takes strays of its own sign first; only the rest comes from outside", () => {
  for (const [stray, count, after, adjusted] of [
    [7, 5, [5, 0, 2, 0, 0], null],
    [5, 5, [5, 0, 0, 0, 0], null],
    [3, 5, [5, 0, 0, 2, 0], "ADJUST 0.002 at 3000.00"],
    [-4, 5, [5, 0, -4, 5, 0], "ADJUST 0.005 at 3000.00"],
    [-4, -6, [0, 6, 0, -2, 0], "ADJUST -0.002 at 3000.00"],
  ] as const) {
    const bench = standing({ mode: "neutral" }, []);
    bench.state.stray = stray;
    assert.equal(adopt(bench, count), adjusted ?? "");
    assert.deepEqual(sums(bench), after);
    if (after[2] === 0) assert.deepEqual(bench.view().gates, ["operator:HALT"]);
  }
});

test("GRID-30 GRID-46 a write-off takes strays of the leg, then the worst entries; missing lots are found", () => {
  const told: Told = [
    [0, 10],
    [1, 10],
    [-1, 10, 1, "S"],
  ];
  for (const [stray, count, leg, after, adjusted] of [
    [3, 5, "L", [18, 10, 0, 0, 5], "ADJUST -0.005 at 3000.00"],
    [3, 2, "L", [20, 10, 1, 0, 2], "ADJUST -0.002 at 3000.00"],
    [-4, 6, "L", [14, 10, 0, 0, 2], "ADJUST -0.002 at 3000.00"],
    [-9, 6, "L", [14, 10, -3, 0, 0], ""],
    [-3, 5, "S", [20, 8, 0, 0, -5], "ADJUST 0.005 at 3000.00"],
    [4, 6, "S", [20, 4, 0, 0, -2], "ADJUST 0.002 at 3000.00"],
  ] as const) {
    const bench = standing({ mode: "neutral" }, told);
    bench.state.stray = stray;
    assert.equal(writeOff(bench, count, leg), adjusted, `${stray} stray, ${count} of ${leg}`);
    assert.deepEqual(sums(bench), after);
    assert.deepEqual(bench.alerts, []);
    const lotsMoved = -(after[4] ?? 0);
    assert.deepEqual(bench.asked, adjusted === "" ? [] : [{ code: "write_off", lots: lotsMoved }]);
  }
});

test("GRID-46 a write-off of more than there is takes what there is and says so", () => {
  const bench = standing({}, [[0, 10]]);
  bench.state.stray = 3;
  writeOff(bench, 15, "L");
  const text = "only 13 of 15 lots were there to write off";
  const facts = { lots: 15, writtenOff: 13 };
  assert.deepEqual(bench.alerts, [{ code: "write-off", severity: "warning", text, facts }]);
  assert.deepEqual(sums(bench), [0, 0, 0, 0, 13]);
});

test("GRID-30 RISK-33 a correction settles strays, then lots of the other leg, and adopts the rest", () => {
  const told: Told = [
    [0, 10],
    [-1, 10, 1, "S"],
  ];
  for (const [stray, count, after] of [
    [-3, 5, [10, 8, 0, 5, 0]],
    [-7, 5, [10, 10, -2, 5, 0]],
    [2, 5, [10, 5, 2, 5, 0]],
    [0, 14, [14, 0, 0, 14, 0]],
    [2, -5, [7, 10, 0, -5, 0]],
    [7, -5, [10, 10, 2, -5, 0]],
    [0, -14, [0, 14, 0, -14, 0]],
    [-2, -5, [5, 10, -2, -5, 0]],
  ] as const) {
    const bench = standing({ mode: "neutral" }, told);
    bench.state.stray = stray;
    assert.equal(bench.send({ kind: "correction", lots: lots(count) }), "");
    assert.deepEqual(sums(bench), after, `${stray} stray, ${count} corrected`);
  }
});

test("GRID-30 RISK-33 what a correction finds no place for is stray, and all of it without a price", () => {
  const long = standing({}, [[0, 10]]);
  long.send({ kind: "correction", lots: lots(-14) });
  assert.deepEqual(sums(long), [0, 0, -4, -14, 0]);
  const short = standing({ mode: "short" }, [[-1, 10, 1, "S"]]);
  short.send({ kind: "correction", lots: lots(14) });
  assert.deepEqual(sums(short), [0, 0, 4, 14, 0]);
  const blind = standing({}, []);
  Object.assign(blind.state.reference, { bid: 0, ask: 0, ref0: 0 });
  blind.send({ kind: "correction", lots: lots(5) });
  assert.deepEqual(sums(blind), [0, 0, 5, 5, 0]);
});
