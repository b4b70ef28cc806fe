// GRID-25: the ladder as screens show it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench } from "../../../test/grid/bench.ts";
import { standing } from "./standing.fixture.ts";
import { viewOf } from "./view.ts";

/** Rows as little texts: key, price → exit, leg, held, state: note. */
const ladder = (bench: GridBench): readonly string[] =>
  viewOf(bench.context, bench.state).ladder.map((row) => {
    const text = `${row.key} ${row.price}→${row.exitPrice} ${row.leg} ${row.held} ${row.state}`;
    return row.note === "" ? text : `${text}: ${row.note}`;
  });

test("GRID-25 before there is a price nothing is shown", () => {
  const bench = new GridBench(EXAMPLE);
  const { phase, reference, ladder: rows } = viewOf(bench.context, bench.state);
  assert.deepEqual({ phase, reference, rows }, { phase: "starting", reference: null, rows: [] });
});

test("GRID-25 the reference is the middle of the book, in thousandths of a tick", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.02");
  assert.equal(viewOf(bench.context, bench.state).reference, 300_000_500);
  // a tick that changed takes the price away, not the lattice (GRID-44)
  Object.assign(bench.state.reference, { ref0: 0 });
  const { reference, ladder: rows } = viewOf(bench.context, bench.state);
  assert.deepEqual([reference, rows], [null, []]);
});

test("GRID-25 each slot says what it holds, what works for it, or what it waits for", () => {
  const bench = new GridBench(
    { ...EXAMPLE, entryLevels: 5 },
    { instrument: { ...ETH, minNotionalOnReduceOnly: true } },
  );
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.at(10_000).gate("operator", "HOLD");
  const order = bench.slotOrder(-1);
  const set = (j: number, values: object): unknown =>
    Object.assign(bench.slot(j) ?? assert.fail(), { order: null, ...values });
  set(-2, { held: 10 });
  set(-3, { held: 1 });
  set(-4, { coolUntilMs: 11_500 });
  set(-5, { coolUntilMs: 10_000 });
  assert.deepEqual(ladder(bench), [
    "slot -1 299800→300000 L 0 LIVE: entry buy 10 at 299800",
    "slot -2 299600→299800 L 10 HELD: waits for its exit",
    "skip L-2 299600→299800 L 0 EMPTY: skip.occupied",
    "slot -3 299400→299600 L 1 HELD: dust",
    "skip L-3 299400→299600 L 0 EMPTY: skip.gate",
    "slot -4 299200→299400 L 0 EMPTY: cooling for 1500 ms",
    "skip L-4 299200→299400 L 0 EMPTY: skip.cooldown",
    "slot -5 299000→299200 L 0 EMPTY",
    "skip L-5 299000→299200 L 0 EMPTY: skip.gate",
  ]);
  const ids = viewOf(bench.context, bench.state).ladder.map(({ clientOrderId }) => clientOrderId);
  assert.deepEqual(ids, [order.id, ...Array.from({ length: 8 }, () => null)]);
});

test("GRID-25 slots at one price stand in one order, whichever came first", () => {
  const rows = [
    [2, "L"],
    [1, "S"],
  ] as const;
  for (const told of [rows, [...rows].reverse()]) {
    const bench = standing(
      { mode: "neutral" },
      told.map(([j, leg]) => [j, 10, 1, leg]),
    );
    const slots = ladder(bench).filter((text) => text.startsWith("slot"));
    assert.deepEqual(
      slots.map((text) => text.slice(0, 20)),
      ["slot 2 300400→300600", "slot 1 300400→300200"],
    );
  }
});

test("GRID-25 a skipped level of either leg shows where its exit would stand", () => {
  const bench = new GridBench({ ...EXAMPLE, mode: "neutral", rangeLow: "2996.00", rangeHigh: "3004.00" });
  bench.start("2999.99/3000.01");
  assert.deepEqual(ladder(bench), [
    "skip S3 300600→300400 S 0 EMPTY: skip.range",
    "slot 1 300400→300200 S 0 SENT: entry sell 10 at 300400",
    "slot 0 300200→300000 S 0 SENT: entry sell 10 at 300200",
    "slot -1 299800→300000 L 0 SENT: entry buy 10 at 299800",
    "slot -2 299600→299800 L 0 SENT: entry buy 10 at 299600",
    "skip L-3 299400→299600 L 0 EMPTY: skip.range",
  ]);
});

test("GRID-25 GRID-43 a level whose entry only waits for the end of recovery is not told as skipped", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.send({ kind: "recovering" });
  bench.mid("2996.00");
  assert.deepEqual(
    ladder(bench).map((text) => text.slice(0, text.indexOf(" 2"))),
    ["slot -1", "slot -2", "slot -3"],
  );
});
