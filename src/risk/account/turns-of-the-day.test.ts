// What must not fall between two words or two days: a breaker that is opened again, a loss around midnight.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Account, DAY_MS, usdt } from "./account.fixture.ts";

test("RISK-21 the operator's breaker of the account opened anew is never closed between", () => {
  const account = new Account();
  account.command({ name: "breakerOpen", action: "O" });
  account.command({ name: "breakerOpen", action: "A" }, "worse");
  assert.deepEqual(account.told("manual"), ["a open O", "b open O", "a open A", "b open A"]);
  assert.equal(account.state.breakers.get("manual")?.reason, "opened by ann: worse");
  account.command({ name: "breakerOpen", action: "P" }, "better");
  assert.equal(account.state.breakers.get("manual")?.action, "P", "the newest word, stricter or not");
});

test("RISK-18 what is lost in the first look after midnight is the new day's loss", () => {
  const account = new Account({ dailyLossMax: usdt(50) });
  account.figures({ a: { profit: usdt(100) } });
  account.figures({ a: { profit: usdt(80) } }, {}, DAY_MS - 10_000);
  assert.equal(account.open("daily-loss"), false);
  account.figures({ a: { profit: usdt(20) } }, {}, 20_000);
  assert.ok(account.open("daily-loss"), "60 of them went after midnight");
});
