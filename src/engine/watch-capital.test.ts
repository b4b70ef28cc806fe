// The capital curve of one bot, one look after another: when a fall of it opens a breaker, and with which words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { milliTicks, money } from "../market/amounts.ts";
import { initialBudget } from "../risk/budget.ts";
import type { RiskTexts } from "../risk/limits.ts";
import { bookFunding } from "../trading/ledger.ts";
import { benchWith } from "./breakers.fixture.ts";
import { type Bench, INSTRUMENT } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";
import { lookAround } from "./watch.ts";

const USDT = 10n ** 18n;

/** A look, and what it said; timers apart. */
function looks(bot: Bench): readonly string[] {
  const turn = new Turn(bot.state);
  lookAround(turn);
  return said(bot, turn.effects).filter((line) => !line.startsWith("timer"));
}

/** A bot with this budget, in USDT, whose profit is what `earns` says. */
function capital(texts: RiskTexts, budget: bigint | null): Bench {
  const bot = benchWith(texts);
  bot.state.budget = budget === null ? null : initialBudget(money(budget * USDT));
  bot.state.history.profit = [];
  return bot;
}

/** It receives that much of funding, or pays it, and a look follows. */
function earns(bot: Bench, amount: bigint): readonly string[] {
  const { symbol, minLots: positionLots } = INSTRUMENT;
  const common = { kind: "funding-settled", atMs: 0, settledAtMs: 0, ratePpt: 0, mark: milliTicks(1) } as const;
  bookFunding(bot.state.ledger, INSTRUMENT, { ...common, symbol, positionLots, amount: money(amount) });
  return looks(bot);
}

test("RISK-18 the capital is budget and profit: at 500 bps below its peak the window's breaker opens", () => {
  const bot = capital({}, 100n);
  assert.deepEqual(earns(bot, 10n * USDT), []);
  assert.deepEqual(earns(bot, -55n * 10n ** 17n + 1n), []);
  const reason = "opened: capital fell from 110 USDT to 104.5 USDT, 500 bps, limit 500";
  const facts = "breaker=drawdown-window action=A value=500 bps limit=500 bps";
  assert.deepEqual(earns(bot, -1n), [`critical breaker-opened: breaker drawdown-window ${reason} ${facts}`]);
  const out = capital({ onDrawdown: "flatten" }, 100n);
  earns(out, 0n);
  earns(out, -5n * USDT);
  assert.deepEqual([out.state.breakers.get("drawdown-window")?.action, out.state.closer?.target], ["F", 0]);
});

test("RISK-18 a fall as an amount opens its own breaker when it is reached, with or without a known capital", () => {
  const bot = capital({ drawdownAmountMax: "6", drawdownBpsMax: "0" }, 100n);
  earns(bot, 10n * USDT);
  assert.deepEqual(earns(bot, -6n * USDT + 1n), []);
  const facts = "breaker=drawdown-amount action=A value=6 USDT limit=6 USDT";
  const opened = "critical breaker-opened: breaker drawdown-amount opened: capital fell by 6 USDT, limit 6 USDT";
  assert.deepEqual(earns(bot, -1n), [`${opened} ${facts}`]);
  const unread = capital({ drawdownAmountMax: "6" }, null);
  unread.state.history.startEquity = null;
  earns(unread, 0n);
  assert.deepEqual(earns(unread, -6n * USDT), [`${opened} ${facts}`], "no account was read to take bps of");
});

test("RISK-18 capital that is gone opens the breaker at the first look; none at all, and no loss, does not", () => {
  const gone = capital({}, 100n);
  assert.match(earns(gone, -100n * USDT)[0] ?? "", /fell from 0 USDT to 0 USDT, 10000 bps, limit 500/);
  assert.deepEqual(earns(capital({}, 0n), 0n), []);
});

test("RISK-18 drawdown is not watched where both of its limits are off, and not without a price", () => {
  const off = capital({ drawdownBpsMax: "0", drawdownAmountMax: "0" }, 100n);
  earns(off, 10n * USDT);
  assert.deepEqual(earns(off, -90n * USDT), []);
  assert.deepEqual(off.state.history.profit, []);
  const blind = capital({}, 100n);
  blind.state.book = null;
  earns(blind, 10n * USDT);
  assert.deepEqual([earns(blind, -90n * USDT), blind.state.history.profit], [[], []]);
});
