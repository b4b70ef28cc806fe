// The risk monitor in a bot, one word of it alone: whose candles it takes, what a change blocks and tells, and when it
// must be asked though no candle comes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../market/amounts.ts";
import type { RiskTexts } from "../risk/limits.ts";
import type { MonitorLimits } from "../risk/monitor/limits.ts";
import type { MonitorState } from "../risk/monitor/monitor-state.ts";
import type { CandleEvent } from "../trading/event.ts";
import { benchWith, MINUTE_MS } from "./breakers.fixture.ts";
import { forgetMonitor, monitorCandle, monitorDueMs, monitorNow } from "./monitoring.ts";
import { Bench, STARTED } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";
import { lookAround } from "./watch.ts";

const A = "A/USDT:USDT";
const KEYS: RiskTexts = {
  "monitor.instruments": "A/USDT:USDT B/USDT:USDT",
  "monitor.averageWindow": "5",
  "monitor.volumeMultiplier": "2.5",
  "monitor.recoveryThreshold": "1",
};

const limitsOf = (bot: Bench): MonitorLimits => bot.state.limits?.monitor ?? assert.fail("no monitor");

function candle(symbol: string, minute: number, of: Partial<CandleEvent> = {}): CandleEvent {
  const price = ticks(1_000);
  const common = {
    kind: "candle",
    atMs: 0,
    symbol,
    interval: "1m",
    openAtMs: minute * MINUTE_MS,
    closed: true,
  } as const;
  return { ...common, open: price, high: price, low: price, close: price, volume: lots(10), ...of };
}

/** What it did, and whether a gate depends on it. */
function taken(bot: Bench, act: (turn: Turn) => void): readonly string[] {
  const turn = new Turn(bot.state);
  act(turn);
  return [...said(bot, turn.effects), ...(turn.gatesChanged ? ["gates"] : [])];
}
const takes = (bot: Bench, event: CandleEvent): readonly string[] => taken(bot, (turn) => monitorCandle(turn, event));
const looks = (bot: Bench, limits: MonitorLimits = limitsOf(bot)): readonly string[] =>
  taken(bot, (turn) => monitorNow(turn, limits));

test("RISK-25 the monitor takes candles of its instruments and its interval, none where it is not configured", () => {
  const bot = benchWith(KEYS);
  takes(bot, candle("C/USDT:USDT", 1));
  takes(bot, candle(A, 1, { interval: "3m" }));
  assert.equal(bot.state.monitor.watched.size, 0);
  takes(bot, candle(A, 1, { closed: false, volume: lots(7) }));
  const open = { openAtMs: MINUTE_MS, close: 1_000, volume: 7 };
  assert.deepEqual([...bot.state.monitor.watched], [[A, { closed: [], open }]]);
  for (const without of [benchWith(), new Bench()]) {
    assert.deepEqual([takes(without, candle(A, 1)), without.state.monitor.watched.size], [[], 0]);
  }
});

/** Five quiet candles of each, then one of A that falls on three times its volume. */
function falls(bot: Bench): readonly string[] {
  for (const symbol of limitsOf(bot).instruments) for (let n = 0; n < 5; n += 1) takes(bot, candle(symbol, n));
  return takes(bot, candle(A, 5, { close: ticks(990), volume: lots(30), closed: false }));
}

const ANY: RiskTexts = { ...KEYS, "monitor.strategy": "Any" };
const ALL: RiskTexts = { ...KEYS, "monitor.instruments": "A/USDT:USDT" };

test("RISK-27 a triggered monitor blocks entries and tells once what fell, and how far above its volume", () => {
  const one = benchWith(ANY);
  const reason = "one of the monitored instruments falls on more than 2.5 times its volume";
  assert.deepEqual(falls(one), [`warning monitor-triggered: ${reason}: entries are cancelled leg=both`, "gates"]);
  const block = { reason, sinceMs: one.state.nowMs, level: "REDUCE", leg: "both", reducing: true };
  assert.deepEqual([...one.state.blocks], [["monitor", block]]);
  assert.deepEqual(looks(one), [], "its edge was told");
  const all = falls(benchWith(ALL))[0] ?? "";
  assert.match(all, /monitor-triggered: every monitored instrument falls on more than 2\.5 times its volume: /);
});

test("RISK-27 it blocks the side the strategy opens on, and both where the strategy does not say", () => {
  const legOf = (strategy: string, strategyConfig: unknown): string | undefined => {
    const bot = benchWith(ANY);
    const config = bot.state.config ?? assert.fail();
    bot.state.config = { ...config, strategy, strategyConfig };
    falls(bot);
    return bot.state.blocks.get("monitor")?.leg;
  };
  assert.deepEqual(
    [legOf("grid", { mode: "long" }), legOf("grid", { mode: "short" }), legOf("grid", { mode: "neutral" })],
    ["L", "S", "both"],
  );
  assert.equal(legOf("probe", null), "both");
  const bare = benchWith(ANY);
  bare.state.config = null;
  assert.match(falls(bare)[0] ?? "", /leg=both$/, "a bot without a strategy");
});

