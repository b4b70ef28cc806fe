// Laws of the breakers (RISK-51, TEST-P18): cool-downs are kept whatever happens, and every window and rank is what a
// naive recomputation of everything that ever came finds.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PROPERTY_RUNS } from "../../../test/risk-examples.ts";
import { money } from "../../market/amounts.ts";
import { BREAKERS, type BreakerInput, type BreakerName, type BreakerState, breakerStep } from "./breaker.ts";
import { addToPeak, bucketMsOf, type PeakWindow, peakOf } from "./peak-window.ts";
import { addRequest, judgeRetries, type RetryHistory } from "./retries.ts";
import { addRoundTrip, p99Now, type RoundTrips } from "./round-trips.ts";

const runs = { numRuns: PROPERTY_RUNS };
const waits = fc.integer({ min: 0, max: 400_000 });

const inputs: fc.Arbitrary<BreakerInput> = fc.oneof(
  fc.constantFrom("P", "O", "A", "F").map((action) => ({
    kind: "trip" as const,
    trip: { reason: "r", value: "v", limit: "l", action: action as "P" },
  })),
  fc.boolean().map((causeHolds) => ({ kind: "look" as const, causeHolds })),
);

test("RISK-51 no breaker closes, and none goes on probation, before its cool-down; none doubles beyond eight", () => {
  const names = Object.keys(BREAKERS) as BreakerName[];
  const story = fc.array(fc.tuple(waits, inputs), { maxLength: 60 });
  fc.assert(
    fc.property(fc.constantFrom(...names), story, (name, steps) => {
      const row = BREAKERS[name];
      let state = null as BreakerState | null;
      let nowMs = 1_000;
      let openedAtMs = 0;
      for (const [wait, input] of steps) {
        nowMs += wait;
        const before: BreakerState | null = state;
        const step = breakerStep(row, before, { input, nowMs });
        const after: BreakerState | null = step.state;
        state = after;
        if (step.became === "open" && before?.phase !== "open") openedAtMs = nowMs;
        const base = typeof row.ends === "number" ? row.ends : 0;
        if (before?.phase === "open" && after?.phase !== "open") {
          assert.notEqual(row.ends, "manual", "only an operator closes a manual one");
          assert.ok(nowMs - openedAtMs >= before.cooldownMs);
          assert.ok(input.kind === "look" && !input.causeHolds);
        }
        assert.ok(after === null || after.cooldownMs <= base * 8);
        assert.ok(after === null || after.cooldownMs >= base);
      }
    }),
    runs,
  );
});

test("TEST-P18 the peak of a window is that of all its buckets, and never more entries than those", () => {
  const windows = fc.constantFrom(60_000, 3_600_000, 604_800_000);
  const samples = fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.bigInt({ min: -50n, max: 50n })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(windows, samples, fc.integer({ min: 1, max: 200_000 }), (windowMs, given, pace) => {
      const bucketMs = bucketMsOf(windowMs);
      const window: PeakWindow = [];
      const all: [bucket: number, value: bigint][] = [];
      let nowMs = 1_700_000_000_000;
      for (const [wait, value] of given) {
        nowMs += wait * (pace % 40);
        addToPeak(window, money(value), { nowMs, windowMs });
        const bucket = Math.floor(nowMs / bucketMs);
        all.push([bucket, value]);
        const inside = all.filter(([at]) => at > bucket - Math.floor(windowMs / bucketMs)).map(([, seen]) => seen);
        const highest = inside.reduce((a, b) => (a > b ? a : b));
        assert.equal(peakOf(window), highest);
        assert.ok(window.length <= windowMs / bucketMs);
      }
    }),
    runs,
  );
});

test("TEST-P18 p99 is the nearest rank of the last 200 round trips of the last minute", () => {
  const samples = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.nat(10_000)), { maxLength: 400 });
  fc.assert(
    fc.property(samples, (given) => {
      const trips: RoundTrips = { samples: [], over: 0, judgedAtMs: 0 };
      const all: [atMs: number, took: number][] = [];
      let nowMs = 1_000_000;
      for (const [wait, took] of given) {
        nowMs += wait;
        addRoundTrip(trips, nowMs, took);
        all.push([nowMs, took]);
      }
      const counted = all
        .slice(-200)
        .filter(([atMs]) => nowMs - atMs < 60_000)
        .map(([, took]) => took)
        .sort((a, b) => a - b);
      const rank = Math.ceil(0.99 * counted.length - 1e-9);
      assert.equal(p99Now(trips, nowMs), counted.length < 20 ? null : counted[rank - 1]);
    }),
    runs,
  );
});

test("TEST-P18 tries of five minutes are those of all seconds within them", () => {
  const samples = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      tries: fc.integer({ min: 1, max: 3 }),
      failed: fc.boolean(),
    }),
    { maxLength: 150 },
  );
  fc.assert(
    fc.property(samples, (given) => {
      const history: RetryHistory = { tries: [], errors: [] };
      const all: { second: number; atMs: number; tries: number; errors: number }[] = [];
      let nowMs = 1_000_000;
      for (const { wait, tries, failed } of given) {
        nowMs += wait;
        addRequest(history, { tries, failed }, nowMs);
        const errors = tries - 1 + (failed ? 1 : 0);
        all.push({ second: Math.floor(nowMs / 1_000), atMs: nowMs, tries, errors });
      }
      const found = judgeRetries(history, 5_000, nowMs);
      const recent = all.filter(({ second }) => second > Math.floor((nowMs - 300_000) / 1_000));
      assert.equal(
        found.tries,
        recent.reduce((sum, one) => sum + one.tries, 0),
      );
      assert.equal(
        found.retried,
        recent.reduce((sum, one) => sum + one.tries - 1, 0),
      );
      const errors = all.filter(({ atMs }) => atMs > nowMs - 300_000).reduce((sum, one) => sum + one.errors, 0);
      assert.equal(found.errors, Math.min(errors, 1_000));
    }),
    runs,
  );
});
