// Breakers by hand and limits changed while running, through the one door: what they refuse, and that they last.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../market/amounts.ts";
import type { Command, LimitsWanted } from "../trading/command.ts";
import { Bench, book, CONFIGURED, STARTED } from "./probe.fixture.ts";

const KEEP: LimitsWanted = {
  positionQuantityMax: null,
  positionNotionalMax: null,
  orderQuantityMax: null,
  leverageMaxMilli: null,
};
const say = (bot: Bench, command: Command): void => {
  bot.feed({ kind: "command", command, by: "ann", reason: "drill" });
};

test("RISK-21 a breaker opened by hand blocks opening until it is closed, and survives a restart", () => {
  const bot = new Bench().running();
  say(bot, { name: "breakerOpen", action: "O" });
  assert.ok(bot.state.blocks.has("manual"));
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  bot.feed({ kind: "recovered" });
  const before = bot.placed().length;
  for (let i = 0; i < 5; i += 1) bot.feed(book(300_000 + i));
  assert.ok(bot.state.blocks.has("manual"));
  assert.equal(bot.placed().length, before);
  say(bot, { name: "breakerClose", breaker: "manual", force: false });
  assert.equal(bot.state.blocks.size, 0);
  assert.ok(bot.alerts().includes("breaker-opened") && bot.alerts().includes("breaker-closed"));
});

test("RISK-21 closing needs the cause gone, or force", () => {
  const bot = new Bench().running();
  bot.feed({ kind: "host-condition", condition: "disk", active: true, text: "disk is low" });
  say(bot, { name: "breakerClose", breaker: "host-disk", force: false });
  assert.ok(bot.state.blocks.has("host-disk"));
  assert.ok(bot.alerts().includes("breaker-refused"));
  say(bot, { name: "breakerClose", breaker: "host-disk", force: true });
  assert.equal(bot.state.blocks.size, 0);
  say(bot, { name: "breakerClose", breaker: "nonsense", force: true });
  assert.equal(bot.alerts().filter((code) => code === "breaker-refused").length, 2);
});

test("RISK-08 limits are tightened at once, loosened up to the configured value, and stay over a restart", () => {
  const bot = new Bench().running();
  const configured = bot.state.limits?.positionNotionalMax ?? money(0n);
  say(bot, {
    name: "limits",
    wanted: { ...KEEP, positionNotionalMax: money(configured / 2n), orderQuantityMax: lots(3) },
  });
  assert.equal(bot.state.limits?.positionNotionalMax, configured / 2n);
  assert.equal(bot.state.limits?.orderQuantityMax, 3);
  say(bot, { name: "limits", wanted: { ...KEEP, positionNotionalMax: money(configured * 5n) } });
  assert.equal(bot.state.limits?.positionNotionalMax, configured, "never above the configuration");
  assert.equal(bot.state.limits?.orderQuantityMax, 3, "what was not named is kept");
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  bot.feed(CONFIGURED);
  assert.equal(bot.state.limits?.orderQuantityMax, 3, "a restart does not loosen");
});

test("RISK-08 a limit the configuration loosens is loose at once where nobody tightened it by hand", () => {
  const bot = new Bench().running();
  assert.ok(CONFIGURED.kind === "configured" && bot.state.limits !== null);
  const wider = { ...bot.state.limits, exposureGrossMax: money(bot.state.limits.exposureGrossMax * 2n) };
  bot.feed({ ...CONFIGURED, config: { ...CONFIGURED.config, risk: wider } });
  assert.equal(bot.state.limits?.exposureGrossMax, wider.exposureGrossMax);
});
