// Section 7 and 8: what holds the grid back, how strictly, and when it lets go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, trades } from "../../../test/grid/bench.ts";
import { lots, money } from "../../market/amounts.ts";
import type { GateLevel } from "../contract.ts";
import { candle } from "./standing.fixture.ts";

/** A long grid at 3000 with slot −1 held and its exit live, entries live below. */
function trading(texts: object = {}): GridBench {
  const bench = new GridBench({ ...EXAMPLE, ...texts });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.mid("2997.90");
  bench.fill(-1);
  bench.ack();
  return bench;
}

const LEVELS: readonly (readonly [GateLevel, string, string, boolean])[] = [
  ["RUN", "2996.00 2994.00 2992.00", "3000.00", true],
  ["HOLD", "2996.00 2994.00 2992.00", "3000.00", true],
  ["REDUCE", "", "3000.00", true],
  ["FREEZE", "", "3000.00", false],
  ["HALT", "", "", false],
];

for (const [level, entries, exits, exitsPlaced] of LEVELS) {
  test(`GRID-P7 GRID-19 GRID-33 at ${level}: entries kept "${entries}", exits kept "${exits}"`, () => {
    const bench = trading();
    bench.gate("operator", level);
    bench.confirmAll();
    assert.equal(bench.prices("entry"), entries);
    assert.equal(bench.prices("exit"), exits);
    const placed = bench.mid("3002.10");
    assert.equal(/BUY/.test(placed), level === "RUN");
    if (exits !== "") {
      bench.order(bench.slotOrder(-1).id, { change: "canceled", cumulative: lots(0) });
      bench.at(6000);
      assert.equal(/SELL/.test(bench.mid("2997.90")), exitsPlaced);
    }
  });
}

test("GRID-33 N-16 in neutral mode the monitor and a breaker hold both legs, one leg otherwise", () => {
  const bench = new GridBench({ ...EXAMPLE, mode: "neutral" });
  bench.start("3000.29/3000.31");
  bench.ack();
  bench.send({ kind: "gate", gate: "monitor", level: "REDUCE", leg: "L", reason: "abnormal" });
  bench.confirmAll();
  assert.equal(bench.prices("entry"), "");
  const long = trading();
  long.send({ kind: "gate", gate: "monitor", level: "REDUCE", leg: "S", reason: "abnormal" });
  assert.equal(long.prices("entry"), "2996.00 2994.00 2992.00");
});

test("GRID-33 an exit that risk refuses waits five seconds and is tried again", () => {
  const bench = trading();
  bench.order(bench.slotOrder(-1).id, { change: "canceled", cumulative: lots(0) });
  const placed = bench.at(5000).mid("2997.90");
  assert.match(placed, /SELL 3000.00/);
  const { id } = bench.slotOrder(-1);
  assert.doesNotMatch(bench.order(id, { change: "refused", code: "mode", text: "no" }), /SELL/);
  assert.match(bench.at(10_000).mid("2997.90"), /SELL 3000.00/);
});

test("GRID-34 no entries against the trend, and none before there are enough candles", () => {
  const bench = new GridBench({ ...EXAMPLE, trend: { enabled: true, fast: 2, slow: 4, bandBps: 20 } });
  assert.equal(trades(bench.start("2999.99/3000.01")), "");
  assert.deepEqual(bench.view().gates, ["indicators:HOLD"]);
  for (let i = 1; i <= 3; i += 1) assert.equal(trades(bench.send({ kind: "candle", candle: candle(i, 300_000) })), "");
  assert.match(bench.send({ kind: "candle", candle: candle(4, 300_000) }), /BUY 2998.00/);
  bench.ack();
  const down = bench.send({ kind: "candle", candle: candle(5, 296_000) });
  assert.match(down, /CANCEL BUY 2998.00 x 0.010 cancel.gate/);
  assert.deepEqual(bench.view().gates, ["trend:L:REDUCE"]);
  bench.confirmAll();
  bench.send({ kind: "candle", candle: candle(6, 299_000) });
  assert.match(trades(bench.send({ kind: "candle", candle: candle(7, 303_000) })), /BUY/);
});

