import assert from "node:assert/strict";
import { test } from "node:test";
import { PERPETUAL, type Trial, tapeOf, tryMarket, usdt } from "../../test/try-market.ts";
import { lots, money, ticks } from "../market/amounts.ts";
import { formatMoney, notionalMoney } from "../market/instrument.ts";
import { BINANCE_USDM } from "./options.ts";
import { RecordKeeper } from "./record.ts";

const BOOK = "0 book 600000x50 599990x80 599980x100 / 600001x40 600010x70 600020x90";
const QUIET = `${BOOK}\n60000 diff 599000x1`;

function replyText(trial: Trial, id: string): string {
  const reply = trial.replies.get(id);
  if (reply === undefined) return "none";
  return "reason" in reply ? reply.reason : reply.result;
}

/** Places one order at 100 ms and lets everything happen. */
function placed(text: string, options: Parameters<typeof tryMarket>[2] = {}, before: string[] = []): [Trial, string] {
  const trial = tryMarket(tapeOf(QUIET), {}, options);
  trial.goTo(100);
  for (const each of before) trial.order(each);
  trial.goTo(110);
  const id = trial.order(text);
  trial.goTo(200);
  return [trial, replyText(trial, id)];
}

test("BT-19 the exchange's rules are judged at arrival", () => {
  const table: [order: string, reply: string, before?: string[]][] = [
    ["buy 599990 x 10 post", "accepted"],
    ["buy 600001 x 10 post", "POST_ONLY_WOULD_TAKE"],
    ["buy 599990 x 0", "BELOW_MINIMUM"],
    ["buy 570001 x 10", "accepted"],
    ["buy 631000 x 10", "PRICE_OUT_OF_BAND"],
    ["sell 569000 x 10", "PRICE_OUT_OF_BAND"],
    ["buy 0 x 10", "OFF_GRID"],
    ["sell 600001 x 10 reduce", "REDUCE_ONLY_REJECTED"],
    ["sell 600001 x 10 reduce", "accepted", ["buy 600001 x 5"]],
    ["buy 600010 x 111 fok", "FILL_OR_KILL"],
    ["buy 600010 x 110 fok", "accepted"],
    ["buy 599990 x 200000", "INSUFFICIENT_FUNDS"],
  ];
  for (const [order, expected, before] of table) assert.equal(placed(order, {}, before)[1], expected, order);
});

test("BT-19 a taker walks the shown book to its limit, and what it took is gone until the next update", () => {
  const trial = tryMarket(tapeOf(`${BOOK}\n500 diff / 600001x40`));
  trial.goTo(100);
  trial.order("buy 600010 x 60");
  trial.goTo(150);
  assert.deepEqual(trial.fills(), ["buy 600001 x 40 taker", "buy 600010 x 20 taker"]);
  const market = trial.exchange.market(PERPETUAL.symbol);
  assert.deepEqual(
    [...market.levels("sell", 2)],
    [
      [600_010, 50],
      [600_020, 90],
    ],
  );
  trial.goTo(600);
  assert.deepEqual(
    [...market.levels("sell", 2)],
    [
      [600_001, 40],
      [600_010, 50],
    ],
  );
});

test("BT-19 IOC leaves nothing behind, GTC rests with what is left", () => {
  const [ioc] = placed("buy 600001 x 100 ioc");
  assert.deepEqual(ioc.fills(), ["buy 600001 x 40 taker"]);
  const last = ioc.heard.filter((message) => message.kind === "order").at(-1);
  assert.equal(last?.status, "expired");
  const [gtc] = placed("buy 600001 x 100");
  assert.equal(gtc.exchange.market(PERPETUAL.symbol).resting.best("buy"), 600_001);
});

test("BT-19 a reduce-only order shrinks or is refused, as that exchange does, and never turns the position over", () => {
  const [shrunk] = placed("sell 600000 x 9 reduce", {}, ["buy 600001 x 5"]);
  assert.deepEqual(shrunk.fills(), ["buy 600001 x 5 taker", "sell 600000 x 5 taker"]);
  const strict = { profile: { ...BINANCE_USDM, reduceOnly: "reject" as const } };
  assert.equal(placed("sell 600000 x 9 reduce", strict, ["buy 600001 x 5"])[1], "REDUCE_ONLY_REJECTED");
  // two that each fit: the second has nothing left to reduce when the first is filled
  const trial = tryMarket(tapeOf(`${BOOK}\n500 bought 600030x1`));
  trial.goTo(100);
  trial.order("buy 600001 x 5");
  trial.goTo(110);
  trial.order("sell 600020 x 5 reduce");
  const second = trial.order("sell 600025 x 5 reduce");
  trial.goTo(600);
  assert.equal(trial.exchange.clearing.holding(trial.exchange.clearing.account("me"), PERPETUAL.symbol).lots, 0);
  assert.equal(trial.exchange.desk.ledger.find("me", second)?.reason, "REDUCE_ONLY_REJECTED");
});

