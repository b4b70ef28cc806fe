// What Gate's labels mean (EXCH-41), from its list of errors. Refusals come with a status of 4xx and a label, in lists
// with the label beside `succeeded: false`.

import { flagOf, isRecord, listOf, recordOf, textOf } from "../raw.ts";
import {
  CLOCK,
  CREDENTIALS,
  DUPLICATE,
  MAINTENANCE,
  NOT_OPEN,
  RATE,
  refused,
  rows,
  UNCHANGED,
  UNKNOWN,
} from "./code-rows.ts";
import { endpointLimits, listLength } from "./endpoint-limits.ts";
import type { BatchElement, CodeRow, ExchangeWord } from "./exchange-table.ts";

/** 200 and 201 of elements of a list, 4xx of a request of its own. */
export const GATE_STATUSES: readonly number[] = [200, 201, 400, 404, 409];

const ANY = [200, 400, 500, 502, 503, 504];
const KEY_STATUSES = [400, 401, 403];

export const GATE_CODES: readonly CodeRow[] = [
  ...rows(["INTERNAL", "SERVER_ERROR", "TOO_BUSY"], UNKNOWN, ANY),
  ...rows(["MAINTENANCE"], MAINTENANCE, ANY),
  // a wrong clock and an expiry that has passed are one word
  ...rows(["REQUEST_EXPIRED"], CLOCK, [400, 401, 403, 408, 410]),
  ...rows(["TOO_MANY_REQUESTS", "TOO_FAST"], RATE, [200, 400, 403, 429]),
  ...rows(
    ["INVALID_KEY", "INVALID_CREDENTIALS", "INVALID_SIGNATURE", "MISSING_REQUIRED_HEADER"],
    CREDENTIALS,
    KEY_STATUSES,
  ),
  ...rows(["AUTHENTICATION_FAILED", "IP_FORBIDDEN", "READ_ONLY", "FORBIDDEN"], CREDENTIALS, KEY_STATUSES),
  ...rows(["ACCOUNT_LOCKED", "SUB_ACCOUNT_LOCKED"], CREDENTIALS, KEY_STATUSES),
  ...rows(["DUPLICATE_REQUEST", "REPEATED_CREATION"], DUPLICATE),
  ...rows(["INSUFFICIENT_AVAILABLE", "BALANCE_NOT_ENOUGH"], refused("INSUFFICIENT_FUNDS")),
  ...rows(["FUTURES_BALANCE_NOT_ENOUGH", "MARGIN_BALANCE_NOT_ENOUGH"], refused("INSUFFICIENT_FUNDS")),
  ...rows(["ORDER_POC_IMMEDIATE", "POC_FILL_IMMEDIATELY"], refused("POST_ONLY_WOULD_TAKE")),
  ...rows(["ORDER_NOT_FOUND", "CLIENT_ID_NOT_FOUND", "ORDER_FINISHED", "ORDER_CLOSED", "ORDER_CANCELLED"], NOT_OPEN),
  ...rows(["POSITION_EMPTY", "INCREASE_POSITION"], refused("REDUCE_ONLY_REJECTED")),
  ...rows(["INVALID_PRECISION"], refused("OFF_GRID")),
  ...rows(["SIZE_TOO_SMALL", "AMOUNT_TOO_LITTLE"], refused("BELOW_MINIMUM")),
  ...rows(["PRICE_TOO_DEVIATED", "PRICE_OVER_LIQUIDATION", "PRICE_OVER_BANKRUPT"], refused("PRICE_OUT_OF_BAND")),
  ...rows(["PRICE_THRESHOLD_EXCEEDED"], refused("PRICE_OUT_OF_BAND")),
  ...rows(["TOO_MANY_ORDERS"], refused("TOO_MANY_ORDERS")),
  ...rows(["CONTRACT_NOT_FOUND", "CONTRACT_IN_DELISTING"], refused("INSTRUMENT_NOT_TRADING")),
  ...rows(["INVALID_CURRENCY", "INVALID_CURRENCY_PAIR"], refused("INSTRUMENT_NOT_TRADING")),
  ...rows(["INVALID_PARAM_VALUE", "INVALID_ARGUMENT", "INVALID_REQUEST_BODY", "BAD_REQUEST"], refused("OTHER")),
  ...rows(["MISSING_REQUIRED_PARAM", "SIZE_TOO_LARGE", "AMOUNT_TOO_MUCH", "QUANTITY_NOT_ENOUGH"], refused("OTHER")),
  ...rows(["LIQUIDATE_IMMEDIATELY", "RISK_LIMIT_EXCEEDED", "LEVERAGE_TOO_HIGH"], refused("OTHER")),
  ...rows(["POSITION_IN_LIQUIDATION", "POSITION_IN_CLOSE"], refused("OTHER")),
  ...rows(["NO_CHANGE"], UNCHANGED),
];

