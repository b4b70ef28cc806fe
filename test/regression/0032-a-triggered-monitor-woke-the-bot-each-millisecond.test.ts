// Found by the simulation (seed 1230): once a triggered monitor was held long enough, its end lay in the past and the
// timer was armed for the next millisecond until a candle recovered it: a thousand lines of journal a second.

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchWith, MINUTE_MS } from "../../src/engine/breakers.fixture.ts";
import { BREAKER_TIMER } from "../../src/engine/names.ts";
import { lots, ticks } from "../../src/market/amounts.ts";

test("RISK-27 a monitor that is held long enough waits for candles, not for the next millisecond", () => {
  const bot = benchWith({
    "monitor.instruments": "A/USDT:USDT",
    "monitor.averageWindow": "5",
    "monitor.recoveryThreshold": "1",
    "monitor.holdMsMin": "60000",
  });
  const candle = (minute: number, of: { readonly volume: number; readonly close: number }): void => {
    const price = ticks(of.close);
    const prices = { open: price, high: price, low: price, close: price };
    const openAtMs = minute * MINUTE_MS;
    const rest = { openAtMs, volume: lots(of.volume), closed: minute < 6 };
    bot.feed({ kind: "candle", symbol: "A/USDT:USDT", interval: "1m", ...prices, ...rest });
  };
  for (let minute = 0; minute < 6; minute += 1) candle(minute, { volume: 10, close: 1_000 });
  candle(6, { volume: 40, close: 990 });
  assert.ok(bot.state.blocks.has("monitor"));
  bot.atMs += MINUTE_MS + 5_000;
  bot.feed({ kind: "timer", name: BREAKER_TIMER, missed: 0 });
  assert.ok(bot.state.blocks.has("monitor"), "its condition holds");
  const dueMs = bot.state.timers.get(BREAKER_TIMER) ?? Number.POSITIVE_INFINITY;
  assert.ok(dueMs - bot.state.nowMs >= 1_000, `woken again after ${dueMs - bot.state.nowMs} ms`);
});
