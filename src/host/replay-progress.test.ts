// A long journal takes a while to replay: whoever waits for it is told how far it is (DUR-51).

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "./bench.fixture.ts";

test("DUR-51 while its journal is replayed a host says how far it is", () => {
  const world = new World();
  world.running({ snapshots: { events: 1e6, ms: 1e9 } });
  for (let n = 0; n < 2_500; n += 1) {
    world.village.book(300_000 + (n % 2) * 10);
    world.run(10);
  }
  world.kill();
  const told: number[] = [];
  world.start({ onReplay: (done, total) => told.push(Math.floor((100 * done) / total)) });
  assert.ok(told.length > 2, told.join());
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
  assert.equal(told.at(-1), 100);
});
