// What trips the breakers of the account, at the figure that decides, and the sentences of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountFigures, AccountLimits, RequestFigures } from "../../trading/account-event.ts";
import { Account, DAY_MS, usdt } from "./account.fixture.ts";
import { initialAccountState } from "./state.ts";
import { accountStep } from "./step.ts";
import { netExposures } from "./watches.ts";

const trip = (account: Account, name: string): readonly unknown[] => {
  const { reason, value, limit } = account.state.breakers.get(name) ?? {};
  return [reason, value, limit];
};

test("RISK-10 net exposure is signed, by asset over bots and what others hold, and the larger side is told", () => {
  const account = new Account();
  const outside = { gross: usdt(3_000), net: [{ base: "BTC", net: usdt(-3_000) }] };
  account.figures({ a: { net: usdt(-8_000) }, b: { net: usdt(2_000) } }, { outside });
  assert.deepEqual(
    [...netExposures(account.state)],
    [
      ["BTC", usdt(-11_000)],
      ["ETH", usdt(2_000)],
    ],
  );
  account.timer();
  assert.deepEqual(trip(account, "net-exposure"), ["net exposure of BTC is -11000, limit 10000", "-11000", "10000"]);
});

test("RISK-10 in total is said only where the sum is larger than every asset, and nothing where 0 is the limit", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(6_000) }, b: { net: usdt(6_000) } });
  account.timer();
  assert.deepEqual(trip(account, "net-exposure"), ["net exposure in total is 12000, limit 10000", "12000", "10000"]);
  const one = new Account();
  one.figures({ a: { net: usdt(11_000) } });
  one.timer();
  assert.match(String(trip(one, "net-exposure")[0]), /^net exposure of BTC/, "the only asset is the total");
  const equal = new Account({}, ["b", "a"]);
  equal.figures({ a: { net: usdt(11_000) }, b: { net: usdt(-11_000) } });
  equal.timer();
  assert.match(String(trip(equal, "net-exposure")[0]), /^net exposure of ETH is -11000/, "of equal ones the first");
  const off = new Account({ exposureNetMax: usdt(0) });
  off.figures({ a: { net: usdt(11_000) } });
  assert.equal(off.state.netOverSinceMs, null);
});

test("RISK-18 a drawdown is of peak capital, the sum of budgets and the highest profit; 0 switches it off", () => {
  const account = new Account();
  const budget = usdt(500);
  account.figures({ a: { profit: usdt(0), budget }, b: { profit: usdt(50), budget } });
  account.figures({ a: { profit: usdt(-157.5), budget }, b: { profit: usdt(50), budget } });
  assert.deepEqual(trip(account, "drawdown-total"), [
    "capital fell by 157.5 from its peak 1050, limit 1500 bps",
    "157.5",
    "1500 bps",
  ]);
  const off = new Account({ drawdownTotalBpsMax: 0 });
  off.figures({ a: { profit: usdt(0), budget }, b: { profit: usdt(0), budget } });
  off.figures({ a: { profit: usdt(-500), budget }, b: { profit: usdt(-500), budget } });
  assert.equal(off.open("drawdown-total"), false);
});

test("RISK-18 where nothing fell there is no drawdown, however little capital there is", () => {
  const account = new Account();
  account.figures({ a: { profit: usdt(0), budget: usdt(0) }, b: { profit: usdt(0), budget: usdt(0) } });
  assert.equal(account.open("drawdown-total"), false);
  account.figures({ a: { profit: usdt(-1), budget: usdt(0) }, b: { profit: usdt(0), budget: usdt(0) } });
  assert.equal(account.open("drawdown-total"), true);
});

test("RISK-18 an account without bots has no capital that could fall", () => {
  const account = new Account({}, ["a"]);
  for (const profit of [0, 50, -20]) account.figures({ a: { profit: usdt(profit), budget: usdt(500) } });
  account.tell({ kind: "bot-left", atMs: 0, bot: "a", exposure: usdt(0), removed: true });
  assert.deepEqual([...account.state.breakers], []);
});

