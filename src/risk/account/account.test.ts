// What the account machine decides, case by case: net exposure, drawdown, loss, orders, margin, requests, outside
// exposure and shares.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountFigures, RequestFigures } from "../../trading/account-event.ts";
import { Account, DAY_MS, usdt } from "./account.fixture.ts";

test("RISK-10 RISK-18 net exposure of one base asset above its limit for 5 s opens the breaker at every bot", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(10_001) }, b: { net: usdt(-9_000) } });
  assert.equal(account.open("net-exposure"), false);
  account.figures({ a: { net: usdt(10_000) } }, {}, 4_900);
  account.figures({ a: { net: usdt(10_001) } }, {}, 4_900);
  assert.equal(account.open("net-exposure"), false, "it fell to the limit between");
  account.timer();
  assert.equal(account.open("net-exposure"), true);
  assert.deepEqual(account.told("net-exposure"), ["a open O", "b open O"]);
  assert.deepEqual(account.alerts(), ["breaker-opened error"]);
});

test("RISK-10 what nets to nothing in each asset and too much in total is above the limit too", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(6_000) }, b: { net: usdt(6_000) } });
  account.timer();
  assert.equal(account.open("net-exposure"), true);
});

test("RISK-18 a net-exposure breaker on probation opens for twice as long when it trips again", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(11_000) } });
  account.timer();
  account.figures({ a: { net: usdt(5_000) } });
  account.timer();
  assert.equal(account.state.breakers.get("net-exposure")?.phase, "probation");
  assert.deepEqual(account.told("net-exposure").at(-1), "b probation O");
  account.figures({ a: { net: usdt(11_000) } });
  account.timer();
  assert.equal(account.state.breakers.get("net-exposure")?.cooldownMs, 120_000);
  account.figures({ a: { net: usdt(0) } });
  account.timer();
  account.timer();
  assert.equal(account.state.breakers.has("net-exposure"), false);
});

test("RISK-18 the fall of all bots' capital from its peak closes positions, and only an operator begins anew", () => {
  const account = new Account();
  const budget = usdt(500);
  account.figures({ a: { profit: usdt(0), budget }, b: { profit: usdt(0), budget } });
  account.figures({ a: { profit: usdt(50) } });
  // peak 1,050; 15 % of it is 157.5
  account.figures({ a: { profit: usdt(-57.49), budget }, b: { profit: usdt(-50), budget } });
  assert.equal(account.open("drawdown-total"), false);
  account.figures({ a: { profit: usdt(-57.5), budget }, b: { profit: usdt(-50), budget } });
  assert.deepEqual(account.told("drawdown-total"), ["a open F", "b open F"]);
  account.command({ name: "breakerClose", breaker: "drawdown-total", force: false });
  assert.equal(account.open("drawdown-total"), false);
  account.figures({ a: { profit: usdt(-58), budget }, b: { profit: usdt(-50), budget } });
  assert.equal(account.open("drawdown-total"), false, "the peak is where it was closed");
});

test("RISK-18 a bot that joins with a loss of before is no drawdown of the account", () => {
  const account = new Account();
  const budget = usdt(500);
  account.figures({ a: { profit: usdt(0), budget }, b: { profit: usdt(-400), budget } });
  assert.equal(account.open("drawdown-total"), false);
  account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: usdt(0), removed: true });
  account.figures({ a: { profit: usdt(0), budget } });
  assert.equal(account.open("drawdown-total"), false);
});

test("OPS-21 the day's loss over all bots stops opening until midnight UTC", () => {
  const account = new Account({ dailyLossMax: usdt(100), drawdownTotalBpsMax: 0 });
  account.figures({ a: { profit: usdt(10) }, b: { profit: usdt(5) } });
  account.figures({ a: { profit: usdt(-60) }, b: { profit: usdt(-24) } });
  assert.equal(account.open("daily-loss"), false);
  account.figures({ a: { profit: usdt(-61) }, b: { profit: usdt(-24) } });
  assert.deepEqual(account.told("daily-loss"), ["a open O", "b open O"]);
  account.figures({ a: { profit: usdt(10) } });
  assert.equal(account.open("daily-loss"), true, "what came back today reopens nothing");
  account.figures({ a: { profit: usdt(10) } }, {}, DAY_MS);
  assert.equal(account.open("daily-loss"), false);
});

