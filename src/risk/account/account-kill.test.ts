// The kill over all bots, the drift of budgets, and what an operator closes by force.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Account, usdt } from "./account.fixture.ts";

test("RISK-22 the kill of the account is told to every bot, and fails where one cannot prove it", () => {
  const account = new Account();
  account.command({ name: "kill", flatten: true }, "news");
  const commands = (): string[] =>
    account.effects.flatMap((effect) =>
      effect.kind === "bot-command" ? [`${effect.bot} ${effect.command.name}`] : [],
    );
  assert.deepEqual(commands(), ["a kill", "b kill"]);
  account.join("c");
  assert.deepEqual(commands(), ["a kill", "b kill", "c kill"]);
  const report = { kind: "bot-kill-reported", atMs: 0, proved: true, ordersLeft: 0, flat: true } as const;
  for (const bot of ["a", "b"]) account.tell({ ...report, bot });
  assert.equal(account.state.kill?.reported, false);
  account.timer();
  assert.deepEqual(account.alerts(), ["kill critical", "kill-failed critical"]);
  account.command({ name: "killReset" }, "over");
  assert.deepEqual(commands(), ["a killReset", "b killReset", "c killReset"]);
  assert.equal(account.state.kill, null);
});

test("RISK-22 a bot that did not run when the kill was reset has its latch lifted when it is back", () => {
  const account = new Account();
  account.command({ name: "kill", flatten: false });
  account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: null, removed: false });
  account.command({ name: "killReset" });
  account.effects = [];
  account.join("b");
  assert.deepEqual(
    account.effects.flatMap((effect) => (effect.kind === "bot-command" ? [effect.command.name] : [])),
    ["killReset"],
  );
});

test("RISK-17 budgets against the exchange's total: told above 1 and 10 USDT, never corrected", () => {
  const account = new Account();
  const budget = usdt(500);
  const balance = (total: number): void =>
    account.tell({
      kind: "account-balance",
      atMs: 0,
      asset: "USDT",
      total: usdt(total),
      openOrders: 3,
      postings: ["p1"],
    });
  account.figures({ a: { budget, cash: usdt(500) }, b: { budget, cash: usdt(500) } });
  balance(1_700);
  assert.equal(account.state.unallocated, usdt(700), "the first look says what is nobody's");
  balance(1_701);
  assert.deepEqual(account.alerts(), []);
  balance(1_701.01);
  const [warning] = account.effects.flatMap((effect) => (effect.kind === "alert" ? [effect] : []));
  assert.equal(warning?.severity, "warning");
  assert.deepEqual(
    [warning?.facts["books"], warning?.facts["exchange"], warning?.facts["openOrders"], warning?.facts["postings"]],
    ["1700", "1701.01", 3, "p1"],
  );
  balance(1_689.99);
  assert.deepEqual(account.alerts(), ["budget-drift warning", "budget-drift critical"]);
  assert.equal(account.state.unallocated, usdt(700), "nothing is corrected");
  // a fill that costs and a budget that grows are no drift
  account.figures({ a: { budget: usdt(600), cash: usdt(550) }, b: { budget, cash: usdt(500) } });
  balance(1_650);
  assert.deepEqual(account.alerts(), ["budget-drift-over info"]);
});

test("RISK-21 a breaker of the account whose cause holds is closed by force alone", () => {
  const account = new Account({ openOrdersMax: 10 });
  account.figures({ a: { orders: 11 } });
  account.alerts();
  account.command({ name: "breakerClose", breaker: "open-orders", force: false });
  assert.equal(account.open("open-orders"), true);
  assert.deepEqual(account.alerts(), ["breaker-refused warning"]);
  account.command({ name: "breakerClose", breaker: "open-orders", force: true });
  account.figures({ a: { orders: 12 } });
  assert.equal(account.open("open-orders"), false, "forced, it waits until its cause was gone once");
  account.figures({ a: { orders: 9 } });
  account.figures({ a: { orders: 11 } });
  assert.equal(account.open("open-orders"), true);
});
