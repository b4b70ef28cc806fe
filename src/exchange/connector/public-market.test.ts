// The public market of a connector on 127.0.0.1: the tape, open and closed candles, deep books, the last price, a day.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { makeWorld, SYMBOL, type WorldOptions } from "../../../test/contract/exchange-stage.ts";
import { FeedKind, FeedState, OrderSide, StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { Heard, isEnd } from "./heard.fixture.ts";

const MINUTE_MS = 60_000;
/** Full minutes of exchange time. */
const MINUTE_START = 1_750_000_020_000;

async function stageFor(t: TestContext, options: WorldOptions = {}) {
  const world = makeWorld(options);
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  return { world, stage, reader: stage.exchange("reader"), market: world.exchange.market(SYMBOL) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("API-16 API-19 the tape tells every trade once, goes on after its token, and costs nothing after the last", async (t) => {
  const { world, reader, market } = await stageFor(t);
  const open = (resumeToken = "") =>
    new Heard((signal) => reader.subscribeTrades({ symbols: [SYMBOL], resumeToken }, { signal }));
  const keeper = open();
  const first = open();
  await Promise.all([keeper.until(isEnd), first.until(isEnd)]);
  assert.equal(market.watchers.count, 1, "one upstream for all of them");
  world.market.say("sold 600000x3");
  world.market.say("bought 600001x5");
  const sold = await first.until(({ symbol }) => symbol !== "");
  const bought = await first.until(({ price }) => price?.value === "60000.1");
  assert.deepEqual(
    [sold, bought].map(({ symbol, side, price, quantity }) => [symbol, side, price?.value, quantity?.value]),
    [
      [SYMBOL, OrderSide.SELL, "60000.0", "0.003"],
      [SYMBOL, OrderSide.BUY, "60000.1", "0.005"],
    ],
  );
  assert.match(sold.tradeId, /^\d+$/);
  assert.notEqual(sold.tradeId, bought.tradeId);
  assert.ok(Math.abs(sold.atMs - world.clock.nowMs()) < 60_000);
  await first.leave();
  world.market.say("sold 599990x1");
  await keeper.until(({ price }) => price?.value === "59999.0");
  const again = open(bought.meta?.resumeToken);
  const missed = await again.until(() => true);
  assert.deepEqual([missed.meta?.kind, missed.price?.value], [StreamKind.UPDATE, "59999.0"]);
  await Promise.all([keeper.leave(), again.leave()]);
  while (market.watchers.count > 0) await turn();
  assert.equal(market.watchers.tape, false);
  const refusal = await refusedBy(open(missed.meta?.resumeToken).until(() => true));
  assert.deepEqual(
    [refusal.status, refusal.reason],
    ["OUT_OF_RANGE", "OVERRUN"],
    "what was traded meanwhile is not known",
  );
});

test("API-15 API-20 the tape is a feed of its own, while somebody listens", async (t) => {
  const { reader } = await stageFor(t);
  const feeds = new Heard((signal) => reader.subscribeFeeds({}, { signal }));
  await feeds.until(isEnd);
  const tape = new Heard((signal) => reader.subscribeTrades({ symbols: [] }, { signal }));
  await tape.until(isEnd);
  const said = await feeds.until(({ feed }) => feed?.kind === FeedKind.TRADES);
  assert.deepEqual([said.feed?.symbol, said.feed?.state], [SYMBOL, FeedState.LIVE]);
  await Promise.all([feeds.leave(), tape.leave()]);
});

test("API-16 API-18 candles: the open one with what was traded in it, the closed one once, then the next", async (t) => {
  const { world, reader, market } = await stageFor(t, { startMs: MINUTE_START - 2_500 });
  const stream = new Heard((signal) => reader.subscribeKlines({ symbols: [SYMBOL], interval: "1m" }, { signal }));
  await stream.until(isEnd);
  for (const line of ["sold 600000x3", "bought 600010x5", "sold 599990x2"]) world.market.say(line);
  const open = await stream.until(({ candle }) => candle?.volume?.value === "0.010");
  assert.deepEqual(
    [open.candle?.isClosed, open.candle?.open?.value, open.candle?.high?.value, open.candle?.low?.value],
    [false, "60000.0", "60001.0", "59999.0"],
  );
  assert.equal(open.candle?.openTimeMs, MINUTE_START - MINUTE_MS);
  const late = new Heard((signal) => reader.subscribeKlines({ symbols: [SYMBOL], interval: "1m" }, { signal }));
  const snapshot = await late.until(() => true);
  assert.deepEqual([snapshot.meta?.kind, snapshot.candle?.volume?.value], [StreamKind.SNAPSHOT, "0.010"]);
  const closed = await stream.until(({ candle }) => candle?.isClosed === true);
  assert.deepEqual(
    [closed.candle?.openTimeMs, closed.candle?.volume?.value, closed.candle?.close?.value],
    [MINUTE_START - MINUTE_MS, "0.010", "59999.0"],
  );
  world.market.say("bought 600001x7");
  const next = await stream.until(({ candle }) => candle?.volume?.value === "0.007");
  assert.deepEqual([next.candle?.openTimeMs, next.candle?.isClosed], [MINUTE_START, false]);
  const { candles } = await reader.getHistoricalKlines({ symbol: SYMBOL, interval: "1m" });
  assert.deepEqual(candles.at(-1), closed.candle, "history and stream agree");
  await Promise.all([stream.leave(), late.leave()]);
  while (market.watchers.count + market.publisher.count > 0) await turn();
});

test("API-16 books of up to 50 levels, and GetBook as deep as the exchange has them", async (t) => {
  const { world, reader, market } = await stageFor(t);
  const levels = (from: number, step: number): string =>
    Array.from({ length: 60 }, (_, i) => `${from + i * step}x${i + 1}`).join(" ");
  world.market.say(`book ${levels(600000, -10)} / ${levels(600001, 10)}`);
  const deep = new Heard((signal) => reader.subscribeBook({ symbols: [SYMBOL], depth: 50 }, { signal }));
  const middle = new Heard((signal) => reader.subscribeBook({ symbols: [SYMBOL], depth: 20 }, { signal }));
  const best = new Heard((signal) => reader.subscribeBook({ symbols: [SYMBOL] }, { signal }));
  const sizes = await Promise.all(
    [deep, middle, best].map(async (stream, i) => {
      const { book } = await stream.until((message) => message.book?.bids[0]?.quantity?.value === "0.001");
      return [i, book?.bids.length, book?.asks.length, book?.bids.at(-1)?.price?.value];
    }),
  );
  assert.deepEqual(sizes, [
    [0, 50, 50, "59951.0"],
    [1, 20, 20, "59981.0"],
    [2, 5, 5, "59996.0"],
  ]);
  assert.equal(market.watchers.count, 1, "one upstream for every depth");
  const whole = await reader.getBook({ symbol: SYMBOL, depth: 1_000 });
  assert.deepEqual([whole.book?.bids.length, whole.book?.asks.at(-1)?.price?.value], [60, "60059.1"]);
  assert.equal((await reader.getBook({ symbol: SYMBOL })).book?.bids.length, 50);
  assert.equal((await reader.getBook({ symbol: SYMBOL, depth: 1 })).book?.bids.length, 1);
  world.market.say("broken");
  const beat = await deep.until(({ meta }) => meta?.kind === StreamKind.HEARTBEAT);
  assert.equal(beat.meta?.upstream, FeedState.STALE);
  world.market.say("book 500000x7 500000x8 / 500003x9");
  await deep.until(isEnd);
  assert.equal(deep.all.at(-1)?.meta?.upstream, FeedState.LIVE);
  assert.equal(deep.all.at(-2)?.book?.asks[0]?.price?.value, "50000.3");
  await Promise.all([deep.leave(), middle.leave(), best.leave()]);
  while (market.watchers.count + market.publisher.count > 0) await turn();
});

test("API-24 the last price is the last trade's, in a read, in a ticker and on the stream", async (t) => {
  const { world, reader } = await stageFor(t);
  const tape = new Heard((signal) => reader.subscribeTrades({ symbols: [SYMBOL] }, { signal }));
  await tape.until(isEnd);
  for (const line of ["sold 599990x4", "bought 600010x6"]) world.market.say(line);
  await tape.until(({ price }) => price?.value === "60001.0");
  assert.equal((await reader.getLatestPrice({ symbol: SYMBOL })).price?.value, "60001.0");
  const [ticker] = (await reader.getTickers({ symbols: [SYMBOL] })).tickers;
  assert.deepEqual(
    [ticker?.lastPrice?.value, ticker?.priceChange?.value, ticker?.priceChangePercent?.value, ticker?.volume?.value],
    ["60001.0", "2.0", "0.0033", "0.010"],
  );
  assert.deepEqual([ticker?.bid?.value, ticker?.ask?.value], ["60000.0", "60000.1"]);
  const prices = new Heard((signal) => reader.subscribePrice({ symbols: [SYMBOL] }, { signal }));
  await prices.until(({ last }) => last?.value === "60001.0");
  world.market.say("sold 599980x1");
  await prices.until(({ last }) => last?.value === "59998.0");
  await Promise.all([tape.leave(), prices.leave()]);
});

test("API-24 settled funding rates are told oldest first, with the mark of their instant", async (t) => {
  const { world, reader } = await stageFor(t);
  const funding = new Heard((signal) => reader.subscribeFundingRate({ symbols: [SYMBOL] }, { signal }));
  await funding.until(isEnd);
  assert.deepEqual((await reader.getHistoricalFundingRates({ symbol: SYMBOL })).rates, []);
  for (const line of ["mark 600100", "funding 100000000", "funding -250000000"]) world.market.say(line);
  await funding.until(({ rate }) => rate?.rate?.value === "-0.00025");
  const { rates } = await reader.getHistoricalFundingRates({ symbol: SYMBOL });
  assert.deepEqual(
    rates.map(({ rate, markPrice }) => [rate?.value, markPrice?.value]),
    [
      ["0.0001", "60010.0"],
      ["-0.00025", "60010.0"],
    ],
  );
  const newest = await reader.getHistoricalFundingRates({ symbol: SYMBOL, limit: 1 });
  assert.equal(newest.rates[0]?.rate?.value, "-0.00025");
  const oldest = await reader.getHistoricalFundingRates({ symbol: SYMBOL, limit: 1, fromMs: rates[0]?.atMs ?? 0 });
  assert.equal(oldest.rates[0]?.rate?.value, "0.0001");
  await funding.leave();
});

test("API-24 candles of a range: begins at from_ms, ends before to_ms, the newest where no beginning is named", async (t) => {
  const { reader, market } = await stageFor(t);
  const startMs = MINUTE_START - 30 * MINUTE_MS;
  for (let i = 0; i < 20; i += 1) {
    const openAtMs = startMs + i * MINUTE_MS;
    market.candles.push({
      openAtMs,
      open: 600_000,
      high: 600_000 + i,
      low: 600_000 - i,
      close: 600_000,
      volume: i + 1,
    });
  }
  const minutes = async (ask: { fromMs?: number; toMs?: number; limit?: number; interval?: string }) => {
    const { candles } = await reader.getHistoricalKlines({ symbol: SYMBOL, interval: "1m", ...ask });
    return candles.map(({ openTimeMs }) => (openTimeMs - startMs) / MINUTE_MS);
  };
  const at = (minute: number): number => startMs + minute * MINUTE_MS;
  assert.deepEqual(await minutes({ limit: 3 }), [17, 18, 19]);
  assert.deepEqual(await minutes({ fromMs: at(4), limit: 3 }), [4, 5, 6]);
  assert.deepEqual(await minutes({ toMs: at(4), limit: 3 }), [1, 2, 3]);
  assert.deepEqual(await minutes({ fromMs: at(4), toMs: at(6) }), [4, 5]);
  assert.deepEqual(await minutes({ fromMs: at(4) + 1, toMs: at(6) + 1 }), [5, 6]);
  assert.deepEqual(await minutes({ fromMs: at(20) }), []);
  const { candles } = await reader.getHistoricalKlines({ symbol: SYMBOL, interval: "5m", limit: 2 });
  const shown = candles.map((each) => [each.volume?.value, each.high?.value, each.low?.value, each.isClosed]);
  // minutes 8…12 and 13…17: the five that belong together
  assert.deepEqual(shown, [
    ["0.055", "60001.2", "59998.8", true],
    ["0.080", "60001.7", "59998.3", true],
  ]);
  for (const [fromMs, toMs] of [
    [at(6), at(4)],
    [17, 0],
    [0, -1],
  ] as const) {
    const refusal = await refusedBy(reader.getHistoricalKlines({ symbol: SYMBOL, interval: "1m", fromMs, toMs }));
    assert.equal(refusal.status, "INVALID_ARGUMENT");
  }
});
