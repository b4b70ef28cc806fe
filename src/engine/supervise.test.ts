// The engine's own timers and feeds: what a timer that fires does, and what a feed that stays away holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../market/amounts.ts";
import type { FeedEvent, FeedName, TimerEvent } from "../trading/event.ts";
import { benchWith } from "./breakers.fixture.ts";
import { Bench, STARTED } from "./probe.fixture.ts";
import { handled } from "./said.fixture.ts";
import { armRounds, onFeed, onTimer } from "./supervise.ts";
import { Turn } from "./turn.ts";

const fire = (bot: Bench, name: string) => handled<TimerEvent>(bot, onTimer, { kind: "timer", name, missed: 0 });
const feed = (bot: Bench, name: FeedName, state: FeedEvent["state"]) =>
  handled<FeedEvent>(bot, onFeed, { kind: "feed", feed: name, state });

test("GRID-26 a timer that is not the engine's is the strategy's, and none fires twice", () => {
  const bot = benchWith();
  bot.state.timers.set("grid.reload", 5);
  assert.deepEqual(fire(bot, "grid.reload").inputs, [{ kind: "timer", name: "grid.reload" }]);
  assert.ok(!bot.state.timers.has("grid.reload"));
  const own = ["cancel", "unknown", "clean", "reconcile", "breakers", "standing"];
  for (const name of own) assert.deepEqual(fire(bot, `engine.${name}`).inputs, [], name);
  assert.deepEqual(fire(bot, "engine.standing").did, [], "it only wakes what waits");
});

test("N-11 each cancel that is not answered goes out again, but none before recovery is over", () => {
  const bot = benchWith();
  const [first] = bot.placed();
  const order = bot.state.orders.get(first ?? assert.fail()) ?? assert.fail();
  order.cancelAsked = true;
  assert.deepEqual(fire(bot, "engine.cancel").did, ["cancel 1, cancel.again"]);
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  assert.deepEqual(fire(bot, "engine.cancel").did, []);
});

test("DUR-36 every order of unknown fate is told of again, and no other", () => {
  const bot = benchWith();
  assert.deepEqual(fire(bot, "engine.unknown").did, []);
  const [, second] = bot.placed();
  const order = bot.state.orders.get(second ?? assert.fail()) ?? assert.fail();
  order.unknownSinceMs = 77;
  assert.deepEqual(fire(bot, "engine.unknown").did, [
    "error unknown-order: the outcome of an order is still not known; its slot stays blocked sinceMs=77",
  ]);
  const alert = bot.effects.findLast(({ kind }) => kind === "alert");
  assert.ok(alert?.kind === "alert");
  assert.equal(alert.facts["clientOrderId"], second);
});

test("RISK-32 the exchange is read at each interval, from the moment the bot runs", () => {
  const bot = benchWith({ reconcileIntervalMs: "45000" });
  assert.deepEqual(fire(bot, "engine.reconcile").did, ["read, reconcile.timer", "timer engine.reconcile in 45000"]);
  bot.state.timers.clear();
  armRounds(new Turn(bot.state));
  assert.deepEqual([...bot.state.timers.keys()], ["engine.reconcile"], "two orders are too few to clean");
  assert.equal(bot.state.timers.get("engine.reconcile"), bot.state.nowMs + 45_000);
});

test("RISK-29 the cleaner's round cancels what is too far or too old, and the next round is armed first", () => {
  const bot = benchWith({ "cleaner.orderDistanceBpsMax": "200" });
  bot.state.timers.clear();
  assert.deepEqual(fire(bot, "engine.clean").did, ["timer engine.clean in 10000"], "a hundred ticks are near");
  bot.state.book = { bids: [[ticks(306_200), lots(1)]], asks: [[ticks(306_202), lots(1)]], atMs: bot.state.nowMs };
  assert.deepEqual(fire(bot, "engine.clean").did, [
    "timer engine.clean in 10000",
    "cancel 1, cancel.cleaner why=too-far",
  ]);
  for (const book of [
    { bids: [], asks: [[ticks(306_202), lots(1)]], atMs: 0 },
    { bids: [[ticks(306_200), lots(1)]], asks: [], atMs: 0 },
    null,
  ] as const) {
    const other = benchWith({ "cleaner.orderDistanceBpsMax": "1" });
    other.state.book = book;
    other.state.timers.clear();
    assert.deepEqual(fire(other, "engine.clean").did, ["timer engine.clean in 10000"], "without a price none is far");
  }
  const old = benchWith({ "cleaner.orderAgeMsMax": "60000" });
  old.state.timers.clear();
  old.state.nowMs += 60_001;
  armRounds(new Turn(old.state));
  assert.ok(old.state.timers.has("engine.clean"), "one order is enough where each is judged");
  assert.deepEqual(fire(old, "engine.clean").did.slice(1), [
    "cancel 1, cancel.cleaner why=too-old",
    "cancel 2, cancel.cleaner why=too-old",
  ]);
  old.state.phase = "stopping";
  for (const order of old.state.orders.values()) order.cancelAsked = false;
  assert.deepEqual(fire(old, "engine.clean").did, [], "a bot that stops cancels by its policy");
});

test("RISK-20 RISK-42 a feed that goes stale while the bot runs holds it, and is told once", () => {
  for (const [name, level] of [
    ["book", "FREEZE"],
    ["orders", "HOLD"],
    ["account", "HOLD"],
  ] as const) {
    const bot = benchWith();
    const { inputs, did, turn } = feed(bot, name, "stale");
    assert.deepEqual(inputs, [{ kind: "feed", feed: name, state: "stale" }]);
    const told = `warning feed-stale: the ${name} feed is stale; no new risk until it is fresh feed=${name}`;
    assert.deepEqual(did, [told]);
    assert.ok(turn.gatesChanged);
    const { nowMs: sinceMs } = bot.state;
    const reason = `the ${name} feed is stale`;
    const block = { reason, sinceMs, level, leg: "both", reducing: true };
    assert.deepEqual(bot.state.blocks.get(`feed-${name}`), block);
  }
});

test("RISK-20 a feed that is back blocks no more; orders and account are read anew, a book is not", () => {
  const bot = benchWith();
  const back = (name: FeedName): readonly string[] => {
    feed(bot, name, "stale");
    const { did, turn } = feed(bot, name, "fresh");
    assert.ok(turn.gatesChanged);
    assert.ok(!bot.state.blocks.has(`feed-${name}`));
    return did.filter((line) => line.startsWith("read"));
  };
  assert.deepEqual(
    [back("book"), back("orders"), back("account")],
    [[], ["read, reconcile.fresh"], ["read, reconcile.fresh"]],
  );
  const stale = feed(bot, "orders", "stale").did.filter((line) => line.startsWith("read"));
  assert.deepEqual(stale, [], "there is nothing to ask while it is away");
});

test("RISK-20 a feed nothing depends on is only told to the strategy, and none is news before the bot runs", () => {
  const bot = benchWith();
  const { inputs, did, turn } = feed(bot, "candles", "stale");
  assert.deepEqual([inputs, did, turn.gatesChanged], [[{ kind: "feed", feed: "candles", state: "stale" }], [], false]);
  assert.deepEqual(feed(bot, "candles", "fresh").did, []);
  const starting = new Bench();
  starting.feed(STARTED);
  assert.deepEqual(feed(starting, "orders", "stale").did, []);
  assert.ok(starting.state.blocks.has("feed-orders"), "it holds the bot all the same");
});
