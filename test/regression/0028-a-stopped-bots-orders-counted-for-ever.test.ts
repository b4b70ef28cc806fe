// What the account machine knew of a bot was up to a second old when the bot stopped, and stayed so: orders that were
// cancelled and a position that was closed on the way out counted against the limits of all the others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ANN, botOf, done, trading, world } from "../../src/host/fleet/fleet.fixture.ts";
import { money } from "../../src/market/amounts.ts";
import { usdt } from "../../src/risk/account/account.fixture.ts";
import type { AccountLimits } from "../../src/trading/account-event.ts";

const ZERO = money(0n);
const LIMITS: AccountLimits = {
  exposureGrossMax: usdt(10_000),
  exposureNetMax: ZERO,
  drawdownTotalBpsMax: 0,
  dailyLossMax: ZERO,
  openOrdersMax: 100,
  latencyP99MsMax: 0,
  retryRatioBpsMax: 0,
  marginRatioWarnBps: 3_000,
  marginRatioTripBps: 5_000,
  accountShareBps: 10_000,
};

test("OPS-21 orders of a bot that was stopped in order count no more", async (t) => {
  const w = world(t, 1);
  const p = w.start({ account: { limits: LIMITS } });
  await trading(w, p, "a", 0);
  const figures = () => p.fleet.account?.host.state.bots.get("a")?.figures;
  await w.untilTrue(() => (figures()?.orders ?? 0) >= 3);
  done(await w.until(p.fleet.stop({ id: "a", cancelOnExit: "all" }, ANN)));
  await w.untilTrue(() => botOf(p, "a").host === null);
  await w.run(5_000);
  assert.equal(figures()?.orders, 0);
  assert.equal(p.fleet.account?.host.state.bots.get("a")?.running, false);
  await w.until(p.fleet.close("test"));
});
