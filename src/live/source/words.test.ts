// Words of the API as words of the console.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExchangeType,
  OrderSide,
  OrderStatus,
  OrderType,
  TimeInForce,
} from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { instrumentOf, orderOf, product, sum, told, withoutAddresses } from "./words.ts";

test("LIVE-08 addresses lose their path and query: a listen key never leaves with a cause", () => {
  const canary = "canary-7f3a9c21e5";
  const texts = [
    `reconnecting to wss://fstream.binance.com/ws/${canary}?x=1 in 2 s`,
    `GET https://api.example.com/v1?signature=${canary} failed`,
    `wss://${canary}@host:9443/stream`,
    `WSS://host/private#${canary}`,
  ].map(withoutAddresses);
  assert.deepEqual(texts, [
    "reconnecting to wss://fstream.binance.com in 2 s",
    "GET https://api.example.com failed",
    "wss://host:9443",
    "WSS://host",
  ]);
});

test("LIVE-05 decimals pass as they were decided; what was not given is told as that, never as NaN or null", () => {
  assert.equal(told({ value: "0.10" }), "0.10");
  assert.equal(told({ value: "1e-7" }), "0.0000001");
  assert.equal(told(undefined, ""), "");
  assert.equal(told({ value: "NaN" }, ""), "");
  assert.equal(sum("0.1", "0.2", "-0.3"), "0");
  assert.equal(sum("1", ""), "");
  assert.equal(product("42150.5", "0.003"), "126.4515");
});

const WIRE = {
  exchange: "simulated",
  symbol: "BTC/USDT:USDT",
  orderId: "7",
  clientOrderId: "b1",
  botId: "grid",
  side: OrderSide.SELL,
  type: OrderType.LIMIT,
  timeInForce: TimeInForce.GTX,
  price: { value: "1.10" },
  quantity: { value: "2" },
  executedQty: { value: "0" },
  avgPrice: undefined,
  postOnly: true,
  reduceOnly: false,
  useMargin: false,
  rejectReason: "",
  createdAtMs: 5,
  updatedAtMs: 5,
  foreign: false,
};

test("LIVE-12 an order that waits for the exchange's word keeps the status it had; ended ones are gone", () => {
  const statusOf = (status: OrderStatus, executed = "0"): readonly unknown[] => {
    const { order } = orderOf({ ...WIRE, status, executedQty: { value: executed } }, "BTCUSDT");
    return [order.status, order.unknown, order.gone ?? false];
  };
  assert.deepEqual(statusOf(OrderStatus.PENDING), ["NEW", false, false]);
  assert.deepEqual(statusOf(OrderStatus.CANCEL_PENDING, "1"), ["PARTIALLY_FILLED", false, false]);
  assert.deepEqual(statusOf(OrderStatus.UNKNOWN_OUTCOME), ["NEW", true, false]);
  assert.deepEqual(statusOf(OrderStatus.FILLED, "2"), ["FILLED", false, true]);
  assert.deepEqual(statusOf(OrderStatus.REJECTED), ["REJECTED", false, true]);
});

test("an instrument without a name of its exchange is called as most would call it", () => {
  const info = { exchange: "simulated", type: ExchangeType.FUTURES, tickSize: { value: "0.1" }, lotSize: undefined };
  const named = (symbol: string, exchangeSymbol: string): string =>
    instrumentOf({ ...NOTHING, ...info, symbol, exchangeSymbol }).name;
  assert.deepEqual(
    [named("BTC/USDT:USDT", ""), named("ETH/USDC", "ETH/USDC"), named("BTC/USDT:USDT", "BTC-USDT-SWAP")],
    ["BTCUSDT", "ETHUSDC", "BTC-USDT-SWAP"],
  );
});

const NOTHING = {
  baseAsset: "",
  quoteAsset: "",
  settleAsset: "",
  contractSize: undefined,
  minQuantity: undefined,
  maxQuantity: undefined,
  minNotional: undefined,
  minNotionalOnReduce: false,
  priceBandUpBps: 0,
  priceBandDownBps: 0,
  maxOpenOrders: 0,
  makerFeePpm: 0,
  takerFeePpm: 0,
  status: "",
  fundingIntervalMs: 0,
  readAtMs: 0,
  leverage: undefined,
  maintenanceMarginPpm: 0,
  feeIn: "",
  inverse: false,
};
