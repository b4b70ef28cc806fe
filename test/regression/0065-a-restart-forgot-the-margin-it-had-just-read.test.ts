// Found by reading: recovery reads the account, maintenance margin and all, and tells the engine; the start facts
// of the same read then put "not known" in its place. Until the next read, up to an hour later, nobody watched
// the margin: a bot whose account was all but lost opened on, and halves that were under way stood still.

import assert from "node:assert/strict";
import { test } from "node:test";
import { START_MS, World } from "../../src/host/bench.fixture.ts";
import { money } from "../../src/market/amounts.ts";

test("RISK-18 a bot that starts on an account short of margin opens nothing, from its first moment", () => {
  const world = new World();
  world.village.maintenance = money(6n * 10n ** 21n);
  const { host } = world.start();
  world.run(1_000);
  assert.equal(host.state.phase, "running");
  assert.ok(world.clock.nowMs() - START_MS < 60_000, "before the next round of the reconciler");
  assert.equal(host.state.breakers.get("margin-ratio")?.value, "6000 bps");
  assert.deepEqual(world.village.arrived, []);
});
