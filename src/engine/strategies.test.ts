// Which strategies the engine knows: the grid from the beginning, others once they are added.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gridStrategy } from "../strategy/grid/grid.ts";
import { probe } from "./probe.fixture.ts";
import { addStrategy, strategyOf } from "./strategies.ts";

let names = 0;

/** A strategy under a name nobody has given yet: what the engine knows, it knows as long as the process lives. */
function named(): typeof probe {
  names += 1;
  return { ...probe, name: `strategy-${names}` };
}

test("the engine knows the grid, and a strategy once it was added under its name", () => {
  assert.equal(strategyOf("grid"), gridStrategy);
  const added = named();
  assert.throws(() => strategyOf(added.name), { message: `strategy ${added.name} is missing` });
  addStrategy(added);
  assert.equal(strategyOf(added.name), added);
});

test("a name is given once: the same strategy may be added again, another one may not", () => {
  const first = named();
  addStrategy(first);
  addStrategy(first);
  assert.throws(() => addStrategy({ ...first }), { message: `strategy ${first.name} exists already` });
  assert.equal(strategyOf(first.name), first);
});
