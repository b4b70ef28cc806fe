// Many bots in one process: what is wanted of each is durable, lasts over a restart, and concerns that bot alone.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { phaseOf } from "./bot-view.ts";
import { ANN, botOf, botText, FleetWorld } from "./fleet.fixture.ts";

function world(t: TestContext, instruments: number): FleetWorld {
  const made = new FleetWorld(instruments);
  t.after(() => made.remove());
  return made;
}

test("OPS-18 a bot is created, started, paused and resumed while the process runs, and each is in the registry first", async (t) => {
  const w = world(t, 1);
  const p = w.start();
  const made = await w.until(p.fleet.create({ id: "a", text: botText("a", 0), dryRun: false }, ANN));
  assert.ok(made.ok, made.ok ? "" : made.error.text);
  const bot = botOf(p, "a");
  assert.equal(phaseOf(bot), "CREATED");
  assert.ok((await w.until(p.fleet.startBot("a", ANN))).ok);
  assert.equal(phaseOf(bot), "STARTING");
  await w.untilTrue(() => phaseOf(bot) === "RUNNING");
  await w.untilTrue(() => w.open(0) >= 3);

  const paused = await w.until(p.fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN));
  assert.ok(paused.ok && paused.value.sequence > 0);
  assert.equal(phaseOf(bot), "PAUSED");
  assert.equal(bot.record.wanted, "paused");
  await w.run(2_000);
  assert.equal(w.open(0), 0);
  assert.ok((await w.until(p.fleet.resume("a", ANN))).ok);
  await w.untilTrue(() => w.open(0) >= 3);
  assert.deepEqual(
    p.fleet.registry.history("a").map(({ act }) => act),
    ["create", "start", "pause", "resume"],
  );
  await w.until(p.fleet.close("test"));
  assert.equal(w.open(0), 0);
});
