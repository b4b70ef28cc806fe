// Candles of monitored instruments on their way to the engine: read at the start and after each close.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIGURED, INSTRUMENT } from "../engine/probe.fixture.ts";
import { lots, ticks } from "../market/amounts.ts";
import { riskLimitsFrom } from "../risk/limits.ts";
import { World } from "./bench.fixture.ts";

const MINUTE_MS = 60_000;
const SYMBOLS = ["A/USDT:USDT", "B/USDT:USDT"];

/** A world whose exchange has ten closed candles of each, the newest of the minute before. */
function worldOfCandles(): World {
  const world = new World();
  for (const symbol of SYMBOLS) for (let ago = 10; ago > 0; ago -= 1) close(world, symbol, ago);
  return world;
}

function close(world: World, symbol: string, minutesAgo: number): void {
  const openAtMs = (Math.floor(world.clock.nowMs() / MINUTE_MS) - minutesAgo) * MINUTE_MS;
  const price = ticks(1_000);
  const of = { open: price, high: price, low: price, close: price, volume: lots(5), closed: true };
  const kept = world.village.candles.get(symbol) ?? [];
  world.village.candles.set(symbol, [...kept, { kind: "candle", symbol, interval: "1m", openAtMs, ...of }]);
}

function startMonitored(world: World): NonNullable<World["process"]> {
  const risk = riskLimitsFrom(
    { "monitor.instruments": SYMBOLS.join(" "), "monitor.averageWindow": "5", "monitor.recoveryThreshold": "1" },
    INSTRUMENT,
  );
  assert.ok(risk.ok && CONFIGURED.kind === "configured");
  const config = { ...CONFIGURED.config, risk: risk.value };
  return world.running({ configuration: { revision: 1, hash: "m", by: "test", config, text: "" } });
}

const counts = (world: World): readonly number[] =>
  SYMBOLS.map((symbol) => world.process?.host.state.monitor.watched.get(symbol)?.closed.length ?? 0);

test("RISK-26 N + 1 candles of each monitored instrument are read at the start", () => {
  const world = worldOfCandles();
  startMonitored(world);
  assert.deepEqual(counts(world), [6, 6]);
});

test("RISK-25 a candle that closed is read shortly after, and a read that fails is asked again", () => {
  const world = worldOfCandles();
  const { host } = startMonitored(world);
  const newest = (): number => host.state.monitor.watched.get("A/USDT:USDT")?.closed.at(-1)?.openAtMs ?? 0;
  const before = newest();
  let failing = true;
  world.run(MINUTE_MS - (world.clock.nowMs() % MINUTE_MS));
  for (const symbol of SYMBOLS) close(world, symbol, 1);
  world.village.fate = (what) => (what === "read" && failing ? "lost" : "fine");
  world.run(4_000);
  assert.equal(newest(), before);
  failing = false;
  world.run(10_000);
  assert.equal(newest(), before + MINUTE_MS);
  assert.deepEqual(counts(world), [6, 6], "and no more are kept");
});

test("RISK-26 a restart reads them anew: the window has no hole", () => {
  const world = worldOfCandles();
  startMonitored(world);
  world.kill();
  world.run(10 * MINUTE_MS);
  world.village.candles.clear();
  for (const symbol of SYMBOLS) for (let ago = 3; ago > 0; ago -= 1) close(world, symbol, ago);
  startMonitored(world);
  assert.deepEqual(counts(world), [3, 3]);
});
