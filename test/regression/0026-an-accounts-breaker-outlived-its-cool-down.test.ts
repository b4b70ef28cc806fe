// A breaker of the account whose cause was still in its window when the cool-down ended was looked at no more while
// nobody traded: the timer had gone, and flat bots tell nothing new. The day's loss stayed the same way past midnight.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Account, DAY_MS, usdt } from "../../src/risk/account/account.fixture.ts";
import type { RequestFigures } from "../../src/trading/account-event.ts";

/** Lets timers alone go on for so long. */
function timersFor(account: Account, ms: number): void {
  const untilMs = account.atMs + ms;
  for (;;) {
    const [nextMs] = account.state.timers.values();
    if (nextMs === undefined || nextMs > untilMs) return;
    account.timer();
  }
}

test("RISK-18 retries ends after its cool-down when the bots are flat and tell nothing new", () => {
  const account = new Account();
  const repeated = (count: number): RequestFigures[] =>
    Array.from({ length: count }, () => ({ tries: 3, tookMs: 10, failed: false }));
  account.figures({}, { requests: repeated(20) });
  assert.equal(account.open("retries"), true);
  // the cancels it asked for were repeated too
  account.figures({}, { requests: repeated(20) }, 5_000);
  timersFor(account, 700_000);
  assert.equal(account.state.breakers.has("retries"), false);
  assert.equal(account.state.timers.size, 0, "and then nothing is waited for");
});

test("OPS-21 the day's loss ends at midnight UTC when the bots are flat and tell nothing new", () => {
  const account = new Account({ dailyLossMax: usdt(100), drawdownTotalBpsMax: 0 });
  account.figures({ a: { profit: usdt(10) } });
  account.figures({ a: { profit: usdt(-91) } });
  assert.equal(account.open("daily-loss"), true);
  timersFor(account, DAY_MS);
  assert.equal(account.open("daily-loss"), false);
});
