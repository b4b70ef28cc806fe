// A place was under way when the bot was killed, and the machine's clock was set a minute on before the next run asked
// about it. By that clock the order's window was long over, so "not found" was taken for proof: its slot was free while
// the order came to rest. Found by seed 115325 of the simulation.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../src/base/clock.ts";
import type { VirtualClock } from "../../src/base/virtual-clock.ts";
import { World } from "../../src/host/bench.fixture.ts";

/** A wall clock that is off by so much; time passes as ever. */
const setAhead = (world: VirtualClock, offsetMs: number): Clock => ({
  nowMs: () => world.nowMs() + offsetMs,
  monotonicMs: () => world.monotonicMs(),
  at: (atMs, wake) => world.at(atMs - offsetMs, wake),
});

for (const offsetMs of [60_000, 0, -60_000]) {
  test(`DUR-45 orders on their way are not proven absent by a clock that was set by ${offsetMs} ms`, () => {
    const world = new World();
    world.start();
    world.run(1_000);
    world.village.book(300_000);
    world.village.latencyMs = 300;
    world.run(20);
    world.kill();
    assert.deepEqual([world.village.mutations.length, world.village.arrived.length], [2, 0], "on the wire");
    world.village.latencyMs = 5;
    const { host, turns } = world.start({ clock: setAhead(world.clock, offsetMs) });
    world.run(5_000);
    const absent = turns.flatMap(({ events }) => events).filter(({ kind }) => kind === "absent");
    assert.deepEqual(absent, []);
    assert.equal(host.recovered, true);
    assert.equal(world.village.arrived.length, 2);
    for (const id of world.village.arrived) assert.equal(host.state.orders.get(id)?.place, "acknowledged");
  });
}

test("DUR-45 DUR-50 those that never arrived are proven absent within its window, however the clock was set", () => {
  for (const offsetMs of [3_600_000, 0, -3_600_000]) {
    const world = new World();
    world.start();
    world.run(1_000);
    world.village.fate = (what) => (what === "place" ? "lost" : "fine");
    world.village.book(300_000);
    world.run(20);
    world.kill();
    const { host, turns } = world.start({ clock: setAhead(world.clock, offsetMs) });
    world.run(2_500);
    assert.equal(host.recovered, true, `${offsetMs} ms`);
    const absent = turns.flatMap(({ events }) => events).filter(({ kind }) => kind === "absent");
    assert.equal(absent.length, 2);
  }
});
