// Bybit through ccxt with its network replaced: requests and replies against the examples of its V5 documents
// (https://bybit-exchange.github.io/docs/v5/, "Place Order", "Batch Place Order", "Get Trade History" and others). Ids
// of futures orders are UUIDs, those of spot orders digits.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Hands, orderOf } from "../contract/exchange-stage.ts";
import { BYBIT, EXECUTION, listed, ORDER, ok, POSITION, refused, UUID } from "./bybit-replies.ts";
import {
  asked,
  type ExchangeStage,
  exchangeStage,
  money,
  type Sent,
  type StageAbout,
  Status,
} from "./exchange-stage.ts";
import { BYBIT_SPOT } from "./listed-instruments.ts";

const SYMBOL = "BTC/USDT:USDT";
const ID = foreignOrderId("ob1");
interface Stage extends ExchangeStage {
  readonly hands: Hands;
}

async function stage(context: TestContext, about: Partial<StageAbout> = {}): Promise<Stage> {
  const replies = { ...BYBIT, ...about.replies };
  const of = { exchange: "bybit", market: "perpetual", symbol: SYMBOL, ...about, replies } as const;
  const made = await exchangeStage(context, of);
  return { ...made, hands: new Hands(made.port, { symbol: of.symbol, unit: 1 }) };
}

test("EXCH-05 EXCH-08 a Bybit order leaves as documented, with a window and no partner's code", async (context) => {
  const { hands, last } = await stage(context);
  const placed = await hands.place("buy 599990 x 5", ID);
  assert.deepEqual(placed, { result: "accepted", exchangeOrderId: UUID, id: ID });
  const sent = last("POST /v5/order/create");
  assert.deepEqual(sent.json, {
    symbol: "BTCUSDT",
    side: "Buy",
    orderType: "Limit",
    timeInForce: "PostOnly",
    orderLinkId: "ob1",
    price: "59999",
    category: "linear",
    qty: "0.005",
  });
  const windowMs = Number.parseInt(sent.headers["X-BAPI-RECV-WINDOW"] ?? "", 10);
  assert.ok(windowMs > 0 && windowMs <= 2000, `${windowMs} ms`);
  assert.equal(sent.headers["Referer"], undefined);
  // what reads has the ordinary window again
  await hands.openOrders();
  assert.equal(last("GET /v5/order/realtime").headers["X-BAPI-RECV-WINDOW"], "5000");
});

test("EXCH-12 words of a Bybit list stand beside it by place", async (context) => {
  const { hands, last, replies } = await stage(context);
  const list = [
    { category: "linear", symbol: "BTCUSDT", orderId: UUID, orderLinkId: "ob1", createAt: "1673282491000" },
    { category: "", symbol: "", orderId: "", orderLinkId: "", createAt: "" },
  ];
  const words = {
    list: [
      { code: 0, msg: "OK" },
      { code: 110007, msg: "ab not enough for new order" },
    ],
  };
  replies["POST /v5/order/create-batch"] = ok({ list }, words);
  const [one, two] = await Promise.all([
    hands.place("buy 599990 x 5", ID),
    hands.place("sell 600010 x 5 reduce", foreignOrderId("ob2")),
  ]);
  const sent = last("POST /v5/order/create-batch").json as { category: string; request: Record<string, unknown>[] };
  assert.equal(sent.category, "linear");
  assert.deepEqual(sent.request[1], {
    symbol: "BTCUSDT",
    side: "Sell",
    orderType: "Limit",
    timeInForce: "PostOnly",
    orderLinkId: "ob2",
    price: "60001",
    qty: "0.005",
    reduceOnly: true,
  });
  assert.equal(one?.result === "accepted" && one.exchangeOrderId, UUID);
  assert.ok(two?.result === "rejected" && two.reason === "INSUFFICIENT_FUNDS");
});

test("EXCH-14 cancels of Bybit are named orderLinkId, alone and in lists", async (context) => {
  const { hands, last, replies } = await stage(context);
  assert.equal((await hands.cancel(ID)).result, "accepted");
  assert.deepEqual(last("POST /v5/order/cancel").json, { symbol: "BTCUSDT", category: "linear", orderLinkId: "ob1" });
  for (const [code, text] of [
    [110001, "order not exists or too late to cancel"],
    [110008, "Order has been finished or canceled"],
    [110010, "The order has been canceled"],
  ] as const) {
    replies["POST /v5/order/cancel"] = refused(code, text);
    assert.equal((await hands.cancel(ID)).result, "not-open", text);
  }
  const list = [
    { category: "linear", symbol: "BTCUSDT", orderId: UUID, orderLinkId: "ob1" },
    { category: "linear", symbol: "BTCUSDT", orderId: "", orderLinkId: "ob2" },
  ];
  const words = {
    list: [
      { code: 0, msg: "OK" },
      { code: 110001, msg: "order not exists or too late to cancel" },
    ],
  };
  replies["POST /v5/order/cancel-batch"] = ok({ list }, words);
  const cancelled = await Promise.all([hands.cancel(ID), hands.cancel(foreignOrderId("ob2"))]);
  assert.deepEqual(
    cancelled.map(({ result }) => result),
    ["accepted", "not-open"],
  );
  assert.deepEqual(last("POST /v5/order/cancel-batch").json, {
    category: "linear",
    request: [
      { symbol: "BTCUSDT", orderLinkId: "ob1" },
      { symbol: "BTCUSDT", orderLinkId: "ob2" },
    ],
  });
});

