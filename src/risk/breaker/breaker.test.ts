import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC, usdt } from "../../../test/risk-examples.ts";
import { lots, milliTicks, money, ticks } from "../../market/amounts.ts";
import { makeClientOrderId } from "../../trading/client-order-id.ts";
import { BREAKERS, type BreakerRow, type BreakerState, breakerStep, type Trip } from "./breaker.ts";
import { drawdownBps, drawdownTrips } from "./capital.ts";
import { initialHistory } from "./history.ts";
import { addFill, closingEnded } from "./losses.ts";
import { halfOf, liquidationDistanceBps, liquidationWithin, marginAtLeast, marginRatioText } from "./margin.ts";
import { addToPeak, fallFrom, type PeakWindow, peakOf } from "./peak-window.ts";
import { addRequest, judgeRetries, type RetryHistory } from "./retries.ts";
import { addRoundTrip, judgeRoundTrips, p99, type RoundTrips } from "./round-trips.ts";

const TRIP: Trip = { reason: "why", value: "6", limit: "5", action: "A" };
const MINUTE_MS = 60_000;

/** Plays a little text: `trip@0 look@900000 …`; a `!` after look says that the cause holds. */
function play(row: BreakerRow, story: string): string {
  let state: BreakerState | null = null;
  const seen: string[] = [];
  for (const word of story.split(" ")) {
    const [what = "", at = "0"] = word.split("@");
    const nowMs = Number(at) * 1_000;
    const input =
      what === "trip"
        ? ({ kind: "trip", trip: TRIP } as const)
        : what === "close"
          ? ({ kind: "close" } as const)
          : ({ kind: "look", causeHolds: what.endsWith("!") } as const);
    const step = breakerStep(row, state, { input, nowMs });
    state = step.state;
    if (step.became !== null) seen.push(`${step.became}@${at}`);
  }
  return seen.join(" ");
}

const STORIES: readonly (readonly [name: string, row: BreakerRow, story: string, seen: string])[] = [
  [
    "cool-down, probation and closed take the same time each",
    BREAKERS["consecutive-losses"],
    "trip@0 look@899 look@900 look@1799 look@1800",
    "open@0 probation@900 closed@1800",
  ],
  [
    "a trip within probation doubles the cool-down, and the probation after it",
    BREAKERS["consecutive-losses"],
    "trip@0 look@900 trip@1000 look@2799 look@2800 look@4599 look@4600",
    "open@0 probation@900 open@1000 probation@2800 closed@4600",
  ],
  [
    "eight times is the most",
    BREAKERS.latency,
    "trip@0 look@60 trip@60 look@180 trip@180 look@420 trip@420 look@900 trip@900 look@1379 look@1380",
    "open@0 probation@60 open@60 probation@180 open@180 probation@420 open@420 probation@900 open@900 probation@1380",
  ],
  [
    "after it closed the next trip is a first one",
    BREAKERS.latency,
    "trip@0 look@60 look@120 trip@130 look@190",
    "open@0 probation@60 closed@120 open@130 probation@190",
  ],
  [
    "while its cause holds it stays open beyond its cool-down",
    BREAKERS.latency,
    "trip@0 look!@60 look!@600 look@601",
    "open@0 probation@601",
  ],
  [
    "a manual one waits for the operator, however long",
    BREAKERS["drawdown-window"],
    "trip@0 look@9999999 close@10000000",
    "open@0 closed@10000000",
  ],
  ["one that lasts as long as its cause closes with it", BREAKERS.unknown, "trip@0 look!@5 look@6", "open@0 closed@6"],
  ["a second trip of an open one is the same cause", BREAKERS.rejects, "trip@0 trip@1 trip@2", "open@0"],
];

for (const [name, row, story, seen] of STORIES) {
  test(`RISK-18 ${name}`, () => assert.equal(play(row, story), seen));
}

test("RISK-18 a trip that asks for more than the open one does makes it stricter and is told", () => {
  const row = BREAKERS["stale-feed"];
  const open = breakerStep(row, null, { input: { kind: "trip", trip: { ...TRIP, action: "P" } }, nowMs: 0 }).state;
  const more = breakerStep(row, open, { input: { kind: "trip", trip: { ...TRIP, action: "F" } }, nowMs: 5 });
  assert.deepEqual([more.became, more.state?.action, more.state?.openedAtMs], ["open", "F", 0]);
  assert.equal(
    breakerStep(row, more.state, { input: { kind: "trip", trip: { ...TRIP, action: "O" } }, nowMs: 6 }).became,
    null,
  );
});

test("RISK-18 the table's scopes, actions and cool-downs", () => {
  const rows = Object.entries(BREAKERS).map(([name, { scope, action, ends }]) => `${name} ${scope} ${action} ${ends}`);
  assert.deepEqual(rows, [
    "consecutive-losses bot A 900000",
    "drawdown-window bot A manual",
    "drawdown-amount bot A manual",
    "drawdown-total account F manual",
    "latency account O 60000",
    "stale-feed instrument O gone",
    "margin-ratio account F manual",
    "liquidation instrument F manual",
    "retries account O 300000",
    "rejects bot P 300000",
    "unknown instrument O gone",
    "divergence instrument O manual",
    "net-exposure account O 60000",
    "manual bot O manual",
  ]);
});

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
  assert.ok(retries.tries.length <= 301, String(retries.tries.length));
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

const idOf = (seq: number) => makeClientOrderId({ tag: "btcgrd", lineage: 0, seq, index: 0 });

test("RISK-18 a closing order is measured against its own slot, fees of both ways in it", () => {
  const history = initialHistory();
  let seq = 0;
  /** Buys or sells one lot of 0.001 BTC on a slot, at whole USDT. */
  const fill = (slotKey: string, side: "buy" | "sell", price: number, fee = 0): number => {
    seq += 1;
    const one = { clientOrderId: idOf(seq), slotKey, side, price: ticks(price * 10), quantity: lots(1) };
    const held = { position: 9, cost: 9n * 700_000n };
    addFill(history, BTC, { fill: { ...one, fee: usdt(fee), onlyCloses: side === "sell" }, held });
    closingEnded(history, one.clientOrderId);
    return history.lossesInRow;
  };
  fill("1", "buy", 60_000);
  fill("2", "buy", 59_000);
  assert.equal(fill("2", "sell", 59_100), 0, "below the average of 59,500, and still a gain of its own slot");
  assert.equal(fill("1", "sell", 59_100), 1);
  fill("3", "buy", 59_000, 0.05);
  assert.equal(fill("3", "sell", 59_100, 0.05), 1, "0.10 gained and 0.10 of fees: nothing, which is skipped");
  assert.equal(fill("adopted", "sell", 59_100), 2, "lots no slot paid for count by the average of 70,000");
  fill("4", "buy", 59_000);
  assert.equal(fill("4", "sell", 59_100), 0, "a gain begins anew");
});
