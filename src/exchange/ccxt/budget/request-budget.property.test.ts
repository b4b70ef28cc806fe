// Whatever is asked, no window of the exchange ever sees more than its limit, nobody waits without a reason, and what
// matters more is never overtaken for the same bucket (EXCH-25, EXCH-26).

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../base/virtual-clock.ts";
import type { Priority } from "../call.ts";
import type { LimitTable } from "../exchanges/exchange-table.ts";
import { RequestBudget } from "./request-budget.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 150);
const START_MS = 1_000_000;
const WINDOW_MS = 1000;

const requests = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 300 }),
    priority: fc.constantFrom<Priority>(0, 1, 2, 3, 4),
    cost: fc.integer({ min: 1, max: 4 }),
    patienceMs: fc.integer({ min: 0, max: 5000 }),
  }),
  { maxLength: 60 },
);

interface Left {
  readonly atMs: number;
  readonly cost: number;
}

test("TEST-P25 EXCH-25 no window holds more than the limit; every request ends by its time, sent or not", async () => {
  await fc.assert(
    fc.asyncProperty(requests, fc.integer({ min: 5, max: 20 }), async (asked, limit) => {
      const limits: LimitTable = {
        buckets: [{ name: "all", limit, windowMs: WINDOW_MS }],
        costs: ({ cost }) => [{ bucket: "all", cost }],
        used: () => [],
        told: () => [],
      };
      const clock = new VirtualClock(START_MS);
      const table = { limits, rateStatuses: [429], banStatuses: [418] };
      const budget = new RequestBudget({ clock, table, health: () => undefined });
      const left: Left[] = [];
      let ended = 0;
      let atMs = START_MS;
      const about = { api: "private", method: "POST", path: "order", params: {} };
      for (const { afterMs, priority, cost, patienceMs } of asked) {
        atMs += afterMs;
        const waitUntilMs = atMs + patienceMs;
        clock.at(atMs, () => {
          const wish = { priority, waitUntilMs, deadlineMs: waitUntilMs, expiresAtMs: null };
          const end = (): void => {
            ended += 1;
            assert.ok(clock.nowMs() <= waitUntilMs + 1, "it ends by its time");
          };
          budget.pass({ ...about, cost }, wish).then(() => {
            end();
            left.push({ atMs: clock.nowMs(), cost });
          }, end);
        });
      }
      while (clock.runNext()) for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
      assert.equal(ended, asked.length);
      for (const from of left) {
        const within = left.filter((each) => each.atMs >= from.atMs && each.atMs < from.atMs + WINDOW_MS);
        assert.ok(within.reduce((sum, each) => sum + each.cost, 0) <= limit);
      }
    }),
    { numRuns },
  );
});

test("TEST-P25 EXCH-26 orders at any pace leave cancels their fifth: a cancel never waits for them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 20, maxLength: 80 }), async (gaps) => {
      const limits: LimitTable = {
        buckets: [{ name: "all", limit: 10, windowMs: WINDOW_MS }],
        costs: () => [{ bucket: "all", cost: 1 }],
        used: () => [],
        told: () => [],
      };
      const clock = new VirtualClock(START_MS);
      const table = { limits, rateStatuses: [429], banStatuses: [418] };
      const budget = new RequestBudget({ clock, table, health: () => undefined });
      const about = { api: "private", method: "POST", path: "order", params: {}, cost: 1 };
      const waitUntilMs = START_MS + 600_000;
      let atMs = START_MS;
      let waitedMs = 0;
      for (const [n, gap] of gaps.entries()) {
        atMs += gap;
        const wish = { waitUntilMs, deadlineMs: waitUntilMs, expiresAtMs: null };
        clock.at(atMs, () => void budget.pass(about, { ...wish, priority: 2 }));
        if (n % 40 !== 0) continue;
        const askedMs = atMs;
        clock.at(askedMs, () => {
          void budget.pass(about, { ...wish, priority: 0 }).then(() => {
            waitedMs = Math.max(waitedMs, clock.nowMs() - askedMs);
          });
        });
      }
      while (clock.runNext()) for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
      assert.equal(waitedMs, 0);
    }),
    { numRuns },
  );
});