test("RISK-18 before its limits are known the account watches nothing", () => {
  const state = initialAccountState();
  const figures = { bots: [], equity: null, outside: null, requests: [{ tries: 900, tookMs: 9_000, failed: true }] };
  assert.deepEqual(accountStep(state, { kind: "account-figures", atMs: 1, ...figures }), []);
  assert.deepEqual([...state.breakers], []);
});

test("RISK-18 a drawdown a bot remembered holds, and one that is seen again closes positions as any", () => {
  const account = new Account();
  const remembers = [{ breaker: "drawdown-total", phase: "open", action: "A", reason: "the fall" }] as const;
  account.tell({ kind: "bot-joined", atMs: 0, bot: "c", base: "SOL", wanted: usdt(1), remembers });
  const budget = usdt(500);
  const rest = { a: { profit: usdt(0), budget }, b: { profit: usdt(0), budget } };
  account.figures({ ...rest, c: { profit: usdt(0), budget } });
  account.figures({ ...rest, c: { profit: usdt(-224.99), budget } });
  assert.equal(account.state.breakers.get("drawdown-total")?.action, "A");
  account.figures({ ...rest, c: { profit: usdt(-225), budget } });
  assert.equal(account.state.breakers.get("drawdown-total")?.action, "F");
});

test("RISK-21 a margin breaker that was closed by force opens again once the margin was well between", () => {
  const account = new Account();
  const margin = (maintenance: number): void => {
    const equity = { equity: usdt(2_000), maintenance: usdt(maintenance), atMs: account.atMs };
    account.figures({}, { equity });
  };
  margin(1_000);
  account.command({ name: "breakerClose", breaker: "margin-ratio", force: true });
  margin(1_001);
  assert.equal(account.open("margin-ratio"), false);
  margin(999);
  margin(1_000);
  assert.equal(account.open("margin-ratio"), true);
});

test("OPS-21 the day's loss: exactly the limit is one, in words; it wakes at midnight UTC; 0 is off", () => {
  const account = new Account({ dailyLossMax: usdt(100), drawdownTotalBpsMax: 0 });
  account.figures({ a: { profit: usdt(0) } });
  account.figures({ a: { profit: usdt(-100) } });
  assert.deepEqual(trip(account, "daily-loss"), ["lost 100 since midnight UTC, limit 100", "100", "100"]);
  assert.deepEqual([...account.state.timers.values()], [101 * DAY_MS]);
  account.timer();
  assert.deepEqual([account.open("daily-loss"), account.atMs], [false, 101 * DAY_MS]);
  assert.deepEqual([...account.state.timers.values()], []);
  account.figures({ a: { profit: usdt(-200) } });
  assert.equal(account.open("daily-loss"), true);
  const limits = { ...account.state.limits, dailyLossMax: usdt(0) } as AccountLimits;
  account.tell({ kind: "account-configured", atMs: 0, limits, by: "ann" });
  assert.equal(account.open("daily-loss"), false, "switched off it holds nobody till midnight");
  const off = new Account({ dailyLossMax: usdt(0), drawdownTotalBpsMax: 0 });
  off.figures({ a: { profit: usdt(0) } });
  off.figures({ a: { profit: usdt(-100) } });
  assert.equal(off.open("daily-loss"), false);
});

test("OPS-21 no order is too many only where a limit is given", () => {
  const account = new Account({ openOrdersMax: 10, accountShareBps: 5_999 });
  account.figures({ a: { orders: 3 }, b: { orders: 3 } });
  assert.deepEqual(trip(account, "open-orders"), ["6 open orders over all bots, limit 5", "6", "5"]);
  const off = new Account({ openOrdersMax: 0 });
  off.figures({ a: { orders: 1 } });
  assert.equal(off.open("open-orders"), false);
});

