// Stale feeds and the risk monitor in a bot: what they do to entries, and when they let go (RISK-20, RISK-26, RISK-27).

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../market/amounts.ts";
import type { FeedName } from "../trading/event.ts";
import { benchWith, buy, MINUTE_MS, told, wait } from "./breakers.fixture.ts";
import { type Bench, book, CONFIGURED, START_FACTS, STARTED } from "./probe.fixture.ts";

const feed = (bot: Bench, name: FeedName, state: "stale" | "fresh"): void => {
  bot.feed({ kind: "feed", feed: name, state });
};

test("RISK-20 a stale book takes the entries from the exchange with the same event, and one alert tells it", () => {
  const bot = benchWith();
  feed(bot, "book", "stale");
  assert.equal(bot.effects.filter(({ kind }) => kind === "cancel").length, 2);
  assert.deepEqual(
    bot.alerts().filter((code) => code === "feed-stale"),
    ["feed-stale"],
  );
  assert.equal(bot.state.breakers.get("stale-feed")?.action, "O");
});

test("RISK-18 stale-feed closes when everything needed was fresh for 10 s, and a flicker begins them anew", () => {
  const bot = benchWith();
  feed(bot, "book", "stale");
  feed(bot, "orders", "stale");
  feed(bot, "book", "fresh");
  wait(bot, 11_000);
  assert.equal(bot.state.breakers.has("stale-feed"), true, "the orders are stale still");
  feed(bot, "orders", "fresh");
  wait(bot, 9_000);
  feed(bot, "book", "stale");
  feed(bot, "book", "fresh");
  const before = bot.placed().length;
  wait(bot, 9_900);
  assert.equal(bot.placed().length, before, "nothing opens");
  wait(bot, 200);
  wait(bot, 1_000);
  assert.equal(bot.state.breakers.size, 0);
  assert.deepEqual(told(bot), ["closed stale-feed"]);
  assert.ok(bot.placed().length > before);
});

test("RISK-18 stale-feed ends by its own timer where no book comes", () => {
  const bot = benchWith();
  feed(bot, "account", "stale");
  feed(bot, "account", "fresh");
  assert.equal(bot.state.breakers.get("stale-feed")?.action, "P");
  const dueMs = bot.state.timers.get("engine.breakers") ?? assert.fail("no timer");
  bot.atMs = dueMs;
  bot.feed({ kind: "timer", name: "engine.breakers", missed: 0 });
  assert.equal(bot.state.breakers.size, 0);
});

test("RISK-20 a stale account freezes, or closes the position where stalePolicy says exit", () => {
  const frozen = benchWith();
  feed(frozen, "account", "stale");
  assert.equal(frozen.state.closer, null);
  const out = benchWith({ stalePolicy: "exit" });
  buy(out);
  feed(out, "account", "stale");
  assert.equal(out.state.breakers.get("stale-feed")?.action, "F");
  assert.equal(out.state.closer?.because, "flatten.stale-feed");
});

test("RISK-18 a restart while stale-feed is open: feeds nobody calls stale are trusted after 10 s", () => {
  const bot = benchWith();
  feed(bot, "orders", "stale");
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  bot.feed(START_FACTS);
  bot.feed({ kind: "recovered" });
  assert.ok(bot.state.breakers.has("stale-feed"));
  wait(bot, 9_000);
  assert.ok(bot.state.breakers.has("stale-feed"));
  wait(bot, 1_100);
  assert.equal(bot.state.breakers.size, 0);
});

test("RISK-20 before the bot runs a feed that is not there yet trips nothing", () => {
  const bot = benchWith();
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  feed(bot, "book", "stale");
  bot.feed(START_FACTS);
  bot.feed({ kind: "recovered" });
  assert.equal(bot.state.breakers.size, 0);
});

const KEYS = {
  "monitor.instruments": "A/USDT:USDT B/USDT:USDT",
  "monitor.averageWindow": "5",
  "monitor.recoveryThreshold": "2",
};

/** Candle of one minute, numbered. */
function candle(
  bot: Bench,
  symbol: string,
  minute: number,
  of: { volume: number; close: number; closed?: boolean },
): void {
  const price = ticks(of.close);
  bot.feed({
    kind: "candle",
    symbol: `${symbol}/USDT:USDT`,
    interval: "1m",
    openAtMs: minute * MINUTE_MS,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: lots(of.volume),
    closed: of.closed ?? true,
  });
}

/** Both have six quiet candles. */
function monitored(): Bench {
  const bot = benchWith(KEYS);
  for (const symbol of ["A", "B"]) for (let i = 0; i < 6; i += 1) candle(bot, symbol, i, { volume: 10, close: 1_000 });
  return bot;
}

test("RISK-27 both instruments fall on high volume: entries are cancelled once, and come back with recovery", () => {
  const bot = monitored();
  candle(bot, "A", 6, { volume: 40, close: 990, closed: false });
  assert.equal(bot.state.blocks.has("monitor"), false);
  candle(bot, "B", 6, { volume: 40, close: 990, closed: false });
  assert.equal(bot.state.blocks.get("monitor")?.level, "REDUCE");
  const cancels = bot.effects.filter(({ kind }) => kind === "cancel").length;
  assert.equal(cancels, 2);
  candle(bot, "B", 6, { volume: 41, close: 980, closed: false });
  assert.equal(bot.effects.filter(({ kind }) => kind === "cancel").length, cancels, "once");
  assert.deepEqual(
    bot.alerts().filter((code) => code === "monitor-triggered"),
    ["monitor-triggered"],
  );
  for (const minute of [6, 7])
    for (const symbol of ["A", "B"]) candle(bot, symbol, minute, { volume: 12, close: 1_010 });
  wait(bot, 59_000);
  assert.ok(bot.state.blocks.has("monitor"), "held for a minute");
  wait(bot, 2_000);
  assert.equal(bot.state.blocks.has("monitor"), false);
  assert.ok(bot.alerts().includes("monitor-recovered"));
});

test("RISK-27 a configuration without a monitor frees the entries the triggered one had blocked", () => {
  const bot = monitored();
  for (const symbol of ["A", "B"]) candle(bot, symbol, 6, { volume: 40, close: 990, closed: false });
  assert.ok(bot.state.blocks.has("monitor"));
  bot.feed(CONFIGURED);
  const before = bot.placed().length;
  wait(bot, 1_000);
  wait(bot, 1_000);
  assert.deepEqual([bot.state.blocks.size, bot.placed().length - before], [0, 2], "both quotes are back");
});

test("RISK-26 a monitor that sees too little for two minutes pauses opening; onBlind allow only says so", () => {
  for (const onBlind of ["pause", "allow"] as const) {
    const bot = benchWith({ ...KEYS, onBlind });
    wait(bot, 1_000);
    wait(bot, 2 * MINUTE_MS);
    assert.deepEqual(
      bot.alerts().filter((code) => code === "monitor-blind"),
      ["monitor-blind"],
    );
    const told = bot.effects.find((effect) => effect.kind === "alert" && effect.code === "monitor-blind");
    assert.ok(told?.kind === "alert");
    assert.match(told.text, /for two minutes \(not: A\/USDT:USDT, B\/USDT:USDT\): /, "it names what is missing");
    assert.equal(bot.state.blocks.get("monitor-blind")?.level, onBlind === "pause" ? "HOLD" : undefined);
    for (const symbol of ["A", "B"])
      for (let i = 0; i < 6; i += 1) candle(bot, symbol, i, { volume: 10, close: 1_000 });
    bot.feed(book(300_000));
    assert.equal(bot.state.blocks.has("monitor-blind"), false);
  }
});
