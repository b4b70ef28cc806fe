import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH } from "../../test/grid/bench.ts";
import { factTexts } from "./because-text.ts";

test("DUR-69 GRID-25 why an order was placed is told in prices and quantities, not in ticks and lots", () => {
  const facts = { slot: -1, leg: "L", entry: 300_000, held: 5, rank: null, gates: ["trend:L:REDUCE"] };
  assert.deepEqual(Object.fromEntries(factTexts(facts, ETH)), {
    slot: "-1",
    leg: "L",
    entry: "3000.00",
    held: "0.005",
    rank: "null",
    gates: "trend:L:REDUCE",
  });
  assert.deepEqual(factTexts({ entry: 300_000 }, null), [["entry", "300000"]], "of an instrument nobody knows");
});
