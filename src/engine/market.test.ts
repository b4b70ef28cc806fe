// Market data in the engine's own state: which books count, which marks, and that funding is booked once, whatever it
// is paid in and however often it is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import { initialBudget } from "../risk/budget.ts";
import type { BookEvent, CandleEvent, FundingSettled, Level } from "../trading/event.ts";
import { balanceOf } from "../trading/ledger.ts";
import { benchWith, wait } from "./breakers.fixture.ts";
import { isSettled, onBook, onCandle, onFundingSettled, onMark } from "./market.ts";
import { Bench, INSTRUMENT } from "./probe.fixture.ts";
import { handled } from "./said.fixture.ts";

const { symbol } = INSTRUMENT;
const OTHER = "BTC/USDT:USDT";

/** Levels as `price quantity` texts, best first. */
const side = (texts: readonly string[]): readonly Level[] =>
  texts.map((text) => {
    const [price, quantity] = text.split(" ").map(Number);
    return [ticks(price ?? 0), lots(quantity ?? 0)];
  });
const bookOf = (bids: readonly string[], asks: readonly string[]): Omit<BookEvent, "atMs"> => ({
  kind: "book",
  symbol,
  bids: side(bids),
  asks: side(asks),
  exchangeAtMs: 0,
  replaced: 0,
});

test("GRID-10 a whole book replaces the last one and reaches the strategy by its best levels", () => {
  const bot = benchWith();
  const whole = bookOf(["100 7", "99 8"], ["101 9"]);
  const { inputs, did } = handled(bot, onBook, whole);
  assert.deepEqual(inputs, [{ kind: "book", bid: 100, ask: 101, bidQuantity: 7, askQuantity: 9 }]);
  assert.deepEqual(did, []);
  assert.deepEqual(bot.state.book, { bids: whole.bids, asks: whole.asks, atMs: bot.state.nowMs });
});

test("GRID-10 a book that is crossed, locked or one-sided, or has no price, is bad: the last one grows old", () => {
  const bot = benchWith();
  const before = bot.state.book;
  const bad = [
    bookOf([], ["101 9"]),
    bookOf(["100 7"], []),
    bookOf([], []),
    bookOf(["0 7"], ["101 9"]),
    bookOf(["101 7"], ["101 9"]),
    bookOf(["102 7"], ["101 9"]),
  ];
  for (const book of bad) {
    assert.deepEqual(handled(bot, onBook, book).inputs, [{ kind: "bad-book" }]);
    assert.equal(bot.state.book, before);
  }
});

const CANDLE: Omit<CandleEvent, "atMs"> = {
  kind: "candle",
  symbol,
  interval: "1m",
  openAtMs: 0,
  open: ticks(1),
  high: ticks(1),
  low: ticks(1),
  close: ticks(1),
  volume: lots(1),
  closed: true,
};

test("GRID-10 books, candles and marks of another instrument change nothing and reach no strategy", () => {
  const bot = benchWith();
  const before = bot.state.book;
  const book = { ...bookOf(["100 7"], ["101 9"]), symbol: OTHER };
  assert.deepEqual([handled(bot, onBook, book).inputs, bot.state.book], [[], before]);
  assert.deepEqual(handled(bot, onCandle, { ...CANDLE, symbol: OTHER }).inputs, []);
  const mark = milliTicks(100_500);
  assert.deepEqual(handled(bot, onMark, { kind: "mark", symbol: OTHER, mark }).inputs, []);
  assert.equal(bot.state.mark, null);
  assert.deepEqual(handled(bot, onMark, { kind: "mark", symbol, mark }).inputs, []);
  assert.deepEqual(bot.state.mark, { mark, atMs: bot.state.nowMs });
  const candle = { ...CANDLE, atMs: bot.state.nowMs };
  assert.deepEqual(handled(bot, onCandle, CANDLE).inputs, [{ kind: "candle", candle }]);
});

test("GRID-10 before the first configuration no instrument is the bot's: its market data are passed by", () => {
  const bot = new Bench();
  assert.deepEqual(handled(bot, onBook, bookOf(["100 7"], ["101 9"])).inputs, []);
  assert.deepEqual(handled(bot, onCandle, CANDLE).inputs, []);
  assert.deepEqual(handled(bot, onMark, { kind: "mark", symbol, mark: milliTicks(100_500) }).inputs, []);
  assert.deepEqual(handled(bot, onFundingSettled, paid({})).inputs, []);
  assert.deepEqual([bot.state.book, bot.state.mark, bot.state.settlements.size], [null, null, 0]);
  assert.equal(isSettled(bot.state, paid({ asset: "USDT" })), false);
});

