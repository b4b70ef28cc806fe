// A minute of quoting at three times the order limit, on the virtual clock, against an exchange that counts in its own
// fixed windows (EXCH-28).

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../base/virtual-clock.ts";
import type { CallWish } from "../call.ts";
import { USDM_LIMITS } from "../exchanges/binance-limits.ts";
import { RequestBudget } from "./request-budget.ts";

const START_MS = 1_700_000_003_217;
const WINDOW_MS = 10_000;
const LIMIT = 300;

test("EXCH-28 quoting at three times the order limit is never too fast, and delays no cancel", async () => {
  const clock = new VirtualClock(START_MS);
  const table = { limits: USDM_LIMITS, rateStatuses: [429], banStatuses: [418] };
  const budget = new RequestBudget({ clock, table, health: () => undefined });
  const counted = new Map<number, number>();
  let tooFast = 0;
  let cancelDelayMs = 0;
  let cancels = 0;
  // the way to the exchange takes between 1 and 90 ms, so that what left in order may be counted late
  const arrive = (n: number): void => {
    const arrivesMs = clock.nowMs() + 1 + ((n * 37) % 90);
    const window = Math.floor(arrivesMs / WINDOW_MS);
    const used = (counted.get(window) ?? 0) + 1;
    counted.set(window, used);
    if (used > LIMIT) tooFast += 1;
  };
  const about = { api: "fapiPrivate", path: "order", params: {}, cost: 1 };
  const wish = (priority: 0 | 2, nowMs: number): CallWish => ({
    priority,
    waitUntilMs: nowMs + 1000,
    deadlineMs: nowMs + 5000,
    expiresAtMs: nowMs + 2000,
  });
  for (let n = 0; n < 60 * 90; n += 1) {
    const atMs = START_MS + Math.floor((n * 1000) / 90);
    clock.at(atMs, () => {
      budget.pass({ ...about, method: "POST" }, wish(2, atMs)).then(
        () => arrive(n),
        () => undefined,
      );
    });
    if (n % 3 !== 0) continue;
    clock.at(atMs, () => {
      void budget.pass({ ...about, method: "DELETE" }, wish(0, atMs)).then(() => {
        cancels += 1;
        cancelDelayMs = Math.max(cancelDelayMs, clock.nowMs() - atMs);
      });
    });
  }
  while (clock.runNext()) for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
  assert.deepEqual([tooFast, cancels, cancelDelayMs <= 100], [0, 1800, true]);
  const sent = [...counted.values()].reduce((sum, each) => sum + each, 0);
  assert.ok(sent > 900, `${sent} orders left: the limit is used, not feared`);
});
