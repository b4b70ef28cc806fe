// The account machine's own doors: time, timers, runs that begin, and the commands it knows and does not know.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../../market/amounts.ts";
import type { Command } from "../../trading/command.ts";
import { Account, DAY_MS, usdt } from "./account.fixture.ts";
import { ACCOUNT_STATE_VERSION, initialAccountState } from "./state.ts";
import { accountStep } from "./step.ts";
import { AccountTurn } from "./turn.ts";

const timers = (account: Account): readonly unknown[] =>
  account.effects.flatMap((effect) => (effect.kind === "timer" ? [[effect.name, effect.atMs]] : []));

const NOTHING = { bots: [], equity: null, outside: null, requests: [] };

test("DUR-01 an account that begins knows nothing and waits for nothing", () => {
  assert.deepEqual(initialAccountState(), {
    version: ACCOUNT_STATE_VERSION,
    seq: 0,
    nowMs: 0,
    epoch: 0,
    limits: null,
    grantId: 0,
    bots: new Map(),
    breakers: new Map(),
    told: [],
    forced: [],
    kill: null,
    equity: null,
    outside: null,
    netOverSinceMs: null,
    peakProfit: 0n,
    startEquity: null,
    day: { number: 0, profit: 0n },
    roundTrips: { samples: [], over: 0, judgedAtMs: 0 },
    retries: { tries: [], errors: [] },
    marginWarned: false,
    unallocated: null,
    driftLevel: "none",
    timers: new Map(),
  });
});

test("DUR-01 the account's clock is that of its events and never steps back", () => {
  const state = initialAccountState();
  for (const atMs of [5_000, 4_000]) accountStep(state, { kind: "account-figures", atMs, ...NOTHING });
  assert.deepEqual([state.nowMs, state.seq], [5_000, 2]);
});

test("DUR-01 a run that begins finds nobody running, and times no order of the run before", () => {
  const account = new Account();
  account.figures({}, { requests: [{ tries: 1, tookMs: 40, failed: false }] });
  const named = { host: "here", release: "0", coreHash: "", configHash: "", clockOffsetMs: 0 };
  account.tell({ kind: "run-started", atMs: 0, epoch: 7, lineage: 1, ...named });
  assert.deepEqual(
    [...account.state.bots.values()].map(({ running, acknowledged, held }) => [running, acknowledged, held]),
    [
      [false, false, usdt(10_000)],
      [false, false, usdt(10_000)],
    ],
  );
  assert.deepEqual([account.state.roundTrips.samples, account.state.roundTrips.over], [[], 0]);
  assert.equal(account.state.epoch, 7);
});

test("DUR-01 one timer wakes the account for what comes first, anew when it fired, and for nothing past", () => {
  const account = new Account({ dailyLossMax: usdt(100), drawdownTotalBpsMax: 0 });
  account.figures({ a: { net: usdt(11_000), profit: usdt(0) } });
  const overMs = account.atMs;
  assert.deepEqual(timers(account), [["account.look", overMs + 5_000]]);
  account.effects = [];
  account.command({ name: "kill", flatten: false });
  assert.deepEqual(timers(account), [], "the kill's report is due later");
  account.tell({ kind: "timer", atMs: 0, name: "account.look", missed: 0 }, 1_000);
  assert.deepEqual(timers(account), [["account.look", overMs + 5_000]], "it fired early");
  account.effects = [];
  account.tell({ kind: "timer", atMs: 0, name: "account.look", missed: 0 }, 4_000);
  assert.equal(account.open("net-exposure"), true);
  assert.deepEqual(timers(account), [["account.look", overMs + 65_000]], "its cool-down, long before the kill's 90 s");
  account.effects = [];
  account.figures({ a: { net: usdt(0), profit: usdt(-100) } });
  account.tell({ kind: "timer", atMs: 0, name: "account.look", missed: 0 }, 59_000);
  account.tell({ kind: "timer", atMs: 0, name: "account.look", missed: 0 }, 60_000);
  account.command({ name: "killReset" });
  account.effects = [];
  account.command({ name: "kill", flatten: false });
  assert.deepEqual(timers(account), [["account.look", account.atMs + 90_000]], "long before midnight");
  account.effects = [];
  account.command({ name: "killReset" });
  assert.deepEqual(timers(account), [["account.look", 101 * DAY_MS]]);
  account.effects = [];
  account.command({ name: "breakerClose", breaker: "daily-loss", force: true });
  assert.deepEqual(timers(account), [["account.look", null]], "nothing waits");
  assert.deepEqual([...account.state.timers], []);
});

test("DUR-01 a moment that is now is not waited for", () => {
  const turn = new AccountTurn(initialAccountState());
  turn.wake(5);
  turn.wake(5);
  assert.deepEqual(turn.effects, [{ kind: "timer", name: "account.look", atMs: 5 }], "armed once");
  const account = new Account();
  account.figures({ a: { net: usdt(11_000) } });
  account.command({ name: "breakerOpen", action: "O" });
  account.tell({ kind: "account-figures", atMs: 0, ...NOTHING }, 5_000);
  assert.deepEqual([...account.state.timers.values()], [account.atMs + 60_000]);
});

test("RISK-21 the operator's own breaker says who opened it and why, without figures", () => {
  const account = new Account();
  account.command({ name: "breakerOpen", action: "A" }, "the news");
  const { reason, value, limit } = account.state.breakers.get("manual") ?? {};
  assert.deepEqual([reason, value, limit], ["opened by ann: the news", "", ""]);
});