test("OPS-21 open orders over all bots above the limit pause them until there are fewer", () => {
  const account = new Account({ openOrdersMax: 10 });
  account.figures({ a: { orders: 6 }, b: { orders: 5 } });
  assert.deepEqual(account.told("open-orders"), ["a open P", "b open P"]);
  account.figures({ a: { orders: 5 }, b: { orders: 5 } });
  assert.equal(account.open("open-orders"), false);
});

test("RISK-18 RISK-52 margin 700 of equity 2,000 warns once; half of it stops opening in every bot", () => {
  const account = new Account();
  const at = (maintenance: number): Partial<AccountFigures> => ({
    equity: { equity: usdt(2_000), maintenance: usdt(maintenance), atMs: account.atMs },
  });
  account.figures({}, at(700));
  account.figures({}, at(701));
  assert.deepEqual(account.alerts(), ["margin warning"]);
  account.figures({}, at(1_000));
  assert.deepEqual(account.told("margin-ratio"), ["a open O", "b open O"]);
});

test("RISK-18 three slow judgements of the account's orders open latency; repeats open retries", () => {
  const requests = (tookMs: number, tries = 1): RequestFigures[] =>
    Array.from({ length: 20 }, () => ({ tries, tookMs, failed: false }));
  const slow = new Account();
  for (let n = 0; n < 3; n += 1) slow.figures({}, { requests: requests(2_001) }, 5_000);
  assert.equal(slow.open("latency"), true);
  const repeated = new Account();
  repeated.figures({}, { requests: requests(10, 3) });
  assert.equal(repeated.open("retries"), true);
});

test("RISK-12 what others hold in the account is nobody's to grant, and nothing of it is ever sold", () => {
  const account = new Account();
  account.figures({}, { outside: { gross: usdt(4_950), net: [{ base: "BTC", net: usdt(4_950) }] } });
  assert.deepEqual(account.grants(), [
    ["a", usdt(7_500)],
    ["b", usdt(7_500)],
  ]);
  account.figures(
    { a: { net: usdt(5_051) } },
    { outside: { gross: usdt(4_950), net: [{ base: "BTC", net: usdt(4_950) }] } },
  );
  account.timer();
  assert.equal(account.open("net-exposure"), true, "it counts in the net exposure of its asset");
  assert.equal(
    account.effects.some(({ kind }) => kind === "bot-command" || kind === "place"),
    false,
  );
  account.figures({}, { outside: { gross: usdt(30_000), net: [] } });
  assert.deepEqual(account.grants(), [
    ["a", 0n],
    ["b", 0n],
  ]);
});

test("RISK-11 a process has its share of every limit of the account, and no more", () => {
  const account = new Account({ accountShareBps: 2_500 });
  assert.deepEqual(account.grants(), [
    ["a", usdt(2_500)],
    ["b", usdt(2_500)],
  ]);
  account.figures({ a: { net: usdt(2_501) } });
  account.timer();
  assert.equal(account.open("net-exposure"), true);
});

test("RISK-18 a breaker a lost journal of the account forgot is open again for all, and an operator closes it", () => {
  const account = new Account();
  const remembers = [
    { breaker: "drawdown-total", phase: "open", action: "A", reason: "the fall" },
    { breaker: "latency", phase: "probation", action: "P", reason: "" },
  ] as const;
  account.tell({ kind: "bot-joined", atMs: 0, bot: "c", base: "SOL", wanted: usdt(20_000), remembers });
  assert.deepEqual(account.told("drawdown-total"), ["a open A", "b open A", "c open A"], "nobody sells by hearsay");
  assert.equal(account.state.breakers.get("drawdown-total")?.reason, "remembered by a bot: the fall");
  assert.deepEqual(account.told("latency"), ["c closed P"]);
  assert.deepEqual(account.alerts(), ["breaker-opened critical"]);
  account.command({ name: "breakerClose", breaker: "drawdown-total", force: false });
  assert.deepEqual(account.told("drawdown-total"), ["a closed P", "b closed P", "c closed P"]);
  // what was closed here is known better here: a bot that slept through it is told
  account.tell({ kind: "bot-left", atMs: 0, bot: "c", exposure: usdt(0), removed: false });
  account.tell({ kind: "bot-joined", atMs: 0, bot: "c", base: "SOL", wanted: usdt(20_000), remembers });
  assert.equal(account.open("drawdown-total"), false);
  assert.equal(account.told("drawdown-total").at(-1), "c closed P");
});