test("BT-19 self-trade prevention has four modes", () => {
  const table = [
    ["cancelTaker", [], "open", "canceled"],
    ["cancelMaker", ["sell 599990 x 5 taker"], "canceled", "filled"],
    ["cancelBoth", [], "canceled", "canceled"],
    ["none", ["buy 600000 x 5 maker", "sell 600000 x 5 taker"], "filled", "filled"],
  ] as const;
  for (const [selfTrade, fills, maker, taker] of table) {
    const trial = tryMarket(
      tapeOf("0 book 599990x50 / 600010x40\n900 diff 599000x1"),
      {},
      {
        profile: { ...BINANCE_USDM, selfTrade },
      },
    );
    trial.goTo(100);
    const own = trial.order("buy 600000 x 5");
    trial.goTo(110);
    const crossing = trial.order(selfTrade === "cancelMaker" ? "sell 599990 x 5" : "sell 600000 x 5");
    trial.goTo(200);
    const ledger = trial.exchange.desk.ledger;
    assert.deepEqual(trial.fills(), fills, selfTrade);
    assert.deepEqual([ledger.find("me", own)?.status, ledger.find("me", crossing)?.status], [maker, taker], selfTrade);
  }
});

test("BT-17 amending down keeps the place, up or elsewhere loses it", () => {
  const table = [
    [599_990, 5, 80, true],
    [599_990, 20, 80, false],
    [599_980, 10, 100, false],
  ] as const;
  for (const [price, quantity, ahead, keeps] of table) {
    const trial = tryMarket(tapeOf(`${BOOK}\n300 sold 599990x30\n900 diff 599000x1`));
    trial.goTo(100);
    const id = trial.order("buy 599990 x 10");
    trial.goTo(400);
    trial.exchange
      .connect("me")
      .amend(400_000, { symbol: PERPETUAL.symbol, clientOrderId: id, price, quantity }, () => {});
    trial.goTo(500);
    assert.equal(trial.exchange.desk.ledger.find("me", id)?.ahead, keeps ? 50 : ahead, `${price} x ${quantity}`);
  }
});

test("BT-16 a queue of two of ours: the earlier order's fill does not reach the later one", () => {
  const trial = tryMarket(tapeOf(`${BOOK}\n500 sold 600000x58\n600 sold 600000x4\n700 sold 599999x1`));
  trial.goTo(100);
  trial.order("buy 600000 x 10");
  trial.goTo(200);
  trial.order("buy 600000 x 10");
  trial.goTo(550);
  assert.deepEqual(trial.fills(), ["buy 600000 x 8 maker"]);
  trial.goTo(650);
  assert.deepEqual(trial.fills(), ["buy 600000 x 8 maker", "buy 600000 x 2 maker", "buy 600000 x 2 maker"]);
  trial.goTo(750);
  assert.equal(trial.fills().at(-1), "buy 600000 x 8 maker");
});

test("BT-18 a cancel races its fill, and the loser gets the exchange's real answer", () => {
  const latency = {
    feed: { kind: "zero" as const },
    entry: { kind: "constant" as const, us: 10_000 },
    response: { kind: "constant" as const, us: 20_000 },
  };
  const trial = tryMarket(tapeOf(`${BOOK}\n505 sold 599980x1\n900 diff 599000x1`), {}, { latency });
  trial.goTo(100);
  const id = trial.order("buy 599990 x 10");
  trial.goTo(500);
  assert.deepEqual(trial.replies.get(id), { result: "accepted", exchangeOrderId: "1" });
  trial.cancel(id);
  trial.goTo(529);
  assert.deepEqual(trial.fills(), ["buy 599990 x 10 maker"], "filled at 505, heard at 525");
  trial.goTo(540);
  assert.equal(replyText(trial, `cancel ${id}`), "not-open");
});

