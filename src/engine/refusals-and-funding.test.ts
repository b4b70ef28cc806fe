// What a person is told of refused orders and of funding that stays away (RISK-42).

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money } from "../market/amounts.ts";
import { benchWith, buy, wait } from "./breakers.fixture.ts";
import { type Bench, INSTRUMENT } from "./probe.fixture.ts";

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

const toldOf = (bot: Bench, code: string) =>
  bot.effects.flatMap((effect) => (effect.kind === "alert" && effect.code === code ? [effect] : []));

/** A bot whose both quotes are refused by their worth at each book. */
function tooSmall(): Bench {
  const bot = benchWith({ orderNotionalMax: "1" });
  for (let n = 0; n < 20; n += 1) wait(bot, 1_000);
  return bot;
}

test("RISK-42 RISK-06 the first refusal of a code is told with its words, and again after an hour", () => {
  const bot = tooSmall();
  assert.ok((bot.state.refusals.get("order-notional") ?? 0) >= 20);
  const [first, ...more] = toldOf(bot, "limit-refused");
  assert.equal(more.length, 0);
  assert.equal(first?.severity, "warning");
  assert.deepEqual(first?.facts, { refusal: "order-notional", refused: 1 });
  assert.match(first?.text ?? "", /^an order was refused by order-notional: .*is above orderNotionalMax/);
  wait(bot, HOUR_MS - 60_000);
  assert.equal(toldOf(bot, "limit-refused").length, 1);
  wait(bot, 60_000);
  assert.equal(toldOf(bot, "limit-refused").length, 2);
});

test("RISK-42 what has told of itself is no news as a refusal: a paused bot is not told of each order", () => {
  const bot = benchWith();
  bot.feed({ kind: "feed", feed: "book", state: "stale" });
  for (let n = 0; n < 5; n += 1) wait(bot, 1_000);
  assert.deepEqual(toldOf(bot, "limit-refused"), []);
});

const AT_MS = 2_000_000;

/** Holds ten lots of 30,000 USDT; the exchange announced a settlement. */
function announced(ratePpt = 10_000_000_000): Bench {
  const bot = benchWith();
  buy(bot);
  rate(bot, AT_MS, ratePpt);
  return bot;
}

const rate = (bot: Bench, nextAtMs: number, ratePpt: number): void => {
  bot.feed({ kind: "funding-rate", symbol: INSTRUMENT.symbol, ratePpt, nextAtMs });
};

/** Books come until then, ten seconds apart. */
function until(bot: Bench, atMs: number): void {
  while (bot.atMs < atMs) wait(bot, Math.min(10_000, atMs - bot.atMs));
  wait(bot, 1_000);
}

const settled = (bot: Bench, settledAtMs: number): void => {
  const { symbol } = INSTRUMENT;
  const mark = milliTicks(300_000_000);
  const ratePpt = 10_000_000_000;
  bot.feed({ kind: "funding-settled", symbol, settledAtMs, ratePpt, mark, positionLots: lots(10), amount: money(-1n) });
};

test("RISK-42 funding that was announced and not booked a quarter of an hour later is told once", () => {
  const bot = announced();
  until(bot, AT_MS + QUARTER_MS - 5_000);
  assert.deepEqual(toldOf(bot, "funding-missed"), []);
  until(bot, AT_MS + QUARTER_MS);
  until(bot, AT_MS + 3 * QUARTER_MS);
  const [only, ...more] = toldOf(bot, "funding-missed");
  assert.equal(more.length, 0);
  assert.deepEqual([only?.severity, only?.facts], ["warning", { settleAtMs: AT_MS, lots: 10 }]);
  assert.match(only?.text ?? "", /settle funding on \S+ ETH a quarter/);
});

test("RISK-42 funding that is booked, even minutes late, or that is next to nothing, is not missed", () => {
  const late = announced();
  rate(late, AT_MS + 8 * HOUR_MS, 10_000_000_000);
  rate(late, AT_MS, 10_000_000_000);
  until(late, AT_MS + QUARTER_MS / 2);
  rate(late, AT_MS + 8 * HOUR_MS, 10_000_000_000);
  settled(late, AT_MS + 12);
  const nothing = announced(0);
  for (const bot of [late, nothing]) {
    until(bot, AT_MS + 2 * QUARTER_MS);
    assert.deepEqual(toldOf(bot, "funding-missed"), []);
  }
});

test("RISK-42 a bot that held nothing when funding was settled misses none", () => {
  const bot = benchWith();
  rate(bot, AT_MS, 10_000_000_000);
  until(bot, AT_MS + 5_000);
  buy(bot);
  until(bot, AT_MS + 2 * QUARTER_MS);
  assert.deepEqual(toldOf(bot, "funding-missed"), []);
});
