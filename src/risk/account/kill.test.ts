// The kill switch of the account in words: who is told, who is waited for, and what the report says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Account, usdt } from "./account.fixture.ts";

const commands = (account: Account): string[] =>
  account.effects.flatMap((effect) => {
    if (effect.kind !== "bot-command") return [];
    const { command, bot, by, reason } = effect;
    return [`${bot} ${command.name}${command.name === "kill" && command.flatten ? " flatten" : ""}, ${by}: ${reason}`];
  });

function report(account: Account, bot: string, change: { proved?: boolean; ordersLeft?: number; flat?: boolean } = {}) {
  const told = { proved: true, ordersLeft: 0, flat: true, ...change };
  account.tell({ kind: "bot-kill-reported", atMs: 0, bot, ...told }, 100);
}

const run = (account: Account, epoch: number): void => {
  const named = { host: "here", release: "0", coreHash: "", configHash: "", clockOffsetMs: 0 };
  account.tell({ kind: "run-started", atMs: 0, epoch, lineage: 1, ...named });
};

test("RISK-22 the kill is told in words to people and to the bots that run, and once", () => {
  const account = new Account();
  account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: usdt(0), removed: false });
  account.command({ name: "kill", flatten: false }, "news");
  assert.deepEqual(commands(account), ["a kill, ann: news"]);
  assert.deepEqual(account.facts("kill"), { flatten: false });
  assert.deepEqual(account.said(), ["kill critical: kill switch of the account pulled by ann: news"]);
  account.command({ name: "kill", flatten: false }, "again");
  assert.deepEqual([commands(account), account.said()], [[], []]);
  assert.equal(account.state.kill?.reason, "news");
});

test("RISK-22 a second kill only adds flattening, and asks every report anew", () => {
  const account = new Account();
  account.command({ name: "kill", flatten: false }, "news");
  for (const bot of ["a", "b"]) report(account, bot, { flat: false });
  assert.equal(account.state.kill?.reported, true);
  account.effects = [];
  account.command({ name: "kill", flatten: true }, "worse");
  assert.deepEqual(commands(account), ["a kill flatten, ann: worse", "b kill flatten, ann: worse"]);
  assert.deepEqual(account.alerts(), ["kill critical"], "nobody has reported on this one");
  for (const bot of ["a", "b"]) report(account, bot);
  account.alerts();
  for (const flatten of [true, false]) account.command({ name: "kill", flatten }, "again");
  assert.deepEqual([commands(account), account.alerts()], [[], []]);
});

test("RISK-22 the report of a kill that every bot proved: what holds, over how many, in which time", () => {
  for (const [flatten, what] of [
    [true, "no own order is open and no own position is held"],
    [false, "no own order is open"],
  ] as const) {
    const account = new Account();
    account.command({ name: "kill", flatten });
    account.alerts();
    report(account, "nobody");
    report(account, "a");
    assert.deepEqual(account.said(), []);
    report(account, "b", { flat: flatten });
    assert.deepEqual(account.facts("kill-proved"), { bots: 2, ordersLeft: 0, failed: "", tookMs: 300 });
    assert.deepEqual(account.said(), [`kill-proved critical: the account is killed: ${what}, over 2 bots`]);
    report(account, "b");
    account.tell({ kind: "timer", atMs: 0, name: "account.look", missed: 0 }, 100_000);
    assert.deepEqual(account.said(), [], "reported once");
  }
});

test("RISK-22 the report of a kill that failed names the bots and counts the orders that may be open", () => {
  const account = new Account();
  account.join("c");
  account.command({ name: "kill", flatten: true });
  account.alerts();
  report(account, "a", { proved: false, ordersLeft: 2 });
  report(account, "b", { flat: false, ordersLeft: 1 });
  report(account, "c");
  assert.deepEqual(account.facts("kill-failed"), { bots: 3, ordersLeft: 3, failed: "a, b", tookMs: 300 });
  assert.deepEqual(account.said(), [
    "kill-failed critical: the account is killed, but a, b could not prove it, 3 orders may be open",
  ]);
});