test("EXCH-09 EXCH-11 Bybit looks among open orders, then in the history", async (context) => {
  const { hands, last, sentTo, replies } = await stage(context);
  assert.equal((await hands.lookup(ID)).result, "absent");
  assert.equal(last("GET /v5/order/realtime").query, "symbol=BTCUSDT&category=linear&orderLinkId=ob1");
  assert.equal(last("GET /v5/order/history").query, "symbol=BTCUSDT&category=linear&orderLinkId=ob1");
  replies["GET /v5/order/history"] = listed({
    ...ORDER,
    orderStatus: "Cancelled",
    rejectReason: "EC_PostOnlyWillTakeLiquidity",
    cumExecQty: "0",
    leavesQty: "0",
  });
  const crossed = await hands.lookup(ID);
  assert.ok(crossed.result === "found");
  assert.deepEqual(
    [crossed.order.exchangeOrderId, crossed.order.status, crossed.order.reason, crossed.order.cumulative],
    [UUID, "canceled", "POST_ONLY_WOULD_TAKE", 0],
  );
  replies["POST /v5/order/create"] = refused(110072, "OrderLinkedID is duplicate");
  replies["GET /v5/order/realtime"] = listed(ORDER);
  const before = sentTo("GET /v5/order/realtime").length;
  const placed = await hands.place("buy 599990 x 5", foreignOrderId("ob1"));
  assert.ok(placed.result === "accepted" && placed.exchangeOrderId === UUID);
  assert.equal(sentTo("GET /v5/order/realtime").length, before + 1);
});

test("EXCH-07 what Bybit answers without knowing leaves the order unknown", async (context) => {
  const { hands, replies } = await stage(context);
  for (const [code, text] of [
    [10000, "Server Timeout"],
    [10016, "System error. Please try again later."],
    [199999, "nobody has seen this"],
  ] as const) {
    replies["POST /v5/order/create"] = refused(code, text);
    assert.equal((await hands.place("buy 599990 x 5")).result, "unknown", text);
  }
});

test("EXCH-36 EXCH-19 Bybit's executions keep the fee's sign and tell liquidations", async (context) => {
  const { hands, replies } = await stage(context);
  const queries: URLSearchParams[] = [];
  const rebate = { ...EXECUTION, execId: "e2", execFee: "-0.012", isMaker: true, execTime: "1795233000500" };
  const forced = { ...EXECUTION, execId: "e3", execType: "BustTrade", orderLinkId: "", execTime: "1795233000600" };
  const funding = { ...EXECUTION, execId: "e4", execType: "Funding", execTime: "1795233000700" };
  const page = (cursor: string, ...list: readonly unknown[]): object => ok({ nextPageCursor: cursor, list });
  const pages = [page("132766%3A2", funding, forced, rebate), page("132766%3A1", EXECUTION), page("")];
  replies["GET /v5/execution/list"] = (sent: Sent) => {
    queries.push(new URLSearchParams(sent.query));
    return pages.shift();
  };
  const read = await hands.fills({ sinceMs: 1_795_232_000_000, cursor: null });
  assert.ok(read.result === "ok");
  assert.deepEqual(
    read.fills.map(({ tradeId, quantity, liquidity, origin, fee }) => [tradeId, quantity, liquidity, origin, fee]),
    [
      [EXECUTION.execId, 2, "taker", "order", money("0.066")],
      ["e2", 2, "maker", "order", money("-0.012")],
      ["e3", 2, "taker", "liquidation", money("0.066")],
    ],
  );
  // ccxt would ask for ordinary trades only
  assert.deepEqual(
    queries.map((query) => [query.get("execType"), query.get("startTime"), query.get("cursor") !== null]),
    [
      [null, "1795232000000", false],
      [null, "1795232000000", true],
      [null, "1795232000000", true],
    ],
  );
});

