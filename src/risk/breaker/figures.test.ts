// What breakers judge by: drawdown, margin, liquidation, round trips and retries, at the figure that decides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC, DEFAULTS, usdt } from "../../../test/risk-examples.ts";
import { milliTicks, money } from "../../market/amounts.ts";
import { emptyLedger } from "../../trading/ledger.ts";
import { drawdownBps, drawdownTrips, profitAtMark } from "./capital.ts";
import { initialHistory } from "./history.ts";
import { breakersOff } from "./limits.ts";
import { halfOf, liquidationDistanceBps, liquidationWithin, marginAtLeast, marginRatioText } from "./margin.ts";
import { addToPeak, bucketMsOf, fallFrom, type PeakWindow, peakOf } from "./peak-window.ts";
import { addRequest, judgeRetries, type RetryHistory } from "./retries.ts";
import { addRoundTrip, judgeRoundTrips, latencyHolds, p99, type RoundTrips } from "./round-trips.ts";

const MINUTE_MS = 60_000;

test("RISK-52 drawdown: 1,000 → 1,050 → 1,020 → 987 is 600 bps; once 1,050 left the window 323", () => {
  const window: PeakWindow = [];
  const at = (second: number, value: number): void =>
    addToPeak(window, usdt(value), { nowMs: second * 1_000, windowMs: 60_000 });
  at(0, 1_000);
  at(10, 1_050);
  at(20, 1_020);
  at(30, 987);
  assert.equal(peakOf(window), usdt(1_050));
  assert.equal(fallFrom(window, usdt(987)), usdt(63));
  assert.equal(drawdownBps(usdt(1_050), usdt(987)), 600n);
  assert.ok(drawdownTrips(usdt(1_050), usdt(987), 500));
  at(70, 987);
  assert.equal(peakOf(window), usdt(1_020), "the window is the minute before");
  assert.equal(drawdownBps(usdt(1_020), usdt(987)), 323n);
  assert.ok(!drawdownTrips(usdt(1_020), usdt(987), 500));
  assert.ok(drawdownTrips(usdt(1_020), usdt(987), 323), "exactly at the limit or above it");
});

test("RISK-18 a peak that is not positive trips, and 0 is off", () => {
  assert.ok(drawdownTrips(usdt(0), usdt(-1), 10_000));
  assert.ok(!drawdownTrips(usdt(0), usdt(-1), 0));
});

test("RISK-52 margin: maintenance 700 of equity 2,000 is 3,500 bps and warns only", () => {
  const margin = { maintenance: usdt(700), equity: usdt(2_000) };
  assert.equal(marginRatioText(margin), "3500");
  assert.ok(marginAtLeast(margin, 3_000) && marginAtLeast(margin, 3_500));
  assert.ok(!marginAtLeast(margin, 3_501) && !marginAtLeast(margin, 5_000));
  assert.ok(marginAtLeast({ maintenance: usdt(1), equity: usdt(0) }, 9_500), "no equity: infinite");
  assert.ok(!marginAtLeast({ maintenance: money(0n), equity: usdt(-5) }, 1), "nothing to maintain: 0");
});

test("RISK-52 liquidation: mark 60,000 and price 54,600 is 900 bps, 54,000 is 1,000 bps; both trip", () => {
  const mark = milliTicks(600_000_000);
  assert.equal(liquidationDistanceBps(mark, milliTicks(546_000_000)), 900);
  assert.equal(liquidationDistanceBps(mark, milliTicks(540_000_000)), 1_000);
  assert.ok(liquidationWithin(mark, milliTicks(546_000_000), 1_000));
  assert.ok(liquidationWithin(mark, milliTicks(540_000_000), 1_000));
  assert.ok(!liquidationWithin(mark, milliTicks(539_999_999), 1_000));
});

test("RISK-18 halves of a position: rounded up, an order at least, and never beyond flat", () => {
  const halves = [100, 7, -7, 1, -1, 3].map((position) => String(halfOf(position, 1)));
  assert.deepEqual(halves, ["50", "3", "-3", "0", "0", "1"]);
  assert.equal(halfOf(10, 8), 2);
  assert.equal(halfOf(5, 8), 0);
});

test("RISK-52 p99: of 200 samples the 198th, of 50 the 50th; fewer than 20 say nothing", () => {
  const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);
  assert.equal(p99(upTo(200)), 198);
  assert.equal(p99(upTo(50)), 50);
  assert.equal(p99(upTo(20)), 20);
  assert.equal(p99(upTo(19)), null);
});

test("RISK-18 latency trips when three judgements five seconds apart find it, and not before", () => {
  const trips: RoundTrips = { samples: [], over: 0, judgedAtMs: 0 };
  for (let i = 0; i < 20; i += 1) addRoundTrip(trips, 1_000, 2_001);
  const found = [5_000, 6_000, 10_000, 14_999, 15_000].map((nowMs) => judgeRoundTrips(trips, 2_000, nowMs));
  assert.deepEqual(found, [null, null, null, null, 2_001]);
  assert.equal(judgeRoundTrips(trips, 2_000, 61_001), null, "what is older than a minute says nothing");
});

