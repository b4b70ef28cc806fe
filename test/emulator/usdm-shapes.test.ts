// Shapes of replies and events against a source we did not write: the declarations of Binance's own SDK, which are made
// from the exchange's schema (EMU-40). Every difference is fixed, or stands below with its reason.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Bench, BTC, type Frame } from "../../src/exchange/emulator/binance/usdm/usdm.fixture.ts";
import { DeclaredShapes } from "./declared-shapes.ts";
import { type Likeness, RecordedShapes } from "./recorded-shapes.ts";

const shapes = new DeclaredShapes("@binance/derivatives-trading-usds-futures");

/** Differences that stay, each with why. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [
    /\.(avgPrice|cumQuote) is not declared$/,
    "ccxt and the documents have them on every order; the SDK declares them on some",
  ],
  [/ModifyOrder.*\.modifyId is missing$/, "only where the request named one"],
  [/OrderTradeUpdateO\.M is missing$/, "only where the request of the amendment named one"],
  [/\.(activatePrice|priceRate) is missing$|O\.(AP|cr) is missing$/, "only of trailing stops, the second stage"],
  [/Inner\.(baseQty|marginAsset|pair) is missing$/, "only of coin-margined trades"],
  [/\.(ps|st) is missing$/, "come with the migration of coin-margined instruments, which are not emulated"],
  [/\.e is not declared$/, "the SDK tells events apart by it before it hands out the rest"],
  [/\.marginAvailable is not declared$/, "in the documents' own example of the account"],
  [/\.(futuresType|maxMoveOrderLimit) is not declared$/, "sent by the exchange, read by nobody"],
  [/\.contractStatus is not declared$/, "ccxt reads it where there is no status"],
  [/AccountUpdateAPInner\.ma is not declared$/, "in the documents' own example of the event"],
  [
    /AccountConfigUpdate\.ai is missing$/,
    "the other half of the event: multi-assets mode, which cannot be switched on",
  ],
  [/AccountUpdateA\.S is missing$/, "of funding only"],
];

async function shown(context: TestContext): Promise<readonly (readonly [string, Frame | undefined])[]> {
  const bench = await Bench.open(context);
  const of = { symbol: "BTCUSDT" };
  const user = bench.user();
  const open = (path: string, values = {}): Frame => JSON.parse(bench.open(path, values).body) as Frame;
  const streams = ["depth@100ms", "aggTrade", "bookTicker", "markPrice@1s", "kline_1m", "ticker", "miniTicker"];
  const socket = bench.socket("/stream", `streams=${streams.map((each) => `btcusdt@${each}`).join("/")}`);
  const placed = bench.place({ newClientOrderId: "one", quantity: "0.100" });
  bench.operator.fill("demo", { symbol: BTC, clientOrderId: "one", quantity: "0.050" });
  const modified = bench.ask("PUT /fapi/v1/order", {
    ...of,
    orderId: 1,
    side: "BUY",
    quantity: "0.110",
    price: "59980",
  });
  const queried = bench.ask("GET /fapi/v1/order", { ...of, orderId: 1 });
  bench.operator.market.trade(BTC, { side: "sell", price: "59999.9", quantity: "0.002" });
  bench.operator.market.level(BTC, { side: "buy", price: "60000", quantity: "1" });
  bench.operator.settleFunding(BTC, "0.0001");
  bench.ask("POST /fapi/v1/leverage", { ...of, leverage: 3 });
  await bench.later(2_000);
  const event = (name: string): Frame | undefined => user.frames.find(({ e }) => e === name);
  const fill = user.frames.findLast(({ e, o }) => e === "ORDER_TRADE_UPDATE" && (o as Frame)["x"] === "TRADE");
  const account = user.frames.find(({ e, a }) => e === "ACCOUNT_UPDATE" && (a as Frame)["m"] === "ORDER");
  const update = account?.["a"] as Frame | undefined;
  const public_ = (name: string): Frame | undefined =>
    socket.frames.map(({ data }) => data as Frame).find(({ e }) => e === name);
  const first = (value: unknown): Frame | undefined => (value as readonly Frame[] | undefined)?.[0];
  const v3 = bench.ask("GET /fapi/v3/account");
  const info = open("/fapi/v1/exchangeInfo");
  const kline = public_("kline");
  const shownNow: (readonly [string, Frame | undefined])[] = [
    ["NewOrderResponse$1", placed],
    ["ModifyOrderResponse$1", modified],
    ["QueryOrderResponse$1", queried],
    ["AccountInformationV3Response", v3],
    ["AccountInformationV3ResponseAssetsInner", first(v3["assets"])],
    ["AccountInformationV3ResponsePositionsInner", first(v3["positions"])],
    ["PositionInformationV3ResponseInner", bench.list("GET /fapi/v3/positionRisk")[0]],
    ["FuturesAccountBalanceV2ResponseInner", bench.list("GET /fapi/v3/balance")[0]],
    ["AccountTradeListResponseInner", bench.list("GET /fapi/v1/userTrades", of)[0]],
    ["GetIncomeHistoryResponseInner", bench.list("GET /fapi/v1/income", { incomeType: "FUNDING_FEE" })[0]],
    ["UserCommissionRateResponse", bench.ask("GET /fapi/v1/commissionRate", of)],
    ["FuturesAccountConfigurationResponse", bench.ask("GET /fapi/v1/accountConfig")],
    ["SymbolConfigurationResponseInner", bench.list("GET /fapi/v1/symbolConfig", of)[0]],
    ["ExchangeInformationResponse", info],
    ["ExchangeInformationResponseSymbolsInner", first(info["symbols"])],
    ["OrderBookResponse$1", open("/fapi/v1/depth", of)],
    ["RecentTradesListResponseInner", first(open("/fapi/v1/trades", of))],
    ["CompressedAggregateTradesListResponseInner", first(open("/fapi/v1/aggTrades", of))],
    ["OpenInterestResponse", open("/fapi/v1/openInterest", of)],
    ["GetFundingRateHistoryResponseInner", first(open("/fapi/v1/fundingRate", of))],
    ["CancelOrderResponse$1", bench.ask("DELETE /fapi/v1/order", { ...of, orderId: 1 })],
    ["OrderTradeUpdate", fill],
    ["OrderTradeUpdateO", fill?.["o"] as Frame],
    ["AccountUpdate", account],
    ["AccountUpdateA", update],
    ["AccountUpdateABInner", first(update?.["B"])],
    ["AccountUpdateAPInner", first(update?.["P"])],
    ["AccountConfigUpdate", event("ACCOUNT_CONFIG_UPDATE")],
    ["TradeLite", event("TRADE_LITE")],
    ["DiffBookDepthStreamsResponse", public_("depthUpdate")],
    ["AggregateTradeStreamsResponse", public_("aggTrade")],
    ["IndividualSymbolBookTickerStreamsResponse", public_("bookTicker")],
    ["MarkPriceStreamResponse", public_("markPriceUpdate")],
    ["KlineCandlestickStreamsResponse", kline],
    ["KlineCandlestickStreamsResponseK", kline?.["k"] as Frame],
    ["IndividualSymbolTickerStreamsResponse", public_("24hrTicker")],
    ["IndividualSymbolMiniTickerStreamResponse", public_("24hrMiniTicker")],
  ];
  bench.protocol.act({ act: "expire-keys", account: "demo", announced: true });
  return [...shownNow, ["ListenKeyExpired", event("listenKeyExpired")]];
}

/** What ccxt's own examples of each are known by. */
const LIKE: Readonly<Record<string, Likeness>> = {
  NewOrderResponse$1: { has: ["orderId", "positionSide", "cumQty", "workingType"], lacks: ["pair", "strategyId"] },
  QueryOrderResponse$1: { has: ["orderId", "positionSide", "time", "workingType"], lacks: ["pair", "strategyId"] },
  CancelOrderResponse$1: { has: ["orderId", "positionSide", "cumQty", "workingType"], lacks: ["pair", "strategyId"] },
  AccountInformationV3Response: { has: ["totalWalletBalance", "assets", "positions"] },
  AccountTradeListResponseInner: { has: ["realizedPnl", "quoteQty"], lacks: ["pair"] },
  GetIncomeHistoryResponseInner: { has: ["incomeType", "tranId"] },
  UserCommissionRateResponse: { has: ["makerCommissionRate"] },
  OrderBookResponse$1: { has: ["lastUpdateId", "bids", "E"] },
  CompressedAggregateTradesListResponseInner: { has: ["a", "f", "l", "m"], lacks: ["e", "M", "c"] },
  OpenInterestResponse: { has: ["openInterest"], lacks: ["pair"] },
  GetFundingRateHistoryResponseInner: { has: ["fundingRate", "fundingTime"] },
  OrderTradeUpdateO: { has: ["c", "x", "X", "ps", "rp"], part: "o" },
  AccountUpdateA: { has: ["m", "B", "P"], part: "a" },
  DiffBookDepthStreamsResponse: { has: ["e", "U", "u", "b", "a"] },
  AggregateTradeStreamsResponse: { has: ["e", "a", "f", "l", "m"] },
  MarkPriceStreamResponse: { has: ["e", "r", "T", "i"], lacks: ["x"] },
  KlineCandlestickStreamsResponseK: { has: ["t", "T", "o", "c"], part: "k" },
};

