// The twelve worked examples of grid.md section 14, to the digit. Preview and post-only parts stand with their
// subjects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, trades } from "../../../test/grid/bench.ts";
import { lots, milliTicks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";

test("GRID-12 GRID-13 GRID-22 example 1: a long grid starts with three buys below the price", () => {
  const bench = new GridBench(EXAMPLE);
  assert.equal(
    bench.start("2999.99/3000.01"),
    "BUY 2998.00 x 0.010 post-only\nBUY 2996.00 x 0.010 post-only\nBUY 2994.00 x 0.010 post-only",
  );
  assert.deepEqual([...bench.state.slots.keys()], [-1, -2, -3]);
});

test("GRID-13 example 1: a short grid starts with three sells above the price", () => {
  const bench = new GridBench({ ...EXAMPLE, mode: "short" });
  assert.equal(
    bench.start("2999.99/3000.01"),
    "SELL 3002.00 x 0.010 post-only\nSELL 3004.00 x 0.010 post-only\nSELL 3006.00 x 0.010 post-only",
  );
  assert.deepEqual([...bench.state.slots.keys()], [0, 1, 2]);
});

test("GRID-20 GRID-22 example 2: a fill gets its exit, the window moves on, and the level is bought again", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.ack();
  assert.equal(bench.book("2997.89/2997.91"), "BUY 2992.00 x 0.010 post-only");
  assert.equal(bench.fill(-1), "SELL 3000.00 x 0.010 post-only reduce-only");
  assert.equal(bench.held(), "-1:0.010");
  bench.ack();
  assert.equal(bench.prices("entry"), "2996.00 2994.00 2992.00");
  bench.fill(-1);
  assert.equal(bench.held(), "");
  assert.equal(bench.book("3000.09/3000.11"), "BUY 2998.00 x 0.010 post-only");
  assert.equal(bench.book("3000.19/3000.21"), "BUY 3000.00 x 0.010 post-only");
});

test("GRID-19 GRID-24 example 3: the window trails the price and cancels what lags behind", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.ack();
  const steps: readonly (readonly [string, string])[] = [
    ["3002.10", "BUY 3000.00 x 0.010 post-only"],
    [
      "3004.20",
      "CANCEL BUY 2994.00 x 0.010 cancel.window\nBUY 3004.00 x 0.010 post-only\nBUY 3002.00 x 0.010 post-only",
    ],
    ["3007.00", "CANCEL BUY 2996.00 x 0.010 cancel.window\nBUY 3006.00 x 0.010 post-only"],
    ["3010.00", "CANCEL BUY 2998.00 x 0.010 cancel.window\nBUY 3008.00 x 0.010 post-only"],
  ];
  for (const [mid, expected] of steps) {
    assert.equal(bench.mid(mid), expected, mid);
    bench.ack();
    bench.confirmAll();
  }
  assert.equal(bench.prices("entry"), "3008.00 3006.00 3004.00 3002.00 3000.00");
});

test("GRID-20 example 4: a gap through the exit earns the better price", () => {
  const bench = new GridBench({ ...EXAMPLE, jumpBpsMax: 500 });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.gate("feed-book", "FREEZE");
  bench.fill(-1);
  bench.book("3006.50/3006.52");
  const text = bench.gate("feed-book", "RUN");
  assert.match(text, /^SELL 3006.52 x 0.010 post-only reduce-only$/m);
  assert.equal(bench.becauses.find(({ code }) => code === "exit.improved")?.["held"], 10);
});

const BTC: Instrument = {
  ...ETH,
  symbol: "BTC/USDT:USDT",
  base: "BTC",
  tickSize: "0.1",
  minNotional: 1_000_000,
};
const BTC_GRID = { interval: "100.0", orderQuote: "30", anchor: "42000.0" };

test("GRID-16 GRID-17 example 5: an order too small for the instrument refuses the start and says what works", () => {
  const start = (orderQuote: string, instrument: Instrument): string =>
    new GridBench({ ...BTC_GRID, orderQuote }, { instrument }).start("41999.9/42000.1");
  assert.equal(
    start("30", BTC),
    "ALERT start-refused: orderQuote 30 is too small: level 41900.0 needs 3 lots (125.70 USDT); use 114.28 or more",
  );
  const works = start("114.28", BTC).split("\n");
  assert.equal(works.length, 10);
  assert.ok(works.every((line) => line.endsWith("x 0.003 post-only")));
  const cheap = { ...BTC, minNotional: 50_000 };
  assert.match(start("30", cheap), /orderQuote 30 is too small: level 41900.0 needs 1 lot \(41.90 USDT\)/);
  assert.match(start("40", cheap), /^BUY 41900.0 x 0.001 post-only/);
});

