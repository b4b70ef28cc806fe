// The account's journal could not be written any more, so no breaker of the account could open; the bots kept their
// grants and went on opening.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commitsWork } from "../../src/apps/market-maker/bot-checks.ts";
import { present } from "../../src/base/assert.ts";
import { ANN, botOf, botText, done, world } from "../../src/host/fleet/fleet.fixture.ts";
import { JournalError } from "../../src/journal/errors.ts";
import { money } from "../../src/market/amounts.ts";
import { accountLimits } from "../../src/risk/account/account.fixture.ts";

const usdt = (n: number): ReturnType<typeof money> => money(BigInt(n) * 10n ** 18n);

test("RISK-02 RISK-09 RISK-43 an account that cannot record takes its grants back: nothing opens", async (t) => {
  const w = world(t, 1);
  const limits = accountLimits({ exposureGrossMax: usdt(10_000) });
  const p = w.start({ account: { limits } });
  done(await w.until(p.fleet.create({ id: "a", text: botText("a", 0), dryRun: false }, ANN)));
  done(await w.until(p.fleet.startBot("a", ANN)));
  const grant = (): bigint | undefined => botOf(p, "a").host?.state.grant?.gross;
  await w.untilTrue(() => grant() === usdt(10_000) && w.open(0) > 0);
  const { journal } = present(p.fleet.account, "the account").host;
  assert.ok(commitsWork(p.fleet));
  journal.appendEvents = () => {
    throw new JournalError("CANNOT_WRITE", "CANNOT_WRITE: the disk failed", { disk: "failed" });
  };
  await w.untilTrue(() => p.alerts.some(({ code }) => code === "account-failed"));
  await w.untilTrue(() => grant() === 0n);
  await w.untilTrue(() => w.open(0) === 0);
  await w.run(10_000);
  assert.equal(w.open(0), 0, "no entry comes back");
  assert.equal(commitsWork(p.fleet), false, "RISK-43: the process is not well until it is started again");
});
