// Private frames of OKX, Bybit, Gate and Bitget, as their documents show them, all the way into our events: cumulative
// quantities, signs of fees, and how a post-only order that would have crossed says so.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { CcxtInstance } from "../../src/exchange/ccxt/ccxt-instance.ts";
import type { ExchangeTable } from "../../src/exchange/ccxt/exchanges/exchange-table.ts";
import { tableOf } from "../../src/exchange/ccxt/exchanges/registry.ts";
import { Instruments, NO_FACTS, readInstrument } from "../../src/exchange/ccxt/instruments.ts";
import type { Raw } from "../../src/exchange/ccxt/raw.ts";
import { Redactor } from "../../src/exchange/ccxt/redact.ts";
import { streamTableOf } from "../../src/exchange/ccxt/streams/ccxt-streams.ts";
import { FillMemory, OrderMemory } from "../../src/exchange/ccxt/streams/fill-memory.ts";
import { OwnFeed } from "../../src/exchange/ccxt/streams/own-feed.ts";
import type { StreamMessage } from "../../src/exchange/port.ts";
import { openLog } from "../../src/observe/log.ts";
import { type Answer, NOW_MS, stageTransport } from "./exchange-stage.ts";
import { BITGET_CONTRACT, BYBIT_LINEAR, GATE_CONTRACT } from "./listed-instruments.ts";
import { OKX, ORDER } from "./okx-replies.ts";

const SYMBOL = "BTC/USDT:USDT";
const UNASKED = { result: "unavailable", text: "nothing is asked here" } as const;

const LISTED: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  okx: OKX,
  bybit: {
    "GET /v5/market/instruments-info": {
      retCode: 0,
      retMsg: "OK",
      result: { list: [BYBIT_LINEAR], nextPageCursor: "" },
    },
  },
  gate: { "GET /api/v4/futures/usdt/contracts": [GATE_CONTRACT] },
  bitget: {
    "GET /api/v2/mix/market/contracts": ({ query }: { readonly query: string }) => ({
      code: "00000",
      data: query.includes("USDT-FUTURES") ? [BITGET_CONTRACT] : [],
    }),
  },
};

interface Played {
  /** One line an event. */
  readonly lines: readonly string[];
  readonly troubles: readonly string[];
}

/** What a bot hears of frames of an exchange's private socket. */
async function played(context: TestContext, exchange: string, frames: readonly Raw[]): Promise<Played> {
  const clock = new VirtualClock(NOW_MS);
  const { table } = tableOf(exchange, "perpetual");
  const instance = await CcxtInstance.open({
    table,
    credentials: null,
    environment: "live",
    urls: null,
    clock,
    gate: { pass: () => Promise.resolve(), replied: () => undefined },
    transport: stageTransport(exchange, { ...LISTED[exchange] }, []),
    redactor: new Redactor(),
  });
  context.after(() => instance.close());
  const wish = { priority: 1, waitUntilMs: NOW_MS + 1000, deadlineMs: NOW_MS + 1000, expiresAtMs: null } as const;
  const loaded = await instance.call({ method: "loadMarkets", args: [] }, wish);
  assert.ok(loaded.ok, loaded.ok ? "" : loaded.text);
  const troubles: string[] = [];
  const told: StreamMessage[] = [];
  const feed = feedOf(table, instance, { told, troubles });
  const own = streamTableOf(table)?.own;
  assert.ok(own);
  for (const frame of frames) {
    for (const news of own.read(frame)) if (news.kind === "order" || news.kind === "fill") feed.hear(news);
  }
  return { lines: told.map(lineOf), troubles };
}

function feedOf(
  table: ExchangeTable,
  instance: CcxtInstance,
  to: { readonly told: StreamMessage[]; readonly troubles: string[] },
): OwnFeed {
  const instruments = new Instruments();
  const about = { table, precisionMode: instance.precisionMode(), facts: NO_FACTS, nowMs: NOW_MS };
  const read = readInstrument(instance.market(SYMBOL) ?? {}, about);
  assert.ok(read.ok, read.ok ? "" : read.error);
  instruments.set(SYMBOL, read.value);
  return new OwnFeed({
    instance,
    table,
    reads: {
      lookup: async () => UNASKED,
      openOrders: async () => UNASKED,
      fills: async () => UNASKED,
      account: async () => UNASKED,
      book: async () => UNASKED,
      clientOrderIdOf: () => null,
      remember: () => undefined,
    },
    instruments,
    log: openLog({ process: "test", write: (line) => to.troubles.push(line) }),
    fills: new FillMemory(),
    orders: new OrderMemory(),
    tell: (_symbol, message) => to.told.push(message),
    heardOrder: () => undefined,
    heardFill: () => undefined,
    lookUp: (order) => to.troubles.push(`looked up ${order.clientOrderId}`),
  });
}

function lineOf(message: StreamMessage): string {
  if (message.kind === "order") {
    const { clientOrderId, side, status, cumulative, quantity, reason } = message;
    return `${clientOrderId} ${side} ${status} ${cumulative}/${quantity}${reason === null ? "" : ` ${reason}`}`;
  }
  if (message.kind !== "fill") return message.kind;
  const { clientOrderId, tradeId, quantity, fee, feeAsset, liquidity, origin } = message;
  const cost = `${fee < 0n ? "-" : ""}${(fee < 0n ? -fee : fee) / 10n ** 12n}e-6`;
  return `fill ${tradeId} of ${clientOrderId}: ${quantity} fee ${cost} ${feeAsset} ${liquidity} ${origin}`;
}

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

test("EXCH-18 EXCH-36 Bybit: executions beside orders, UUIDs for ids, and the word of a crossing post-only", async (context) => {
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

test("EXCH-18 EXCH-36 EXCH-37 Gate: what is left of signed contracts, and an update without a word of ccxt's", async (context) => {
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
