// Found by the fuzzer: ccxt leaves records without a time out of a list of fills, and takes a list that is not there
// for an empty one. On OKX, Bybit, Gate and Bitget a fill could be lost that way, an order be called gone, and an OKX
// account without a word about it have no money.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isAnswer } from "../../src/exchange/ccxt/exchanges/answers.ts";

const okx = (data: unknown): object => ({ code: "0", msg: "", data });
const bybit = (list: unknown): object => ({ retCode: 0, retMsg: "OK", result: { list } });
const bitget = (data: unknown): object => ({ code: "00000", msg: "success", data });

type Row = readonly [exchange: string, method: string, body: unknown];

const NO_ANSWERS: readonly Row[] = [
  ["okx", "fetchMyTrades", okx([{ tradeId: "1", ts: "" }])],
  ["okx", "fetchMyTrades", okx(["x", { tradeId: "1", ts: "1" }])],
  ["okx", "fetchOpenOrders", okx({})],
  ["okx", "fetchOpenOrders", { code: "0" }],
  ["okx", "fetchPositions", okx([{}])],
  ["okx", "fetchBalance", okx([])],
  ["okx", "fetchBalance", okx([{}])],
  ["bybit", "fetchMyTrades", bybit([{ execId: "1", execTime: null }])],
  ["bybit", "fetchOpenOrders", bybit(null)],
  ["bybit", "fetchCanceledAndClosedOrders", { retCode: 0, result: {} }],
  ["bybit", "fetchBalance", bybit([{}])],
  ["gate", "fetchMyTrades", [{ id: "1", create_time: "yesterday" }]],
  ["gate", "fetchMyTrades", [{ create_time: 1 }]],
  ["bitget", "fetchMyTrades", bitget({ fillList: [{ tradeId: "1" }] })],
  ["bitget", "fetchOpenOrders", bitget({})],
];

const ANSWERS: readonly Row[] = [
  ["okx", "fetchMyTrades", okx([])],
  ["okx", "fetchMyTrades", okx([{ tradeId: "1", ts: "1597026383085" }])],
  ["okx", "fetchBalance", okx([{ details: [] }])],
  ["bybit", "fetchOpenOrders", bybit([])],
  ["gate", "fetchMyTrades", [{ trade_id: "1", create_time: 1_795_233_000.123 }]],
  ["bitget", "fetchOpenOrders", bitget({ entrustedList: null, endId: null })],
  ["bitget", "fetchOpenOrders", bitget([])],
];

test("TEST-05 EXCH-07 EXCH-36 a list with a record that tells no id or no time is no answer, nor is none", () => {
  for (const [exchange, method, body] of NO_ANSWERS) {
    assert.equal(isAnswer(exchange, method, { body, value: [] }), false, `${exchange} ${JSON.stringify(body)}`);
  }
  for (const [exchange, method, body] of ANSWERS) {
    assert.equal(isAnswer(exchange, method, { body, value: [] }), true, `${exchange} ${JSON.stringify(body)}`);
  }
});
