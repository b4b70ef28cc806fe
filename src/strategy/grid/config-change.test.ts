// GRID-44, OPS-09: which keys differ and of which class; what is a configuration of the grid at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, readConfig } from "../../../test/grid/bench.ts";
import { ticks } from "../../market/amounts.ts";
import { asGridConfig, changedKeys } from "./config-change.ts";

const plain = readConfig(EXAMPLE);
const bounded = { ...plain, rangeLow: ticks(280_000), rangeHigh: ticks(320_000) };
const counted = { ...bounded, interval: null, gridCount: 20 };

test("GRID-44 the bounds may move at once, but with gridCount the lattice hangs on them", () => {
  const moved = { rangeLow: ticks(290_000), rangeHigh: ticks(310_000), orderValue: plain.orderValue + 1 };
  const classes = (before: typeof plain, after: typeof plain): readonly string[] =>
    changedKeys(before, after).map(({ key, change }) => `${key} ${change}`);
  assert.deepEqual(classes(bounded, { ...bounded, ...moved }), ["rangeLow live", "rangeHigh live", "orderQuote live"]);
  const drained = ["rangeLow drain", "rangeHigh drain", "orderQuote live"];
  assert.deepEqual(classes(counted, { ...counted, ...moved }), drained);
  const switched = ["interval drain", "gridCount drain", ...drained];
  assert.deepEqual(classes(bounded, { ...counted, ...moved }), switched);
  assert.deepEqual(classes(counted, { ...bounded, ...moved }), switched);
});

test("GRID-44 a key of a group is told by the name of its group, once", () => {
  const trend = { ...plain.trend, fast: 7, slow: 70 };
  assert.deepEqual(changedKeys(plain, { ...plain, trend }), [{ key: "trend", change: "live" }]);
});

test("GRID-44 only a whole configuration of the grid is taken for one", () => {
  assert.equal(asGridConfig(plain), plain);
  const { spreadBpsMax: _left, ...rest } = plain;
  for (const value of [null, undefined, "grid", 5, {}, rest]) assert.equal(asGridConfig(value), null);
});
