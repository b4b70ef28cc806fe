// OKX through ccxt with its network replaced: requests against the examples of its API guide, replies read into lots,
// ticks, fees and states. One contract is 0.01 BTC and may be cut into hundredths, so a lot is 0.0001 BTC.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Hands, orderOf } from "../contract/exchange-stage.ts";
import { asked, type ExchangeStage, exchangeStage, money, NOW_MS, type StageAbout } from "./exchange-stage.ts";
import { CONFIG, FILL, OKX, ORDER, ok, refusal, SPOT_INSTRUMENT, SWAP_INSTRUMENT, TAKEN } from "./okx-replies.ts";

const SYMBOL = "BTC/USDT:USDT";
const ID = foreignOrderId("ob1");

interface Stage extends ExchangeStage {
  readonly hands: Hands;
}

async function stage(context: TestContext, about: Partial<StageAbout> = {}): Promise<Stage> {
  const replies = { ...OKX, ...about.replies };
  const made = await exchangeStage(context, {
    exchange: "okx",
    market: "perpetual",
    symbol: SYMBOL,
    ...about,
    replies,
  });
  return { ...made, hands: new Hands(made.port, { symbol: about.symbol ?? SYMBOL, unit: 1 }) };
}

test("EXCH-02 EXCH-29 an OKX contract of ctVal coins is a number of lots in base units", async (context) => {
  const { port } = await stage(context);
  const read = await asked<Parameters<Parameters<typeof port.instrument>[1]>[0]>((done) =>
    port.instrument(SYMBOL, done),
  );
  assert.ok(read.result === "ok");
  const { tickSize, lotSize, minLots, fundingIntervalMs, leverage, makerPpm, takerPpm } = read.instrument;
  assert.deepEqual(
    { tickSize, lotSize, minLots, fundingIntervalMs, leverage },
    { tickSize: "0.1", lotSize: "0.0001", minLots: 1, fundingIntervalMs: 14_400_000, leverage: 5 },
  );
  // a maker's rebate stays one, and the coin-margined rates beside it are not ours
  assert.deepEqual({ makerPpm, takerPpm }, { makerPpm: -50, takerPpm: 500 });
});

test("EXCH-05 EXCH-08 a post-only order leaves as OKX documents it, with the moment it expires", async (context) => {
  const { hands, last } = await stage(context);
  const placed = await hands.place("buy 599990 x 5", ID);
  assert.deepEqual(placed, { result: "accepted", exchangeOrderId: "680800019749904384", id: ID });
  const sent = last("POST /api/v5/trade/batch-orders");
  assert.deepEqual(sent.json, [
    {
      instId: "BTC-USDT-SWAP",
      side: "buy",
      ordType: "post_only",
      sz: "0.05",
      tdMode: "cross",
      px: "59999",
      clOrdId: "ob1",
    },
  ]);
  const expTime = Number.parseInt(sent.headers["expTime"] ?? "", 10);
  assert.ok(expTime > NOW_MS && expTime <= NOW_MS + 10_000, `${expTime}`);
  assert.equal(sent.headers["OK-ACCESS-PASSPHRASE"], "the-phrase");
});

test("EXCH-05 reduce-only, immediate and fill-or-kill orders are named so on OKX", async (context) => {
  const { hands, last } = await stage(context);
  for (const [text, expected] of [
    ["sell 600010 x 3 reduce", { ordType: "post_only", reduceOnly: true }],
    ["sell 600010 x 3 ioc", { ordType: "ioc" }],
    ["sell 600010 x 3 fok", { ordType: "fok" }],
    ["sell 600010 x 3 taker", { ordType: "limit" }],
  ] as const) {
    await hands.place(text);
    const [order] = last("POST /api/v5/trade/batch-orders").json as readonly Record<string, unknown>[];
    const { ordType, reduceOnly } = order ?? {};
    assert.deepEqual(reduceOnly === undefined ? { ordType } : { ordType, reduceOnly }, expected, text);
  }
});