test("RISK-21 closing by hand is told in words: not open, its cause holds, closed by whom", () => {
  const account = new Account({ openOrdersMax: 10 });
  const close = (breaker: string, force: boolean): readonly string[] => {
    account.effects = [];
    account.command({ name: "breakerClose", breaker, force });
    return account.said();
  };
  assert.deepEqual(close("manual", false), ["breaker-refused warning: breaker manual of the account is not open"]);
  account.figures({ a: { orders: 11 } });
  account.effects = [];
  account.command({ name: "breakerClose", breaker: "open-orders", force: false });
  assert.deepEqual(account.facts("breaker-refused"), { breaker: "open-orders", scope: "account", force: false });
  assert.deepEqual(account.said(), [
    "breaker-refused warning: breaker open-orders of the account stays open: its cause holds",
  ]);
  assert.deepEqual(close("open-orders", true), [
    "breaker-closed warning: breaker open-orders of the account is closed",
    "breaker-closed-by info: breaker open-orders of the account was closed by ann",
  ]);
  assert.deepEqual(account.state.forced, ["open-orders"]);
});

test("RISK-21 which causes hold: a net exposure, a margin and a day's loss do, an operator's word does not", () => {
  const equity = (account: Account) => ({ equity: usdt(2_000), maintenance: usdt(1_000), atMs: account.atMs });
  const opened: readonly (readonly [string, boolean, (account: Account) => void])[] = [
    ["net-exposure", true, (one) => [one.figures({ a: { net: usdt(11_000) } }), one.timer()]],
    ["margin-ratio", true, (one) => one.figures({}, { equity: equity(one) })],
    ["daily-loss", true, (one) => [0, -100].map((n) => one.figures({ a: { profit: usdt(n) } }))],
    ["manual", false, (one) => one.command({ name: "breakerOpen", action: "O" })],
  ];
  for (const [breaker, holds, open] of opened) {
    const account = new Account({ dailyLossMax: usdt(100), drawdownTotalBpsMax: 0 });
    open(account);
    assert.equal(account.open(breaker), true, breaker);
    account.command({ name: "breakerClose", breaker, force: false });
    assert.equal(account.open(breaker), holds, breaker);
    account.command({ name: "breakerClose", breaker, force: true });
    assert.deepEqual([account.open(breaker), account.state.forced], [false, holds ? [breaker] : []], breaker);
  }
});

test("RISK-21 a net exposure that is gone keeps no breaker open, and only a drawdown begins a new peak", () => {
  const account = new Account({ drawdownTotalBpsMax: 0 });
  account.figures({ a: { net: usdt(11_000), profit: usdt(0) } });
  account.timer();
  account.figures({ a: { net: usdt(0), profit: usdt(50) } });
  account.figures({ a: { net: usdt(0), profit: usdt(20) } });
  account.command({ name: "breakerClose", breaker: "net-exposure", force: false });
  assert.equal(account.open("net-exposure"), false);
  assert.equal(account.state.peakProfit, usdt(50));
});

test("RISK-21 what is closed by force although nothing held it opens again at the operator's next word", () => {
  const account = new Account();
  for (const reason of ["one", "two"]) {
    account.command({ name: "breakerOpen", action: "O" }, reason);
    assert.equal(account.state.breakers.get("manual")?.reason, `opened by ann: ${reason}`);
    account.command({ name: "breakerClose", breaker: "manual", force: true });
    assert.equal(account.open("manual"), false);
  }
});

test("RISK-21 a margin that is only warned of keeps its breaker open, one that is well does not", () => {
  const account = new Account();
  const margin = (maintenance: number): void => {
    const equity = { equity: usdt(2_000), maintenance: usdt(maintenance), atMs: account.atMs };
    account.figures({}, { equity });
    account.command({ name: "breakerClose", breaker: "margin-ratio", force: false });
  };
  margin(1_000);
  margin(600);
  assert.equal(account.open("margin-ratio"), true);
  margin(599);
  assert.equal(account.open("margin-ratio"), false);
});

test("DUR-01 a command that is a bot's is refused by the account in words", () => {
  const wanted = {
    positionQuantityMax: null,
    positionNotionalMax: null,
    orderQuantityMax: null,
    leverageMaxMilli: null,
  };
  const config = {} as Extract<Command, { name: "update" }>["config"];
  const commands: readonly Command[] = [
    { name: "adopt", lots: lots(1), average: null },
    { name: "clearGate", gate: "g" },
    { name: "flatten" },
    { name: "limits", wanted },
    { name: "pause", cancelEntries: false, leg: "both" },
    { name: "reanchor", price: ticks(1) },
    { name: "reconcileAccept" },
    { name: "relattice", config },
    { name: "resume" },
    { name: "start" },
    { name: "stop", cancelOnExit: null },
    { name: "update", config },
    { name: "writeOff", lots: lots(1), leg: "L" },
  ];
  const account = new Account();
  for (const command of commands) {
    account.command(command);
    assert.deepEqual(account.said(), [
      `account-refused warning: the account does not know the command ${command.name}`,
    ]);
  }
  account.command({ name: "kill", flatten: false });
  assert.deepEqual(account.alerts(), ["kill critical"]);
});
