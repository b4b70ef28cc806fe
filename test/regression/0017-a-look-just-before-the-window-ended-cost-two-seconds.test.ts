// An order that never arrived was asked about just before its window ended, and the answer came just after: the next
// look waited two seconds or more although nothing was left to wait for, and so did the recovery. Found by the crash
// test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../src/host/bench.fixture.ts";
import { SEND_DELAY_MS_MAX } from "../../src/host/settle.ts";

/** Look-up, open orders and fills, asked one after the other, 10 ms each. */
const LOOK_MS = 30;

test("DUR-50 DUR-45 whenever the restart comes, an absent order is settled as soon as its window is over", () => {
  // the first looks are at 0 and 1,000 ms after the start: each offset puts the end of the window elsewhere between
  // them
  for (let downMs = 0; downMs < 2_500; downMs += 7) {
    const world = new World();
    world.village.fate = (what) => (what === "place" ? "lost" : "fine");
    const first = world.running();
    const [order] = first.host.state.orders.values();
    assert.ok(order !== undefined);
    world.kill();
    world.run(downMs);
    world.village.fate = () => "fine";
    const startMs = world.clock.nowMs();
    const bot = world.start();
    world.run(10_000);
    const absent = bot.turns
      .flatMap(({ events }) => events)
      .find((event) => event.kind === "absent" && event.clientOrderId === order.clientOrderId);
    assert.ok(absent !== undefined, "it is settled");
    const { requestExpiryMs, lookupLagMs } = bot.port;
    // the window begins with the run at the earliest: how long ago the last one ended no wall clock proves
    const lastSentMs = Math.max(order.placedAtMs + SEND_DELAY_MS_MAX, startMs);
    const lateMs = absent.atMs - (lastSentMs + requestExpiryMs + lookupLagMs);
    assert.ok(lateMs >= 0 && lateMs <= 3 * LOOK_MS, `down for ${downMs} ms: settled ${lateMs} ms after it could be`);
  }
});