/** A payment of 0.75 USDT for ten lots. */
const paid = (change: Partial<FundingSettled>): Omit<FundingSettled, "atMs"> => ({
  kind: "funding-settled",
  symbol,
  settledAtMs: 500_000,
  ratePpt: 25_000_000,
  mark: milliTicks(300_000_000),
  positionLots: lots(10),
  amount: money(-750_000_000_000_000_000n),
  ...change,
});

/** What `amount` of funding did: cash of the asset, postings of this event, result of the budget, the newest time. */
function settle(bot: Bench, change: Partial<FundingSettled> = {}): readonly unknown[] {
  const { inputs, turn } = handled(bot, onFundingSettled, paid(change));
  assert.deepEqual(inputs, [], "funding is no signal");
  const { ledger, budget, lastFundingAtMs } = bot.state;
  const cash = balanceOf(ledger, "cash", change.asset ?? "USDT");
  return [cash, turn.postings.length, budget?.realisedNet ?? null, lastFundingAtMs];
}

const MINUS = -750_000_000_000_000_000n;

test("DUR-06 funding is booked once however often it is told, in ledger and budget, in whatever order", () => {
  const bot = benchWith();
  bot.state.budget = initialBudget(money(10n ** 20n));
  assert.deepEqual(settle(bot), [MINUS, 2, MINUS, 500_000]);
  assert.equal(bot.state.settlements.get(500_000), 10);
  assert.deepEqual(settle(bot), [MINUS, 0, MINUS, 500_000], "told twice");
  assert.deepEqual(settle(bot, { asset: "USDT" }), [MINUS, 0, MINUS, 500_000], "and once more with its asset named");
  assert.deepEqual(settle(bot, { settledAtMs: 400_000 }), [2n * MINUS, 2, 2n * MINUS, 500_000], "an older one is late");
  assert.deepEqual(settle(bot, { settledAtMs: 600_000 }), [3n * MINUS, 2, 3n * MINUS, 600_000]);
  assert.deepEqual(settle(bot, { symbol: OTHER, settledAtMs: 700_000 }), [3n * MINUS, 0, 3n * MINUS, 600_000]);
  const knows = (settledAtMs: number): boolean => isSettled(bot.state, paid({ settledAtMs }));
  assert.deepEqual([knows(500_000), knows(500_001)], [true, false]);
});

test("RISK-13 without a budget funding is money of the ledger alone", () => {
  const bot = benchWith();
  assert.deepEqual(settle(bot), [MINUS, 2, null, 500_000]);
});

test("DUR-06 the newest hundred settlements are remembered, the oldest are forgotten first", () => {
  const bot = benchWith();
  for (let n = 100; n >= 1; n -= 1) settle(bot, { settledAtMs: n * 1_000 });
  assert.deepEqual([bot.state.settlements.size, isSettled(bot.state, paid({ settledAtMs: 1_000 }))], [100, true]);
  settle(bot, { settledAtMs: 101_000 });
  const knows = (n: number): boolean => isSettled(bot.state, paid({ settledAtMs: n * 1_000 }));
  assert.deepEqual([bot.state.settlements.size, knows(1), knows(2), knows(101)], [100, false, true, true]);
});

test("RISK-16 funding paid in a third coin is booked once as that coin, told of, and counts in no budget", () => {
  const bot = benchWith();
  bot.state.budget = initialBudget(money(10n ** 20n));
  const { did } = handled(bot, onFundingSettled, paid({ asset: "BNB" }));
  const text = "the exchange settled funding of -0.75 BNB, not in USDT: no profit and no budget counts it";
  assert.deepEqual(did, [`error funding-asset: ${text} asset=BNB amount=-0.75 settledAtMs=500000`]);
  assert.deepEqual(settle(bot, { asset: "BNB" }), [MINUS, 0, 0n, 500_000], "told twice");
  assert.equal(balanceOf(bot.state.ledger, "cash", "USDT"), 0n);
  assert.deepEqual(settle(bot, { asset: "BNB", settledAtMs: 400_000 }), [2n * MINUS, 2, 0n, 500_000]);
  assert.deepEqual(
    settle(bot, { asset: "USDC" }),
    [MINUS, 2, 0n, 500_000],
    "a part in another coin is another payment",
  );
  assert.deepEqual(settle(bot), [MINUS, 2, MINUS, 500_000], "and so is the part in the quote asset");
  assert.deepEqual(settle(bot, { asset: "BNB", settledAtMs: 600_000 }), [3n * MINUS, 2, MINUS, 600_000]);
});

test("RISK-42 a payment in a third coin is what the exchange owed: it is not missed", () => {
  const bot = benchWith();
  bot.state.fundingOwed = { atMs: 500_000, ratePpt: 10_000_000_000, held: lots(10) };
  settle(bot, { asset: "BNB" });
  wait(bot, 1_000);
  assert.equal(bot.state.fundingOwed, undefined);
});