test("GRID-18 GRID-19 example 6: a partial fill makes room for its exit half way up the cell", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.mid("2998.01");
  assert.equal(bench.fill(-1, "0.004"), "");
  assert.equal(bench.mid("2998.98"), "");
  assert.equal(bench.mid("2999.00"), "CANCEL BUY 2998.00 x 0.010 cancel.partial");
  assert.match(bench.confirm(-1), /SELL 3000.00 x 0.004 post-only reduce-only/);
});

test("GRID-15 GRID-18 example 6: dust waits in its slot and is topped up by the next entry there", () => {
  const bench = new GridBench(EXAMPLE, { instrument: { ...ETH, minNotionalOnReduceOnly: true } });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.fill(-1, "0.004");
  assert.equal(bench.mid("2999.00"), "");
  bench.gate("operator", "REDUCE");
  bench.confirmAll();
  assert.equal(bench.held(), "-1:0.004");
  assert.equal(trades(bench.gate("operator", "RUN")).split("\n")[0], "BUY 2998.00 x 0.007 post-only");
  assert.equal(bench.becauses.find(({ code }) => code === "entry.topup")?.["held"], 4);
  bench.ack();
  assert.match(bench.fill(-1), /SELL 3000.00 x 0.011 post-only reduce-only/);
});

test("GRID-05 GRID-06 example 7: a geometric grid between bounds", () => {
  const instrument = { ...ETH, lotSize: "0.01", minNotional: 50_000, makerPpm: 200 };
  const bench = new GridBench(
    { spacing: "geometric", gridCount: 10, rangeLow: "90.00", rangeHigh: "110.00", orderQuote: "50" },
    { instrument },
  );
  assert.equal(
    bench.start("99.99/100.01"),
    [
      "BUY 99.50 x 0.50 post-only",
      "BUY 97.52 x 0.51 post-only",
      "BUY 95.59 x 0.52 post-only",
      "BUY 93.69 x 0.53 post-only",
      "BUY 91.82 x 0.54 post-only",
      "BUY 90.00 x 0.56 post-only",
    ].join("\n"),
  );
});

test("GRID-13 GRID-22 example 8: a neutral grid keeps one order a level and buys back what it sold", () => {
  const bench = new GridBench({ ...EXAMPLE, mode: "neutral" });
  bench.start("3000.29/3000.31");
  bench.ack();
  assert.equal(bench.prices("entry"), "3006.00 3004.00 3002.00 2998.00 2996.00 2994.00");
  assert.deepEqual([...bench.state.slots.keys()], [-1, 0, -2, 1, -3, 2]);
  assert.ok(bench.placed.every(({ order }) => !order.reduceOnly && order.quantity === 10));
  assert.equal(bench.mid("3001.50"), "SELL 3008.00 x 0.010 post-only");
  bench.ack();
  assert.match(bench.fill(0), /BUY 3000.00 x 0.010 post-only$/);
});

test("GRID-11 example 8: inventory skew moves entries, never exits", () => {
  const bench = new GridBench({ ...EXAMPLE, skewLevels: 5, adoptPosition: "entry" }, { position: "0.400" });
  bench.start("2999.99/3000.01");
  bench.state.slots.clear();
  for (let j = 5; j <= 44; j += 1) {
    bench.state.slots.set(j, {
      j,
      width: 1,
      leg: "L",
      held: 10,
      order: null,
      coolUntilMs: 0,
      postOnlyRejects: 0,
      plainNext: false,
      otherRejects: 0,
    });
  }
  bench.priceBandFarBps = 9000;
  bench.gate("operator", "RUN");
  assert.equal(bench.prices("entry"), "2994.00 2992.00 2990.00");
  assert.equal(bench.prices("exit"), "3016.00 3014.00 3012.00");
});

