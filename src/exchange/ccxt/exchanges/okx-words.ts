// What OKX's codes mean (EXCH-41), from its list of errors. An order's own word is `sCode` inside the reply's list; the
// code above it only says that some or all failed.

import { isRecord, recordsOf, textOf } from "../raw.ts";
import { CLOCK, CREDENTIALS, DUPLICATE, MAINTENANCE, NOT_OPEN, RATE, refused, rows, UNKNOWN } from "./code-rows.ts";
import { endpointLimits, listLength } from "./endpoint-limits.ts";
import type { BatchElement, CodeRow, ExchangeWord } from "./exchange-table.ts";

/** Order calls answer 200 and say in the body what failed; 400 are malformed requests. */
export const OKX_STATUSES: readonly number[] = [200, 400];

const ANY = [200, 400, 401, 403, 429, 500, 503, 504];
const KEY_STATUSES = [200, 400, 401, 403];

export const OKX_CODES: readonly CodeRow[] = [
  // "does not mean that the request was successful or failed"; busy; the matching engine did not answer in time
  ...rows([50004, 50013, 50026, 51149], UNKNOWN, ANY),
  ...rows([50001], MAINTENANCE, ANY),
  ...rows([50011, 50061, 429], RATE, [200, 400, 429]),
  ...rows([50102, 50112, 50107], CLOCK, KEY_STATUSES),
  ...rows([50100, 50101, 50103, 50104, 50105, 50106, 50110, 50111, 50113, 50114], CREDENTIALS, KEY_STATUSES),
  ...rows([50119, 50120], CREDENTIALS, KEY_STATUSES),
  ...rows([51016], DUPLICATE),
  ...rows([51008, 51119, 51127, 51131, 51502], refused("INSUFFICIENT_FUNDS")),
  ...rows([51400, 51401, 51402, 51410, 51503, 51509, 51510, 51603], NOT_OPEN),
  ...rows([51169, 51170], refused("REDUCE_ONLY_REJECTED")),
  ...rows([51121], refused("OFF_GRID")),
  ...rows([51020, 51120], refused("BELOW_MINIMUM")),
  ...rows([51006, 51116, 51122, 51135, 51136, 51137, 51138], refused("PRICE_OUT_OF_BAND")),
  ...rows([51004, 51005, 51010, 51014, 51101], refused("OTHER")),
  ...rows([51025, 51102, 51103], refused("TOO_MANY_ORDERS")),
  ...rows([51001, 51015, 51021, 51022, 51027, 51028, 51029], refused("INSTRUMENT_NOT_TRADING")),
  ...rows([50002, 50006, 50014, 51000], refused("OTHER")),
  ...rows([59000], refused("OTHER")),
];

const FAILED: readonly string[] = ["1", "2"];

const own = (element: unknown): ExchangeWord | null => {
  const code = isRecord(element) ? textOf(element["sCode"]) : null;
  if (!isRecord(element) || code === null || code === "0") return null;
  return { code, text: textOf(element["sMsg"]) ?? "" };
};

/** The single element's word, or the code of the whole reply; a list of several speaks by its elements. */
export function okxWord(body: unknown): ExchangeWord | null {
  const code = isRecord(body) ? textOf(body["code"]) : null;
  if (!isRecord(body) || code === null || code === "0") return null;
  const elements = recordsOf(body["data"]);
  if (!FAILED.includes(code) || elements.length === 0) return { code, text: textOf(body["msg"]) ?? "" };
  return elements.length === 1 ? own(elements[0]) : null;
}

/** Elements of order lists: `{ordId, clOrdId, sCode, sMsg}`. */
export function okxElements(body: unknown): readonly BatchElement[] | null {
  const code = isRecord(body) ? textOf(body["code"]) : null;
  if (!isRecord(body) || code === null || !["0", ...FAILED].includes(code)) return null;
  const elements = recordsOf(body["data"]);
  if (elements.length === 0 || elements.some((each) => textOf(each["sCode"]) === null)) return null;
  return elements.map((each) => ({
    clientOrderId: textOf(each["clOrdId"]),
    exchangeOrderId: textOf(each["ordId"]),
    word: own(each),
  }));
}

/** By user and endpoint in 2 s; single orders travel as lists, counted by their orders. */
export const OKX_LIMITS = endpointLimits({
  windowMs: 2000,
  endpoints: {
    "POST trade/batch-orders": 300,
    "POST trade/cancel-batch-orders": 300,
    "POST trade/cancel-order": 60,
    "POST trade/amend-order": 60,
    "POST trade/cancel-all-after": 2,
    "GET trade/order": 60,
    "GET trade/orders-pending": 60,
    "GET trade/fills-history": 10,
    "GET account/balance": 10,
    "GET account/positions": 10,
    "GET account/config": 5,
    "GET account/leverage-info": 20,
    "GET account/trade-fee": 5,
    "GET account/bills-archive": 5,
    "GET public/time": 10,
    "GET public/instruments": 20,
    "GET public/funding-rate": 10,
    "GET public/funding-rate-history": 10,
    "GET market/books": 40,
    "GET market/ticker": 20,
    "GET market/candles": 40,
    "GET market/history-candles": 20,
  },
  others: 10,
  orders: {
    name: "orders-2s",
    limit: 1000,
    windowMs: 2000,
    endpoints: ["POST trade/batch-orders", "POST trade/amend-order"],
  },
  count: (params) => listLength(params),
});
