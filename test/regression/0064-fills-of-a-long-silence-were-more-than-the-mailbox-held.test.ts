// A bot that was away for long, or begins anew from the exchange (DUR-27), reads every fill it missed at once. They
// were queued at once, too: beyond twice the mailbox's room the host took it for a bug of its own and ended, each time
// it was started again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../src/host/bench.fixture.ts";
import { lots } from "../../src/market/amounts.ts";

test("DUR-08 DUR-49 more fills than the mailbox may hold were missed: all are booked, and the bot recovers", () => {
  const world = new World();
  world.running();
  const order = world.village.open().find(({ side }) => side === "buy");
  assert.ok(order !== undefined);
  world.kill();
  order.quantity = lots(600);
  for (let n = 0; n < 600; n += 1) world.village.fill(order, 1, false);
  const bot = world.start({ mailboxCapacity: 200 });
  world.run(5_000);
  assert.deepEqual([bot.end, bot.host.recovered, bot.host.state.ledger.position], [null, true, 600]);
});