test("RISK-18 the margin of the account: warned of once, in words, again after it was well, and tripped", () => {
  const account = new Account();
  const at = (maintenance: number, equity = 2_000): Partial<AccountFigures> => ({
    equity: { equity: usdt(equity), maintenance: usdt(maintenance), atMs: account.atMs },
  });
  account.figures({}, at(600));
  assert.deepEqual(account.facts("margin"), { maintenance: "600", equity: "2000" });
  assert.deepEqual(account.said(), ["margin warning: maintenance margin 600 of equity 2000: above 3000 bps"]);
  account.figures({}, at(599));
  account.figures({}, at(600));
  assert.deepEqual(account.alerts(), ["margin warning"]);
  account.figures({}, at(1_000));
  assert.deepEqual(trip(account, "margin-ratio"), [
    "maintenance margin 1000 of equity 2000: 5000 bps or more",
    "1000",
    "5000 bps",
  ]);
});

test("RISK-18 without equity what is to be maintained is infinitely much, and nothing is nothing", () => {
  const margin = (maintenance: number, equity: number): boolean => {
    const account = new Account();
    const figures = { equity: usdt(equity), maintenance: usdt(maintenance), atMs: account.atMs };
    account.figures({}, { equity: figures });
    return account.open("margin-ratio");
  };
  assert.deepEqual([margin(1, 0), margin(1, -5), margin(0, 0), margin(0, -5)], [true, true, false, false]);
});

test("RISK-18 equity older than a minute says nothing about margin", () => {
  for (const [age, open] of [
    [60_000, true],
    [60_001, false],
  ] as const) {
    const account = new Account();
    const equity = { equity: usdt(2_000), maintenance: usdt(1_000), atMs: account.atMs + 1_000 - age };
    account.figures({}, { equity });
    assert.equal(account.open("margin-ratio"), open, `${age} ms`);
  }
});

test("RISK-18 latency and retries of the account in words, and neither where it is switched off", () => {
  const requests = (tookMs: number, tries = 1): RequestFigures[] =>
    Array.from({ length: 20 }, () => ({ tries, tookMs, failed: false }));
  const slow = new Account();
  for (let n = 0; n < 3; n += 1) slow.figures({}, { requests: requests(2_001) }, 5_000);
  assert.deepEqual(trip(slow, "latency"), [
    "99 of 100 orders were answered within 2001 ms, limit 2000 ms",
    "2001",
    "2000",
  ]);
  slow.figures({}, { requests: requests(1_000) }, 60_000);
  assert.equal(slow.open("latency"), true, "its cause holds from half the limit on");
  slow.figures({}, { requests: requests(999) }, 60_000);
  assert.equal(slow.open("latency"), false);
  const repeated = new Account();
  repeated.figures({}, { requests: requests(10, 3) });
  assert.deepEqual(trip(repeated, "retries"), [
    "40 of 60 tries were repeats, 40 failed in 5 min; limit 5000 bps",
    "40",
    "5000 bps",
  ]);
  repeated.figures({}, {}, 299_000);
  repeated.figures({}, {}, 1_000);
  assert.equal(repeated.open("retries"), false, "five minutes later they are out of the window");
  const off = new Account({ latencyP99MsMax: 0, retryRatioBpsMax: 0 });
  for (let n = 0; n < 3; n += 1) off.figures({}, { requests: requests(2_001, 3) }, 5_000);
  assert.deepEqual([...off.state.breakers], []);
});

test("RISK-18 an open latency breaker goes on when the watch is switched off, whatever the orders take", () => {
  const account = new Account({ latencyP99MsMax: 0 });
  account.state.breakers.set("latency", {
    phase: "open",
    reason: "slow",
    value: "1",
    limit: "1",
    action: "O",
    openedAtMs: account.atMs,
    cooldownMs: 60_000,
    untilMs: account.atMs + 60_000,
  });
  const requests = Array.from({ length: 20 }, () => ({ tries: 1, tookMs: 9_000, failed: false }));
  account.figures({}, { requests }, 60_000);
  assert.equal(account.state.breakers.get("latency")?.phase, "probation");
});