test("BT-18 latency models: zero, constant, nearest sample, seeded blocks, and a load that slows", () => {
  const replyAfter = (entry: import("./options.ts").LatencyModel, loadFactorPpm = 0): number[] => {
    const zero = { kind: "zero" as const };
    const trial = tryMarket(tapeOf(QUIET), {}, { latency: { feed: zero, entry, response: zero, loadFactorPpm } });
    trial.goTo(100);
    for (let i = 0; i < 4; i += 1) trial.order("buy 599990 x 1");
    trial.goTo(5_000);
    return [...trial.exchange.desk.ledger.openOrders("me")].map((order) => order.acceptedUs - 100_000);
  };
  assert.deepEqual(replyAfter({ kind: "zero" }), [0, 0, 0, 0]);
  assert.deepEqual(replyAfter({ kind: "constant", us: 700 }), [700, 700, 700, 700]);
  assert.deepEqual(replyAfter({ kind: "sampled", atUs: [0, 90_000, 200_000], us: [1, 33, 5] }), [33, 33, 33, 33]);
  const drawn = replyAfter({ kind: "bootstrap", us: [10, 20, 30], block: 2 });
  assert.deepEqual(
    drawn,
    replyAfter({ kind: "bootstrap", us: [10, 20, 30], block: 2 }),
    "the same seed draws the same",
  );
  assert.deepEqual(
    [...drawn].sort((a, b) => a - b),
    drawn,
    "the order of a connection is kept",
  );
  assert.deepEqual(replyAfter({ kind: "constant", us: 1_000 }, 1_000_000), [1_000, 2_000, 3_000, 4_000]);
});

test("BT-20 maker, taker, rebate and third-asset fees, exact and in the exchange's favour", () => {
  const fee = (fees: import("./options.ts").FeeModel, order: string): string => {
    const trial = tryMarket(tapeOf(`${BOOK}\n500 sold 599980x1`), { fees });
    trial.exchange.clearing.account("me").balances.set("BNB", usdt(1));
    trial.goTo(100);
    trial.order(order);
    trial.goTo(600);
    const fill = trial.heard.find((message) => message.kind === "fill");
    return `${formatMoney(fill?.fee ?? money(0n))} ${fill?.feeAsset}`;
  };
  assert.equal(fee({ makerPpm: 200, takerPpm: 500 }, "buy 599990 x 1"), "0.0119998 USDT");
  assert.equal(fee({ makerPpm: 200, takerPpm: 500 }, "buy 600001 x 1"), "0.03000005 USDT");
  assert.equal(fee({ makerPpm: -50, takerPpm: 500 }, "buy 599990 x 1"), "-0.00299995 USDT");
  const bnb = { asset: "BNB", price: usdt(300), discountPpm: 250_000 };
  assert.equal(fee({ makerPpm: 200, takerPpm: 500, thirdAsset: bnb }, "buy 599990 x 1"), "0.0000299995 BNB");
  const dear = { ...bnb, price: money(1n) };
  assert.equal(fee({ makerPpm: 200, takerPpm: 500, thirdAsset: dear }, "buy 599990 x 1"), "0.0119998 USDT");
});

test("BT-21 an isolated long is liquidated at its mark, with its fee, its events and nothing below its margin", () => {
  const trial = tryMarket(
    tapeOf(
      `0 book 599990x5000 / 600000x5000\n1000 diff 599990x0 545000x5000 / 600000x0 545010x50\n2000 mark 542200\n3000 mark 542100\n4000 mark 542000`,
    ),
    { margin: { mode: "isolated", liquidationFeePpm: 5_000 }, instrument: { ...PERPETUAL, makerPpm: 0, takerPpm: 0 } },
  );
  trial.goTo(100);
  trial.order("buy 600000 x 1000 ioc");
  trial.goTo(500);
  const { clearing } = trial.exchange;
  const holding = clearing.holding(clearing.account("me"), PERPETUAL.symbol);
  assert.equal(holding.liquidation, 542_168_675);
  trial.goTo(2_500);
  assert.equal(holding.lots, 1000);
  trial.goTo(3_500);
  assert.equal(holding.lots, 0);
  const fill = trial.heard.filter((message) => message.kind === "fill").at(-1);
  assert.deepEqual(
    [fill?.origin, fill?.clientOrderId, fill?.side, fill?.price],
    ["liquidation", null, "sell", 545_000],
  );
  const fee = notionalMoney(PERPETUAL, ticks(545_000), lots(1000)) / 200n;
  assert.equal(fill?.fee, fee);
  assert.equal(clearing.wallet(clearing.account("me"), "USDT"), usdt(1_000_000) - usdt(5_500) - fee);
});

test("BT-21 in cross margin the wallet stands behind the position, and the insurance pays what is missing", () => {
  const trial = tryMarket(
    tapeOf(`0 book 599990x5000 / 600000x5000\n1000 diff 599990x0 500000x5000 / 600000x0 600020x50\n2000 mark 500000`),
    { margin: { mode: "cross", liquidationFeePpm: 0 }, instrument: { ...PERPETUAL, makerPpm: 0, takerPpm: 0 } },
  );
  const account = trial.exchange.clearing.account("me");
  account.balances.set("USDT", usdt(7_000));
  trial.goTo(100);
  trial.order("buy 600000 x 1000 ioc");
  trial.goTo(3_000);
  const { clearing } = trial.exchange;
  assert.equal(clearing.holding(account, PERPETUAL.symbol).lots, 0);
  assert.equal(clearing.wallet(account, "USDT"), 0n);
  assert.equal(clearing.house.get("insurance USDT"), -usdt(3_000));
});

