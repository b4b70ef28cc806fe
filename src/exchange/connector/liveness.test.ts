// The connector's own health: what the exchange answered, not what a socket looks like.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { makeWorld } from "../../../test/contract/exchange-stage.ts";
import { PacedClock } from "../../base/paced-clock.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";

test("RISK-44 API-31 SERVING only while the exchange answered within 30 s, a service and the whole", async (t) => {
  const world = makeWorld();
  // the connector's own minute passes in a second
  const machine = new PacedClock(MONOTONIC_CLOCK, 1_000_000, 60);
  const stage = await RemoteStage.open(world, { machine });
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const healths = (): readonly (string | undefined)[] =>
    ["", "opensqt.market_maker.v1.ExchangeService"].map((service) => stage.health.of(service)?.health);
  assert.deepEqual(healths(), ["serving", "serving"]);
  const hit = world.exchange.faults.hit.bind(world.exchange.faults);
  let silent = true;
  world.exchange.faults.hit = (name) => (silent && name === "readUnavailable" ? true : hit(name));
  while (healths()[0] === "serving") await turn();
  assert.deepEqual(healths(), ["not-serving", "not-serving"]);
  const { reason, silentMs } = stage.connector.health;
  assert.match(reason, /has not answered for 3\d s/);
  assert.ok(silentMs > 30_000);
  silent = false;
  while (healths()[0] !== "serving") await turn();
  assert.deepEqual(healths(), ["serving", "serving"]);
});
