// Bots that come, go, tell how they stand and change their budget: what of it moves the account's curve and sums.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestFigures } from "../../trading/account-event.ts";
import { Account, usdt } from "./account.fixture.ts";
import { cashInSum } from "./members.ts";
import { profitInSum } from "./watches.ts";

const joined = (account: Account, bot: string, change: { lineage?: number; wanted?: number; base?: string } = {}) => {
  const { wanted = 20_000, base = "SOL", lineage } = change;
  const of = lineage === undefined ? {} : { lineage };
  account.tell({ kind: "bot-joined", atMs: 0, bot, base, wanted: usdt(wanted), ...of });
};

const left = (account: Account, bot: string, removed: boolean): void =>
  account.tell({ kind: "bot-left", atMs: 0, bot, exposure: usdt(0), removed });

/** What is nobody's after the first look at 1,000 USDT with two budgets of 300. */
function shared(): Account {
  const account = new Account({ drawdownTotalBpsMax: 0 });
  const own = { budget: usdt(300), cash: usdt(300), profit: usdt(0) };
  account.figures({ a: own, b: own });
  account.tell({ kind: "account-balance", atMs: 0, asset: "USDT", total: usdt(1_000), openOrders: 0, postings: [] });
  assert.equal(account.state.unallocated, usdt(400));
  return account;
}

test("RISK-09 a bot that joins while it runs tells what it wants now, and keeps its grant", () => {
  const account = new Account();
  const before = account.state.bots.get("a")?.grant;
  account.effects = [];
  joined(account, "a");
  assert.deepEqual([account.effects, account.state.bots.get("a")?.grant], [[], before], "it is told nothing anew");
  joined(account, "a", { wanted: 9_000, base: "WBTC" });
  const { base, wanted, grant } = account.state.bots.get("a") ?? {};
  assert.deepEqual([base, wanted, grant?.gross], ["WBTC", usdt(9_000), usdt(9_000)]);
  joined(account, "b");
  joined(account, "a");
  assert.ok((before?.id ?? 0) > 0 && (account.state.bots.get("a")?.grant?.id ?? 0) > (before?.id ?? 0));
});

test("RISK-09 a bot that is new runs, holds nothing, and owes nothing", () => {
  const account = new Account({}, []);
  account.tell({ kind: "bot-joined", atMs: 0, bot: "z", base: "SOL", wanted: usdt(0), lineage: 4 });
  assert.deepEqual(account.state.bots.get("z"), {
    base: "SOL",
    wanted: 0n,
    running: true,
    grant: { id: 1, gross: 0n },
    acknowledged: true,
    held: 0n,
    figures: null,
    killReport: null,
    owesReset: false,
    lineage: 4,
  });
  assert.deepEqual(
    account.effects.map(({ kind }) => kind),
    ["grant"],
    "it is told its grant and nothing else",
  );
  joined(account, "y");
  assert.equal("lineage" in (account.state.bots.get("y") ?? {}), false, "nobody told");
});

test("RISK-09 a bot that left, or a run that is over, has acknowledged nothing of what comes", () => {
  const account = new Account();
  left(account, "b", false);
  left(account, "nobody", true);
  const { running, acknowledged } = account.state.bots.get("b") ?? {};
  assert.deepEqual([running, acknowledged, account.state.bots.size], [false, false, 2]);
  left(account, "b", true);
  assert.deepEqual([...account.state.bots.keys()], ["a"]);
});

test("RISK-18 DUR-42 another journal of a bot counts from another beginning: no gain and no loss", () => {
  const account = shared();
  joined(account, "a", { lineage: 1 });
  account.figures({ a: { profit: usdt(-50), budget: usdt(300), cash: usdt(250) } });
  assert.deepEqual([account.state.bots.get("a")?.lineage, account.state.peakProfit], [1, 0n]);
  joined(account, "a");
  joined(account, "a", { lineage: 1 });
  assert.equal(account.state.bots.get("a")?.figures?.profit, usdt(-50), "the same journal goes on");
  joined(account, "a", { lineage: 2 });
  assert.deepEqual([account.state.bots.get("a")?.figures, account.state.bots.get("a")?.lineage], [null, 2]);
  assert.deepEqual([account.state.peakProfit, account.state.day.profit], [usdt(50), usdt(50)]);
  assert.equal(account.state.unallocated, usdt(650), "its money is nobody's until it tells");
  account.figures({ a: { profit: usdt(7), budget: usdt(300), cash: usdt(250) } });
  assert.equal(account.state.peakProfit, usdt(57), "the fall of before is still one, and nothing was gained");
  assert.equal(account.state.unallocated, usdt(400));
});

