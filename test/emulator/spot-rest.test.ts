// Binance spot on the wire, request by request: what it lists, how it refuses, and what happens to orders.

import assert from "node:assert/strict";
import { test } from "node:test";
import { emulatedSpot, SPOT_INSTRUMENTS } from "../../src/exchange/emulator/binance/spot/instruments.ts";
import { REGISTRY } from "../../src/exchange/emulator/registry.ts";
import { ASK, BID, KEY, spotStage, until } from "./spot-stage.ts";
import { ask, type Body, dial, hmac, listOf, refusalIn, replyOf } from "./spot-wire.ts";

const symbol = "BTCUSDT";
const LIMIT = { symbol, side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.001", price: "59000" };
const MAKER = { symbol, side: "BUY", type: "LIMIT_MAKER", quantity: "0.001", price: "59000" };

test("EMU-07 spot lists BTC, ETH, one below 0.0001 and one that is halted, each with its filters", async (context) => {
  const stage = await spotStage(context);
  const { body } = await ask(stage, "GET /api/v3/exchangeInfo", {}, null);
  const listed = body["symbols"] as Body[];
  assert.deepEqual(
    listed.map((each) => [each["symbol"], each["status"]].join(" ")),
    ["BTCUSDT TRADING", "ETHUSDT TRADING", "PEPEUSDT TRADING", "LUNAUSDT HALT"],
  );
  const filtersOf = (of: Body | undefined): readonly Body[] => (of?.["filters"] ?? []) as Body[];
  const filters = filtersOf(listed[0]).map((filter) => filter["filterType"]);
  const named = ["PRICE_FILTER", "LOT_SIZE", "PERCENT_PRICE_BY_SIDE", "NOTIONAL", "MAX_NUM_ORDERS"];
  for (const name of named) assert.ok(filters.includes(name), name);
  const one = await ask(stage, "GET /api/v3/exchangeInfo", { symbols: '["ETHUSDT"]' }, null);
  assert.equal((one.body["symbols"] as Body[]).length, 1);
  assert.equal(filtersOf(listed[2])[0]?.["tickSize"], "0.00000001");
});

test("EMU-09 EMU-22 every refusal of a spot order has the exchange's status, code and sentence", async (context) => {
  const stage = await spotStage(context);
  const filter = (name: string): string => `400 -1013 Filter failure: ${name}`;
  const table: readonly (readonly [Record<string, string>, string])[] = [
    [{ ...LIMIT, symbol: "NOPE" }, "400 -1121 Invalid symbol."],
    [{ ...LIMIT, side: "HOLD" }, "400 -1117 Invalid side."],
    [{ ...LIMIT, type: "ICEBERG" }, "400 -1116 Invalid orderType."],
    [{ ...LIMIT, type: "STOP_LOSS" }, "400 -2010 Stop loss orders are not supported for this symbol."],
    [{ ...LIMIT, timeInForce: "DAY" }, "400 -1115 Invalid timeInForce."],
    [{ ...MAKER, price: "" }, "400 -1102 Mandatory parameter 'price' was not sent, was empty/null, or malformed."],
    [{ ...MAKER, timeInForce: "GTC" }, "400 -1106 Parameter 'timeInForce' sent when not required."],
    [
      { ...LIMIT, quantity: "a lot" },
      "400 -1100 Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    [{ ...LIMIT, price: "59000.123456789" }, "400 -1111 Parameter 'price' has too much precision."],
    [{ ...LIMIT, price: "59000.001" }, filter("PRICE_FILTER")],
    [{ ...LIMIT, price: "2000000" }, filter("PRICE_FILTER")],
    [{ ...LIMIT, quantity: "0.000001" }, filter("LOT_SIZE")],
    [{ ...LIMIT, quantity: "9001" }, filter("LOT_SIZE")],
    [{ ...LIMIT, quantity: "0.00001" }, filter("NOTIONAL")],
    [{ ...LIMIT, price: "63100" }, filter("PERCENT_PRICE_BY_SIDE")],
    [{ ...LIMIT, price: "10000" }, filter("PERCENT_PRICE_BY_SIDE")],
    [{ ...LIMIT, quantity: "100" }, "400 -2010 Account has insufficient balance for requested action."],
    [
      { ...LIMIT, side: "SELL", quantity: "10.1", price: "61000" },
      "400 -2010 Account has insufficient balance for requested action.",
    ],
    [{ ...MAKER, price: "60001" }, "400 -2010 Order would immediately match and take."],
    [{ ...LIMIT, symbol: "LUNAUSDT", price: "1", quantity: "100" }, "400 -1013 Market is closed."],
  ];
  for (const [order, expected] of table) {
    const given = Object.fromEntries(Object.entries(order).filter(([, value]) => value !== ""));
    assert.equal(refusalIn(await ask(stage, "POST /api/v3/order", given)), expected, JSON.stringify(order));
  }
  assert.deepEqual((await ask(stage, "POST /api/v3/order/test", LIMIT)).body, {});
  assert.equal(
    refusalIn(await ask(stage, "POST /api/v3/order/test", { ...LIMIT, quantity: "0.00001" })),
    filter("NOTIONAL"),
  );
  assert.deepEqual(stage.openOrders(), []);
  assert.equal((await ask(stage, "POST /api/v3/order", { ...LIMIT, newClientOrderId: "twin" })).status, 200);
  assert.equal(
    refusalIn(await ask(stage, "POST /api/v3/order", { ...LIMIT, newClientOrderId: "twin" })),
    "400 -2010 Duplicate order sent.",
  );
  const unknown = { symbol, origClientOrderId: "nobody" };
  assert.equal(refusalIn(await ask(stage, "DELETE /api/v3/order", unknown)), "400 -2011 Unknown order sent.");
  assert.equal(refusalIn(await ask(stage, "GET /api/v3/order", unknown)), "400 -2013 Order does not exist.");
  await ask(stage, "DELETE /api/v3/order", { symbol, origClientOrderId: "twin" });
  const again = await ask(stage, "POST /api/v3/order", { ...LIMIT, newClientOrderId: "twin" });
  assert.equal(again.status, 200, "a finished order's id names a new one");
  assert.deepEqual(
    stage.openOrders().map(({ clientOrderId }) => clientOrderId),
    ["twin"],
  );
});

test("EMU-22 an open order more than the most allowed fails MAX_NUM_ORDERS", async (context) => {
  const few = SPOT_INSTRUMENTS.map((each) => ({ ...each, openOrdersMax: 2 }));
  const registry = REGISTRY.filter(({ name }) => name === "binance-spot");
  const stage = await spotStage(context, { registry: registry.map((entry) => ({ ...entry, instruments: few })) });
  await ask(stage, "POST /api/v3/order", MAKER);
  await ask(stage, "POST /api/v3/order", MAKER);
  assert.equal(refusalIn(await ask(stage, "POST /api/v3/order", MAKER)), "400 -1013 Filter failure: MAX_NUM_ORDERS");
  assert.equal(emulatedSpot(few[0] ?? assert.fail(), null).description["status"], "TRADING");
});

test("EMU-10 parameters come in the query, the body or both, and are signed as they were sent", async (context) => {
  const stage = await spotStage(context);
  const timestamp = String(stage.emulator.world.clock.nowMs());
  const send = async (query: string, body: string): Promise<number> => {
    const signature = hmac(query + body);
    const signed = body === "" ? `?${query}&signature=${signature}` : query === "" ? "" : `?${query}`;
    const text = body === "" ? "" : `${body}&signature=${signature}`;
    const headers = { "X-MBX-APIKEY": KEY, "content-type": "application/x-www-form-urlencoded" };
    return (await replyOf(await fetch(`${stage.http}/api/v3/order${signed}`, { method: "POST", headers, body: text })))
      .status;
  };
  const form = (of: Record<string, string>): string => new URLSearchParams(of).toString();
  assert.equal(await send(form({ ...LIMIT, timestamp, newClientOrderId: "query" }), ""), 200);
  assert.equal(await send("", form({ ...LIMIT, timestamp, newClientOrderId: "body" })), 200);
  assert.equal(
    await send(form({ newClientOrderId: "wins", symbol }), form({ ...LIMIT, timestamp, newClientOrderId: "loses" })),
    200,
  );
  assert.deepEqual(
    stage.openOrders().map(({ clientOrderId }) => clientOrderId),
    ["query", "body", "wins"],
  );
});

test("EMU-19 half of a cancel-and-replace that fails is a 409, both halves are a 400", async (context) => {
  const stage = await spotStage(context);
  const replace = (given: Record<string, string>): ReturnType<typeof ask> =>
    ask(stage, "POST /api/v3/order/cancelReplace", { ...MAKER, cancelReplaceMode: "STOP_ON_FAILURE", ...given });
  const none = await replace({ cancelOrigClientOrderId: "nobody" });
  assert.equal(refusalIn(none), "400 -2022 Order cancel-replace failed.");
  assert.equal((none.body["data"] as Body)["newOrderResult"], "NOT_ATTEMPTED");
  await ask(stage, "POST /api/v3/order", { ...MAKER, newClientOrderId: "old" });
  const half = await replace({ cancelOrigClientOrderId: "old", price: "60001" });
  assert.equal(refusalIn(half), "409 -2021 Order cancel-replace partially failed.");
  const { cancelResult, newOrderResult, newOrderResponse } = half.body["data"] as Body;
  assert.deepEqual([cancelResult, newOrderResult, (newOrderResponse as Body)["code"]], ["SUCCESS", "FAILURE", -2010]);
  const allowed = await replace({
    cancelOrigClientOrderId: "old",
    cancelReplaceMode: "ALLOW_FAILURE",
    newClientOrderId: "new",
  });
  assert.equal(refusalIn(allowed), "409 -2021 Order cancel-replace partially failed.");
  assert.deepEqual(
    stage.openOrders().map(({ clientOrderId }) => clientOrderId),
    ["new"],
  );
});

test("EMU-19 an amendment keeps the place, makes smaller only, and renames unless told", async (context) => {
  const stage = await spotStage(context);
  const amend = (given: Record<string, string>): ReturnType<typeof ask> =>
    ask(stage, "PUT /api/v3/order/amend/keepPriority", { symbol, ...given });
  await ask(stage, "POST /api/v3/order", { ...MAKER, newClientOrderId: "old" });
  const { priority } = stage.order("old");
  assert.match(refusalIn(await amend({ origClientOrderId: "old", newQty: "0.002" })), /-2038/);
  assert.match(refusalIn(await amend({ origClientOrderId: "old", newQty: "0.001" })), /-2038/);
  assert.equal(refusalIn(await amend({ origClientOrderId: "no", newQty: "1" })), "400 -2013 Order does not exist.");
  const same = await amend({ origClientOrderId: "old", newQty: "0.0009", newClientOrderId: "old" });
  assert.equal((same.body["amendedOrder"] as Body)["clientOrderId"], "old");
  const { body } = await amend({ origClientOrderId: "old", newQty: "0.0008" });
  const { clientOrderId, origClientOrderId, qty } = body["amendedOrder"] as Body;
  assert.deepEqual([origClientOrderId, qty], ["old", "0.00080000"]);
  assert.notEqual(clientOrderId, "old");
  assert.equal(stage.order(String(clientOrderId)).priority, priority);
});

test("EMU-19 the three replies to a new order carry what the exchange's documents list", async (context) => {
  const stage = await spotStage(context);
  const place = async (newOrderRespType: string): Promise<Body> =>
    (await ask(stage, "POST /api/v3/order", { ...LIMIT, price: "60010", newOrderRespType })).body;
  const ack = ["symbol", "orderId", "orderListId", "clientOrderId", "transactTime"];
  const result = [...ack, "price", "origQty", "executedQty", "origQuoteOrderQty", "cummulativeQuoteQty", "status"];
  result.push("timeInForce", "type", "side", "workingTime", "selfTradePreventionMode");
  assert.deepEqual(Object.keys(await place("ACK")), ack);
  assert.deepEqual(Object.keys(await place("RESULT")), result);
  const full = await place("FULL");
  assert.deepEqual(Object.keys(full), [...result, "fills"]);
  const [fill] = full["fills"] as Body[];
  assert.deepEqual(fill, {
    price: ASK,
    qty: "0.00100000",
    commission: "0.00000100",
    commissionAsset: "BTC",
    tradeId: 3,
  });
});

test("EMU-19 a market order takes what is shown, by quantity or by what is to be spent", async (context) => {
  const stage = await spotStage(context);
  const market = { symbol, side: "BUY", type: "MARKET" };
  const bought = await ask(stage, "POST /api/v3/order", { ...market, quantity: "0.5" });
  assert.deepEqual([bought.body["status"], bought.body["executedQty"]], ["FILLED", "0.50000000"]);
  assert.equal((bought.body["fills"] as Body[]).length, 2);
  const spent = await ask(stage, "POST /api/v3/order", { ...market, side: "SELL", quoteOrderQty: "100" });
  assert.deepEqual([spent.body["executedQty"], spent.body["type"]], ["0.00166000", "MARKET"]);
  assert.equal(spent.body["origQuoteOrderQty"], "100.00000000");
});

test("EMU-02 EMU-19 orders lock what they bind, fees come off what is received, nothing is short", async (context) => {
  const stage = await spotStage(context);
  const held = async (asset: string): Promise<string> => {
    const { body } = await ask(stage, "GET /api/v3/account");
    const found = (body["balances"] as Body[]).find((each) => each["asset"] === asset);
    return [found?.["free"], found?.["locked"]].join(" ");
  };
  await ask(stage, "POST /api/v3/order", MAKER);
  await ask(stage, "POST /api/v3/order", { ...MAKER, side: "SELL", price: "61000", quantity: "4" });
  assert.equal(await held("USDT"), "999941.00000000 59.00000000");
  assert.equal(await held("BTC"), "6.00000000 4.00000000");
  const short = await ask(stage, "POST /api/v3/order", { ...MAKER, side: "SELL", price: "61000", quantity: "6.00001" });
  assert.equal(refusalIn(short), "400 -2010 Account has insufficient balance for requested action.");
  await ask(stage, "POST /api/v3/order", { ...LIMIT, price: "60010", quantity: "0.1" });
  assert.equal(await held("BTC"), "6.09990000 4.00000000");
});

test("EMU-12 weights and orders are counted, told in headers, and refused beyond the limit", async (context) => {
  const stage = await spotStage(context);
  const first = await ask(stage, "POST /api/v3/order", MAKER);
  assert.equal(first.headers.get("x-mbx-used-weight-1m"), "1");
  assert.equal(first.headers.get("x-mbx-order-count-10s"), "1");
  for (let i = 0; i < 74; i += 1) await ask(stage, "GET /api/v3/ticker/24hr", {}, null);
  let last = await ask(stage, "GET /api/v3/ticker/24hr", {}, null);
  while (last.status === 200) last = await ask(stage, "GET /api/v3/ticker/24hr", {}, null);
  assert.equal(last.status, 429);
  assert.equal(last.body["code"], -1003);
  assert.ok(Number.parseInt(last.headers.get("retry-after") ?? "", 10) > 0);
});

test("EMU-08 a path that is not served gets the exchange's own reply and is counted", async (context) => {
  const stage = await spotStage(context);
  assert.equal((await ask(stage, "GET /api/v3/nothing", {}, null)).status, 404);
  assert.deepEqual([...stage.protocol.unserved], [["GET /api/v3/nothing", 1]]);
});

test("EMU-19 listen keys live where the switch is on, and are gone from the market of today", async (context) => {
  const stage = await spotStage(context);
  const { listenKey } = (await ask(stage, "POST /api/v3/userDataStream")).body;
  assert.equal((await ask(stage, "POST /api/v3/userDataStream")).body["listenKey"], listenKey);
  const key = { listenKey: String(listenKey) };
  assert.equal((await ask(stage, "PUT /api/v3/userDataStream", key)).status, 200);
  const talk = await dial(stage, `/ws/${key.listenKey}`);
  await ask(stage, "POST /api/v3/order", { ...MAKER, newClientOrderId: "heard" });
  await until("its report", () => talk.frames.some(({ e, c }) => e === "executionReport" && c === "heard"));
  assert.equal((await ask(stage, "DELETE /api/v3/userDataStream", key)).status, 200);
  assert.equal(
    refusalIn(await ask(stage, "PUT /api/v3/userDataStream", key)),
    "400 -1125 This listenKey does not exist.",
  );
  const today = await spotStage(context, { habits: { legacy: "close" } });
  assert.equal((await ask(today, "POST /api/v3/userDataStream")).status, 410);
});

test("EMU-19 what ccxt wants of the wallet API is answered", async (context) => {
  const stage = await spotStage(context);
  const fees = listOf((await ask(stage, "GET /sapi/v1/asset/tradeFee")).body);
  assert.deepEqual(fees[0], { symbol, makerCommission: "0.00100000", takerCommission: "0.00100000" });
  assert.deepEqual((await ask(stage, "GET /sapi/v1/margin/allPairs")).body, []);
  assert.deepEqual((await ask(stage, "GET /sapi/v1/margin/isolated/allPairs")).body, []);
  const coins = listOf((await ask(stage, "GET /sapi/v1/capital/config/getall")).body);
  assert.ok(coins.some(({ coin }) => coin === "USDT"));
  assert.equal((await ask(stage, "GET /sapi/v1/account/apiRestrictions")).body["enableSpotAndMarginTrading"], true);
  assert.equal((await ask(stage, "GET /api/v3/account/commission", { symbol })).body["symbol"], symbol);
  assert.equal(listOf((await ask(stage, "GET /api/v3/rateLimit/order")).body).length, 2);
});

test("EMU-19 everybody may ask for book, trades, candles and tickers", async (context) => {
  const stage = await spotStage(context);
  stage.trade("buy", 6_000_001, 7);
  stage.trade("sell", 5_999_999, 3);
  const public_ = async (path: string): Promise<unknown> =>
    (await ask(stage, `GET /api/v3/${path}`, { symbol, interval: "1m" }, null)).body;
  assert.deepEqual(((await public_("depth")) as Body)["bids"], [
    [BID, "0.40000000"],
    ["59999.98000000", "0.40000000"],
    ["59999.90000000", "0.40000000"],
  ]);
  const trades = (await public_("trades")) as Body[];
  assert.deepEqual(
    trades.map(({ id, price, isBuyerMaker }) => [id, price, isBuyerMaker]),
    [
      [1, ASK, false],
      [2, BID, true],
    ],
  );
  const [, aggregate] = (await public_("aggTrades")) as Body[];
  assert.deepEqual([aggregate?.["a"], aggregate?.["q"]], [2, "0.00003000"]);
  const [candle] = (await public_("klines")) as unknown[][];
  assert.deepEqual(candle?.slice(1, 6), [ASK, ASK, BID, BID, "0.00010000"]);
  assert.equal(((await public_("avgPrice")) as Body)["price"], "60000.00000000");
  assert.equal(((await public_("ticker/bookTicker")) as Body)["askPrice"], ASK);
  assert.equal(((await public_("ticker/24hr")) as Body)["volume"], "0.00010000");
  assert.equal(((await public_("time")) as Body)["serverTime"] !== undefined, true);
});

test("EMU-11 parameters nobody knows are ignored, or refused where the exchange is strict", async (context) => {
  const [lax, strict] = [await spotStage(context), await spotStage(context, { habits: { strictParameters: true } })];
  const order = { ...MAKER, callerMethodName: "createOrder" };
  assert.equal((await ask(lax, "POST /api/v3/order", order)).status, 200);
  assert.equal((await ask(strict, "POST /api/v3/order", order)).body["code"], -1104);
});
