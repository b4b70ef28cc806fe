// What Bybit's codes mean (EXCH-41), from its list of V5 errors. Every reply is 200 with `retCode`; elements of a list
// are told apart in `retExtInfo`, in the order of the request.

import { isRecord, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { CLOCK, CREDENTIALS, DUPLICATE, NOT_OPEN, RATE, refused, rows, UNCHANGED, UNKNOWN } from "./code-rows.ts";
import { endpointLimits, listLength } from "./endpoint-limits.ts";
import type { BatchElement, CodeRow, ExchangeWord } from "./exchange-table.ts";

export const BYBIT_STATUSES: readonly number[] = [200];

const ANY = [200, 400, 500, 502, 503, 504];
const KEY_STATUSES = [200, 400, 401, 403];

export const BYBIT_CODES: readonly CodeRow[] = [
  // "Server Timeout", "System error", "the order is processing and can not be operated"; creation and cancel timeouts
  ...rows([10000, 10016, 110079, 170007, 170032, 170146, 170147, 170234], UNKNOWN, ANY),
  ...rows([10002], CLOCK),
  ...rows([10006, 10018, 170222], RATE, [200, 403, 429]),
  ...rows([10003, 10004, 10005, 10007, 10008, 10009, 10010, 33004], CREDENTIALS, KEY_STATUSES),
  ...rows([10020, 10024, 10027, 10028], CREDENTIALS, KEY_STATUSES),
  ...rows([110072, 170141], DUPLICATE),
  ...rows([110004, 110006, 110007, 110012, 110014, 110044, 110045], refused("INSUFFICIENT_FUNDS")),
  ...rows([110051, 110052, 110053, 170131], refused("INSUFFICIENT_FUNDS")),
  ...rows([170218], refused("POST_ONLY_WOULD_TAKE")),
  ...rows([110001, 110008, 110010, 170139, 170142, 170143, 170190, 170213], NOT_OPEN),
  ...rows([110017, 110034], refused("REDUCE_ONLY_REJECTED")),
  ...rows([110094, 170136, 170140], refused("BELOW_MINIMUM")),
  ...rows([110003, 170132, 170133, 170192, 170193, 170194], refused("PRICE_OUT_OF_BAND")),
  ...rows([170134, 170137], refused("OFF_GRID")),
  ...rows([110009, 110020], refused("TOO_MANY_ORDERS")),
  ...rows([110042, 110063, 110066, 170121, 170151, 170157], refused("INSTRUMENT_NOT_TRADING")),
  ...rows([10001, 10017, 10029, 110016, 110019, 110021, 110022, 110023, 110032, 110039, 110040], refused("OTHER")),
  ...rows([170105, 170115, 170116, 170117, 170124, 170130, 170135, 170210], refused("OTHER")),
  ...rows([110025, 110026, 110027, 110043, 34036], UNCHANGED),
];

export function bybitWord(body: unknown): ExchangeWord | null {
  const code = isRecord(body) ? textOf(body["retCode"]) : null;
  if (!isRecord(body) || code === null || code === "0") return null;
  return { code, text: textOf(body["retMsg"]) ?? "" };
}

/** `result.list` beside `retExtInfo.list`; an element that failed has no id of its own. */
export function bybitElements(body: unknown): readonly BatchElement[] | null {
  if (!isRecord(body) || textOf(body["retCode"]) !== "0") return null;
  const orders = recordsOf(recordOf(body["result"])["list"]);
  const words = recordsOf(recordOf(body["retExtInfo"])["list"]);
  if (orders.length === 0 || words.length !== orders.length) return null;
  return orders.map((order, n) => {
    const code = textOf(words[n]?.["code"]);
    // an element without a code is not known to have been taken
    const word = code === "0" ? null : { code: code ?? "", text: textOf(words[n]?.["msg"]) ?? "" };
    return { clientOrderId: textOf(order["orderLinkId"]), exchangeOrderId: textOf(order["orderId"]), word };
  });
}

/** By user and endpoint in a second; lists are counted by their orders. 600 requests in 5 s by address. */
export const bybitLimits = (ordersPerS: number) =>
  endpointLimits({
    windowMs: 1000,
    endpoints: {
      "POST v5/order/create": ordersPerS,
      "POST v5/order/amend": ordersPerS,
      "POST v5/order/cancel": ordersPerS,
      "POST v5/order/cancel-all": ordersPerS,
      "POST v5/order/create-batch": ordersPerS,
      "POST v5/order/cancel-batch": ordersPerS,
      "GET v5/order/realtime": 50,
      "GET v5/order/history": 50,
      "GET v5/execution/list": 50,
      "GET v5/position/list": 50,
      "GET v5/account/wallet-balance": 50,
      "GET v5/account/fee-rate": ordersPerS,
      "GET v5/user/query-api": 10,
    },
    others: 50,
    all: { name: "ip-5s", limit: 600, windowMs: 5000 },
    count: (params) => listLength(params, "request"),
    // "your current limit for current endpoint", "your remaining requests for current endpoint" (v5, rate limits)
    headers: { limit: "x-bapi-limit", left: "x-bapi-limit-status" },
  });

/** Milliseconds of an interval told in minutes. */
export const minutesMs = (value: unknown): number | null => {
  const minutes = wholeOf(value);
  return minutes === null || minutes <= 0 ? null : minutes * 60_000;
};
