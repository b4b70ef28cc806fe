// Bitget through ccxt with its network replaced, classic accounts (V2) and unified ones (V3): requests and replies
// against the examples of its documents (https://www.bitget.com/api-doc/, "Place Order", "Batch Cancel Orders", "Get
// Order Fill Details") and those kept in ccxt's source.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { BITGET_SPOT, BITGET_SWAP } from "../../src/exchange/ccxt/exchanges/bitget.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Hands } from "../contract/exchange-stage.ts";
import { BITGET, FILL, ok, refused } from "./bitget-replies.ts";
import {
  asked,
  type ExchangeStage,
  exchangeStage,
  money,
  type Sent,
  type StageAbout,
  Status,
} from "./exchange-stage.ts";
import { BITGET_PAIR } from "./listed-instruments.ts";

const SYMBOL = "BTC/USDT:USDT";
const ID = foreignOrderId("ob1");

interface Stage extends ExchangeStage {
  readonly hands: Hands;
}

async function stage(context: TestContext, about: Partial<StageAbout> = {}): Promise<Stage> {
  const replies = { ...BITGET, ...about.replies };
  const of = { exchange: "bitget", market: "perpetual", symbol: SYMBOL, ...about, replies } as const;
  const made = await exchangeStage(context, of);
  return { ...made, hands: new Hands(made.port, { symbol: of.symbol, unit: 1 }) };
}

test("EXCH-05 a classic order leaves as Bitget documents it, without a partner's code", async (context) => {
  const { hands, last } = await stage(context);
  const placed = await hands.place("buy 599990 x 5", ID);
  assert.deepEqual(placed, { result: "accepted", exchangeOrderId: "1098394344950345728", id: ID });
  const sent = last("POST /api/v2/mix/order/place-order");
  const order = {
    symbol: "BTCUSDT",
    orderType: "limit",
    price: "59999",
    force: "post_only",
    marginCoin: "USDT",
    size: "0.005",
    productType: "USDT-FUTURES",
    clientOid: "ob1",
    marginMode: "crossed",
    side: "buy",
  };
  assert.deepEqual(sent.json, order);
  assert.equal(sent.headers["X-CHANNEL-API-CODE"], undefined);
  assert.equal(sent.headers["ACCESS-PASSPHRASE"], "the-phrase");
  await hands.place("sell 600010 x 5 reduce", foreignOrderId("ob2"));
  const reducing = { ...order, price: "60001", clientOid: "ob2", side: "sell", reduceOnly: "YES" };
  assert.deepEqual(last("POST /api/v2/mix/order/place-order").json, reducing);
});

test("EXCH-07 a reduce-only reply without an order id leaves it unknown", async (context) => {
  const { hands, replies } = await stage(context);
  replies["POST /api/v2/mix/order/place-order"] = ok({ clientOid: "ob1" });
  assert.equal((await hands.place("sell 600010 x 5 reduce", ID)).result, "unknown");
});

test("EXCH-12 Bitget's lists name what was taken first: places in them are not read", async (context) => {
  const { hands, last, replies } = await stage(context);
  replies["POST /api/v2/mix/order/batch-place-order"] = ok({
    successList: [{ orderId: "121", clientOid: "ob2" }],
    failureList: [
      { orderId: "", clientOid: "ob1", errorMsg: "The order amount exceeds the balance", errorCode: "40762" },
    ],
  });
  const placed = await Promise.all([
    hands.place("buy 599990 x 5", ID),
    hands.place("buy 599980 x 5", foreignOrderId("ob2")),
    hands.place("buy 599970 x 5", foreignOrderId("ob3")),
  ]);
  assert.deepEqual(
    placed.map((each) => (each.result === "rejected" ? each.reason : each.result)),
    ["INSUFFICIENT_FUNDS", "accepted", "unknown"],
  );
  const sent = last("POST /api/v2/mix/order/batch-place-order").json as Record<string, unknown>;
  assert.deepEqual([sent["symbol"], sent["marginMode"], sent["marginCoin"]], ["BTCUSDT", "crossed", "USDT"]);
  assert.equal((sent["orderList"] as unknown[]).length, 3);
});

