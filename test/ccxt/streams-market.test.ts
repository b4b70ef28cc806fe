// What everybody may hear, through the ccxt port: candles that miss none, the tape, marks and funding, and sockets
// that are dialled again at the waits of EXCH-42.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublicMessage } from "../../src/exchange/public-market.ts";
import { openLog } from "../../src/observe/log.ts";
import { isLive, kindOf, SPOT, streamStage, USDM, until } from "./stream-stage.ts";

const MINUTE_MS = 60_000;
/** Two seconds before a minute is over. */
const START_MS = Math.floor(1_790_000_000_000 / MINUTE_MS) * MINUTE_MS + 58_000;

for (const market of [USDM, SPOT]) {
  test(`EXCH-44 ${market.protocol}: closed candles come once and in order, those of a lost socket too`, {
    timeout: 40_000,
  }, async (context) => {
    const pace = { startMs: START_MS, speed: 80 };
    const times = { redialWaitsMs: [90_000], dialGapMs: 10, candlesSuspectMs: 60_000, bookStaleMs: 600_000 };
    const stage = await streamStage(context, { market, pace, times, keys: false });
    const candles = (): readonly number[] =>
      kindOf(stage.told, "candle").map(({ openAtMs }) => Math.round((openAtMs - START_MS + 58_000) / MINUTE_MS));
    let price = market === USDM ? 600_001 : 6_000_001;
    const trade = (): void => {
      price += 1;
      assert.equal(stage.operator.market.trade(market.symbol, { side: "buy", price, quantity: 5 }), null);
    };
    const trading = setInterval(trade, 50);
    context.after(() => clearInterval(trading));
    await until("two closed candles", () => candles().length >= 2);
    stage.closeSockets(1012);
    // the redial waits longer than a candle lasts
    await until("candles again", () => candles().length >= 5);
    const told = candles();
    const first = told[0] ?? 0;
    assert.deepEqual(
      told,
      told.map((_, i) => first + i),
    );
    for (const candle of kindOf(stage.told, "candle")) {
      assert.ok(candle.closed && candle.low <= candle.open && candle.high >= candle.close && candle.volume > 0);
    }
  });
}

test("EXCH-18 the tape comes singly for who asks, in sums for bots, with a book as deep as asked", {
  timeout: 30_000,
}, async (context) => {
  const stage = await streamStage(context, { keys: false });
  const { symbol } = USDM;
  const seen: PublicMessage[] = [];
  const wish = { symbol, trades: true, openCandle: "1m", depth: 3, intervalMs: 20 } as const;
  const end = stage.port.publicMarket?.watch(wish, (message) => seen.push(message)) ?? assert.fail("no public market");
  await until("a book", () => seen.some(({ kind }) => kind === "book"));
  const trades = (): readonly string[] =>
    seen.flatMap((each) => (each.kind === "trade" ? [`${each.side} ${each.price} x ${each.quantity}`] : []));
  const trade = (side: "buy" | "sell", price: number, quantity: number): void => {
    assert.equal(stage.operator.market.trade(symbol, { side, price, quantity }), null);
  };
  trade("buy", 600_001, 3);
  trade("sell", 600_000, 4);
  trade("sell", 600_000, 5);
  await until("three trades", () => trades().length === 3);
  assert.deepEqual(trades(), ["buy 600001 x 3", "sell 600000 x 4", "sell 600000 x 5"]);
  await until("an open candle", () => seen.some((each) => each.kind === "candle" && !each.closed));
  await until("their sums", () => kindOf(stage.told, "trades").length > 0);
  const sums = kindOf(stage.told, "trades");
  assert.equal(
    sums.reduce((sum, { count }) => sum + count, 0),
    3,
  );
  assert.equal(
    sums.reduce((sum, { volume }) => sum + volume, 0),
    12,
  );
  for (const book of seen) if (book.kind === "book") assert.ok(book.bids.length <= 3 && book.asks.length <= 3);
  end();
});

test("EXCH-22 marks and predicted funding are told, and a mark that stays away is said", {
  timeout: 30_000,
}, async (context) => {
  const times = { fundingSuspectMs: 1_500, fundingStaleMs: 2_000, judgeMs: 20 };
  const stage = await streamStage(context, { keys: false, times });
  assert.equal(stage.operator.market.mark(USDM.symbol, "60000.05"), null);
  await until("a mark", () => kindOf(stage.told, "mark").some(({ mark }) => mark === 600_000_500));
  await until("a rate", () => kindOf(stage.told, "funding-rate").length > 0);
  assert.ok((kindOf(stage.told, "funding-rate")[0]?.nextAtMs ?? 0) > Date.now());
  stage.inject("silentStall", { parameters: { streams: "public", answersPing: true } });
  const funding = (): readonly string[] =>
    kindOf(stage.told, "feed").flatMap(({ feed, state }) => (feed === "funding" ? [state] : []));
  await until("stale", () => funding().includes("stale"));
});

