// The host around the real engine: turns, outcomes, recovery and the stop, on the simulated clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./bench.fixture.ts";

test("DUR-09 from the events to the hand-over nothing else runs: from recovery to two resting orders", () => {
  const world = new World();
  let elsewhere = false;
  queueMicrotask(() => {
    elsewhere = true;
  });
  const { host } = world.running();
  assert.equal(elsewhere, false, "a turn waits for nothing: no promise, no timer, no other code");
  assert.equal(host.recovered, true);
  assert.equal(world.village.open().length, 2);
  assert.deepEqual(
    [...host.state.orders.values()].map(({ place, status }) => `${place} ${status}`),
    ["acknowledged open", "acknowledged open"],
  );
});