test("EXCH-02 EXCH-29 EXCH-31 instrument, account and fees of Bybit are read whole", async (context) => {
  const { port, hands } = await stage(context);
  const read = await asked<Parameters<Parameters<typeof port.instrument>[1]>[0]>((done) =>
    port.instrument(SYMBOL, done),
  );
  assert.ok(read.result === "ok");
  const { tickSize, lotSize, fundingIntervalMs, leverage, makerPpm, takerPpm, openOrdersMax } = read.instrument;
  assert.deepEqual(
    { tickSize, lotSize, fundingIntervalMs, leverage, makerPpm, takerPpm, openOrdersMax },
    {
      tickSize: "0.1",
      lotSize: "0.001",
      fundingIntervalMs: 28_800_000,
      leverage: 5,
      makerPpm: -100,
      takerPpm: 550,
      openOrdersMax: 500,
    },
  );
  const account = await hands.account();
  assert.ok(account.result === "ok");
  assert.deepEqual(
    [account.equity, account.maintenanceMargin, account.quoteTotal, account.positions[0]?.lots],
    [money("4990.5"), money("1.5"), money("4980"), -3],
  );
});

test("EXCH-17 Bybit changes an order under its own id", async (context) => {
  const { port, last, replies } = await stage(context);
  replies["POST /v5/order/amend"] = ok({ orderId: UUID, orderLinkId: "ob1" });
  const order = callersApproval(orderOf("buy 599980 x 7", { symbol: SYMBOL, unit: 1 }));
  const outcome = await asked<{ readonly result: string }>((done) =>
    port.amend?.({ symbol: SYMBOL, clientOrderId: ID, revision: 1, order }, done),
  );
  assert.equal(outcome.result, "accepted");
  assert.deepEqual(last("POST /v5/order/amend").json, {
    symbol: "BTCUSDT",
    orderLinkId: "ob1",
    category: "linear",
    qty: "0.007",
    price: "59998",
  });
});

test("EXCH-38 EXCH-54 hedge mode, other accounts and keys that withdraw refuse Bybit's start", async (context) => {
  const info = (marginMode: string, unifiedMarginStatus: number): object => ok({ marginMode, unifiedMarginStatus });
  const query = { readOnly: 0, permissions: { ContractTrade: ["Order"], Wallet: ["Withdraw"] }, ips: ["*"] };
  for (const [replies, says] of [
    [{ "GET /v5/position/list": listed({ ...POSITION, positionIdx: 1 }, { ...POSITION, positionIdx: 2 }) }, /hedge/],
    [{ "GET /v5/account/info": info("REGULAR_MARGIN", 1) }, /Unified Trading Account/],
    [{ "GET /v5/account/info": info("PORTFOLIO_MARGIN", 6) }, /portfolio margin/],
    [{ "GET /v5/account/info": info("ISOLATED_MARGIN", 6) }, /Cross Margin/],
    [{ "GET /v5/user/query-api": ok(query) }, /withdraw/],
  ] as const) {
    await assert.rejects(stage(context, { replies }), says);
  }
});

test("EXCH-05 a spot order of Bybit has digits for an id", async (context) => {
  const { hands, last } = await stage(context, {
    market: "spot",
    symbol: "BTC/USDT",
    replies: {
      "GET /v5/market/instruments-info": ok({ category: "spot", list: [BYBIT_SPOT] }),
      "POST /v5/order/create": ok({ orderId: "1523347543495541248", orderLinkId: "ob1" }),
    },
  });
  const placed = await hands.place("buy 599990 x 1000", ID);
  assert.ok(placed.result === "accepted" && placed.exchangeOrderId === "1523347543495541248");
  const sent = last("POST /v5/order/create").json as Record<string, unknown>;
  assert.deepEqual([sent["category"], sent["qty"], sent["timeInForce"]], ["spot", "0.001", "PostOnly"]);
  await hands.cancel(ID);
  assert.deepEqual(last("POST /v5/order/cancel").json, {
    symbol: "BTCUSDT",
    orderFilter: "Order",
    category: "spot",
    orderLinkId: "ob1",
  });
});

test("EXCH-25 Bybit's headers correct what is counted of the endpoint asked, and its limit", async (context) => {
  const { hands, port, replies } = await stage(context);
  const bucket = () => port.budget?.().find(({ name }) => name === "POST v5/order/create");
  assert.deepEqual([bucket()?.used, bucket()?.limit], [0, 10]);
  const headers = { "x-bapi-limit": "20", "x-bapi-limit-status": "2" };
  replies["POST /v5/order/create"] = new Status(200, ok({ orderId: UUID, orderLinkId: "ob1" }), headers);
  await hands.place("buy 599990 x 5", ID);
  // somebody else of this account has sent the other seventeen
  assert.deepEqual([bucket()?.used, bucket()?.limit], [18, 20]);
});
