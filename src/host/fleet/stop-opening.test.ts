// A bot that is stopped while it waits for its exchange (DUR-58): the run before may have been killed with orders open.

import assert from "node:assert/strict";
import { test } from "node:test";
import { botOf, botText, type FleetProcess, type FleetWorld, world } from "./fleet.fixture.ts";

/** A process whose exchange tells nothing about instruments. */
function deaf(w: FleetWorld): FleetProcess {
  const port = w.connect();
  port.instrument = (_symbol, done) => {
    w.clock.at(w.clock.nowMs() + 10, () => done({ result: "unavailable", text: "no answer" }));
  };
  return w.start({ port });
}

const ends = ({ ends: all }: FleetProcess): readonly string[] => all.map(({ end }) => `${end.code} ${end.exitCode}`);

test("DUR-58 a killed bot that is stopped before its exchange answers does not say that nothing is left", async (t) => {
  const w = world(t, 1);
  const first = w.start({ seeds: [botText("bot-0", 0)] });
  await w.untilTrue(() => w.open(0) >= 3);
  const ids = [...(botOf(first, "bot-0").state?.orders.keys() ?? [])].sort();
  w.kill(first);
  const second = deaf(w);
  await w.run(1_000);
  assert.equal(botOf(second, "bot-0").stage, "opening");
  await w.until(second.fleet.close("test"));
  assert.deepEqual(ends(second), ["ORDERS_REMAIN 12"]);
  assert.deepEqual([...(second.ends[0]?.end.ordersLeft ?? [])].sort(), ids);
});

test("DUR-58 one that never ran, or left nothing, stops cleanly while its exchange is away", async (t) => {
  const w = world(t, 1);
  const never = w.start({ seeds: [botText("bot-0", 0)], port: Object.assign(w.connect(), { instrument: () => {} }) });
  await w.run(100);
  await w.until(never.fleet.close("test"));
  assert.deepEqual(ends(never), ["CLEAN 0"]);
  const ran = w.start();
  await w.untilTrue(() => w.open(0) >= 3);
  await w.until(ran.fleet.close("test"));
  assert.deepEqual(ends(ran), ["CLEAN 0"]);
  const third = deaf(w);
  await w.run(100);
  await w.until(third.fleet.close("test"));
  assert.deepEqual(ends(third), ["CLEAN 0"]);
});
