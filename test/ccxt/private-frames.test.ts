// Private frames of OKX, Bybit, Gate and Bitget, as their documents show them, all the way into our events: cumulative
// quantities, signs of fees, and how a post-only order that would have crossed says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Raw } from "../../src/exchange/ccxt/raw.ts";
import { ORDER } from "./okx-replies.ts";
import { played } from "./private-stage.ts";

test("EXCH-18 EXCH-36 OKX: an order frame carries its fill; the fee's sign is the frame's own", async (context) => {
  const arg = { channel: "orders", instType: "SWAP" };
  const order = { ...ORDER, tradeId: "", accFillSz: "0", state: "live", fillFee: "0", fillFeeCcy: "", execType: "" };
  const first = { tradeId: "1", fillSz: "0.02", accFillSz: "0.02", state: "partially_filled", execType: "M" };
  const last = { tradeId: "2", fillSz: "0.03", accFillSz: "0.05", state: "filled", execType: "T" };
  const { lines, troubles } = await played(context, "okx", [
    { arg, data: [order] },
    // the fee beside the fill's own is the whole order's
    { arg, data: [{ ...order, ...first, fillFee: "0.0012", fillFeeCcy: "USDT", fee: "0.0012" }] },
    { arg, data: [{ ...order, ...last, fillFee: "-0.009", fillFeeCcy: "USDT", fee: "-0.0078" }] },
    { arg, data: [{ ...order, clOrdId: "ob2", ordId: "2", state: "canceled", cancelSource: "31" }] },
  ]);
  assert.deepEqual(lines, [
    "ob1 buy open 0/5",
    "fill 1 of ob1: 2 fee -1200e-6 USDT maker order",
    "ob1 buy open 2/5",
    "fill 2 of ob1: 3 fee 9000e-6 USDT taker order",
    "ob1 buy filled 5/5",
    "ob2 buy canceled 0/5 POST_ONLY_WOULD_TAKE",
  ]);
  assert.deepEqual(troubles, []);
});

test("EXCH-18 EXCH-36 Bybit: executions beside orders, and the word of a crossing post-only", async (context) => {
  const order = {
    category: "linear",
    symbol: "BTCUSDT",
    orderId: "5cf98598-39a7-459e-97bf-76ca765ee020",
    orderLinkId: "ob1",
    side: "Sell",
    price: "60001",
    qty: "0.005",
    orderType: "Limit",
    timeInForce: "PostOnly",
    orderStatus: "New",
    cumExecQty: "0",
    leavesQty: "0.005",
    rejectReason: "EC_NoError",
    cancelType: "UNKNOWN",
    createdTime: "1672364262444",
    updatedTime: "1672364262457",
  };
  const execution = {
    category: "linear",
    symbol: "BTCUSDT",
    execId: "7e2ae69c-4edf-5800-a352-893d52b446aa",
    orderId: order.orderId,
    orderLinkId: "ob1",
    side: "Sell",
    execType: "Trade",
    execPrice: "60001",
    execQty: "0.002",
    execFee: "-0.012",
    feeRate: "-0.0001",
    isMaker: true,
    execTime: "1672364174443",
  };
  const { lines, troubles } = await played(context, "bybit", [
    { topic: "order", data: [order] },
    { topic: "execution", data: [execution] },
    { topic: "order", data: [{ ...order, orderStatus: "PartiallyFilled", cumExecQty: "0.002", leavesQty: "0.003" }] },
    {
      topic: "execution",
      data: [{ ...execution, execId: "e2", execType: "BustTrade", orderLinkId: "", isMaker: false }],
    },
    {
      topic: "order",
      data: [
        {
          ...order,
          orderId: "another",
          orderLinkId: "ob2",
          orderStatus: "Cancelled",
          rejectReason: "EC_PostOnlyWillTakeLiquidity",
        },
      ],
    },
  ]);
  assert.deepEqual(lines, [
    "ob1 sell open 0/5",
    "fill 7e2ae69c-4edf-5800-a352-893d52b446aa of ob1: 2 fee -12000e-6 USDT maker order",
    "ob1 sell open 2/5",
    "fill e2 of null: 2 fee -12000e-6 USDT taker liquidation",
    "ob2 sell canceled 0/5 POST_ONLY_WOULD_TAKE",
  ]);
  assert.deepEqual(troubles, []);
});

