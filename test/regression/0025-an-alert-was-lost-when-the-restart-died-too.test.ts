// Found by the simulation (seed 65): a process died between committing an alert and telling it, the next one died right
// after committing its first turn, and the third took that turn for the last: nobody was ever told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { World } from "../../src/host/bench.fixture.ts";
import type { HostAlert } from "../../src/host/context.ts";

class Killed extends Error {}

test("DUR-49 an alert that was committed is told though the restart dies in its first turn", () => {
  const world = new World();
  let armed = false;
  setCrashPoint((name) => {
    if (!armed || name !== "turn.after-effects-commit") return;
    armed = false;
    world.kill();
    throw new Killed(name);
  });
  const dying = (act: () => void): void => {
    armed = true;
    assert.throws(act, Killed);
  };
  const told: HostAlert[] = [];
  const onAlert = (alert: HostAlert): void => void told.push(alert);
  try {
    world.running({ onAlert });
    dying(() => {
      world.village.tell({ kind: "feed", feed: "book", state: "stale" });
      world.run(1_000);
    });
    assert.deepEqual(told.filter(isStale), [], "the alert was told before the process died: the test shows nothing");
    dying(() => world.start({ onAlert }));
    world.start({ onAlert });
    assert.deepEqual(
      told.filter(isStale).map(({ facts }) => facts),
      [{ feed: "book" }],
    );
  } finally {
    setCrashPoint(null);
    world.kill();
  }
});

const isStale = ({ code }: HostAlert): boolean => code === "feed-stale";
