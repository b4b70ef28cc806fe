// GRID-03, GRID-29, GRID-30, GRID-36: whose lots are whose.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, type GridBench } from "../../../test/grid/bench.ts";
import { money } from "../../market/amounts.ts";
import { addBaseFee, addStray, bookClosing, bookExecution, heldTotal, takeHeld, worstFirst } from "./held.ts";
import { standing } from "./standing.fixture.ts";
import type { Route } from "./state.ts";

const MILLI_ETH = 10n ** 15n;

const route = (told: Partial<Route>): Route => ({
  j: 0,
  width: 1,
  leg: "L",
  purpose: "entry",
  quantity: 10,
  booked: 0,
  finishedAtMs: 0,
  ...told,
});

const sums = ({ state }: GridBench): readonly number[] => [
  heldTotal(state, "L"),
  heldTotal(state, "S"),
  state.stray,
  state.tally.fills,
];

test("GRID-29 GRID-30 lots of an order go to its slot, with the leg and width the order had, or are stray", () => {
  const cases = [
    // an entry finds an empty slot, of whatever leg and width it was, or none
    ["empty", [[0, 0, 2, "S"]], { width: 1 }, [5, 0, 0, 5], false],
    ["none", [], {}, [5, 0, 0, 5], false],
    ["none, short", [], { leg: "S" }, [0, 5, 0, -5], false],
    ["more", [[0, 3]], {}, [8, 0, 0, 5], false],
    ["other leg", [[0, 3, 1, "S"]], {}, [0, 3, 5, 5], true],
    ["other leg, short", [[0, 3]], { leg: "S" }, [3, 0, -5, -5], true],
    ["old lattice", [], { width: 0 }, [0, 0, 5, 5], true],
    // an exit takes from its slot what that holds
    ["exit", [[0, 8]], { purpose: "exit" }, [3, 0, 0, -5], false],
    ["exit, short", [[0, 8, 1, "S"]], { purpose: "exit", leg: "S" }, [0, 3, 0, 5], false],
    ["exit of less", [[0, 3]], { purpose: "exit" }, [0, 0, -2, -5], true],
    ["exit of none", [], { purpose: "exit" }, [0, 0, -5, -5], true],
    ["exit of the other leg", [[0, 8, 1, "S"]], { purpose: "exit" }, [0, 8, -5, -5], true],
    ["exit of an old lattice", [[0, 8]], { purpose: "exit", width: 0 }, [8, 0, -5, -5], true],
  ] as const;
  for (const [name, told, order, after, stray] of cases) {
    const bench = standing({ mode: "neutral" }, told);
    assert.equal(bookExecution(bench.state, route(order), 5), stray, name);
    assert.deepEqual(sums(bench), after, name);
    if (name === "empty") assert.equal(bench.slot(0)?.width, 1);
  }
});

test("GRID-30 an entry that fills while its slot stands keeps the slot as it is", () => {
  const bench = standing({}, []);
  bench.gate("operator", "RUN");
  const slot = bench.slot(-1);
  assert.equal(slot?.order?.purpose, "entry");
  bookExecution(bench.state, route({ j: -1, width: 2, leg: "L" }), 4);
  assert.deepEqual([slot?.width, slot?.leg, slot?.held], [1, "L", 4]);
});

test("GRID-30 strays hold both legs until there are none", () => {
  const bench = standing({}, []);
  addStray(bench.state, -3);
  assert.deepEqual(bench.state.gates.get("stray"), { L: "HOLD", S: "HOLD", reason: "lots that no slot owns" });
  addStray(bench.state, 3);
  assert.equal(bench.state.gates.has("stray"), false);
});

