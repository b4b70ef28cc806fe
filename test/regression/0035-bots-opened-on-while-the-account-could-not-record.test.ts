// The account's journal could not be written any more, so no breaker of the account could open; the bots kept their
// grants and went on opening.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { ANN, botOf, botText, done, world } from "../../src/host/fleet/fleet.fixture.ts";
import { JournalError } from "../../src/journal/errors.ts";
import { money } from "../../src/market/amounts.ts";

const usdt = (n: number): ReturnType<typeof money> => money(BigInt(n) * 10n ** 18n);

test("RISK-02 RISK-09 an account that cannot record takes its grants back: nothing opens, what closes passes", async (t) => {
  const w = world(t, 1);
  const limits = {
    exposureGrossMax: usdt(10_000),
    exposureNetMax: usdt(0),
    drawdownTotalBpsMax: 0,
    dailyLossMax: usdt(0),
    openOrdersMax: 0,
    latencyP99MsMax: 0,
    retryRatioBpsMax: 0,
    marginRatioWarnBps: 3_000,
    marginRatioTripBps: 5_000,
    accountShareBps: 10_000,
  };
  const p = w.start({ account: { limits } });
  done(await w.until(p.fleet.create({ id: "a", text: botText("a", 0), dryRun: false }, ANN)));
  done(await w.until(p.fleet.startBot("a", ANN)));
  const grant = (): bigint | undefined => botOf(p, "a").host?.state.grant?.gross;
  await w.untilTrue(() => grant() === usdt(10_000) && w.open(0) > 0);
  const { journal } = present(p.fleet.account, "the account").host;
  journal.appendEvents = () => {
    throw new JournalError("CANNOT_WRITE", "CANNOT_WRITE: the disk failed", { disk: "failed" });
  };
  await w.untilTrue(() => p.alerts.some(({ code }) => code === "account-failed"));
  await w.untilTrue(() => grant() === 0n);
  await w.untilTrue(() => w.open(0) === 0);
  await w.run(10_000);
  assert.equal(w.open(0), 0, "no entry comes back");
});
