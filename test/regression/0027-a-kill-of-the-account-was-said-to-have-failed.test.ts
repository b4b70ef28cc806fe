// The report over all bots was given at the first event after a kill -9, before any bot was back; and a bot that had
// been killed before never reported again, so that the whole kill was said to have failed 90 s later.

import assert from "node:assert/strict";
import { test } from "node:test";
import { botOf, trading, world } from "../../src/host/fleet/fleet.fixture.ts";
import { money } from "../../src/market/amounts.ts";
import { Account, accountLimits, usdt } from "../../src/risk/account/account.fixture.ts";

const RUN = {
  kind: "run-started",
  atMs: 0,
  epoch: 2,
  lineage: 1,
  host: "h",
  release: "0",
  coreHash: "0",
  configHash: "",
  clockOffsetMs: 0,
} as const;
const PROVED = { kind: "bot-kill-reported", atMs: 0, proved: true, ordersLeft: 0, flat: true } as const;

test("RISK-22 the report over all bots waits for those that are not back yet after a kill -9", () => {
  const account = new Account();
  account.figures({ a: { exposure: usdt(100) }, b: { exposure: usdt(100) } });
  account.command({ name: "kill", flatten: false });
  account.alerts();
  account.tell(RUN, 200_000);
  for (const bot of ["a", "b"]) {
    account.join(bot);
    account.tell({ ...PROVED, bot });
  }
  assert.deepEqual(account.alerts(), ["kill-proved critical"]);
});

test("RISK-22 a bot that does not come back after a kill -9 makes the report fail in time", () => {
  const account = new Account();
  account.figures({ a: { exposure: usdt(100) }, b: { exposure: usdt(100) } });
  account.command({ name: "kill", flatten: false });
  account.alerts();
  account.tell(RUN, 1_000);
  account.join("a");
  account.tell({ ...PROVED, bot: "a" });
  assert.deepEqual(account.alerts(), []);
  account.timer();
  assert.deepEqual(account.alerts(), ["kill-failed critical"]);
});

const ZERO = money(0n);
const LIMITS = accountLimits({ exposureGrossMax: usdt(10_000), exposureNetMax: ZERO, dailyLossMax: ZERO });

test("RISK-22 a bot that was killed before is proved with the account's kill", async (t) => {
  const w = world(t, 1);
  const p = w.start({ account: { limits: LIMITS } });
  await trading(w, p, "a", 0);
  const ann = { by: "ann", reason: "odd" };
  await w.until(botOf(p, "a").command({ name: "kill", flatten: false }, ann));
  await w.untilTrue(() => botOf(p, "a").host?.state.kill.report?.proved === true);
  p.fleet.account?.command({ name: "kill", flatten: false }, ann);
  await w.run(91_000);
  const told = p.alerts.flatMap(({ bot, code }) => (bot === "account" && code.startsWith("kill") ? [code] : []));
  assert.deepEqual(told, ["kill", "kill-proved"]);
  await w.until(p.fleet.close("test"));
});