test("EXCH-12 elements of an OKX list end by their own ids, whatever their places", async (context) => {
  const { hands, last, replies } = await stage(context);
  replies["POST /api/v5/trade/batch-orders"] = {
    code: "2",
    msg: "Bulk operation partially succeeded.",
    data: [
      { clOrdId: "ob2", ordId: "", sCode: "51008", sMsg: "Order failed. Insufficient USDT balance in account" },
      { clOrdId: "ob1", ordId: "12344", sCode: "0", sMsg: "" },
    ],
  };
  const [one, two, three] = await Promise.all([
    hands.place("buy 599990 x 5", foreignOrderId("ob1")),
    hands.place("buy 599980 x 5", foreignOrderId("ob2")),
    hands.place("buy 599970 x 5", foreignOrderId("ob3")),
  ]);
  assert.equal((last("POST /api/v5/trade/batch-orders").json as unknown[]).length, 3);
  assert.equal(one?.result, "accepted");
  assert.ok(two?.result === "rejected" && two.reason === "INSUFFICIENT_FUNDS");
  // nobody told of the third
  assert.equal(three?.result, "unknown");
});

test("EXCH-14 cancels of OKX go by clOrdId, alone and in lists, and an empty list is never sent", async (context) => {
  const { hands, port, last, sentTo, replies } = await stage(context);
  assert.equal((await hands.cancel(ID)).result, "accepted");
  assert.deepEqual(last("POST /api/v5/trade/cancel-order").json, { instId: "BTC-USDT-SWAP", clOrdId: "ob1" });
  replies["POST /api/v5/trade/cancel-order"] = refusal("51400", "Cancellation failed as the order doesn't exist.");
  assert.equal((await hands.cancel(ID)).result, "not-open");
  replies["POST /api/v5/trade/cancel-batch-orders"] = ok(TAKEN, { ...TAKEN, clOrdId: "ob2", sCode: "51402" });
  const cancelled = await Promise.all([hands.cancel(ID), hands.cancel(foreignOrderId("ob2"))]);
  assert.deepEqual(
    cancelled.map(({ result }) => result),
    ["accepted", "not-open"],
  );
  assert.deepEqual(last("POST /api/v5/trade/cancel-batch-orders").json, [
    { instId: "BTC-USDT-SWAP", clOrdId: "ob1" },
    { instId: "BTC-USDT-SWAP", clOrdId: "ob2" },
  ]);
  assert.equal(sentTo("POST /api/v5/trade/cancel-batch-orders").length, 1);
  // there is no call that cancels everything of an instrument
  assert.equal(typeof port.cancelEverything, "undefined");
});

test("EXCH-17 OKX changes an order under its own id, and only what changes is sent", async (context) => {
  const { port, last, replies } = await stage(context);
  replies["POST /api/v5/trade/amend-order"] = ok({ ...TAKEN, reqId: "" });
  const order = callersApproval(orderOf("buy 599980 x 7", { symbol: SYMBOL, unit: 1 }));
  const outcome = await asked<{ readonly result: string }>((done) =>
    port.amend?.({ symbol: SYMBOL, clientOrderId: ID, revision: 1, order }, done),
  );
  assert.equal(outcome.result, "accepted");
  assert.deepEqual(last("POST /api/v5/trade/amend-order").json, {
    instId: "BTC-USDT-SWAP",
    clOrdId: "ob1",
    newSz: "0.07",
    newPx: "59998",
  });
});

