// What Bitget's codes mean (EXCH-41), from its lists of errors, classic and unified. A list's reply names what was
// taken first and what failed after it, so places in it say nothing.

import { isRecord, listOf, recordOf, recordsOf, textOf } from "../raw.ts";
import { CLOCK, CREDENTIALS, DUPLICATE, MAINTENANCE, NOT_OPEN, RATE, refused, rows, UNKNOWN } from "./code-rows.ts";
import { endpointLimits } from "./endpoint-limits.ts";
import type { BatchElement, CodeRow, ExchangeWord } from "./exchange-table.ts";

/** 200 of elements of a list, 400 of a request of its own. */
export const BITGET_STATUSES: readonly number[] = [200, 400];

const ANY = [200, 400, 429, 500, 502, 503, 504];
const KEY_STATUSES = [400, 401, 403];

export const BITGET_CODES: readonly CodeRow[] = [
  ...rows([40015, 40725, 500], UNKNOWN, ANY),
  ...rows([40200, 40308], MAINTENANCE, ANY),
  ...rows([40004, 40005, 40008], CLOCK, KEY_STATUSES),
  ...rows([429], RATE, [200, 400, 429]),
  ...rows([40001, 40002, 40003, 40006, 40009, 40010, 40011, 40012, 40014, 40016, 40018], CREDENTIALS, KEY_STATUSES),
  ...rows([40031, 40037], CREDENTIALS, KEY_STATUSES),
  // 40708 is "client_oid duplicate" in one table of Bitget's and a wrong parameter in another: looked up, never refused
  ...rows([40786, 40708, 43118, 45034, 50060, 25212], DUPLICATE),
  ...rows([40711, 40712, 40762, 43012, 25202, 25203], refused("INSUFFICIENT_FUNDS")),
  ...rows([22001, 40109, 40768, 43001, 25204], NOT_OPEN),
  ...rows([22002, 25227], refused("REDUCE_ONLY_REJECTED")),
  ...rows([43006, 45110], refused("BELOW_MINIMUM")),
  ...rows([40808], refused("OFF_GRID")),
  ...rows([40309], refused("INSTRUMENT_NOT_TRADING")),
  ...rows([40007, 40017, 40019, 40020, 40108, 40305, 40706, 40774, 45113], refused("OTHER")),
];

const SUCCESS: readonly (string | null)[] = ["00000", "0", "200", null];

export function bitgetWord(body: unknown): ExchangeWord | null {
  const code = isRecord(body) ? textOf(body["code"]) : null;
  if (!isRecord(body) || SUCCESS.includes(code)) return null;
  return { code: code ?? "", text: textOf(body["msg"]) ?? "" };
}

/** `{successList, failureList}` of classic accounts, a list of `{orderId, clientOid, code, msg}` of unified ones. */
export function bitgetElements(body: unknown): readonly BatchElement[] | null {
  if (!isRecord(body) || textOf(body["code"]) !== "00000") return null;
  const { data } = body;
  if (Array.isArray(data)) {
    return listOf(data).map((each) => {
      const [element, word] = [recordOf(each), bitgetWord(each)];
      return { ...idsOf(element), word };
    });
  }
  const { successList: taken, failureList: failed } = recordOf(data);
  if (!Array.isArray(taken) || !Array.isArray(failed)) return null;
  return [
    ...recordsOf(taken).map((each) => ({ ...idsOf(each), word: null })),
    ...recordsOf(failed).map((each) => {
      const word = { code: textOf(each["errorCode"]) ?? "", text: textOf(each["errorMsg"]) ?? "" };
      return { ...idsOf(each), exchangeOrderId: null, word };
    }),
  ];
}

const idsOf = (element: Readonly<Record<string, unknown>>): Omit<BatchElement, "word"> => ({
  clientOrderId: textOf(element["clientOid"]),
  exchangeOrderId: textOf(element["orderId"]),
});

/** By user and endpoint in a second, lists counted as one request; 6,000 requests a minute by address. */
export const BITGET_LIMITS = endpointLimits({
  windowMs: 1000,
  endpoints: {
    "POST v2/mix/order/place-order": 10,
    "POST v2/mix/order/batch-place-order": 5,
    "POST v2/mix/order/cancel-order": 10,
    "POST v2/mix/order/batch-cancel-orders": 10,
    "POST v2/spot/trade/place-order": 10,
    "POST v2/spot/trade/batch-orders": 5,
    "POST v2/spot/trade/cancel-order": 10,
    "POST v2/spot/trade/batch-cancel-order": 10,
    "POST v2/spot/trade/cancel-symbol-order": 5,
    "GET v2/mix/order/detail": 10,
    "GET v2/mix/order/orders-pending": 10,
    "GET v2/mix/order/fills": 10,
    "GET v2/spot/trade/orderInfo": 20,
    "GET v2/spot/trade/unfilled-orders": 20,
    "GET v2/spot/trade/fills": 10,
    "GET v2/mix/account/accounts": 10,
    "GET v2/mix/position/all-position": 5,
    "GET v2/spot/account/info": 1,
    "GET v2/mix/market/contracts": 20,
    "GET v2/spot/public/symbols": 20,
    "GET v2/public/time": 20,
    "GET v3/market/instruments": 20,
    "POST v3/trade/place-order": 10,
    "POST v3/trade/place-batch": 5,
    "POST v3/trade/cancel-order": 10,
    "POST v3/trade/cancel-symbol-order": 5,
    "POST v3/trade/modify-order": 10,
    "POST v3/trade/countdown-cancel-all": 1,
    "GET v3/trade/order-info": 20,
    "GET v3/trade/unfilled-orders": 20,
    "GET v3/trade/fills": 20,
    "GET v3/account/assets": 10,
    "GET v3/account/settings": 5,
    "GET v3/position/current-position": 10,
  },
  others: 10,
  all: { name: "ip-1m", limit: 6000, windowMs: 60_000 },
});
