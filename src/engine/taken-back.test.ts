// What an exchange takes and refuses a moment later, and what the cleaner makes of a price of long ago.

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchWith, free, newest, refuse, told, wait } from "./breakers.fixture.ts";
import { accepted, type Bench, book, MARK, orderSeen } from "./probe.fixture.ts";

/** The exchange takes what is placed, and its stream refuses it after so many ms; so often. */
function takeBack(bot: Bench, times: number, { afterMs = 20, reason = "OTHER" } = {}): void {
  for (let i = 0; i < times; i += 1) {
    bot.feed(accepted(newest(bot)));
    bot.atMs += afterMs;
    bot.feed({ ...orderSeen(bot.state, newest(bot), { status: "canceled", cumulative: 0 }), reason } as never);
    bot.feed(book(300_000));
  }
}

test("RISK-18 orders that are taken and refused by the stream at once are refusals in a row like any other", () => {
  const bot = benchWith();
  free(bot);
  refuse(bot, 4);
  takeBack(bot, 5);
  assert.deepEqual([bot.state.history.refusalsInRow, told(bot)], [9, []]);
  takeBack(bot, 1);
  assert.deepEqual(told(bot), ["opened rejects"]);
});

test("RISK-18 one that rested before it was ended, a post-only one, and one that stays are no refusals", () => {
  const bot = benchWith();
  free(bot);
  takeBack(bot, 20, { afterMs: 5_001 });
  takeBack(bot, 20, { reason: "POST_ONLY_WOULD_TAKE" });
  takeBack(bot, 9);
  bot.feed(accepted(newest(bot)));
  wait(bot, 1_000);
  free(bot);
  takeBack(bot, 9);
  assert.deepEqual(told(bot), []);
});

test("RISK-29 nothing is too far from the mid of a stale book", () => {
  const cancels = (bot: Bench): number => bot.effects.filter(({ kind }) => kind === "cancel").length;
  const cleaned = (staleMs: number): number => {
    const bot = benchWith({ "cleaner.orderDistanceBpsMax": "1", "cleaner.cleanIntervalMs": "1000" });
    const before = cancels(bot);
    bot.atMs += staleMs;
    bot.feed(MARK);
    bot.feed({ kind: "timer", name: "engine.clean", missed: 0 });
    return cancels(bot) - before;
  };
  assert.deepEqual([cleaned(4_000), cleaned(6_000)], [2, 0], "quotes are 3 bps away; the book may be 5 s old");
});
