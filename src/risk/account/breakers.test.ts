// The breakers of the account: their table, whom they are told to and in which words, and when they are looked at.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { BreakerState } from "../breaker/breaker.ts";
import { Account, usdt } from "./account.fixture.ts";
import { ACCOUNT_ROWS, nextBreakerMs } from "./breakers.ts";
import { initialAccountState } from "./state.ts";

test("RISK-18 the table of the account's breakers: actions, ends and the alert of each", () => {
  const rows = Object.entries(ACCOUNT_ROWS).map(([name, row]) => [name, ...Object.values(row ?? {})].join(" "));
  assert.deepEqual(rows, [
    "drawdown-total account F manual breaker-opened critical",
    "net-exposure account O 60000 breaker-opened error",
    "latency account O 60000 breaker-opened error",
    "retries account O 300000 breaker-opened error",
    "margin-ratio account O manual margin critical",
    "daily-loss account O gone breaker-opened critical",
    "open-orders account P gone breaker-opened error",
    "account-share account P gone account-share critical",
    "manual account O manual breaker-opened critical",
  ]);
});

test("RISK-42 an opening and a closing are told in words and figures, a probation to the bots alone", () => {
  const account = new Account();
  account.figures({ a: { net: usdt(11_000) } });
  account.timer();
  assert.deepEqual(account.facts("breaker-opened"), {
    breaker: "net-exposure",
    scope: "account",
    value: "11000",
    limit: "10000",
  });
  assert.deepEqual(account.said(), [
    "breaker-opened error: breaker net-exposure of the account opened: net exposure of BTC is 11000, limit 10000",
  ]);
  account.figures({ a: { net: usdt(0) } });
  account.timer();
  assert.deepEqual(account.told("net-exposure"), ["a probation O", "b probation O"]);
  assert.deepEqual(account.said(), []);
  account.timer();
  assert.deepEqual(
    account.effects.filter((effect) => effect.kind === "bot-breaker"),
    ["a", "b"].map((bot) => ({
      kind: "bot-breaker",
      bot,
      breaker: "net-exposure",
      phase: "closed",
      action: "P",
      reason: "",
      value: "",
      limit: "",
    })),
    "a closed one has neither reason nor figures",
  );
  assert.deepEqual(account.facts("breaker-closed"), {
    breaker: "net-exposure",
    scope: "account",
    value: "11000",
    limit: "10000",
  });
  assert.deepEqual(account.said(), ["breaker-closed warning: breaker net-exposure of the account is closed"]);
});

test("RISK-18 a bot that does not run is told nothing, and when it is back of each breaker once", () => {
  const account = new Account({ openOrdersMax: 10 });
  account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: usdt(0), removed: false });
  for (const orders of [11, 9, 11]) account.figures({ a: { orders } });
  assert.deepEqual(account.told("open-orders"), ["a open P", "a closed P", "a open P"]);
  account.effects = [];
  account.join("b");
  assert.deepEqual(account.told("open-orders"), ["b open P"]);
});

test("RISK-21 breakers closed by force wait each for its own cause to go", () => {
  const account = new Account({ openOrdersMax: 10, dailyLossMax: usdt(100) });
  account.figures({ a: { orders: 11, profit: usdt(0) } });
  account.figures({ a: { orders: 11, profit: usdt(-100) } });
  for (const breaker of ["daily-loss", "open-orders"]) account.command({ name: "breakerClose", breaker, force: true });
  account.figures({ a: { orders: 9, profit: usdt(-100) } });
  account.figures({ a: { orders: 11, profit: usdt(-101) } });
  assert.equal(account.open("open-orders"), true, "its cause was gone once");
  assert.equal(account.open("daily-loss"), false, "its cause never was");
});

test("RISK-18 what two bots remember of one breaker is one memory", () => {
  const account = new Account();
  const join = (bot: string, reason: string): void => {
    const remembers = [{ breaker: "drawdown-total", phase: "open", action: "A", reason } as const];
    account.tell({ kind: "bot-joined", atMs: 0, bot, base: "SOL", wanted: usdt(1), remembers });
  };
  join("c", "remembered by a bot: the fall");
  const { reason, value, limit } = account.state.breakers.get("drawdown-total") ?? {};
  assert.deepEqual([reason, value, limit], ["remembered by a bot: the fall", "", ""]);
  join("d", "another");
  assert.equal(account.state.breakers.get("drawdown-total")?.reason, "remembered by a bot: the fall");
});

test("RISK-18 it is looked at again where the first phase ends, 5 s on where its cause holds", () => {
  const until = (untilMs: number | null): BreakerState => ({
    phase: "open",
    reason: "",
    value: "",
    limit: "",
    action: "O",
    openedAtMs: 0,
    cooldownMs: 0,
    untilMs,
  });
  const next = (...ends: (number | null)[]): number | null =>
    nextBreakerMs({
      ...initialAccountState(),
      nowMs: 10_000,
      breakers: new Map(ends.map((end, i) => [`${i}`, until(end)])),
    });
  assert.deepEqual([next(), next(null), next(12_000), next(10_001)], [null, null, 12_000, 10_001]);
  assert.deepEqual([next(11_000, 12_000), next(12_000, 11_000), next(12_000, null)], [11_000, 11_000, 12_000]);
  assert.deepEqual([next(10_000), next(9_000), next(9_000, 16_000)], [15_000, 15_000, 15_000]);
});
