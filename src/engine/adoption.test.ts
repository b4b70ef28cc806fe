// GRID-46: how many lots there are to adopt, by what the exchange holds, what the books count and what no slot owns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots } from "../market/amounts.ts";
import { adoptableLots } from "./adoption.ts";
import { Bench, CONFIGURED, INSTRUMENT, probe } from "./probe.fixture.ts";
import { addStrategy } from "./strategies.ts";

addStrategy({ ...probe, name: "probe-with-strays", strayLots: () => lots(strays) });
let strays = 0;

test("GRID-46 GRID-30 strays and what the exchange holds beyond the books can be adopted, less what it lacks", () => {
  const { state } = new Bench();
  state.instrument = INSTRUMENT;
  if (CONFIGURED.kind !== "configured") assert.fail("the fixture's configuration");
  // wanted side, stray, books, exchange → most
  for (const [side, stray, books, held, most] of [
    [1, 0, 4, 4, 0],
    [1, 0, 4, 9, 5],
    [1, 0, 4, 3, 0],
    [1, 3, 4, 4, 3],
    [1, 3, 4, 9, 8],
    [1, 3, 4, 2, 1],
    [1, 3, 4, 0, 0],
    [1, -3, 4, 9, 5],
    [1, 0, -2, 3, 5],
    [-1, 0, 4, 9, 0],
    [-1, 0, 0, -5, -5],
    [-1, -3, -3, -3, -3],
    [-1, 3, 0, -5, -5],
  ] as const) {
    strays = stray;
    state.config = { ...CONFIGURED.config, strategy: "probe-with-strays" };
    state.strategy = {};
    state.ledger.position = lots(books);
    const said = `side ${side}, stray ${stray}, books ${books}, exchange ${held}`;
    assert.equal(adoptableLots(state, lots(side), lots(held)) + 0, most, said);
  }
});

test("GRID-46 before a strategy is there, or where it knows no strays, only what is beyond the books is there", () => {
  const { state } = new Bench();
  assert.equal(adoptableLots(state, lots(1), lots(2)), 2);
  if (CONFIGURED.kind !== "configured") assert.fail("the fixture's configuration");
  state.config = CONFIGURED.config;
  state.strategy = {};
  assert.equal(adoptableLots(state, lots(1), lots(2)), 2);
  strays = 3;
  state.config = { ...CONFIGURED.config, strategy: "probe-with-strays" };
  state.strategy = null;
  assert.equal(adoptableLots(state, lots(1), lots(2)), 2);
  state.config = null;
  state.strategy = {};
  assert.equal(adoptableLots(state, lots(1), lots(2)), 2);
});
