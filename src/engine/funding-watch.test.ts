// Funding that was announced: what is owed of it, when it counts as booked, and when it is missed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks } from "../market/amounts.ts";
import type { FundingRateEvent } from "../trading/event.ts";
import { benchWith } from "./breakers.fixture.ts";
import { onFundingRate, watchFunding } from "./funding-watch.ts";
import { Bench, INSTRUMENT } from "./probe.fixture.ts";
import { handled, said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";

/** Four basis points, × 10^12. */
const RATE = 400_000_000;
const LATE_MS = 900_000;

/** A bot with ten lots, worth 30 at the mark. */
function holding(position = 10): Bench {
  const bot = benchWith();
  bot.state.ledger.position = lots(position);
  bot.state.ledger.cost = BigInt(position) * 300_000n;
  bot.state.mark = { mark: milliTicks(300_000_000), atMs: 9e15 };
  return bot;
}

function announce(bot: Bench, inMs: number, change: Partial<FundingRateEvent> = {}): void {
  const nextAtMs = bot.state.nowMs + inMs;
  const event = { kind: "funding-rate", symbol: INSTRUMENT.symbol, ratePpt: RATE, nextAtMs, ...change } as const;
  assert.deepEqual(handled<FundingRateEvent>(bot, onFundingRate, event).inputs, []);
}

function look(bot: Bench, laterMs = 0): readonly string[] {
  bot.state.nowMs += laterMs;
  const turn = new Turn(bot.state);
  watchFunding(turn);
  return said(bot, turn.effects);
}

/** Whether a settlement announced in a second is owed when its time has come. */
function owed(bot: Bench, change: Partial<FundingRateEvent> = {}): boolean {
  announce(bot, 1_000, change);
  look(bot, 1_000);
  return bot.state.fundingOwed !== undefined;
}

test("RISK-42 the newest announcement of the bot's own instrument counts until its time is there", () => {
  const bot = holding();
  announce(bot, 5_000, { symbol: "BTC/USDT:USDT" });
  announce(bot, 0);
  assert.equal(bot.state.fundingNext, undefined, "another's, and one that is over");
  announce(bot, 1);
  announce(bot, 5_000, { ratePpt: 7 });
  assert.deepEqual(bot.state.fundingNext, { atMs: bot.state.nowMs + 5_000, ratePpt: 7, held: 10 });
  announce(new Bench(), 1);
});

test("RISK-42 what is owed is what was held just before the settlement", () => {
  const bot = holding(20);
  announce(bot, 5_000);
  bot.state.ledger.position = lots(17);
  look(bot, 4_999);
  assert.equal(bot.state.fundingNext?.held, 17);
  bot.state.ledger.position = lots(19);
  look(bot, 1);
  assert.deepEqual([bot.state.fundingNext, bot.state.fundingOwed?.held], [undefined, 17]);
  const next = holding();
  announce(next, 1_000);
  next.state.nowMs += 1_000;
  announce(next, 5_000);
  assert.deepEqual(
    [next.state.fundingOwed?.held, next.state.fundingNext?.held],
    [10, 10],
    "the next is announced already",
  );
});

test("RISK-42 nothing is owed on nothing, on what was sold before, or on what is next to nothing", () => {
  assert.deepEqual([owed(holding()), owed(holding(-10)), owed(holding(0))], [true, true, false]);
  const bought = holding(0);
  announce(bought, 1_000);
  bought.state.ledger.position = lots(10);
  Object.assign(bought.state, { mark: null, book: null });
  bought.state.nowMs += 1_000;
  assert.deepEqual([look(bought), bought.state.fundingOwed], [[], undefined]);
  const sold = holding();
  announce(sold, 1_000);
  sold.state.ledger.position = lots(0);
  look(sold, 1_000);
  assert.equal(sold.state.fundingOwed, undefined);
  // a hundredth of a USDT on 30 is 3.33 bps
  assert.deepEqual(
    [owed(holding(), { ratePpt: 333_333_333 }), owed(holding(), { ratePpt: 333_333_334 })],
    [false, true],
  );
  assert.equal(owed(holding(), { ratePpt: -400_000_000 }), true);
});

test("RISK-42 without a price any rate but none is worth asking for", () => {
  const blind = (ratePpt: number): boolean => {
    const bot = holding();
    bot.state.mark = null;
    bot.state.book = null;
    return owed(bot, { ratePpt });
  };
  assert.deepEqual([blind(1), blind(0)], [true, false]);
});

test("RISK-42 a settlement is booked under a time near its own, before it is owed or after", () => {
  const booked = (beforeMs: number, after: boolean): boolean => {
    const bot = holding();
    const atMs = bot.state.nowMs + 1_000;
    if (!after) bot.state.lastFundingAtMs = atMs - beforeMs;
    const wasOwed = owed(bot);
    if (!after) return !wasOwed;
    bot.state.lastFundingAtMs = atMs - beforeMs;
    look(bot);
    return bot.state.fundingOwed === undefined;
  };
  assert.deepEqual([booked(60_000, false), booked(60_001, false)], [true, false]);
  assert.deepEqual([booked(60_000, true), booked(60_001, true)], [true, false]);
});

test("RISK-42 a quarter of an hour after a settlement nobody booked it is told, once", () => {
  const bot = holding();
  const atMs = bot.state.nowMs + 1_000;
  owed(bot);
  const text = "the exchange was to settle funding on 0.010 ETH a quarter of an hour ago, and has booked none";
  assert.deepEqual(look(bot, LATE_MS - 1), []);
  assert.deepEqual(look(bot, 1), [`warning funding-missed: ${text} settleAtMs=${atMs} lots=10`]);
  assert.deepEqual([look(bot, LATE_MS), bot.state.fundingOwed], [[], undefined]);
});