test("BT-20 funding is paid on the position of the instant, and the settled rate is not told before", () => {
  const trial = tryMarket(tapeOf(`${BOOK}\n1000 funding 100000000\n2000 diff 599000x1`));
  trial.goTo(100);
  trial.order("buy 600001 x 10");
  trial.goTo(999);
  assert.equal(trial.heard.filter((message) => message.kind === "funding-rate").length, 0);
  trial.goTo(1_500);
  const settled = trial.heard.find((message) => message.kind === "funding-settled");
  // 0.01 BTC at a mid of 60,000.05 and 0.0001
  assert.equal(formatMoney(settled?.amount ?? money(0n)), "-0.06000005");
});

test("BT-14 trades leave as sums, candles as they close, and books only when the best levels changed", () => {
  const trial = tryMarket(
    tapeOf(
      `${BOOK}\n100 sold 600000x2\n100 sold 599990x3\n200 diff 599990x80\n61000 bought 600001x1\n121000 bought 600001x4`,
    ),
  );
  trial.goTo(130_000);
  const kinds = trial.heard.map((message) => message.kind);
  assert.equal(kinds.filter((kind) => kind === "book").length, 1);
  const trades = trial.heard.find((message) => message.kind === "trades");
  assert.deepEqual([trades?.count, trades?.volume, trades?.high, trades?.low], [2, 5, 600_000, 599_990]);
  const candles = trial.heard.flatMap((message) =>
    message.kind === "candle"
      ? [`${message.openAtMs} ${message.open} ${message.low} ${message.close} x ${message.volume}`]
      : [],
  );
  assert.deepEqual(candles, ["0 600000 599990 599990 x 5", "60000 600001 600001 600001 x 1"]);
});

test("EXCH-10 an id is refused while its first order is open, and names a new order after", () => {
  const keeper = new RecordKeeper();
  const trial = tryMarket(tapeOf(QUIET), {}, { record: keeper.append });
  const session = trial.exchange.connect("me");
  const results: string[] = [];
  const place = (): void => {
    const order = {
      symbol: PERPETUAL.symbol,
      clientOrderId: "same",
      side: "buy" as const,
      price: 599_990,
      quantity: 1,
    };
    const rest = { timeInForce: "GTC" as const, postOnly: true, reduceOnly: false };
    session.place(trial.exchange.nowUs(), { ...order, ...rest }, (reply) => {
      results.push("exchangeOrderId" in reply ? `${reply.result} ${reply.exchangeOrderId}` : reply.result);
    });
  };
  trial.goTo(100);
  place();
  place();
  trial.goTo(200);
  trial.cancel("same");
  trial.goTo(300);
  place();
  trial.goTo(400);
  assert.deepEqual(results, ["accepted 1", "duplicate 1", "accepted 2"]);
  assert.deepEqual(
    keeper.entries.map(({ kind }) => kind),
    ["request", "accepted", "request", "refused", "request", "ended", "request", "accepted"],
  );
});

test("BT-15 the volume cap binds, is counted, and the rest fills from the next candle's share", async () => {
  const { RowFlag, RowKind, TapeBuilder } = await import("../market/tape.ts");
  const out = new TapeBuilder(64);
  for (let i = 0; i < 3; i += 1) {
    const us = i * 60_000_000;
    const candle = [
      RowKind.candleOpen,
      1000,
      RowKind.candleHigh,
      1010,
      RowKind.candleLow,
      900,
      RowKind.candleClose,
      950,
    ];
    for (let k = 0; k < 8; k += 2) {
      out.push(
        candle[k] as typeof RowKind.candleOpen,
        k === 6 ? RowFlag.frameEnd : 0,
        us,
        us,
        candle[k + 1] ?? 0,
        k === 6 ? 100 : 0,
        0,
        i,
      );
    }
  }
  const trial = tryMarket(
    out.finish(),
    {
      instrument: { ...PERPETUAL, minNotional: 0 },
      fill: { level: "L0", path: "ohlc", rule: "through", volumeShareMaxPpm: 100_000 },
    },
    { profile: { ...BINANCE_USDM, priceBandPpm: null } },
  );
  trial.goTo(1);
  trial.order("buy 920 x 25");
  trial.goTo(400_000);
  assert.deepEqual(trial.fills(), ["buy 920 x 10 maker", "buy 920 x 10 maker", "buy 920 x 5 maker"]);
  assert.equal(trial.exchange.market(PERPETUAL.symbol).capBound, 2);
});