test("RISK-28 recovery takes the block away and is told", () => {
  const bot = benchWith(ANY);
  falls(bot);
  bot.state.nowMs += MINUTE_MS;
  const told = takes(bot, candle(A, 5, { close: ticks(1_010), volume: lots(11) }));
  const text = "the monitored instruments have recovered: entries may be placed";
  assert.deepEqual(told, [`info monitor-recovered: ${text}`, "gates"]);
  assert.equal(bot.state.blocks.size, 0);
});

test("RISK-26 a blind monitor pauses opening or lets it go on, as configured, and says what it misses", () => {
  const blind = (onBlind: "pause" | "allow"): Bench => {
    const bot = benchWith({ ...KEYS, onBlind });
    assert.deepEqual(looks(bot), []);
    bot.state.nowMs += 2 * MINUTE_MS;
    return bot;
  };
  const missing = "A/USDT:USDT, B/USDT:USDT";
  const reason = `fewer than half of the monitored instruments can be judged for two minutes (not: ${missing})`;
  const paused = blind("pause");
  const facts = (onBlind: string): string => ` onBlind=${onBlind} missing=${missing}`;
  assert.deepEqual(looks(paused), [`error monitor-blind: ${reason}: opening is paused${facts("pause")}`, "gates"]);
  const block = { reason, sinceMs: paused.state.nowMs, level: "HOLD", leg: "both", reducing: true };
  assert.deepEqual([...paused.state.blocks], [["monitor-blind", block]]);
  const allowed = blind("allow");
  const goesOn = "trading goes on without it (onBlind: allow)";
  assert.deepEqual(looks(allowed), [`error monitor-blind: ${reason}: ${goesOn}${facts("allow")}`, "gates"]);
  assert.equal(allowed.state.blocks.size, 0);
  for (let n = 0; n < 5; n += 1) assert.deepEqual(takes(paused, candle(A, n)), []);
  const sighted = "info monitor-sighted: the monitored instruments can be judged again";
  assert.deepEqual(takes(paused, candle(A, 5)), [sighted, "gates"], "one of two is half of them");
  assert.equal(paused.state.blocks.size, 0);
});

test("RISK-27 a monitor that configuration takes away lets go of what it blocked, tells so, and begins anew", () => {
  const bot = benchWith({ ...ANY, onBlind: "pause" });
  falls(bot);
  const { monitor: _monitor, ...without } = bot.state.limits ?? assert.fail();
  const off = (): readonly string[] => {
    bot.state.limits = without;
    return taken(bot, lookAround);
  };
  const text = "the risk monitor was switched off";
  const recovered = `info monitor-recovered: ${text}: entries may be placed`;
  assert.deepEqual(off(), [recovered, "timer engine.breakers off", "gates"]);
  assert.deepEqual([bot.state.blocks.size, bot.state.monitor.watched.size], [0, 0]);
  assert.deepEqual(off(), [], "said once");
  const blind = benchWith(KEYS);
  looks(blind);
  blind.state.nowMs += 2 * MINUTE_MS;
  looks(blind);
  const told = taken(blind, forgetMonitor);
  assert.deepEqual(told, [`info monitor-sighted: ${text}: nothing waits for its sight`, "gates"]);
  assert.deepEqual([blind.state.blocks.size, blind.state.monitor.blindSinceMs], [0, null]);
});

test("RISK-26 RISK-27 it is asked when two minutes without sight are over, and when it was held long enough", () => {
  const bot = benchWith({ ...KEYS, "monitor.holdMsMin": "90000" });
  bot.state.nowMs = 100_000;
  const due = (state: Partial<MonitorState>): number | null => {
    Object.assign(bot.state.monitor, { blindSinceMs: null, blind: false, triggeredAtMs: null }, state);
    return monitorDueMs(new Turn(bot.state), limitsOf(bot));
  };
  assert.equal(due({}), null, "candles will do");
  bot.state.nowMs = 80_000;
  assert.equal(due({}), null, "whatever the clock shows");
  bot.state.nowMs = 100_000;
  assert.equal(due({ blindSinceMs: 99_000 }), 219_000);
  assert.equal(due({ blindSinceMs: 99_000, blind: true }), null, "it is blind already: only a candle ends that");
  assert.equal(due({ triggeredAtMs: 90_000 }), 180_000);
  assert.equal(due({ triggeredAtMs: 90_000, blindSinceMs: 99_000, blind: true }), 180_000);
  assert.equal(due({ triggeredAtMs: 10_001 }), 100_001);
  assert.equal(due({ triggeredAtMs: 10_000 }), null, "held long enough: a candle ends it");
});

test("RISK-26 a run that begins judges nothing by candles of the run before", () => {
  const bot = benchWith(KEYS);
  for (const symbol of limitsOf(bot).instruments) for (let n = 0; n < 6; n += 1) takes(bot, candle(symbol, n));
  assert.equal(bot.state.monitor.blindSinceMs, null);
  bot.feed(STARTED);
  takes(bot, candle(A, 6));
  assert.equal(bot.state.monitor.blindSinceMs, bot.state.nowMs, "neither of the two is ready");
});