test("EXCH-14 cancels of Bitget go by clientOid with a list that is never empty", async (context) => {
  const { hands, port, last, sentTo, replies } = await stage(context);
  assert.equal((await hands.cancel(ID)).result, "accepted");
  assert.deepEqual(last("POST /api/v2/mix/order/cancel-order").json, {
    symbol: "BTCUSDT",
    clientOid: "ob1",
    productType: "USDT-FUTURES",
  });
  for (const code of ["43001", "40768", "22001", "40109"]) {
    replies["POST /api/v2/mix/order/cancel-order"] = refused(code, "The order does not exist");
    assert.equal((await hands.cancel(ID)).result, "not-open", code);
  }
  const route = "POST /api/v2/mix/order/batch-cancel-orders";
  replies[route] = ok({
    successList: [{ orderId: "121", clientOid: "ob2" }],
    failureList: [{ orderId: "", clientOid: "ob1", errorMsg: "The order does not exist", errorCode: "40768" }],
  });
  const cancelled = await Promise.all([hands.cancel(ID), hands.cancel(foreignOrderId("ob2"))]);
  assert.deepEqual(
    cancelled.map(({ result }) => result),
    ["not-open", "accepted"],
  );
  assert.deepEqual(last(route).json, {
    symbol: "BTCUSDT",
    productType: "USDT-FUTURES",
    orderIdList: [{ clientOid: "ob1" }, { clientOid: "ob2" }],
  });
  // the same address without a list cancels everything: only who asks for that sends it
  assert.ok(sentTo(route).every(({ json }) => (json as { orderIdList?: unknown[] }).orderIdList?.length === 2));
  for (const table of [BITGET_SWAP, BITGET_SPOT]) assert.throws(() => table.cancelBatch(SYMBOL, []), /never empty/);
  const all = await asked<{ readonly result: string }>((done) => port.cancelEverything?.(SYMBOL, done));
  assert.equal(all.result, "accepted");
  assert.deepEqual(last(route).json, { symbol: "BTCUSDT", productType: "USDT-FUTURES" });
});

test("EXCH-09 a Bitget order is found by clientOid, and absent only by the exchange's word", async (context) => {
  const { hands, last, replies } = await stage(context);
  const found = await hands.lookup(ID);
  assert.ok(found.result === "found");
  const { price, quantity, cumulative, status, clientOrderId } = found.order;
  assert.deepEqual([price, quantity, cumulative, status, clientOrderId], [599_990, 5, 2, "open", "ob1"]);
  const query = new URLSearchParams(last("GET /api/v2/mix/order/detail").query);
  const told = { clientOid: "ob1", symbol: "BTCUSDT", productType: "USDT-FUTURES" };
  assert.deepEqual(Object.fromEntries(query), told);
  replies["GET /api/v2/mix/order/detail"] = refused("40109", "The data of the order cannot be found");
  assert.equal((await hands.lookup(ID)).result, "absent");
  replies["GET /api/v2/mix/order/detail"] = refused("40725", "service return an error");
  assert.equal((await hands.lookup(ID)).result, "unavailable");
});

test("EXCH-36 EXCH-19 fees of Bitget fills: below zero is paid, and a rebate is not lost", async (context) => {
  const { hands, replies } = await stage(context);
  const detail = (totalFee: string): unknown => [{ deduction: "no", feeCoin: "USDT", totalFee }];
  const rebate = { ...FILL, tradeId: "1099444000000000002", feeDetail: detail("0.0012"), tradeScope: "maker" };
  const forced = { ...FILL, tradeId: "1099444000000000003", tradeSide: "burst_buy_single", cTime: "1795233000500" };
  const pages = [ok({ fillList: [forced, rebate] }), ok({ fillList: [FILL] }), ok({ fillList: [] })];
  const queries: URLSearchParams[] = [];
  replies["GET /api/v2/mix/order/fills"] = (sent: Sent) => {
    queries.push(new URLSearchParams(sent.query));
    return pages.shift();
  };
  const read = await hands.fills({ sinceMs: 1_795_232_000_000, cursor: null });
  assert.ok(read.result === "ok");
  assert.deepEqual(
    read.fills.map(({ quantity, liquidity, origin, fee, clientOrderId }) => [
      `${quantity} ${liquidity} ${origin} ${clientOrderId}`,
      fee,
    ]),
    [
      ["2 taker order ob1", money("0.02236284")],
      ["2 maker order ob1", money("-0.0012")],
      ["2 taker liquidation ob1", money("0.02236284")],
    ],
  );
  assert.deepEqual(
    queries.map((query) => query.get("idLessThan")),
    [null, "1099444000000000002", "1099444000000000001"],
  );
});