test("EXCH-09 an OKX order is looked up by clOrdId, and its contracts are lots again", async (context) => {
  const { hands, last, replies } = await stage(context);
  const found = await hands.lookup(ID);
  assert.equal(last("GET /api/v5/trade/order").query, "instId=BTC-USDT-SWAP&clOrdId=ob1");
  assert.ok(found.result === "found");
  const { price, quantity, cumulative, status, clientOrderId } = found.order;
  assert.deepEqual(
    { price, quantity, cumulative, status, clientOrderId },
    { price: 599_990, quantity: 5, cumulative: 2, status: "open", clientOrderId: "ob1" },
  );
  replies["GET /api/v5/trade/order"] = ok({ ...ORDER, state: "canceled", accFillSz: "0", cancelSource: "31" });
  const crossed = await hands.lookup(ID);
  assert.ok(crossed.result === "found");
  assert.deepEqual([crossed.order.status, crossed.order.reason], ["canceled", "POST_ONLY_WOULD_TAKE"]);
  replies["GET /api/v5/trade/order"] = { code: "51603", msg: "Order does not exist", data: [] };
  assert.equal((await hands.lookup(ID)).result, "absent");
});

test("EXCH-36 EXCH-19 fees of OKX fills: below zero is paid, above is a rebate", async (context) => {
  const { hands, replies } = await stage(context);
  const rebate = { ...FILL, billId: "7", tradeId: "744876981", fee: "0.0012", execType: "M", ts: "1795233000500" };
  const forced = { ...FILL, billId: "8", tradeId: "744876982", subType: "104", clOrdId: "", ts: "1795233000600" };
  const pages = [ok(forced, rebate), ok(FILL), ok()];
  const queries: string[] = [];
  replies["GET /api/v5/trade/fills-history"] = (sent: { readonly query: string }) => {
    queries.push(sent.query);
    return pages.shift();
  };
  const read = await hands.fills({ sinceMs: 1_795_232_000_000, cursor: null });
  assert.ok(read.result === "ok");
  assert.deepEqual(
    read.fills.map(({ tradeId, quantity, price, fee, feeAsset, liquidity, origin, clientOrderId }) => [
      `${tradeId} ${quantity} ${price} ${feeAsset} ${liquidity} ${origin} ${clientOrderId}`,
      fee,
    ]),
    [
      ["744876980 2 599990 USDT taker order ob1", money("0.006")],
      ["744876981 2 599990 USDT maker order ob1", money("-0.0012")],
      ["744876982 2 599990 USDT taker liquidation null", money("0.006")],
    ],
  );
  // newest first: each page continues before the oldest bill of the one before
  assert.match(queries[0] ?? "", /begin=1795232000000/);
  assert.match(queries[1] ?? "", /after=7/);
  assert.match(queries[2] ?? "", /after=6/);
});

test("EXCH-51 (41) open orders of OKX are read page by page until nothing new comes", async (context) => {
  const { hands, replies, sentTo } = await stage(context);
  const page = (from: number, count: number): object =>
    ok(...Array.from({ length: count }, (_, n) => ({ ...ORDER, ordId: String(from - n), clOrdId: `o${from - n}` })));
  const pages = [page(999, 100), page(899, 3), ok()];
  replies["GET /api/v5/trade/orders-pending"] = () => pages.shift();
  const open = await hands.openOrders();
  assert.ok(open.result === "ok");
  assert.equal(open.orders.length, 103);
  const queries = sentTo("GET /api/v5/trade/orders-pending").map(({ query }) =>
    new URLSearchParams(query).get("after"),
  );
  assert.deepEqual(queries, [null, "900", "897"]);
});

test("EXCH-32 OKX's timer is armed in seconds for the whole account", async (context) => {
  const { port, last } = await stage(context, { more: { exclusive: true } });
  const outcome = await asked<{ readonly result: string }>((done) => port.deadMan?.arm(SYMBOL, 60_000, done));
  assert.equal(outcome.result, "accepted");
  assert.deepEqual(last("POST /api/v5/trade/cancel-all-after").json, { timeOut: "60" });
});

