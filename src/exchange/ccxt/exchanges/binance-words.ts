// What Binance's codes mean (EXCH-41), from its own lists of USDⓈ-M and spot errors. A code means a refusal only with
// the statuses of its row; everything that is not here leaves the outcome unknown.

import type { RejectReason } from "../../../trading/order.ts";
import { isRecord, listOf, recordOf, textOf } from "../raw.ts";
import type { BatchElement, CodeRow, ExchangeWord, Meaning } from "./exchange-table.ts";

const refused = (reason: RejectReason): Meaning => ({ means: "refused", reason });
const rows = (codes: readonly number[], meaning: Meaning, statuses?: readonly number[]): CodeRow[] =>
  codes.map((code) => ({ code: String(code), meaning, ...(statuses === undefined ? {} : { statuses }) }));
const saying = (code: number, says: string, meaning: Meaning): CodeRow => ({ code: String(code), says, meaning });

const RATE: Meaning = { means: "rate" };
const UNKNOWN: Meaning = { means: "unknown" };
const CREDENTIALS: Meaning = { means: "credentials" };
const KEY_STATUSES = [400, 401, 403];
const RATE_STATUSES = [200, 400, 418, 429];

/** Statuses of a definite refusal: 400 of a request of its own, 200 of an element of a list. */
export const BINANCE_STATUSES: readonly number[] = [200, 400];

export const BINANCE_CODES: readonly CodeRow[] = [
  // the outcome stays unknown: the request may have reached the matching engine
  ...rows([-1000, -1001, -1006, -1007, -1008, -1010], UNKNOWN),
  ...rows([-1016], { means: "maintenance" }),
  ...rows([-1003], RATE, RATE_STATUSES),
  ...rows([-1015], RATE, RATE_STATUSES),
  ...rows([-1021, -5028], { means: "clock" }),
  ...rows([-1002, -1011, -1022, -2014, -2015, -2017], CREDENTIALS, KEY_STATUSES),
  ...rows([-4109], CREDENTIALS),
  // spot refuses with one code and many sentences
  saying(-2010, "duplicate order", { means: "duplicate" }),
  saying(-2010, "insufficient balance", refused("INSUFFICIENT_FUNDS")),
  saying(-2010, "would immediately match", refused("POST_ONLY_WOULD_TAKE")),
  saying(-2010, "market is closed", refused("INSTRUMENT_NOT_TRADING")),
  saying(-2010, "self trade", refused("SELF_TRADE")),
  ...rows([-2010], refused("OTHER")),
  ...rows([-4116], { means: "duplicate" }),
  ...rows([-2018, -2019, -2024, -2027, -4118], refused("INSUFFICIENT_FUNDS")),
  ...rows([-5022], refused("POST_ONLY_WOULD_TAKE")),
  ...rows([-5021, -2020], refused("FILL_OR_KILL")),
  ...rows([-2022, -4062], refused("REDUCE_ONLY_REJECTED")),
  ...rows([-2011, -2013, -2026, -4000], { means: "not-open" }),
  saying(-1013, "percent_price", refused("PRICE_OUT_OF_BAND")),
  saying(-1013, "notional", refused("BELOW_MINIMUM")),
  saying(-1013, "max_num", refused("TOO_MANY_ORDERS")),
  saying(-1013, "lot_size", refused("OFF_GRID")),
  saying(-1013, "price_filter", refused("OFF_GRID")),
  ...rows([-1013], refused("OFF_GRID")),
  ...rows([-1111, -4014, -4023], refused("OFF_GRID")),
  ...rows([-4003, -4004, -4164], refused("BELOW_MINIMUM")),
  ...rows([-4001, -4002, -4006, -4007, -4012, -4013, -4016, -4024, -4131, -4183, -4184], refused("PRICE_OUT_OF_BAND")),
  ...rows([-4005, -4008, -4009, -4010, -4011, -4015, -4060, -4061, -4082], refused("OTHER")),
  ...rows([-2025, -4045], refused("TOO_MANY_ORDERS")),
  ...rows([-1121, -1122, -2016, -4108, -4140, -4141, -4144, -4192, -4400, -4401], refused("INSTRUMENT_NOT_TRADING")),
  ...rows([-1014, -1020, -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1114, -1115], refused("OTHER")),
  ...rows([-4047, -4048, -4067, -4068], refused("OTHER")),
  ...rows([-1116, -1117, -1118, -1119, -1128, -1130, -1136, -2021, -2023, -4028, -4120], refused("OTHER")),
  ...rows([-4046, -4059], { means: "unchanged" }),
];

/** `{code, msg}`; 200 and 0 are words of success. A list of one refused element speaks for itself. */
export function binanceWord(body: unknown): ExchangeWord | null {
  if (Array.isArray(body)) return body.length === 1 && isRecord(body[0]) ? binanceWord(body[0]) : null;
  if (!isRecord(body)) return null;
  const code = textOf(body["code"]);
  if (code === null || code === "200" || code === "0") return null;
  return /^-\d+$/.test(code) ? { code, text: textOf(body["msg"]) ?? "" } : null;
}

/** Replies of `batchOrders`: orders and words, in the order of the request (refused elements carry no id). */
export function binanceElements(body: unknown): readonly BatchElement[] | null {
  if (!Array.isArray(body)) return null;
  return listOf(body).map((each) => {
    const element = recordOf(each);
    return {
      clientOrderId: textOf(element["clientOrderId"]),
      exchangeOrderId: textOf(element["orderId"]),
      word: binanceWord(element),
    };
  });
}
