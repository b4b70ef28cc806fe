// Found by the simulation (seed 103551): a process died between recording that it is to stop and recording that it has
// stopped. The next run carried that out as its own and ended at once, clean, though nobody had stopped it and it had
// asked the exchange nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { World } from "../../src/host/bench.fixture.ts";

class Killed extends Error {}

test("DUR-49 a stop that was cut short ends the run it was asked of, not the next one", () => {
  const world = new World();
  try {
    // no book yet, so no order: it has stopped as soon as it is to
    const { host } = world.start();
    world.run(5_000);
    setCrashPoint((name) => {
      if (name !== "turn.after-events-commit" || world.disk.records.at(-1)?.kind !== "stop-requested") return;
      setCrashPoint(null);
      world.kill();
      throw new Killed(name);
    });
    assert.throws(() => {
      host.requestStop("SIGTERM");
      world.run(1_000);
    }, Killed);
    const next = world.start();
    world.run(60_000);
    assert.equal(next.host.state.phase, "running");
  } finally {
    setCrashPoint(null);
    world.kill();
  }
});
