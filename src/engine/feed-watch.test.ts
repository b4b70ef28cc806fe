// The breaker of stale feeds, one word on a feed alone: what it opens with, and when the bot is woken for its end.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedName } from "../trading/event.ts";
import { benchWith } from "./breakers.fixture.ts";
import type { Bench } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";

/** The breaker's timer as this word moved it. */
const timers = (bot: Bench, feed: FeedName, state: "stale" | "fresh"): readonly string[] =>
  said(bot, bot.feed({ kind: "feed", feed, state })).filter((line) => line.startsWith("timer engine.breakers"));

test("RISK-20 a stale book takes entries away, stale orders or a stale account leave what rests", () => {
  const opened = (feed: FeedName): string => {
    const bot = benchWith({ stalePolicy: "exit" });
    timers(bot, feed, "stale");
    const breaker = bot.state.breakers.get("stale-feed");
    return breaker === undefined ? "nothing" : `${breaker.action}, ${breaker.reason}`;
  };
  assert.equal(opened("book"), "O, opened: the book feed is stale");
  assert.equal(opened("orders"), "P, opened: the orders feed is stale");
  assert.equal(opened("account"), "F, opened: the account feed is stale", "but the account, which it is for");
  assert.equal(opened("candles"), "nothing", "trading goes on without candles");
  const frozen = benchWith();
  timers(frozen, "account", "stale");
  assert.equal(frozen.state.breakers.get("stale-feed")?.action, "P");
});

test("RISK-18 the bot is woken ten seconds after the last needed feed is fresh, if there is a breaker", () => {
  const bot = benchWith();
  assert.deepEqual(timers(bot, "orders", "fresh"), [], "nothing was open");
  timers(bot, "book", "stale");
  timers(bot, "orders", "stale");
  assert.deepEqual(timers(bot, "book", "fresh"), [], "the orders are stale still");
  assert.deepEqual(timers(bot, "orders", "fresh"), ["timer engine.breakers in 10000"]);
  bot.atMs += 4_000;
  assert.deepEqual(timers(bot, "orders", "fresh"), [], "said twice, it is fresh since the first time");
});