export function gateWord(body: unknown): ExchangeWord | null {
  const label = isRecord(body) ? textOf(body["label"]) : null;
  if (!isRecord(body) || label === null) return null;
  return { code: label, text: textOf(body["message"]) ?? textOf(body["detail"]) ?? "" };
}

/** Our id in `text` behind the prefix the exchange wants; "" where somebody else gave none. */
export function gateClientId(text: unknown): string | null {
  if (typeof text !== "string") return null;
  return text.startsWith("t-") ? text.slice(2) : text;
}

/** Lists answer in the order of the request. */
export function gateElements(body: unknown): readonly BatchElement[] | null {
  if (!Array.isArray(body)) return null;
  return listOf(body).map((each) => {
    const element = recordOf(each);
    const succeeded = flagOf(element["succeeded"]) === true;
    const id = textOf(element["id"]) ?? textOf(element["order_id"]);
    const told = gateClientId(element["text"]) ?? (id?.startsWith("t-") === true ? gateClientId(id) : null);
    return {
      clientOrderId: told === "" ? null : told,
      exchangeOrderId: succeeded ? id : null,
      word: succeeded ? null : (gateWord(element) ?? { code: "", text: textOf(element["message"]) ?? "" }),
    };
  });
}

const READS_MS = 10_000;
/** Of the endpoint asked: its limit, and the requests that remain of it. */
const HEADERS = { limit: "x-gate-ratelimit-limit", left: "x-gate-ratelimit-requests-remain" };

/** By user: 100 orders and 200 cancels in a second, 200 reads in 10 s each. */
export const GATE_FUTURES_LIMITS = endpointLimits({
  windowMs: 1000,
  endpoints: {
    "POST {settle}/orders": 100,
    "POST {settle}/batch_orders": 100,
    "PUT {settle}/orders/{order_id}": 100,
    "DELETE {settle}/orders/{order_id}": 200,
    "DELETE {settle}/orders": 200,
    "POST {settle}/batch_cancel_orders": 200,
  },
  reads: {
    windowMs: READS_MS,
    endpoints: {
      "GET {settle}/orders/{order_id}": 200,
      "GET {settle}/orders": 200,
      "GET {settle}/my_trades_timerange": 200,
      "GET {settle}/accounts": 200,
      "GET {settle}/positions": 200,
      "GET {settle}/order_book": 200,
    },
  },
  others: 200,
  headers: HEADERS,
  orders: {
    name: "orders-1s",
    limit: 100,
    windowMs: 1000,
    endpoints: ["POST {settle}/orders", "POST {settle}/batch_orders", "PUT {settle}/orders/{order_id}"],
  },
  count: (params) => listLength(params),
});

/** By user and pair: 10 orders in a second; 200 cancels. */
export const GATE_SPOT_LIMITS = endpointLimits({
  windowMs: 1000,
  endpoints: {
    "POST orders": 10,
    "POST batch_orders": 10,
    "PATCH orders/{order_id}": 10,
    "DELETE orders/{order_id}": 200,
    "DELETE orders": 200,
    "POST cancel_batch_orders": 200,
  },
  reads: {
    windowMs: READS_MS,
    endpoints: {
      "GET orders/{order_id}": 200,
      "GET open_orders": 200,
      "GET my_trades": 200,
      "GET accounts": 200,
      "GET order_book": 200,
    },
  },
  others: 200,
  headers: HEADERS,
  orders: {
    name: "orders-1s",
    limit: 10,
    windowMs: 1000,
    endpoints: ["POST orders", "POST batch_orders", "PATCH orders/{order_id}"],
  },
  count: (params) => listLength(params),
});