test("RISK-22 a bot that reports late is waited for 90 s and no longer", () => {
  const account = new Account();
  account.command({ name: "kill", flatten: false });
  report(account, "a");
  account.alerts();
  const look = (afterMs: number): void =>
    account.tell({ kind: "timer", atMs: 0, name: "account.look", missed: 0 }, afterMs);
  look(89_899);
  assert.deepEqual(account.said(), []);
  look(1);
  assert.deepEqual(account.said(), [
    "kill-failed critical: the account is killed, but b could not prove it, 0 orders may be open",
  ]);
});

test("RISK-22 of bots that do not run only one that may have something is nobody's to prove", () => {
  for (const [exposure, code] of [
    [usdt(0), "kill-proved critical"],
    [null, "kill-failed critical"],
  ] as const) {
    const account = new Account();
    account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure, removed: false });
    account.command({ name: "kill", flatten: true });
    account.alerts();
    report(account, "a");
    assert.deepEqual(account.alerts(), [code]);
  }
  const proved = new Account();
  proved.command({ name: "kill", flatten: true });
  report(proved, "b", { proved: false });
  proved.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: usdt(0), removed: false });
  proved.alerts();
  report(proved, "a");
  assert.deepEqual(proved.alerts(), ["kill-failed critical"], "its own word counts more than that it is gone");
});

test("RISK-22 a run that begins before all have reported waits anew for those that may have something", () => {
  const account = new Account();
  account.join("c");
  account.tell({ kind: "bot-left", atMs: 0, bot: "c", exposure: usdt(0), removed: false });
  account.command({ name: "kill", flatten: true });
  account.alerts();
  report(account, "a");
  account.atMs += 80_000;
  run(account, 2);
  assert.equal(account.state.kill?.awaitedSinceMs, account.atMs);
  assert.deepEqual([...account.state.timers.values()], [account.atMs + 90_000]);
  assert.deepEqual(account.said(), [], "b may hold something and is waited for");
  account.join("b");
  assert.deepEqual(account.said(), []);
  report(account, "b");
  assert.deepEqual(account.alerts(), ["kill-proved critical"], "c holds nothing: nobody waits for it");
  run(account, 3);
  assert.notEqual(account.state.kill?.awaitedSinceMs, account.atMs, "what was reported is not asked again");
});

test("RISK-22 a reset is told to those that run and owed to those that do not; none is one without a kill", () => {
  const account = new Account();
  account.command({ name: "killReset" }, "mistaken");
  assert.deepEqual([commands(account), account.said(), account.state.kill], [[], [], null]);
  report(account, "a");
  assert.equal(account.state.bots.get("a")?.killReport, null, "of what nobody pulled there is no report");
  account.command({ name: "kill", flatten: false });
  account.alerts();
  account.command({ name: "killReset" }, "over");
  assert.deepEqual(commands(account), ["a killReset, ann: over", "b killReset, ann: over"]);
  assert.deepEqual(account.said(), ["kill-reset warning: the kill switch of the account was reset by ann: over"]);
  account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: usdt(0), removed: false });
  account.join("b");
  assert.deepEqual(commands(account), [], "it was told when it ran");
});

test("RISK-22 the latch a reset owes is lifted once, in words, and not where the account was killed again", () => {
  const account = new Account();
  const away = (): void => account.tell({ kind: "bot-left", atMs: 0, bot: "b", exposure: usdt(0), removed: false });
  account.command({ name: "kill", flatten: false });
  away();
  account.command({ name: "killReset" });
  account.effects = [];
  account.join("b");
  assert.deepEqual(commands(account), ["b killReset, account: the kill of the account was reset"]);
  away();
  account.join("b");
  assert.equal(commands(account).length, 1, "once");
  account.command({ name: "kill", flatten: false });
  away();
  account.command({ name: "killReset" });
  account.command({ name: "kill", flatten: false }, "anew");
  account.effects = [];
  account.join("b");
  assert.deepEqual(commands(account), ["b kill, ann: anew"]);
  account.command({ name: "killReset" });
  account.effects = [];
  away();
  account.join("b");
  assert.deepEqual(commands(account), []);
});