test("EXCH-22 a book read by REST may overtake the frames that are under way; one that stays behind them is stale", {
  timeout: 40_000,
}, async (context) => {
  const silent = { bookSuspectMs: 60_000, bookStaleMs: 120_000, tradesSuspectMs: 600_000 };
  const times = { ...silent, bookProbeMs: 50, bookProbeTicks: 0, probeGraceMs: 500, judgeMs: 10 };
  const stage = await streamStage(context, { keys: false, times });
  const { symbol } = USDM;
  let bid = 600_000;
  const rise = (): void => {
    bid += 7;
    const price = (ticks: number): string => `${Math.floor(ticks / 10)}.${ticks % 10}`;
    const given = { bids: [[price(bid), "1"]], asks: [[price(bid + 3), "1"]] } as const;
    assert.equal(stage.operator.market.book(symbol, given), null);
  };
  const rising = setInterval(rise, 10);
  context.after(() => clearInterval(rising));
  const books = (): readonly string[] =>
    kindOf(stage.told, "feed").flatMap(({ feed, state }) => (feed === "book" ? [state] : []));
  await until("a book", () => kindOf(stage.told, "book").length > 0);
  // each frame comes a tenth of a second after the reply that knew it
  stage.inject("slow", { filter: { socket: "public" }, parameters: { ms: 100 } });
  const reads = (): number => stage.requests("GET /fapi/v1/depth");
  const before = reads();
  await until("six probes", () => reads() >= before + 6);
  assert.ok(!books().includes("stale"), books().join(" "));
  stage.inject("staleSnapshot", { parameters: { ageMs: 2_000 } });
  await until("stale", () => books().includes("stale"));
});

test("EXCH-21 a book whose frames stayed away is read again when asked for anew, though nothing moves", {
  timeout: 40_000,
}, async (context) => {
  const times = { bookSuspectMs: 300, bookGaps: 1, bookStaleMs: 600, judgeMs: 10 };
  const stage = await streamStage(context, { keys: false, times });
  const { symbol } = USDM;
  const moveTo = (bid: string): void => {
    assert.equal(stage.operator.market.book(symbol, { bids: [[bid, "1"]], asks: [["60001", "1"]] }), null);
  };
  await until("a book", () => kindOf(stage.told, "book").length > 0);
  stage.inject("sequenceGap");
  moveTo("59998");
  const reads = (): number => stage.requests("GET /fapi/v1/depth");
  const before = reads();
  await until("stale", () =>
    kindOf(stage.told, "feed").some(({ feed, state }) => feed === "book" && state === "stale"),
  );
  await until("the book as it is", () => kindOf(stage.told, "book").at(-1)?.bids[0]?.[0] === 599_980);
  assert.equal(reads(), before + 1);
});

test("EXCH-42 EXCH-58 five closes in a row wait 3, 5, 10, 30, 30 (in hundredths) within 20 %, one dial at a time", {
  timeout: 30_000,
}, async (context) => {
  const lines: Record<string, unknown>[] = [];
  const log = openLog({ process: "test", write: (line) => lines.push(JSON.parse(line)) });
  const times = { redialWaitsMs: [30, 50, 100, 300], dialGapMs: 1 };
  const stage = await streamStage(context, { log, times });
  await until("the private stream lives", () => isLive(stage));
  const own = (): readonly { close(code: number, reason: string): void }[] =>
    stage.emulator.control.sockets().filter(({ path }) => path.startsWith("/private"));
  const waits = (): readonly number[] =>
    lines.flatMap((line) => (line["socket"] === "own events" && "redialMs" in line ? [Number(line["redialMs"])] : []));
  for (let round = 1; round <= 5; round += 1) {
    await until("the socket", () => own().length > 0);
    assert.equal(own().length, 1);
    for (const socket of own()) socket.close(1001, "gone");
    await until("the wait", () => waits().length === round);
  }
  [30, 50, 100, 300, 300].forEach((plain, i) => {
    const wait = waits()[i] ?? 0;
    assert.ok(wait >= plain * 0.8 - 1 && wait <= plain * 1.2 + 1, `${i + 1}: ${wait}`);
  });
  await until("it lives again", () => isLive(stage));
  assert.ok(!JSON.stringify(lines).includes("demo-secret"));
  assert.doesNotMatch(JSON.stringify(lines), /listenKey=\w/, "no key is logged");
});

test("EXCH-46 half-open sockets and refused dials are survived", { timeout: 40_000 }, async (context) => {
  const times = {
    redialWaitsMs: [20, 40],
    dialGapMs: 5,
    ordersPollMs: 100,
    ordersSuspectMs: 200,
    ordersStaleMs: 400,
    probeGraceMs: 100,
    ordersProbeMs: 300,
    judgeMs: 10,
  };
  const stage = await streamStage(context, { times });
  await until("the private stream lives", () => isLive(stage));
  const placed = await stage.hands.place("buy 599000 x 5");
  const parameters = { count: 2, everyMs: 50, codes: [0], refusedDials: 3 };
  stage.inject("closeStorm", { parameters, times: 1 });
  assert.equal(stage.operator.fill("demo", { symbol: USDM.symbol, clientOrderId: placed.id, quantity: "0.005" }), null);
  await until("the fill", () => kindOf(stage.told, "fill").length === 1);
  await until("all of it lives", () => isLive(stage));
  assert.equal(kindOf(stage.told, "fill").length, 1);
});