test("GRID-14 GRID-35 example 9: a wider stride leaves held cells as they are and replaces unfilled entries", () => {
  const dynamic = { enabled: true, holdCandles: 1 };
  const bench = new GridBench({ ...EXAMPLE, dynamic });
  const minute = 60_000;
  const candle = (i: number, range: number): string =>
    bench.send({
      kind: "candle",
      candle: {
        kind: "candle",
        atMs: i * minute,
        symbol: "ETH/USDT:USDT",
        interval: "1m",
        openAtMs: i * minute,
        open: bench.price("2997.90"),
        close: bench.price("2997.90"),
        volume: lots(1),
        closed: true,
        high: bench.price((2997.9 + range / 2).toFixed(2)),
        low: bench.price((2997.9 - range / 2).toFixed(2)),
      },
    });
  for (let i = 1; i <= 21; i += 1) candle(i, 2);
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.book("2997.89/2997.91");
  bench.fill(-1);
  bench.ack();
  assert.equal(bench.prices("entry"), "2996.00 2994.00 2992.00");
  // 106.00 of true range over twenty candles: the last of them is as wide as the others leave it to be
  const rest = 106 - 19 * 2;
  const text = candle(22, rest);
  assert.equal(bench.state.indicators.sumRange, 10_600);
  assert.equal(bench.state.indicators.stride, 3);
  assert.equal(
    text,
    [
      "CANCEL BUY 2996.00 x 0.010 cancel.window",
      "CANCEL BUY 2994.00 x 0.010 cancel.window",
      "CANCEL BUY 2992.00 x 0.010 cancel.window",
      "BUY 2982.00 x 0.010 post-only",
    ].join("\n"),
  );
  assert.equal(bench.confirm(-4), "BUY 2988.00 x 0.010 post-only");
  assert.equal(bench.confirm(-2), "");
  assert.equal(bench.confirm(-3), "");
  assert.ok(bench.view().ladder.some((row) => row.key === "skip L-3" && row.note === "skip.cell"));
  assert.equal(bench.prices("exit"), "3000.00");
});

test("GRID-42 example 10: adopting 0.055 ETH fills whole slots from the entry price upwards", () => {
  const instrument = { ...ETH, minNotionalOnReduceOnly: true };
  const adopted = (adoptPosition: string): GridBench => {
    const options = { instrument, position: "0.055", average: milliTicks(301_000_000) };
    const bench = new GridBench({ ...EXAMPLE, exitLevels: 5, adoptPosition }, options);
    assert.match(bench.start("2999.99/3000.01"), /ADJUST 0.055 at/);
    return bench;
  };
  const entry = adopted("entry");
  assert.equal(entry.held(), "5:0.010 6:0.010 7:0.010 8:0.010 9:0.015");
  assert.equal(entry.prices("exit"), "3020.00 3018.00 3016.00 3014.00 3012.00");
  const market = adopted("market");
  assert.equal(market.held(), "0:0.010 1:0.010 2:0.010 3:0.010 4:0.015");
  assert.equal(market.prices("exit"), "3010.00 3008.00 3006.00 3004.00 3002.00");
});

test("GRID-37 example 12: an entry rests after three post-only rejects, an exit goes out plain", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.at(50).start("2999.99/3000.01");
  bench.at(100).reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.match(bench.at(600).send({ kind: "timer", name: "grid-wake" }), /BUY 2998.00 x 0.010 post-only/);
  bench.at(700).reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.match(bench.at(1200).send({ kind: "timer", name: "grid-wake" }), /BUY 2998.00 x 0.010 post-only/);
  assert.equal(bench.reject(-1, "POST_ONLY_WOULD_TAKE"), "TIMER 61200");
  assert.equal(bench.at(61_199).mid("3000.00"), "");
  assert.match(bench.at(61_200).mid("3000.00"), /BUY 2998.00 x 0.010 post-only/);
});

test("GRID-37 example 12: an exit in the same case goes out plain at 1700 and stays reduce-only", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.at(50).start("2999.99/3000.01");
  bench.ack();
  bench.mid("2998.01");
  bench.fill(-1);
  bench.at(100).reject(-1, "POST_ONLY_WOULD_TAKE");
  bench.at(600).mid("3000.00");
  bench.at(700).reject(-1, "POST_ONLY_WOULD_TAKE");
  bench.at(1200).mid("3000.00");
  bench.reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.equal(trades(bench.at(1699).mid("3000.00")), "");
  assert.match(bench.at(1700).mid("3000.00"), /SELL 3000.00 x 0.010 reduce-only/);
  bench.reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.match(bench.at(2200).mid("3000.00"), /SELL 3000.01 x 0.010 post-only reduce-only/);
});

test("TEST-P20 a path back to its start leaves the inventory it began with, and the same window", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  bench.ack();
  const before = bench.prices("entry");
  for (const mid of ["2997.90", "2995.90", "2993.90"]) {
    bench.mid(mid);
    for (const slot of bench.slots()) {
      if (slot.order?.side === "buy" && slot.order.price > bench.state.reference.ref0) bench.fill(slot.j);
    }
    bench.ack();
  }
  assert.equal(bench.held(), "-3:0.010 -2:0.010 -1:0.010");
  for (const mid of ["2996.10", "2998.10", "3000.10"]) {
    bench.mid(mid);
    for (const slot of bench.slots()) {
      if (slot.order?.side === "sell" && slot.order.price < bench.state.reference.ref0) bench.fill(slot.j);
    }
    bench.ack();
    bench.confirmAll();
  }
  assert.equal(bench.held(), "");
  assert.ok(bench.prices("entry").startsWith(before));
});
