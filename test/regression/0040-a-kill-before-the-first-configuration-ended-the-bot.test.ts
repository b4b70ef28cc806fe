// A kill switch pulled when the first run had begun and the bot was not configured yet asked for a read of an
// instrument nobody had named: the step threw, and so did every replay of that event, so the bot never started again.
// Now it is latched at once, and reads when there is something to read. Found by a directed seed of the simulation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, CONFIGURED, START_FACTS, STARTED } from "../../src/engine/probe.fixture.ts";

test("TEST-P11 RISK-22 a kill before the first configuration is latched, and proved once the bot is configured", () => {
  const bot = new Bench();
  bot.feed(STARTED);
  const command = { name: "kill", flatten: true } as const;
  bot.feed({ kind: "command", by: "operator", reason: "at once", command });
  assert.equal(bot.state.kill.phase, "cancelling");
  const reads = (): number => bot.effects.filter(({ kind }) => kind === "reconcile").length;
  assert.equal(reads(), 0);
  bot.feed(CONFIGURED);
  bot.feed(START_FACTS);
  bot.atMs += 2_000;
  bot.feed({ kind: "recovered" });
  assert.notEqual(bot.state.kill.phase, "off");
  assert.ok(reads() > 0, "the proof needs reads of the exchange");
});
