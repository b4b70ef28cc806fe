// Simulation seed 8: after a restart the capital that the bot's own resting orders held was missing from "capital pays
// for N orders"; the start was refused and the orders stayed alone on the exchange.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, CONFIGURED, probe, START_FACTS, STARTED } from "../../src/engine/probe.fixture.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import { money } from "../../src/market/amounts.ts";

const USDT = 10n ** 18n;
addStrategy({ ...probe, name: "costly", orderNotional: () => money(100n * USDT) });

const started = (bot: Bench, quoteAvailable: bigint): Bench => {
  if (CONFIGURED.kind !== "configured" || START_FACTS.kind !== "start-facts") throw new Error("the fixture changed");
  bot.feed(STARTED);
  bot.feed({ ...CONFIGURED, config: { ...CONFIGURED.config, strategy: "costly" } });
  bot.feed({ ...START_FACTS, quoteAvailable: money(quoteAvailable * USDT) });
  return bot;
};

test("RISK-30 DUR-49 capital must reach before the first order; a bot that trades already is not left alone for it", () => {
  assert.equal(started(new Bench(), 1_000n).state.phase, "refused");
  const bot = started(new Bench(), 10_000n);
  assert.notEqual(bot.state.phase, "refused");
  assert.notEqual(started(bot, 1_000n).state.phase, "refused");
});