test("EXCH-18 EXCH-36 EXCH-37 Gate: what is left of signed contracts decides", async (context) => {
  const order = {
    id: 4_872_460,
    contract: "BTC_USDT",
    size: -5,
    left: -5,
    price: 60_001,
    text: "t-ob1",
    tif: "poc",
    status: "open",
    finish_as: "_new",
    create_time: 1_628_736_847,
    create_time_ms: 1_628_736_847_325,
  };
  const trade = {
    id: "3335259",
    create_time: 1_628_736_848,
    create_time_ms: 1_628_736_848_321,
    contract: "BTC_USDT",
    order_id: "4872460",
    size: -2,
    price: "60001",
    role: "maker",
    text: "t-ob1",
    fee: -0.0009290592,
    point_fee: 0,
  };
  const frame = (channel: string, ...result: readonly unknown[]): Raw => ({
    channel: `futures.${channel}`,
    event: "update",
    result,
  });
  const { lines, troubles } = await played(context, "gate", [
    frame("orders", order),
    frame("usertrades", trade),
    frame("orders", { ...order, left: -3, finish_as: "_update" }),
    frame("orders", { ...order, left: -3, status: "finished", finish_as: "reduce_only" }),
  ]);
  assert.deepEqual(lines, [
    "ob1 sell open 0/5",
    "fill 3335259 of ob1: 2 fee -929e-6 USDT maker order",
    "ob1 sell open 2/5",
    "ob1 sell canceled 2/5 REDUCE_ONLY_REJECTED",
  ]);
  // words without a mapping are looked up and written down
  assert.ok(troubles.some((line) => line.includes("looked up ob1")));
});

test("EXCH-18 EXCH-36 Bitget: the sum stands beside the last fill, and a rebate keeps its sign", async (context) => {
  const order = {
    instId: "BTCUSDT",
    orderId: "1001",
    clientOid: "ob1",
    side: "buy",
    posMode: "one_way_mode",
    price: "59999",
    size: "0.005",
    baseVolume: "0",
    accBaseVolume: "0",
    force: "post_only",
    orderType: "limit",
    status: "live",
    feeDetail: [{ feeCoin: "USDT", fee: "0" }],
    cTime: "1695719197612",
    uTime: "1695719197612",
  };
  const fill = {
    orderId: "1001",
    clientOid: "ob1",
    tradeId: "9001",
    symbol: "BTCUSDT",
    side: "buy",
    posMode: "one_way_mode",
    tradeScope: "maker",
    price: "59999",
    baseVolume: "0.002",
    tradeSide: "buy_single",
    feeDetail: [{ feeCoin: "USDT", deduction: "no", totalDeductionFee: "0", totalFee: "0.0012" }],
    cTime: "1703577336606",
    uTime: "1703577336606",
  };
  const arg = (channel: string): Raw => ({ instType: "USDT-FUTURES", channel, instId: "default" });
  const taker = [{ feeCoin: "USDT", deduction: "no", totalDeductionFee: "0", totalFee: "-0.183717" }];
  const { lines, troubles } = await played(context, "bitget", [
    { arg: arg("orders"), data: [order] },
    { arg: arg("fill"), data: [fill] },
    {
      arg: arg("orders"),
      data: [{ ...order, status: "partially_filled", baseVolume: "0.002", accBaseVolume: "0.002" }],
    },
    {
      arg: arg("fill"),
      data: [{ ...fill, tradeId: "9002", tradeScope: "taker", baseVolume: "0.003", feeDetail: taker }],
    },
    { arg: arg("orders"), data: [{ ...order, status: "filled", baseVolume: "0.003", accBaseVolume: "0.005" }] },
  ]);
  assert.deepEqual(lines, [
    "ob1 buy open 0/5",
    "fill 9001 of ob1: 2 fee -1200e-6 USDT maker order",
    "ob1 buy open 2/5",
    "fill 9002 of ob1: 3 fee 183717e-6 USDT taker order",
    "ob1 buy filled 5/5",
  ]);
  assert.deepEqual(troubles, []);
});
