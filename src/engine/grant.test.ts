// The terms of the account machine in a bot: how much it may have at risk, and breakers of the account that hold it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../market/amounts.ts";
import type { AccountBreakerEvent, GrantEvent } from "../trading/account-event.ts";
import { benchWith } from "./breakers.fixture.ts";
import { holding } from "./evidence.fixture.ts";
import {
  awaitGrant,
  exposureOf,
  GRANT_BLOCK,
  judgeGrant,
  onAccountBreaker,
  onGrant,
  rememberedBreakers,
} from "./grant.ts";
import type { Bench } from "./probe.fixture.ts";
import { handled } from "./said.fixture.ts";
import { Turn } from "./turn.ts";

const USDT = 10n ** 18n;

function grant(bot: Bench, gross: bigint, id = 1): void {
  const event = { kind: "grant", id, gross: money(gross) } as const;
  assert.deepEqual(handled<GrantEvent>(bot, onGrant, event).inputs, []);
}

/** Whether the gates may have changed by it. */
function judge(bot: Bench): boolean {
  const turn = new Turn(bot.state);
  judgeGrant(turn);
  return turn.gatesChanged;
}

function account(bot: Bench, change: Partial<AccountBreakerEvent>) {
  const usual = { kind: "account-breaker", breaker: "net", reason: "too much", value: "", limit: "" } as const;
  const event = { ...usual, phase: "open", action: "O", ...change } as const;
  return handled<AccountBreakerEvent>(bot, onAccountBreaker, event);
}

test("RISK-09 what a bot has at risk is the worst its position and orders can come to, at the mark", () => {
  const bot = holding(10);
  assert.equal(exposureOf(bot.state), 30n * USDT);
  const resting = benchWith();
  assert.equal(exposureOf(resting.state), 30n * USDT, "ten lots on either side");
  bot.state.book = null;
  assert.equal(exposureOf(bot.state), null, "nobody knows what it is worth");
  bot.state.ledger.position = lots(0);
  bot.state.ledger.cost = 0n;
  assert.equal(exposureOf(bot.state), 0n, "nothing is worth nothing at any price");
  assert.equal(exposureOf({ ...holding(10).state, instrument: null }), null);
});

test("RISK-09 a grant below what the bot has cancels entries until it fits, judged once there is a price", () => {
  const bot = holding(10);
  const { book } = bot.state;
  bot.state.book = null;
  grant(bot, 29n * USDT, 4);
  assert.deepEqual([judge(bot), bot.state.grant], [false, { id: 4, gross: 29n * USDT, over: "unknown" }]);
  bot.state.book = book;
  assert.deepEqual([judge(bot), judge(bot)], [true, false]);
  assert.deepEqual(bot.state.blocks.get(GRANT_BLOCK), {
    reason: "the account grants less exposure than the bot has: entries are cancelled until it fits",
    sinceMs: bot.state.nowMs,
    level: "REDUCE",
    leg: "both",
    reducing: true,
  });
  bot.state.ledger.position = lots(9);
  assert.deepEqual([judge(bot), bot.state.blocks.has(GRANT_BLOCK), bot.state.grant?.over], [true, false, "no"]);
  bot.state.ledger.position = lots(10);
  assert.deepEqual([judge(bot), bot.state.blocks.size], [false, 0], "what grew later is risk's to refuse");
});

test("RISK-09 a grant of exactly what the bot has fits; without any terms the bot's own limit stands alone", () => {
  const bot = holding(10);
  assert.deepEqual([judge(bot), bot.state.blocks.size], [false, 0]);
  grant(bot, 30n * USDT);
  assert.deepEqual([judge(bot), bot.state.grant?.over], [false, "no"]);
});

test("RISK-09 a new run has no grant until it hears one; a bot that never had one waits for none", () => {
  const bot = holding(10);
  awaitGrant(bot.state);
  assert.equal(bot.state.grant, undefined);
  grant(bot, 10n * USDT, 7);
  judge(bot);
  assert.ok(bot.state.blocks.has(GRANT_BLOCK));
  awaitGrant(bot.state);
  assert.deepEqual([bot.state.grant, bot.state.blocks.size], [{ id: 7, gross: 0n, over: "no" }, 0]);
});

test("RISK-18 a breaker of the account holds this bot like its own, until the account says otherwise", () => {
  const held = (action: AccountBreakerEvent["action"]): string => {
    const bot = holding(10);
    const { inputs, turn } = account(bot, { action });
    assert.deepEqual([inputs, turn.gatesChanged], [[], true]);
    const { reason, sinceMs, leg, level, reducing } = bot.state.blocks.get("account:net") ?? assert.fail();
    assert.deepEqual([reason, sinceMs, leg], ["too much", bot.state.nowMs, "both"]);
    const closer = bot.state.closer === null ? "" : `, ${bot.state.closer.because}`;
    account(bot, { action, phase: "closed" });
    assert.equal(bot.state.blocks.size, 0);
    return `${level}${reducing ? ", reducing" : ""}${closer}`;
  };
  assert.deepEqual([held("P"), held("O")], ["HOLD, reducing", "REDUCE, reducing"]);
  assert.deepEqual([held("A"), held("F")], ["HALT", "HALT, flatten.breaker"]);
});

test("RISK-18 a breaker told again keeps its time and flattens once; another reason is another opening", () => {
  const bot = holding(10);
  const { nowMs } = bot.state;
  account(bot, { action: "F" });
  bot.state.closer = null;
  bot.state.nowMs += 5;
  account(bot, { action: "F" });
  assert.deepEqual([bot.state.blocks.get("account:net")?.sinceMs, bot.state.closer], [nowMs, null]);
  account(bot, { action: "F", reason: "fell again" });
  assert.equal(bot.state.blocks.get("account:net")?.sinceMs, nowMs + 5);
  assert.notEqual(bot.state.closer, null);
});

test("RISK-18 probation of the account's breakers is remembered by name, and over when they say so", () => {
  const bot = holding(10);
  account(bot, { phase: "closed" });
  assert.equal(bot.state.accountProbation, undefined, "there never was one");
  account(bot, { phase: "probation" });
  account(bot, { phase: "probation", breaker: "latency" });
  account(bot, { phase: "probation" });
  assert.deepEqual(bot.state.accountProbation, ["latency", "net"]);
  account(bot, { phase: "open", breaker: "latency" });
  account(bot, { phase: "closed" });
  assert.deepEqual(bot.state.accountProbation, []);
});

test("RISK-18 a bot that joins says which breakers of the account hold it; nobody sells by hearsay", () => {
  const bot = holding(10);
  assert.deepEqual(rememberedBreakers(bot.state), []);
  account(bot, { breaker: "a", action: "P" });
  account(bot, { breaker: "b", action: "O" });
  account(bot, { breaker: "c", action: "F" });
  account(bot, { breaker: "d", phase: "probation" });
  bot.state.blocks.set("rejects", { reason: "own", sinceMs: 0, level: "HOLD", leg: "both", reducing: true });
  const told = rememberedBreakers(bot.state).map(({ breaker, phase, action, reason }) => [
    breaker,
    phase,
    action,
    reason,
  ]);
  assert.deepEqual(told, [
    ["a", "open", "P", "too much"],
    ["b", "open", "O", "too much"],
    ["c", "open", "A", "too much"],
    ["d", "probation", "P", ""],
  ]);
});
