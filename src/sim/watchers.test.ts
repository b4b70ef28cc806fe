import assert from "node:assert/strict";
import { test } from "node:test";
import { PERPETUAL, tapeOf, tryMarket } from "../../test/try-market.ts";
import { RowFlag, RowKind, TapeBuilder } from "../market/tape.ts";
import { SimulatedExchange } from "./exchange.ts";
import type { WatchMessage, WatchWish } from "./watchers.ts";

const BOOK = "0 book 600000x50 599990x80 599980x100 / 600001x40 600010x70 600020x90";
const NOTHING: WatchWish = { trades: false, openCandle: null, depth: 0, intervalUs: 100_000 };

function watched(text: string, wish: Partial<WatchWish>) {
  const trial = tryMarket(tapeOf(text));
  const heard: WatchMessage[] = [];
  const session = trial.exchange.connect("me");
  const end = session.watch(PERPETUAL.symbol, { ...NOTHING, ...wish }, (message) => heard.push(message));
  return { trial, heard, session, end, market: trial.exchange.market(PERPETUAL.symbol) };
}

test("BT-13 the tape of a market is told trade by trade, by the side that took, until it is let go", () => {
  const { trial, heard, end, market } = watched(`${BOOK}\n10 sold 600000x3\n20 bought 600001x5\n40 sold 600000x1`, {
    trades: true,
  });
  trial.goTo(30);
  assert.deepEqual(
    heard.map((each) => (each.kind === "trade" ? [each.side, each.price, each.quantity, each.tradeId] : [])),
    [
      ["sell", 600_000, 3, "2"],
      ["buy", 600_001, 5, "3"],
    ],
  );
  end();
  assert.equal(market.watchers.tape, false);
  trial.goTo(100);
  assert.equal(heard.length, 2);
});

test("BT-13 an open candle grows with its trades and is told once a change, in every interval", () => {
  const day = Array.from({ length: 7 }, (_, i) => `${i * 30_000 + 10} sold ${600_000 - i * 10}x${i + 1}`).join("\n");
  const { trial, heard, session, market } = watched(`${BOOK}\n${day}`, { openCandle: "1m" });
  const threes: WatchMessage[] = [];
  session.watch(PERPETUAL.symbol, { ...NOTHING, openCandle: "3m" }, (message) => threes.push(message));
  trial.goTo(179_000);
  const volumes = heard.map((each) => (each.kind === "candle" ? `${each.openAtMs} ${each.volume}` : ""));
  assert.deepEqual(volumes, ["0 1", "0 3", "60000 3", "60000 7", "120000 5", "120000 11"]);
  const three = threes.at(-1);
  assert.ok(three?.kind === "candle");
  assert.deepEqual(
    [three.openAtMs, three.open, three.high, three.low, three.close, three.volume, three.closed],
    [0, 600_000, 600_000, 599_950, 599_950, 21, false],
  );
  assert.deepEqual(market.day(179_000), { first: 600_000, last: 599_950, volume: 21 });
  session.close();
  assert.equal(market.watchers.count, 0);
});

test("BT-13 a deep book is told as deep as asked, when it changed, and not while it is broken or crossed", () => {
  const { trial, heard } = watched(`${BOOK}\n200 diff 599990x81\n900 diff 600002x1`, { depth: 2 });
  trial.goTo(150);
  trial.goTo(500);
  const shown = heard.map((each) => (each.kind === "book" ? `${each.bids.join(" ")} / ${each.asks.join(" ")}` : ""));
  assert.deepEqual(shown, ["600000,50 599990,80 / 600001,40 600010,70", "600000,50 599990,81 / 600001,40 600010,70"]);
  trial.goTo(1_500);
  assert.equal(heard.length, 2, "a crossed book is no book");
});

test("BT-15 the open candle of a path has what the path saw so far, and its share of the volume", () => {
  const out = new TapeBuilder(8);
  const prices: [RowKind, number, number][] = [
    [RowKind.candleOpen, 100_000, 0],
    [RowKind.candleHigh, 100_600, 0],
    [RowKind.candleLow, 99_700, 0],
    [RowKind.candleClose, 100_300, 900],
  ];
  for (const [kind, price, volume] of prices) {
    const flags = kind === RowKind.candleClose ? RowFlag.frameEnd : 0;
    out.push(kind, flags, 0, 0, price, volume, 0, 0);
  }
  const fill = { level: "L0", path: "olhc", rule: "touch", volumeShareMaxPpm: null } as const;
  const trial = tryMarket(out.finish(), { fill });
  const heard: WatchMessage[] = [];
  const wish: WatchWish = { ...NOTHING, openCandle: "1m", intervalUs: 10_000_000 };
  trial.exchange.connect("me").watch(PERPETUAL.symbol, wish, (message) => heard.push(message));
  trial.goTo(20_000);
  const half = heard.at(-1);
  assert.ok(half?.kind === "candle");
  assert.deepEqual([half.open, half.low, half.volume, half.closed], [100_000, 99_701, 299, false]);
  assert.ok(half.close <= 99_710 && half.high <= 100_000);
});

test("BT-20 settled rates are remembered through a restart", () => {
  const text = `${BOOK}\n5 mark 600100\n10 funding 100000000\n20 funding -50000000\n60000 diff 599000x1`;
  const trial = tryMarket(tapeOf(text));
  trial.goTo(100);
  const rates = trial.exchange.margin.settledRates;
  assert.deepEqual(
    rates.map(({ ratePpt, mark, settledAtMs }) => [ratePpt, mark, settledAtMs]),
    [
      [100_000_000, 600_100_000, 10],
      [-50_000_000, 600_100_000, 20],
    ],
  );
  const again = new SimulatedExchange(trial.exchange.options);
  again.restore(trial.exchange.save());
  assert.deepEqual(again.margin.settledRates, rates);
});
