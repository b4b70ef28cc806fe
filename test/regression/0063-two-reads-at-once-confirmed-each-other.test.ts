// When streams came back, each asked for a read, and two were made one right after the other: both before the exchange
// had told everywhere of a fill. They showed the same difference, which two reads a second apart would not have, and the
// bot opened nothing until a person came.

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../src/host/bench.fixture.ts";

test("RISK-31 reads that were asked for at once do not confirm what each other shows", () => {
  const world = new World();
  const { host } = world.running();
  const atMs: number[] = [];
  host.onRead(() => atMs.push(world.clock.nowMs()));
  world.village.lies.push(70, 70);
  host.reconcile();
  host.reconcile();
  // asked while the first is under way, and when it is over
  world.run(900);
  host.reconcile();
  assert.equal(host.state.breakers.has("divergence"), false);
  assert.equal(atMs.length, 1, "one read, and the next a second later");
  world.village.lies.length = 0;
  world.run(2_000);
  assert.equal(host.state.breakers.has("divergence"), false);
  assert.equal(host.state.suspicion, null);
  assert.ok((atMs[1] ?? 0) - (atMs[0] ?? 0) >= 1_000, atMs.join());
  // what really differs is still found
  world.village.lies.push(...Array.from({ length: 100 }, () => 70));
  host.reconcile();
  host.reconcile();
  world.run(3_000);
  assert.equal(host.state.breakers.has("divergence"), true);
});