test("RISK-19 round trips are a ring of 200, errors one of 1,000, tries a bucket a second", () => {
  const trips: RoundTrips = { samples: [], over: 0, judgedAtMs: 0 };
  const retries: RetryHistory = { tries: [], errors: [] };
  for (let i = 0; i < 5_000; i += 1) {
    addRoundTrip(trips, i * 100, i);
    addRequest(retries, { tries: 3, failed: true }, i * 100);
  }
  assert.equal(trips.samples.length, 200);
  assert.equal(trips.samples[0]?.[1], 4_800);
  assert.equal(retries.errors.length, 1_000);
  assert.equal(retries.tries.length, 300);
});

test("RISK-18 retries: above the ratio with 20 tries, or more than 50 errors in five minutes", () => {
  const few: RetryHistory = { tries: [], errors: [] };
  for (let i = 0; i < 6; i += 1) addRequest(few, { tries: 3, failed: false }, i * 1_000);
  assert.equal(judgeRetries(few, 5_000, 6_000).tooMany, false, "18 tries are too few");
  addRequest(few, { tries: 3, failed: false }, 7_000);
  assert.deepEqual(judgeRetries(few, 5_000, 7_000), { tries: 21, retried: 14, errors: 14, tooMany: true });
  assert.equal(judgeRetries(few, 0, 7_000).tooMany, false, "0 is off");
  assert.equal(judgeRetries(few, 5_000, 7_000 + 5 * MINUTE_MS).tooMany, false, "five minutes later it is over");
  const many: RetryHistory = { tries: [], errors: [] };
  for (let i = 0; i < 50; i += 1) addRequest(many, { tries: 1, failed: true }, i);
  assert.equal(judgeRetries(many, 5_000, 60).tooMany, false);
  addRequest(many, { tries: 1, failed: true }, 51);
  assert.equal(judgeRetries(many, 5_000, 60).tooMany, true);
});

test("RISK-18 the profit a drawdown is measured by is what was realised and what is held at mark", () => {
  const held = (cash: number, milliBtc: number) => ({
    ...emptyLedger(),
    balances: new Map<string, bigint>([
      ["cash|USDT", usdt(cash)],
      ["holding|BTC", BigInt(milliBtc) * 10n ** 15n],
    ]),
  });
  const mark = milliTicks(610_000_000);
  // 0.005 BTC bought at 60,000 and worth 61,000; as much sold short
  assert.equal(profitAtMark(held(-300, 5), BTC, mark), usdt(5));
  assert.equal(profitAtMark(held(300, -5), BTC, mark), usdt(-5));
  assert.equal(profitAtMark(held(7, 0), BTC, mark), usdt(7));
});

test("RISK-18 a drawdown of exactly the limit trips, and a peak of nothing is all of it", () => {
  assert.ok(drawdownTrips(usdt(1_000), usdt(950), 500));
  assert.ok(!drawdownTrips(usdt(1_000), usdt(950.01), 500));
  assert.equal(drawdownBps(usdt(0), usdt(-1)), 10_000n);
  assert.equal(drawdownBps(usdt(-1), usdt(-2)), 10_000n);
  assert.equal(drawdownBps(usdt(1_000), usdt(1_001)), 0n, "above its peak nothing fell");
});

test("RISK-19 a window holds a bucket a second up to an hour, longer ones as many longer buckets", () => {
  const hour = 60 * MINUTE_MS;
  assert.deepEqual([MINUTE_MS, hour, hour + 1, 168 * hour].map(bucketMsOf), [1_000, 1_000, 2_000, 168_000]);
});

test("RISK-19 a market that stands, and one that falls within a second, are one entry", () => {
  const window: PeakWindow = [];
  for (let second = 0; second < 50; second += 1) {
    addToPeak(window, usdt(7), { nowMs: second * 1_000, windowMs: MINUTE_MS });
  }
  assert.deepEqual(window, [[49, usdt(7)]]);
  for (let cent = 0; cent < 50; cent += 1) {
    addToPeak(window, usdt(7 - cent / 100), { nowMs: 49_001, windowMs: MINUTE_MS });
  }
  addToPeak(window, usdt(3), { nowMs: 50_000, windowMs: MINUTE_MS });
  for (const value of [2, 1]) addToPeak(window, usdt(value), { nowMs: 50_001, windowMs: MINUTE_MS });
  assert.deepEqual(window, [
    [49, usdt(7)],
    [50, usdt(3)],
  ]);
});

test("RISK-18 from no peak nothing fell, and above it neither", () => {
  assert.equal(peakOf([]), null);
  assert.deepEqual([fallFrom([], usdt(-5)), fallFrom([], usdt(5))], [0n, 0n]);
  const window: PeakWindow = [[1, usdt(10)]];
  assert.deepEqual([fallFrom(window, usdt(12)), fallFrom(window, usdt(9))], [0n, usdt(1)]);
});

