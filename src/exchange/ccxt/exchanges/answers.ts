// Whether a reply can be the answer of a call at all (EXCH-07). ccxt makes an empty list of an empty page, and a
// success of whatever stands where a success should: that an order is gone must not follow from a page of a proxy.

import { isRecord, listOf, recordOf, textOf } from "../raw.ts";

type Shape = (body: unknown, value?: unknown) => boolean;

const list: Shape = (body) => Array.isArray(body);
/** ccxt leaves out what has no time or no name it knows: a fill must not be lost that way. */
const wholeList: Shape = (body, value) => Array.isArray(body) && listOf(value).length === body.length;
const listIn =
  (name: string): Shape =>
  (body) =>
    Array.isArray(body) || Array.isArray(recordOf(body)[name]);
const says =
  (...names: readonly string[]): Shape =>
  (body) =>
    names.some((name) => textOf(recordOf(body)[name]) !== null);
const done: Shape = (body) => textOf(recordOf(body)["code"]) === "200";
const book: Shape = (body) => Array.isArray(recordOf(body)["bids"]) && Array.isArray(recordOf(body)["asks"]);

const BOTH: Readonly<Record<string, Shape>> = {
  fetchOpenOrders: wholeList,
  fetchMyTrades: wholeList,
  fetchOHLCV: list,
  fetchTrades: list,
  fetchOrderBook: book,
  // ccxt takes what was filled for 0 where it is not told
  fetchOrder: (body) => says("orderId")(body) && says("executedQty")(body),
  createOrder: says("orderId"),
  cancelOrder: says("orderId"),
};

/** Words that every reply of an exchange begins with, whatever was asked. */
const EVERY: Readonly<Record<string, Shape>> = {
  okx: says("code"),
  bybit: says("retCode"),
  bitget: says("code"),
};

/** By ccxt's id of the exchange and the method that was called; what is not listed is judged by whoever reads it. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  binance: {
    ...BOTH,
    fetchBalance: (body) => Array.isArray(recordOf(body)["balances"]),
    cancelAllOrders: (body) => listOf(body).length > 0,
  },
  binanceusdm: {
    ...BOTH,
    fetchBalance: listIn("assets"),
    fetchPositions: listIn("positions"),
    fetchFundingHistory: list,
    fetchFundingRateHistory: list,
    cancelAllOrders: done,
    setLeverage: says("leverage"),
    setMarginMode: done,
    fapiPrivatePostCountdownCancelAll: says("countdownTime"),
    fapiPrivatePutOrder: says("orderId"),
  },
  gate: {
    fetchOpenOrders: list,
    fetchMyTrades: list,
    createOrder: says("id"),
    createOrders: list,
    cancelOrder: says("id"),
    cancelOrders: list,
    cancelAllOrders: list,
    fetchPositions: list,
    privateFuturesPutSettleOrdersOrderId: says("id"),
    privateFuturesPostSettleCountdownCancelAll: says("triggerTime", "trigger_time"),
    privateSpotPostCountdownCancelAll: says("triggerTime", "trigger_time"),
  },
};

/** False: no JSON, nothing in it, or nothing this call is answered with. What it means instead is not known. */
export function isAnswer(
  ccxtId: string,
  method: string,
  { body, value }: { readonly body: unknown; readonly value: unknown },
): boolean {
  if (body === null || body === undefined) return false;
  if (isRecord(body) && Object.keys(body).length === 0) return false;
  if (Object.hasOwn(EVERY, ccxtId) && EVERY[ccxtId]?.(body) === false) return false;
  const shapes = Object.hasOwn(SHAPES, ccxtId) ? SHAPES[ccxtId] : undefined;
  const shape = shapes !== undefined && Object.hasOwn(shapes, method) ? shapes[method] : undefined;
  return shape === undefined || shape(body, value);
}