test("EXCH-32 OKX's timer stays armed for the others when one instrument's bots have left", async (context) => {
  const ether = { instId: "ETH-USDT-SWAP", instFamily: "ETH-USDT", uly: "ETH-USDT", ctValCcy: "ETH" };
  const both = ok(SWAP_INSTRUMENT, { ...SWAP_INSTRUMENT, ...ether });
  const replies = { "GET /api/v5/public/instruments": both };
  const { port, sentTo } = await stage(context, { replies, more: { exclusive: true } });
  const other = "ETH/USDT:USDT";
  await asked((done) => port.instrument(other, done));
  const steps = [
    [SYMBOL, 60_000],
    [other, 60_000],
    [SYMBOL, null],
    [other, null],
  ] as const;
  for (const [symbol, ttlMs] of steps) {
    const { result } = await asked<{ readonly result: string }>((done) => port.deadMan?.arm(symbol, ttlMs, done));
    assert.match(result, /accepted|unchanged/);
  }
  const armed = sentTo("POST /api/v5/trade/cancel-all-after").map(({ json }) => json);
  assert.deepEqual(armed, [{ timeOut: "60" }, { timeOut: "60" }, { timeOut: "0" }]);
});

test("EXCH-02 sums of an OKX account in futures mode are its currency's", async (context) => {
  const { hands, replies } = await stage(context);
  replies["GET /api/v5/account/positions"] = ok({
    avgPx: "59999.5",
    instId: "BTC-USDT-SWAP",
    instType: "SWAP",
    lever: "5",
    liqPx: "48000",
    mgnMode: "cross",
    pos: "-0.03",
    posSide: "net",
    upl: "0",
  });
  const account = await hands.account();
  assert.ok(account.result === "ok");
  const { equity, maintenanceMargin, quoteTotal, positions } = account;
  assert.deepEqual(
    { equity, maintenanceMargin, quoteTotal },
    { equity: money("4950.5"), maintenanceMargin: money("12.25"), quoteTotal: money("4900") },
  );
  assert.deepEqual(
    positions.map(({ lots, entry }) => [lots, entry]),
    [[-3, 599_995_000]],
  );
});

test("EXCH-38 hedge mode, a portfolio account, odd contracts refuse OKX's start", async (context) => {
  for (const [replies, says] of [
    [{ "GET /api/v5/account/config": ok({ ...CONFIG, posMode: "long_short_mode" }) }, /one-way/],
    [{ "GET /api/v5/account/config": ok({ ...CONFIG, acctLv: "4" }) }, /portfolio-margin/],
    [{ "GET /api/v5/account/config": ok({ ...CONFIG, acctLv: "1" }) }, /Futures/],
    [{ "GET /api/v5/account/config": ok({ ...CONFIG, perm: "read_only,trade,withdraw" }) }, /withdraw/],
    [{ "GET /api/v5/public/instruments": ok({ ...SWAP_INSTRUMENT, ctMult: "10" }) }, /counts 10 times/],
  ] as const) {
    await assert.rejects(stage(context, { replies }), says);
  }
});

test("EXCH-54 a key that may only read makes OKX read-only", async (context) => {
  const { hands, sentTo } = await stage(context, {
    replies: { "GET /api/v5/account/config": ok({ ...CONFIG, perm: "read_only" }) },
  });
  assert.equal((await hands.place("buy 599990 x 5")).result, "not-sent");
  assert.equal(sentTo("POST /api/v5/trade/batch-orders").length, 0);
});

test("EXCH-05 a spot order of OKX pays in cash and counts coins", async (context) => {
  const { hands, last } = await stage(context, {
    market: "spot",
    symbol: "BTC/USDT",
    replies: { "GET /api/v5/public/instruments": ok(SPOT_INSTRUMENT) },
  });
  await hands.place("buy 599990 x 100000", ID);
  assert.deepEqual(last("POST /api/v5/trade/batch-orders").json, [
    {
      instId: "BTC-USDT",
      side: "buy",
      ordType: "post_only",
      sz: "0.001",
      tdMode: "cash",
      tgtCcy: "base_ccy",
      px: "59999",
      clOrdId: "ob1",
    },
  ]);
});
