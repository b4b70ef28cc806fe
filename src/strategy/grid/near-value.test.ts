// GRID-01: a decimal beside its limits and the tick.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH } from "../../../test/grid/bench.ts";
import { isBetween, nearText, tickOf } from "./near-value.ts";

const five = { digits: 50n, scale: 1 };

test("GRID-01 limits are part of the range, and no limit is none", () => {
  const cases: readonly (readonly [string | null, string | null, boolean])[] = [
    [null, null, true],
    ["5", "5.00", true],
    ["4.99", null, true],
    ["5.01", null, false],
    [null, "5.01", true],
    [null, "4.99", false],
    ["unreadable", "unreadable", true],
  ];
  for (const [low, high, inside] of cases) assert.equal(isBetween(five, low, high), inside, `${low} ${high}`);
});

test("GRID-01 the prices on either side of a text; none at or below zero, none for what is no number", () => {
  assert.deepEqual([nearText(ETH, "1.995", "down"), nearText(ETH, "1.995", "up")], ["1.99", "2.00"]);
  assert.deepEqual([nearText(ETH, "0.004", "down"), nearText(ETH, "0.004", "up")], [null, "0.01"]);
  assert.deepEqual([nearText(ETH, "-1.004", "up"), nearText(ETH, "much", "up")], [null, null]);
});

test("GRID-01 a tick that cannot be read counts as 1", () => {
  assert.deepEqual(tickOf(ETH), { digits: 1n, scale: 2 });
  assert.deepEqual(tickOf({ ...ETH, tickSize: "none" }), { digits: 1n, scale: 0 });
});
