// Breakers by hand and limits changed while running, through the one door: what they refuse, and that they last.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../market/amounts.ts";
import type { BreakerAction, Command, LimitsWanted } from "../trading/command.ts";
import { benchWith } from "./breakers.fixture.ts";
import { trip } from "./breakers.ts";
import { causeHolds, closeBreaker, isBreaker, openBreaker } from "./manual-breaker.ts";
import { Bench, book, CONFIGURED, STARTED } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import type { Block } from "./state.ts";
import { Turn } from "./turn.ts";

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

/** What it said, and whether a gate depends on it. */
function does(bot: Bench, act: (turn: Turn) => void): readonly string[] {
  const turn = new Turn(bot.state);
  act(turn);
  return [...said(bot, turn.effects), ...(turn.gatesChanged ? ["gates"] : [])];
}
const opens = (bot: Bench, action: BreakerAction, reason: string): readonly string[] =>
  does(bot, (turn) => openBreaker(turn, action, reason));
const closes = (bot: Bench, breaker: string, force = false): readonly string[] =>
  does(bot, (turn) => closeBreaker(turn, { breaker, force }, "ann"));

test("RISK-21 the operator's newest word replaces the one before, stricter or not, and holds since the first", () => {
  const bot = benchWith();
  const sinceMs = bot.state.nowMs;
  const first = "critical breaker-opened: breaker manual was opened by ann: drill breaker=manual action=A";
  assert.deepEqual(opens(bot, "A", "was opened by ann: drill"), [first, "gates"]);
  assert.deepEqual([bot.state.breakers.get("manual")?.openedAtMs, bot.state.blocks.size], [sinceMs, 1]);
  bot.state.nowMs += 5_000;
  const second = "critical breaker-opened: breaker manual was opened by bob: enough breaker=manual action=P";
  assert.deepEqual(opens(bot, "P", "was opened by bob: enough"), [second, "gates"]);
  const { action, reason, openedAtMs, phase } = bot.state.breakers.get("manual") ?? assert.fail();
  assert.deepEqual([action, reason, openedAtMs, phase], ["P", "was opened by bob: enough", sinceMs, "open"]);
  const block = { reason, sinceMs, level: "HOLD", leg: "both", reducing: true };
  assert.deepEqual([...bot.state.blocks], [["manual", block]]);
});

test("RISK-21 the first word of an operator stands since it was said", () => {
  const bot = benchWith();
  opens(bot, "O", "drill");
  assert.equal(bot.state.breakers.get("manual")?.openedAtMs, bot.state.nowMs);
  assert.equal(bot.state.blocks.get("manual")?.sinceMs, bot.state.nowMs);
});

const BLOCK: Block = { reason: "why", sinceMs: 0, level: "HOLD", leg: "both", reducing: true };

test("RISK-21 a pause, a grant and a breaker of the account are not the operator's to close on the bot", () => {
  const names = ["operator", "grant", "account:drawdown-total", "manual", "host-disk", "of the account:"];
  assert.deepEqual(names.map(isBreaker), [false, false, false, true, true, true]);
  const bot = benchWith();
  for (const name of names.slice(0, 3)) {
    bot.state.blocks.set(name, BLOCK);
    const told = `warning breaker-refused: breaker ${name} is not open breaker=${name} force=true`;
    assert.deepEqual(closes(bot, name, true), [told]);
  }
  assert.equal(bot.state.blocks.size, 3);
});

test("RISK-21 what is not open is not closed, and what still has its cause only by force; both are told", () => {
  const bot = benchWith();
  const facts = "breaker=rejects force=false";
  assert.deepEqual(closes(bot, "rejects"), [`warning breaker-refused: breaker rejects is not open ${facts}`]);
  bot.state.blocks.set("host-disk", BLOCK);
  assert.deepEqual([causeHolds(bot.state, "host-disk"), causeHolds(bot.state, "host-clock")], [true, false]);
  const stays = "warning breaker-refused: breaker host-disk stays open: its cause holds";
  assert.deepEqual(closes(bot, "host-disk"), [`${stays} breaker=host-disk force=false`]);
  const closed = "warning breaker-closed: breaker host-disk was closed by ann breaker=host-disk force=true";
  assert.deepEqual(closes(bot, "host-disk", true), [closed, "gates"]);
  assert.equal(bot.state.blocks.size, 0);
});

test("RISK-21 a breaker whose cause is gone closes without force, on probation as well, by name", () => {
  const bot = benchWith();
  does(bot, (turn) => trip(turn, "rejects", { reason: "why" }));
  assert.equal(causeHolds(bot.state, "rejects"), false);
  const closed = "warning breaker-closed: breaker rejects was closed by ann breaker=rejects force=false";
  assert.deepEqual(closes(bot, "rejects"), [closed, "gates"]);
  assert.deepEqual([bot.state.breakers.size, bot.state.blocks.size], [0, 0]);
  does(bot, (turn) => trip(turn, "rejects", { reason: "why" }));
  bot.state.blocks.clear();
  assert.deepEqual(closes(bot, "rejects"), [closed], "on probation it blocks nothing");
  assert.equal(bot.state.breakers.size, 0);
});

test("RISK-21 a feed that is stale keeps its breaker open but for force, which is remembered", () => {
  const bot = benchWith();
  bot.feed({ kind: "feed", feed: "orders", state: "stale" });
  assert.match(closes(bot, "stale-feed")[0] ?? "", /^warning breaker-refused: breaker stale-feed stays open/);
  assert.match(closes(bot, "stale-feed", true)[0] ?? "", /^warning breaker-closed: .* force=true$/);
  assert.deepEqual([...bot.state.history.forced.keys()], ["stale-feed"]);
});
