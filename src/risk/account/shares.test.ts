// Shares of the engines of one account: what too much in sum does to this one.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineShare } from "../../trading/account-event.ts";
import { Account } from "./account.fixture.ts";
import { sharesInSum } from "./shares.ts";

const share = (engine: string, shareBps: number): EngineShare => ({ engine, shareBps });

test("RISK-11 shares above 10,000 in sum stop opening in every bot, name the others, and end by themselves", () => {
  const account = new Account({ accountShareBps: 6_000 });
  account.figures({}, { shares: [share("beta:/b", 4_000)] });
  assert.equal(account.open("account-share"), false, "exactly all of it is not too much");
  account.figures({}, { shares: [share("beta:/b", 4_001)] });
  assert.deepEqual(account.told("account-share"), ["a open P", "b open P"]);
  const [alert] = account.effects.flatMap((effect) => (effect.kind === "alert" ? [effect] : []));
  assert.equal(
    alert?.text,
    "breaker account-share of the account opened: this process has 6000 bps of the account, beta:/b has 4001 bps: " +
      "10001 bps in sum, limit 10000; give each its part: risk.accountShareBps",
  );
  assert.deepEqual(account.alerts(), ["account-share critical"]);
  // figures that say nothing of shares change nothing
  account.figures({});
  assert.equal(account.open("account-share"), true);
  account.command({ name: "breakerClose", breaker: "account-share", force: false });
  assert.deepEqual(account.alerts(), ["breaker-refused warning"]);
  account.figures({}, { shares: [] });
  assert.deepEqual(account.told("account-share"), ["a closed P", "b closed P"]);
  assert.deepEqual(account.alerts(), ["breaker-closed warning"]);
});

test("RISK-11 of many engines some are named and the others counted; a process alone never exceeds", () => {
  const account = new Account({ accountShareBps: 10_000 });
  account.figures({});
  assert.equal(account.open("account-share"), false);
  account.figures({}, { shares: Array.from({ length: 7 }, (_, i) => share(`engine-${i}`, 1)) });
  const reason = account.state.breakers.get("account-share")?.reason ?? "";
  assert.match(reason, /engine-4 has 1 bps, 2 more: 10007 bps in sum/);
});

test("RISK-11 five others are named and none is said to be more; before anybody told there is the own share", () => {
  const account = new Account({ accountShareBps: 10_000 });
  assert.equal(sharesInSum(account.state), 10_000);
  account.figures({}, { shares: Array.from({ length: 5 }, (_, i) => share(`e${i}`, 1)) });
  assert.match(account.state.breakers.get("account-share")?.reason ?? "", /e3 has 1 bps, e4 has 1 bps: 10005 bps/);
  const { value, limit } = account.state.breakers.get("account-share") ?? {};
  assert.deepEqual([value, limit], ["10005", "10000"]);
  assert.equal(sharesInSum({ ...account.state, limits: null }), 5, "not configured yet, it has none");
});
