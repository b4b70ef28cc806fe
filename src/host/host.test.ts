// The host around the real engine: turns, outcomes, recovery and the stop, on the simulated clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./bench.fixture.ts";

test("DUR-09 a started bot recovers, sees a book, and its two orders rest on the exchange", () => {
  const world = new World();
  const { host } = world.running();
  assert.equal(host.recovered, true);
  assert.equal(world.village.open().length, 2);
  assert.deepEqual(
    [...host.state.orders.values()].map(({ place, status }) => `${place} ${status}`),
    ["acknowledged open", "acknowledged open"],
  );
});
