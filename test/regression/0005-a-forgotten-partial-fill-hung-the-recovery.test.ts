// What happened after a long stop: an order was filled in part, ended, and was forgotten by the exchange, which still
// told its fills. The fills contradicted "absent" for ever, and the bot never recovered.

import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../src/host/bench.fixture.ts";

for (const heard of [true, false]) {
  test(`GRID-27 DUR-45 a partly filled order that the exchange forgot is over (fill ${heard ? "told" : "missed"})`, () => {
    const world = new World();
    world.running();
    const [order] = world.village.open();
    assert.ok(order !== undefined);
    if (heard) {
      world.village.fill(order, 4);
      world.run(100);
    }
    world.kill();
    if (!heard) world.village.fill(order, 4, false);
    world.village.orders.delete(order.clientOrderId);
    world.run(1_000);
    const { host } = world.start();
    world.run(20_000);
    assert.equal(host.recovered, true);
    assert.equal(host.state.orders.has(order.clientOrderId), false);
    const ended = host.state.ended.get(order.clientOrderId);
    assert.deepEqual([ended?.status, ended?.cumulative], ["canceled", 4]);
    assert.equal(host.state.ledger.position, order.side === "buy" ? 4 : -4);
  });
}
