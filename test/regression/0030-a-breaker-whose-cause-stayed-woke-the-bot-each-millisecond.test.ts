// Found by the simulation (seed 114): the cool-down of `retries` was over while its cause still held. Its timer was
// armed for the next millisecond, again and again: 57,000 lines of journal in a minute.

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchWith, MINUTE_MS, newest, wait } from "../../src/engine/breakers.fixture.ts";
import { BREAKER_TIMER } from "../../src/engine/names.ts";

test("RISK-18 a breaker whose cause outlives its cool-down is looked at once a second", () => {
  const bot = benchWith();
  const failed = {
    kind: "outcome",
    of: "cancel",
    clientOrderId: newest(bot),
    exchangeOrderId: null,
    reason: null,
    result: "unknown",
    text: "no answer",
    tries: 3,
  } as const;
  const storm = (): void => {
    for (let i = 0; i < 17; i += 1) bot.feed(failed);
  };
  storm();
  wait(bot, 4 * MINUTE_MS);
  storm();
  bot.atMs += MINUTE_MS + 5_000;
  bot.feed({ kind: "timer", name: BREAKER_TIMER, missed: 0 });
  assert.equal(bot.state.breakers.get("retries")?.phase, "open", "its cause holds");
  const dueMs = bot.state.timers.get(BREAKER_TIMER) ?? assert.fail("nobody looks again");
  assert.equal(dueMs - bot.state.nowMs, 1_000);
});