test("GRID-34 a missing candle empties the window and asks for a reload; old and unclosed ones change nothing", () => {
  const bench = new GridBench({ ...EXAMPLE, trend: { enabled: true, fast: 2, slow: 4 } });
  bench.start("2999.99/3000.01");
  for (let i = 11; i <= 14; i += 1) bench.send({ kind: "candle", candle: candle(i, 300_000) });
  assert.equal(bench.send({ kind: "candle", candle: candle(14, 300_000) }), "");
  assert.equal(bench.send({ kind: "candle", candle: candle(12, 300_000) }), "");
  assert.equal(bench.send({ kind: "candle", candle: candle(15, 1, 0, false) }), "");
  assert.deepEqual(bench.view().gates, []);
  const gap = bench.send({ kind: "candle", candle: candle(17, 300_000) });
  assert.match(gap, /CANDLES 7 x 1m/);
  assert.deepEqual(bench.view().gates, ["indicators:HOLD"]);
  for (let i = 14; i <= 17; i += 1) bench.send({ kind: "candle", candle: candle(i, 300_000) });
  assert.deepEqual(bench.view().gates, []);
});

test("GRID-35 N-16 the stride changes only when holdCandles agree, and is 1 once dynamic spacing is off", () => {
  const bench = new GridBench({ ...EXAMPLE, dynamic: { enabled: true, period: 5, holdCandles: 3 } });
  for (let i = 1; i <= 6; i += 1) bench.send({ kind: "candle", candle: candle(i, 300_000, 100) });
  bench.start("2999.99/3000.01");
  const strides: number[] = [];
  for (let i = 7; i <= 13; i += 1) {
    bench.send({ kind: "candle", candle: candle(i, 300_000, 300) });
    strides.push(bench.state.indicators.stride);
  }
  // wanted: 2 2 3 3 3 3 3; only the third 3 in a row is believed
  assert.deepEqual(strides, [1, 1, 1, 1, 3, 3, 3]);
  const config = { ...bench.config, dynamic: { ...bench.config.dynamic, enabled: false } };
  bench.send({ kind: "config", config });
  assert.equal(bench.state.indicators.stride, 1);
});

test("GRID-36 flatten is the shared closer: the grid halts, and its fills reduce the worst entries first", () => {
  const bench = new GridBench({ ...EXAMPLE, adoptPosition: "market" }, { position: "0.030" });
  bench.start("2999.99/3000.01");
  bench.ack();
  assert.equal(bench.held(), "0:0.010 1:0.010 2:0.010");
  assert.match(bench.command({ name: "flatten" }), /^FLATTEN flatten.command/);
  bench.confirmAll();
  assert.equal(bench.resting(), "");
  closerFill(bench, 15);
  assert.equal(bench.held(), "0:0.010 1:0.005");
  closerFill(bench, 15);
  assert.equal(bench.held(), "");
  assert.equal(bench.mid("3000.00"), "");
  assert.match(bench.command({ name: "resume" }), /BUY 2998.00/);
});

function closerFill(bench: GridBench, quantity: number): void {
  bench.send({
    kind: "fill",
    routed: false,
    closer: true,
    fill: {
      kind: "fill",
      atMs: 1,
      symbol: ETH.symbol,
      tradeId: `t${quantity}`,
      clientOrderId: null,
      exchangeOrderId: "x",
      side: "sell",
      price: bench.price("2999.00"),
      quantity: lots(quantity),
      feeAsset: "USDT",
      fee: money(0n),
      liquidity: "taker",
      origin: "order",
      exchangeAtMs: 1,
    },
  });
}

test("GRID-36 once the closer made a neutral grid flat, its longs and shorts have cancelled each other", () => {
  const bench = new GridBench({ ...EXAMPLE, mode: "neutral" });
  bench.start("3000.29/3000.31");
  bench.ack();
  bench.fill(-1);
  bench.fill(-2);
  bench.fill(0);
  bench.command({ name: "flatten" });
  closerFill(bench, 10);
  assert.equal(bench.held(), "");
});