test("RISK-18 what a bot that is removed earned and holds leaves curve and budgets with it", () => {
  const account = shared();
  account.figures({ a: { profit: usdt(20), budget: usdt(300), cash: usdt(320) } });
  left(account, "a", true);
  assert.deepEqual(
    [account.state.peakProfit, profitInSum(account.state), account.state.day.profit, account.state.unallocated],
    [0n, 0n, usdt(-20), usdt(720)],
  );
  const before = new Account();
  left(before, "a", true);
  assert.equal(before.state.unallocated, null, "before the first look nothing is known");
  const silent = shared();
  joined(silent, "c");
  left(silent, "c", true);
  assert.equal(silent.state.unallocated, usdt(400), "who never told anything holds nothing");
});

test("RISK-17 a budget that is given, changed or taken away comes from what is nobody's", () => {
  const account = shared();
  const told = (budget: number | null, cash: number | null): bigint | null => {
    const of = (n: number | null) => (n === null ? null : usdt(n));
    account.figures({ a: { budget: of(budget), cash: of(cash) } });
    return account.state.unallocated;
  };
  assert.equal(told(300, 250), usdt(400), "what was spent is no change of the budget");
  assert.equal(told(350, 300), usdt(350));
  assert.equal(told(320, 270), usdt(380));
  assert.equal(told(null, null), usdt(650), "what it still had goes back");
  assert.equal(told(null, null), usdt(650));
  assert.equal(told(100, 80), usdt(570), "what it has of it is what it takes");
  assert.equal(told(null, null), usdt(650));
  assert.equal(told(100, null), usdt(550), "not told: all of it");
  assert.equal(told(null, null), usdt(650), "and all of it comes back");
  told(100, null);
  left(account, "a", true);
  assert.equal(account.state.unallocated, usdt(650), "with a bot that goes, too");
});

test("RISK-17 the money of all budgets is known only where every bot tells its own", () => {
  const account = new Account();
  assert.equal(cashInSum(account.state), null);
  account.figures({ a: { cash: usdt(5) } });
  assert.equal(cashInSum(account.state), null);
  account.figures({ b: { cash: null } });
  assert.equal(cashInSum(account.state), null);
  account.figures({ b: { cash: usdt(6) } });
  assert.equal(cashInSum(account.state), usdt(11));
});

test("RISK-02 what a bot does not know now stays as it was last known; what nobody knows is unknown", () => {
  const account = new Account();
  account.figures({ a: { exposure: usdt(1), net: usdt(2), profit: usdt(3) }, nobody: { net: usdt(9_999_999) } });
  account.figures({ a: { orders: 4 } });
  assert.deepEqual(account.state.bots.get("a")?.figures, {
    bot: "a",
    exposure: usdt(1),
    net: usdt(2),
    profit: usdt(3),
    budget: null,
    cash: null,
    orders: 4,
  });
  account.figures({ b: { orders: 1 } });
  const { exposure, net, profit } = account.state.bots.get("b")?.figures ?? {};
  assert.deepEqual([exposure, net, profit], [null, null, null]);
  account.figures({ b: { profit: usdt(-70) } });
  assert.equal(account.state.peakProfit, usdt(3 - 70), "earned before it was first seen here");
});

test("RISK-09 figures of a bot that acknowledged a smaller grant free what it no longer has", () => {
  const account = new Account({}, ["a"]);
  account.figures({ a: { exposure: usdt(18_000) } });
  account.join("b");
  assert.deepEqual([account.state.bots.get("a")?.held, account.state.bots.get("b")?.held], [18_000, 2_000].map(usdt));
  account.figures({ a: { exposure: usdt(12_000) } });
  assert.deepEqual([account.state.bots.get("a")?.held, account.state.bots.get("b")?.held], [12_000, 8_000].map(usdt));
});

test("RISK-18 the capital of bots without a budget is counted from the account's first equity", () => {
  const account = new Account();
  const equity = (amount: number) => ({ equity: usdt(amount), maintenance: usdt(0), atMs: account.atMs });
  account.figures({ a: { profit: usdt(0) }, b: { profit: usdt(0) } }, { equity: equity(1_000) });
  account.figures({}, { equity: equity(700) });
  assert.deepEqual([account.state.startEquity, account.state.equity?.equity], [usdt(1_000), usdt(700)]);
});

test("RISK-18 a request without an answer took no time, and counts as a try", () => {
  const account = new Account();
  const silent: RequestFigures = { tries: 2, tookMs: null, failed: true };
  account.figures({}, { requests: [silent, { tries: 1, tookMs: 40, failed: false }] });
  assert.deepEqual(account.state.roundTrips.samples, [[account.atMs, 40]]);
  assert.deepEqual(account.state.retries.tries.at(-1)?.slice(1), [3, 1]);
  assert.equal(account.state.retries.errors.length, 2);
});