test("EXCH-02 EXCH-29 EXCH-31 contract, account and fees of Bitget are read whole", async (context) => {
  const { port, hands, replies } = await stage(context);
  const read = await asked<Parameters<Parameters<typeof port.instrument>[1]>[0]>((done) =>
    port.instrument(SYMBOL, done),
  );
  assert.ok(read.result === "ok");
  const { tickSize, lotSize, fundingIntervalMs, leverage, makerPpm, takerPpm, openOrdersMax } = read.instrument;
  assert.deepEqual(
    [tickSize, lotSize, fundingIntervalMs, leverage, makerPpm, takerPpm, openOrdersMax],
    ["0.1", "0.001", 28_800_000, 5, -100, 600, 200],
  );
  replies["GET /api/v2/mix/position/all-position"] = ok([
    { symbol: "BTCUSDT", holdSide: "short", total: "0.003", openPriceAvg: "60000.5", marginCoin: "USDT" },
  ]);
  const account = await hands.account();
  assert.ok(account.result === "ok");
  assert.deepEqual(
    [account.quoteTotal, account.quoteAvailable, account.equity, account.maintenanceMargin, account.positions[0]?.lots],
    [money("4900"), money("4840.5"), money("5000"), money("12.5"), -3],
  );
});

test("EXCH-34 EXCH-38 EXCH-54 other accounts, hedge mode, keys that withdraw refuse the start", async (context) => {
  const other = "You are in Unified Account mode, and the Classic Account API is not supported at this time";
  const settings = { marginMode: "crossed", crossedMarginLeverage: 5, posMode: "hedge_mode" };
  for (const [replies, says] of [
    [{ "GET /api/v2/mix/account/accounts": refused("40085", other) }, /bitgetuta/],
    // a failure says nothing about the kind
    [{ "GET /api/v2/mix/account/accounts": new Status(502, "<html>") }, /kind of account could not be read/],
    [{ "GET /api/v2/mix/account/account": ok(settings) }, /hedge mode/],
    [{ "GET /api/v2/spot/account/info": ok({ ips: "", authorities: ["coow", "wwow"] }) }, /withdraw/],
  ] as const) {
    await assert.rejects(stage(context, { replies }), says);
  }
});

test("EXCH-05 EXCH-14 spot orders of a classic account, and their lists of cancels", async (context) => {
  const { hands, last } = await stage(context, {
    market: "spot",
    symbol: "BTC/USDT",
    replies: {
      "GET /api/v2/spot/public/symbols": ok([BITGET_PAIR]),
      "GET /api/v2/margin/currencies": ok([]),
      "GET /api/v2/spot/account/assets": ok([{ coin: "USDT", available: "10", frozen: "0", locked: "0" }]),
      "POST /api/v2/spot/trade/place-order": ok({ orderId: "1001", clientOid: "ob1" }),
      "POST /api/v2/spot/trade/batch-cancel-order": ok({
        successList: [
          { orderId: "1001", clientOid: "ob1" },
          { orderId: "1002", clientOid: "ob2" },
        ],
        failureList: [],
      }),
    },
  });
  assert.equal((await hands.place("buy 599990 x 1000", ID)).result, "accepted");
  assert.deepEqual(last("POST /api/v2/spot/trade/place-order").json, {
    symbol: "BTCUSDT",
    orderType: "limit",
    price: "59999",
    force: "post_only",
    side: "buy",
    clientOid: "ob1",
    size: "0.001",
  });
  await Promise.all([hands.cancel(ID), hands.cancel(foreignOrderId("ob2"))]);
  assert.deepEqual(last("POST /api/v2/spot/trade/batch-cancel-order").json, {
    symbol: "BTCUSDT",
    orderList: [{ clientOid: "ob1" }, { clientOid: "ob2" }],
  });
});