test("GRID-03 fees taken in base come off the slot bought for, in whole lots begun; rebates give none", () => {
  const spot = { ...ETH, kind: "spot", symbol: "ETH/USDT" } as const;
  const bench = standing({}, [[0, 10]], { instrument: spot });
  const slot = bench.slot(0);
  assert.ok(slot !== undefined);
  addBaseFee(bench.state, money(-MILLI_ETH), slot);
  assert.equal(slot.held, 10);
  addBaseFee(bench.state, money(MILLI_ETH), undefined);
  addBaseFee(bench.state, money(0n), slot);
  assert.equal(slot.held, 10);
  addBaseFee(bench.state, money(1n), slot);
  assert.deepEqual([slot.held, bench.state.baseFeeLots], [9, 1]);
  addBaseFee(bench.state, money(MILLI_ETH - 1n), slot);
  assert.deepEqual([slot.held, bench.state.baseFeeLots], [9, 1]);
  // a rebate after that never gives lots back
  addBaseFee(bench.state, money(-MILLI_ETH), slot);
  assert.deepEqual([slot.held, bench.state.baseFeeLots], [9, 1]);
  // what a slot cannot pay, the next purchase does
  addBaseFee(bench.state, money(13n * MILLI_ETH), slot);
  assert.deepEqual([slot.held, bench.state.baseFeeLots], [0, 10]);
  addBaseFee(bench.state, money(0n), undefined);
  bookExecution(bench.state, route({ j: 1 }), 5);
  assert.deepEqual([bench.slot(1)?.held, bench.state.baseFeeLots], [2, 13]);
});

test("GRID-03 a short holds nothing that a fee in base could be taken off", () => {
  const bench = standing({ mode: "short" }, [[-1, 10, 1, "S"]]);
  addBaseFee(bench.state, money(2n * MILLI_ETH), bench.slot(-1));
  assert.deepEqual([heldTotal(bench.state, "S"), bench.state.baseFeeLots], [10, 0]);
});

test("GRID-36 the worst entry is the highest purchase, or the lowest sale; slots without lots are passed over", () => {
  const bench = standing({ mode: "neutral" }, [
    [0, 5],
    [2, 5],
    [1, 5],
    [3, 0],
    [-2, 5, 2, "S"],
    [-5, 5, 1, "S"],
    [-4, 5, 1, "S"],
    [-6, 5, 3, "S"],
    [-7, 0, 1, "S"],
  ]);
  assert.deepEqual(
    worstFirst(bench.state, "L").map(({ j }) => j),
    [2, 1, 0],
  );
  // tops of the cells: -4, -3 (the wider first), -3, 0
  assert.deepEqual(
    worstFirst(bench.state, "S").map(({ j }) => j),
    [-5, -6, -4, -2],
  );
  // of two sales at one price the lower cell, in whatever order they were filled
  for (const pair of [
    [2, 1, 0],
    [0, 1, 2],
  ]) {
    const tied = standing(
      { mode: "short" },
      pair.map((j) => [j, 5, 3 - j, "S"] as const),
    );
    assert.deepEqual(
      worstFirst(tied.state, "S").map(({ j }) => j),
      [0, 1, 2],
    );
  }
  assert.equal(takeHeld(bench.state, "L", 7), 7);
  assert.equal(bench.held(), "-6:0.005 -5:0.005 -4:0.005 -2:0.005 0:0.005 1:0.003");
  assert.equal(takeHeld(bench.state, "L", 0), 0);
  assert.equal(takeHeld(bench.state, "L", 20), 8);
  assert.throws(() => takeHeld(bench.state, "L", -1), /a negative count of lots to take/);
});

test("GRID-36 a closing fill takes from the leg it closes; what finds nothing to close is stray", () => {
  for (const [signed, after] of [
    [-7, [3, 10, 0, -7]],
    [-12, [0, 10, -2, -12]],
    [7, [10, 3, 0, 7]],
    [12, [10, 0, 2, 12]],
  ] as const) {
    const bench = standing({ mode: "neutral" }, [
      [0, 10],
      [-1, 10, 1, "S"],
    ]);
    bookClosing(bench.state, signed);
    assert.deepEqual(sums(bench), after);
    assert.equal(bench.state.gates.has("stray"), after[2] !== 0);
  }
});

test("GRID-36 closed flat, longs and shorts of a neutral grid have cancelled each other; strays are kept", () => {
  const told = [
    [0, 10],
    [-1, 4, 1, "S"],
  ] as const;
  const flat = standing({ mode: "neutral" }, told);
  bookClosing(flat.state, -6);
  assert.deepEqual(sums(flat), [0, 0, 0, -6]);
  const stray = standing({ mode: "neutral" }, told);
  addStray(stray.state, 1);
  bookClosing(stray.state, -6);
  assert.deepEqual(sums(stray), [4, 4, 1, -6]);
});