test("RISK-04 the margin ratio as text: rounded up, 0 with nothing to maintain, infinite without equity", () => {
  const said = (maintenance: number, equity: number): string =>
    marginRatioText({ maintenance: usdt(maintenance), equity: usdt(equity) });
  assert.deepEqual([said(1, 3), said(0, 5), said(0, 0), said(0, -5)], ["3334", "0", "0", "0"]);
  assert.deepEqual([said(1, 0), said(1, -5)], ["infinite", "infinite"]);
});

test("RISK-18 half of the last lot of a short is flat, which has no sign", () => {
  assert.equal(halfOf(-1, 1), 0);
  assert.equal(halfOf(0, 1), 0);
});

test("RISK-18 latency at the limit is no latency, and one good judgement begins the count anew", () => {
  const trips: RoundTrips = { samples: [], over: 0, judgedAtMs: 0 };
  const fill = (atMs: number, tookMs: number): void => {
    for (let i = 0; i < 200; i += 1) addRoundTrip(trips, atMs, tookMs);
  };
  fill(1_000, 2_000);
  assert.deepEqual(
    [5_000, 10_000, 15_000].map((nowMs) => judgeRoundTrips(trips, 2_000, nowMs)),
    [null, null, null],
  );
  fill(16_000, 2_001);
  assert.deepEqual(
    [20_000, 25_000].map((nowMs) => judgeRoundTrips(trips, 2_000, nowMs)),
    [null, null],
  );
  fill(26_000, 1_000);
  assert.equal(judgeRoundTrips(trips, 2_000, 30_000), null);
  fill(31_000, 2_001);
  assert.deepEqual(
    [35_000, 40_000, 45_000].map((nowMs) => judgeRoundTrips(trips, 2_000, nowMs)),
    [null, null, 2_001],
  );
});

test("RISK-18 an open latency breaker's cause holds from half the limit on, and while somebody can tell", () => {
  const trips: RoundTrips = { samples: [], over: 0, judgedAtMs: 0 };
  assert.equal(latencyHolds(trips, 2_000, 1_000), false);
  for (let i = 0; i < 20; i += 1) addRoundTrip(trips, 1_000, 1_000);
  assert.equal(latencyHolds(trips, 2_000, 60_999), true);
  assert.equal(latencyHolds(trips, 2_001, 60_999), false);
  assert.equal(latencyHolds(trips, 2_000, 61_000), false, "a minute old is too old");
});

test("RISK-18 retries: 20 tries are enough, half of them is not above half, five minutes end to the second", () => {
  const of = (requests: number, tries: number): RetryHistory => {
    const history: RetryHistory = { tries: [], errors: [] };
    for (let i = 0; i < requests; i += 1) addRequest(history, { tries, failed: false }, 1_500);
    return history;
  };
  assert.equal(judgeRetries(of(5, 4), 5_000, 2_000).tooMany, true);
  assert.equal(judgeRetries(of(10, 2), 5_000, 2_000).tooMany, false);
  const old = of(10, 3);
  assert.deepEqual(judgeRetries(old, 5_000, 300_999), { tries: 30, retried: 20, errors: 20, tooMany: true });
  assert.deepEqual(judgeRetries(old, 5_000, 301_000), { tries: 0, retried: 0, errors: 20, tooMany: false });
  assert.equal(judgeRetries(old, 5_000, 301_499).errors, 20);
  assert.equal(judgeRetries(old, 5_000, 301_500).errors, 0);
});

test("RISK-19 a bot that begins remembers nothing: nothing seen, nothing counted, nothing warned of", () => {
  assert.deepEqual(initialHistory(), {
    lookedAtMs: 0,
    roundTrips: { samples: [], over: 0, judgedAtMs: 0 },
    retries: { tries: [], errors: [] },
    profit: [],
    startEquity: null,
    refusalsInRow: 0,
    lossesInRow: 0,
    slots: new Map(),
    closing: new Map(),
    freshSinceMs: null,
    warned: { margin: false, liquidation: false },
    halving: null,
    forced: new Map(),
    unasked: null,
  });
});

test("RISK-18 every breaker that a 0 switches off is named with its key", () => {
  const { breakers } = DEFAULTS;
  assert.ok(breakers !== undefined);
  assert.deepEqual(breakersOff(breakers), []);
  const keys = ["lossesInRowMax", "drawdownBpsMax", "latencyP99MsMax", "retryRatioBpsMax", "rejectsInRowMax"] as const;
  const off = keys.flatMap((key) => breakersOff({ ...breakers, [key]: 0 }).map((one) => `${one.breaker} ${one.key}`));
  assert.deepEqual(off, [
    "consecutive-losses lossesInRowMax",
    "drawdown-window drawdownBpsMax",
    "latency latencyP99MsMax",
    "retries retryRatioBpsMax",
    "rejects rejectsInRowMax",
  ]);
});
