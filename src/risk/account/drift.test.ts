// Budgets against the exchange's total, in words and at the edges (RISK-17).

import assert from "node:assert/strict";
import { test } from "node:test";
import { Account, usdt } from "./account.fixture.ts";

const balance = (account: Account, total: number, postings: readonly string[] = []): void =>
  account.tell({ kind: "account-balance", atMs: 0, asset: "USDT", total: usdt(total), openOrders: 3, postings });

function budgeted(): Account {
  const account = new Account();
  const own = { budget: usdt(500), cash: usdt(500) };
  account.figures({ a: own, b: own });
  balance(account, 1_700);
  return account;
}

test("RISK-17 nothing is said while a bot keeps no budget, or there is none", () => {
  const account = new Account();
  account.figures({ a: { budget: usdt(500), cash: usdt(500) } });
  balance(account, 1_700);
  assert.equal(account.state.unallocated, null);
  const none = new Account({}, []);
  balance(none, 1_700);
  assert.equal(none.state.unallocated, null);
});

test("RISK-17 a drift is told with both values, what is open and the newest postings, and once a level", () => {
  const account = budgeted();
  balance(account, 1_701.01, ["p1", "p2"]);
  assert.deepEqual(account.facts("budget-drift"), {
    asset: "USDT",
    books: "1700",
    exchange: "1701.01",
    drift: "1.01",
    openOrders: 3,
    postings: "p1\np2",
  });
  assert.deepEqual(account.said(), [
    "budget-drift warning: the budgets' books say 1700 USDT, the exchange 1701.01: 1.01 apart; 3 orders are open",
  ]);
  balance(account, 1_710);
  assert.deepEqual(account.said(), [], "exactly 10 is not more");
  balance(account, 1_689.99);
  assert.match(account.said().join(), /^budget-drift critical: .* the exchange 1689.99: -10.01 apart/);
  balance(account, 1_699);
  assert.deepEqual(account.facts("budget-drift-over"), {
    asset: "USDT",
    books: "1700",
    exchange: "1699",
    drift: "-1",
    openOrders: 3,
  });
  assert.deepEqual(account.said(), ["budget-drift-over info: budgets and the exchange's USDT agree again"]);
});
