// The account's drawdown is counted from the sum of what its bots earned. A bot whose journal was begun anew (`journal
// adopt`) counts from zero: what it had earned before fell out of the sum, and every bot was closed for a loss nobody
// had.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { botOf, trading, world } from "../../src/host/fleet/fleet.fixture.ts";
import { adoptJournal } from "../../src/journal/restore.ts";
import { Account, accountLimits, usdt } from "../../src/risk/account/account.fixture.ts";

const START = { kind: "bot-joined", atMs: 0, bot: "a", base: "BTC", wanted: usdt(20_000) } as const;
const LEFT = { kind: "bot-left", atMs: 0, bot: "a", exposure: null, removed: false } as const;

test("RISK-18 a journal begun anew is no drawdown of the account, and a loss after it is one", () => {
  const account = new Account({}, ["b"]);
  const budget = usdt(1_000);
  account.tell({ ...START, lineage: 1 });
  account.figures({ a: { profit: usdt(0), budget }, b: { profit: usdt(0), budget } });
  account.figures({ a: { profit: usdt(500), budget } });
  account.tell(LEFT);
  account.tell({ ...START, lineage: 2 });
  account.figures({ a: { profit: usdt(0), budget } });
  assert.equal(account.open("drawdown-total"), false);
  account.figures({ a: { profit: usdt(-400), budget } });
  assert.equal(account.open("drawdown-total"), true);
});

test("RISK-18 what a bot lost while it was away counts where its journal is the same", () => {
  const account = new Account({}, ["b"]);
  const budget = usdt(1_000);
  account.tell({ ...START, lineage: 1 });
  account.figures({ a: { profit: usdt(500), budget }, b: { profit: usdt(0), budget } });
  account.tell(LEFT);
  account.tell({ ...START, lineage: 1 });
  account.figures({ a: { profit: usdt(0), budget } });
  assert.equal(account.open("drawdown-total"), true);
});

test("RISK-18 DUR-42 a bot that goes on from the exchange tells the account of its new lineage", async (t) => {
  const w = world(t, 1);
  const limits = accountLimits({ exposureGrossMax: usdt(10_000), drawdownTotalBpsMax: 100 });
  const first = w.start({ account: { limits } });
  await trading(w, first, "a", 0);
  const { tag } = botOf(first, "a").record;
  await w.until(first.fleet.close("test"));
  const folder = join(w.folder, "bots", "a");
  const { lineage } = adoptJournal(folder, { bot: "a", tag, lineageMin: 1 }, { host: "h", pid: 1, sinceMs: 1 });
  const second = w.start({ account: { limits } });
  await w.untilTrue(() => botOf(second, "a").host?.state.phase === "running");
  assert.equal(second.fleet.account?.host.state.bots.get("a")?.lineage, lineage);
  await w.until(second.fleet.close("test"));
});
