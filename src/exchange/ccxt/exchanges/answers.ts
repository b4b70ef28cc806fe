// Whether a reply can be the answer of a call at all (EXCH-07). ccxt makes an empty list of an empty page, and a
// success of whatever stands where a success should: that an order is gone must not follow from a page of a proxy.

import { decimalOf, isRecord, listOf, recordOf, textOf } from "../raw.ts";

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

/** Names under which a record tells its id and its time. */
interface Names {
  readonly id: readonly string[];
  readonly time?: readonly string[];
}

/**
 * A list, and each of its records tells its id and its time: what tells none ccxt leaves out, and a list that is not
 * there it takes for an empty one.
 */
const records =
  (listOfBody: (body: unknown) => unknown, { id, time }: Names): Shape =>
  (body) => {
    const found = listOfBody(body);
    const tells = (each: unknown): boolean =>
      isRecord(each) &&
      id.some((name) => textOf(each[name]) !== null) &&
      (time === undefined || time.some((name) => decimalOf(each[name]) !== null));
    return Array.isArray(found) && found.every(tells);
  };
const whole = (body: unknown): unknown => body;
const dataOf = (body: unknown): unknown => recordOf(body)["data"];
const resultList = (body: unknown): unknown => recordOf(recordOf(body)["result"])["list"];

/** Bitget has a name for the list of each call, and null for none. */
function namedList(body: unknown): unknown {
  const data = dataOf(body);
  if (!isRecord(data)) return data;
  const name = ["entrustedList", "fillList", "list"].find((each) => Object.hasOwn(data, each));
  return name === undefined ? undefined : (data[name] ?? []);
}

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
  okx: {
    fetchOpenOrders: records(dataOf, { id: ["ordId"] }),
    fetchMyTrades: records(dataOf, { id: ["tradeId"], time: ["ts"] }),
    fetchPositions: records(dataOf, { id: ["instId"] }),
    // an account without a word about it would have no money at all
    fetchBalance: (body) => Array.isArray(recordOf(listOf(dataOf(body))[0])["details"]),
  },
  bybit: {
    fetchOpenOrders: records(resultList, { id: ["orderId"] }),
    // the second half of a look-up
    fetchCanceledAndClosedOrders: records(resultList, { id: ["orderId"] }),
    fetchMyTrades: records(resultList, { id: ["execId"], time: ["execTime"] }),
    fetchPositions: records(resultList, { id: ["symbol"] }),
    fetchBalance: (body) => Array.isArray(recordOf(listOf(resultList(body))[0])["coin"]),
  },
  bitget: {
    fetchOpenOrders: records(namedList, { id: ["orderId"] }),
    fetchMyTrades: records(namedList, { id: ["tradeId", "execId"], time: ["cTime", "createdTime", "execTime"] }),
    fetchPositions: records(namedList, { id: ["symbol"] }),
  },
  gate: {
    fetchOpenOrders: records(whole, { id: ["id"] }),
    fetchMyTrades: records(whole, { id: ["id", "trade_id"], time: ["create_time", "create_time_ms"] }),
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