/** Differences from ccxt's examples that stay, each with why. */
const KNOWN_RECORDED: readonly (readonly [RegExp, string])[] = [
  [/\.(activatePrice|priceRate) is missing$|O\.(AP|cr) is missing$/, "only of trailing stops, the second stage"],
  [/V3Response\.(feeTier|can\w+|updateTime) is missing$/, "ccxt's example is of the second version of the path"],
  [/AggregateTradeStreamsResponse\.M is missing$/, "only on spot: the example is of both"],
  [/TradeListResponseInner\.marginAsset is missing$/, "only of coin-margined trades, in an example of both"],
];

test("EMU-40 replies and events have the fields and types the exchange's own SDK declares", async (context) => {
  const all = await shown(context);
  const found = all.flatMap(([name, body]) =>
    body === undefined ? [`${name} was not shown`] : shapes.differences(name, body),
  );
  assert.deepEqual(
    found.filter((each) => !KNOWN.some(([difference]) => difference.test(each))),
    [],
  );
  assert.deepEqual(
    KNOWN.filter(([difference]) => !found.some((each) => difference.test(each))),
    [],
    "a reason without its difference",
  );
});

test("EMU-40 replies and events have the fields and types of what ccxt's authors saw", async (context) => {
  const recorded = new RecordedShapes();
  const all = await shown(context);
  const compared = all.filter(([name]) => LIKE[name] !== undefined);
  assert.equal(compared.length, Object.keys(LIKE).length);
  const found = compared.flatMap(([name, body = {}]) => recorded.differences(name, body, LIKE[name] ?? { has: [] }));
  const unknown = found.filter((each) => !KNOWN_RECORDED.some(([difference]) => difference.test(each)));
  assert.deepEqual(unknown, []);
  const idle = KNOWN_RECORDED.filter(([difference]) => !found.some((each) => difference.test(each)));
  assert.deepEqual(idle, [], "a reason without its difference");
});