test("GRID-38 N-12 a funds reject locks entries, keeps those resting, names the level, and frees it afterwards", () => {
  const bench = new GridBench({ ...EXAMPLE, marginLockMs: 10_000 });
  bench.start("2999.99/3000.01");
  for (const j of [-1, -2]) bench.order(bench.slotOrder(j).id, { change: "open", cumulative: lots(0) });
  const text = bench.at(1000).reject(-3, "INSUFFICIENT_FUNDS");
  assert.match(text, /ALERT margin-lock: no funds for the entry at level -3; no entries for 10000 ms/);
  assert.match(text, /TIMER 11000/);
  assert.equal(bench.prices("entry"), "2998.00 2996.00");
  assert.equal(trades(bench.at(10_999).mid("3000.00")), "");
  assert.match(bench.at(11_000).mid("3000.00"), /BUY 2994.00/);
});

test("GRID-38 the lock doubles to at most 300 s while rejects repeat, and starts over after 300 s of peace", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1, marginLockMs: 50_000 });
  bench.start("2999.99/3000.01");
  const locks: number[] = [];
  let now = 1000;
  for (const pause of [0, 0, 0, 0, 300_001]) {
    now += pause;
    bench.at(now).mid("3000.00");
    bench.reject(-1, "INSUFFICIENT_FUNDS");
    locks.push(bench.state.lock.lengthMs);
    now = bench.state.lock.untilMs;
  }
  assert.deepEqual(locks, [50_000, 100_000, 200_000, 300_000, 50_000]);
});

test("GRID-38 a refused exit cancels resting entries to free margin", () => {
  const bench = trading();
  bench.order(bench.slotOrder(-1).id, { change: "canceled", cumulative: lots(0) });
  bench.at(5000).mid("2997.90");
  assert.match(bench.reject(-1, "INSUFFICIENT_FUNDS"), /CANCEL BUY 2996.00 x 0.010 cancel.gate/);
});

test("GRID-19 the spread gate holds entries while the book is wide", () => {
  const bench = new GridBench({ ...EXAMPLE, spreadBpsMax: 1 });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.book("2990.00/3010.00");
  assert.deepEqual(bench.view().gates, ["spread:HOLD"]);
  assert.match(bench.book("3002.09/3002.11"), /BUY 3000.00/);
});

test("GRID-36 a stop reduces, or halts and flattens; only the operator opens it again", () => {
  const bench = new GridBench({ ...EXAMPLE, stopLow: "2990.00" });
  bench.start("2999.99/3000.01");
  bench.ack();
  assert.match(bench.mid("2989.00"), /ALERT stop: the price reached a stop; reduce/);
  bench.confirmAll();
  assert.equal(bench.mid("3000.00"), "");
  assert.match(trades(bench.command({ name: "clearGate", gate: "stop" })), /BUY 2998.00/);
  const flat = new GridBench({ ...EXAMPLE, stopLow: "2990.00", stopAction: "flatten" });
  flat.start("2999.99/3000.01");
  assert.match(flat.mid("2990.00"), /FLATTEN flatten.stop/);
  const late = new GridBench({ ...EXAMPLE, stopLow: "3000.00" });
  assert.match(late.start("2999.99/3000.01"), /start-refused: stopLow must be below the current price/);
});

test("GRID-26 one timer, at the earliest end of a cooldown or lock, and none when nothing waits", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  assert.match(bench.at(100).reject(-1, "POST_ONLY_WOULD_TAKE"), /TIMER 600/);
  assert.equal(bench.at(200).reject(-2, "OTHER"), "");
  assert.match(bench.at(600).send({ kind: "timer", name: "grid-wake" }), /TIMER 1200/);
  assert.match(bench.at(1200).send({ kind: "timer", name: "grid-wake" }), /BUY 2996.00/);
  assert.equal(bench.state.timerAtMs, null);
});

test("GRID-26 time that goes back between events shortens no lock and no cooldown", () => {
  const bench = new GridBench(EXAMPLE);
  bench.at(10_000).start("2999.99/3000.01");
  bench.reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.equal(trades(bench.at(5000).mid("3000.00")), "");
  assert.equal(bench.slot(-1)?.coolUntilMs, 10_500);
  assert.match(bench.at(10_500).mid("3000.00"), /BUY 2998.00/);
});
