import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallFailure } from "./call.ts";
import { BINANCE_SPOT } from "./exchanges/binance-spot.ts";
import { BINANCE_USDM } from "./exchanges/binance-usdm.ts";
import type { ExchangeTable, Meaning } from "./exchanges/exchange-table.ts";
import { genericTable } from "./exchanges/generic.ts";
import { judgeCancel, judgeSend, judgeSetting, meaningOf, type OutcomeTable } from "./outcome.ts";

interface Said {
  readonly status?: number | null;
  readonly code?: number | string;
  readonly text?: string;
  readonly ccxtClass?: string;
  readonly left?: boolean;
  readonly cause?: CallFailure["cause"];
}

function failure({
  status = 400,
  code,
  text = "",
  ccxtClass = "ExchangeError",
  left = true,
  cause = null,
}: Said): CallFailure {
  const word = code === undefined ? null : { code: String(code), text };
  return { ok: false, ccxtClass, left, cause, status, headers: {}, word, body: null, text: `${code ?? ""} ${text}` };
}

const send = (table: ExchangeTable, said: Said): string => {
  const judged = judgeSend(table, failure(said));
  return judged.result === "rejected" ? `rejected ${judged.reason}` : judged.result;
};

/** Rows of EXCH-41's Binance column: [market, code, text, outcome of a place]. */
const BINANCE_COLUMN: readonly (readonly [ExchangeTable, number, string, string])[] = [
  [BINANCE_USDM, -4116, "ClientOrderId is duplicated.", "duplicate"],
  [BINANCE_SPOT, -2010, "Duplicate order sent.", "duplicate"],
  [BINANCE_USDM, -2019, "Margin is insufficient.", "rejected INSUFFICIENT_FUNDS"],
  [BINANCE_USDM, -2018, "Balance is insufficient.", "rejected INSUFFICIENT_FUNDS"],
  [BINANCE_SPOT, -2010, "Account has insufficient balance for requested action.", "rejected INSUFFICIENT_FUNDS"],
  [BINANCE_USDM, -5022, "could not be executed as maker", "rejected POST_ONLY_WOULD_TAKE"],
  [BINANCE_SPOT, -2010, "Order would immediately match and take.", "rejected POST_ONLY_WOULD_TAKE"],
  [BINANCE_USDM, -2022, "ReduceOnly Order is rejected.", "rejected REDUCE_ONLY_REJECTED"],
  [BINANCE_SPOT, -1013, "Filter failure: PRICE_FILTER", "rejected OFF_GRID"],
  [BINANCE_SPOT, -1013, "Filter failure: LOT_SIZE", "rejected OFF_GRID"],
  [BINANCE_SPOT, -1013, "Filter failure: NOTIONAL", "rejected BELOW_MINIMUM"],
  [BINANCE_SPOT, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE", "rejected PRICE_OUT_OF_BAND"],
  [BINANCE_SPOT, -1013, "Filter failure: MAX_NUM_ORDERS", "rejected TOO_MANY_ORDERS"],
  [BINANCE_USDM, -1111, "Precision is over the maximum defined for this asset.", "rejected OFF_GRID"],
  [BINANCE_USDM, -4164, "Order's notional must be no smaller than 100", "rejected BELOW_MINIMUM"],
  [BINANCE_USDM, -4003, "Quantity less than zero.", "rejected BELOW_MINIMUM"],
  [BINANCE_USDM, -4004, "Quantity less than min quantity.", "rejected BELOW_MINIMUM"],
  [BINANCE_USDM, -4005, "Quantity greater than max quantity.", "rejected OTHER"],
  [BINANCE_USDM, -4006, "Stop price less than zero.", "rejected PRICE_OUT_OF_BAND"],
  [BINANCE_USDM, -4013, "Price less than min price.", "rejected PRICE_OUT_OF_BAND"],
  [BINANCE_USDM, -4014, "Price not increased by tick size.", "rejected OFF_GRID"],
  [BINANCE_USDM, -4023, "Qty not increased by step size.", "rejected OFF_GRID"],
  [BINANCE_USDM, -1021, "Timestamp for this request is outside of the recvWindow.", "rejected OTHER"],
  [BINANCE_USDM, -1000, "An unknown error occurred while processing the request.", "unknown"],
  [BINANCE_USDM, -1001, "Internal error.", "unknown"],
  [BINANCE_USDM, -1006, "An unexpected response was received.", "unknown"],
  [BINANCE_USDM, -1007, "Timeout waiting for response from backend server.", "unknown"],
  [BINANCE_USDM, -1008, "Server is currently overloaded with other requests.", "unknown"],
  [BINANCE_USDM, -1016, "This service is no longer available.", "unknown"],
];

test("EXCH-41 every code of Binance's column ends a place as its row says", () => {
  for (const [table, code, text, outcome] of BINANCE_COLUMN) {
    assert.equal(send(table, { code, text }), outcome, `${code} ${text}`);
  }
});

test("EXCH-41 rate limits are Binance's definite word, by status and by code", () => {
  for (const said of [{ status: 429 }, { status: 418 }, { status: 429, code: -1003 }, { status: 400, code: -1015 }]) {
    assert.equal(send(BINANCE_USDM, said), "rejected RATE_LIMITED", JSON.stringify(said));
  }
});

test("EXCH-07 a refusal code under a status that is not on its list leaves the outcome unknown", () => {
  for (const status of [500, 502, 503, 504, 302, 404]) {
    assert.equal(send(BINANCE_USDM, { status, code: -2019, text: "Margin is insufficient." }), "unknown");
  }
});

test("EXCH-07 time-outs, resets, cut and empty replies and whatever ccxt throws while reading are unknown", () => {
  const cases: readonly Said[] = [
    { status: null, ccxtClass: "RequestTimeout" },
    { status: null, ccxtClass: "NetworkError" },
    { status: 200, ccxtClass: "TypeError" },
    { status: 200, ccxtClass: "NullResponse" },
    { status: 200, ccxtClass: "BadResponse" },
    { status: 503, ccxtClass: "ExchangeNotAvailable" },
    { status: 400, code: -9999, text: "something new" },
    { status: 400, ccxtClass: "InsufficientFunds" },
  ];
  for (const said of cases) assert.equal(send(BINANCE_USDM, said), "unknown", JSON.stringify(said));
});

test("EXCH-35 the exchange's code decides, whatever class ccxt chose for it", () => {
  for (const ccxtClass of ["ExchangeError", "InvalidOrder", "OrderNotFillable", "AuthenticationError"]) {
    assert.equal(send(BINANCE_USDM, { code: -5022, ccxtClass }), "rejected POST_ONLY_WOULD_TAKE");
    assert.equal(send(BINANCE_USDM, { code: -2022, ccxtClass }), "rejected REDUCE_ONLY_REJECTED");
  }
});

test("EXCH-06 only what provably did not leave is not sent", () => {
  assert.equal(send(BINANCE_USDM, { status: null, left: false, ccxtClass: "TransportError" }), "not-sent");
  assert.equal(send(BINANCE_USDM, { status: null, left: false, cause: "budget" }), "not-sent");
  assert.equal(send(BINANCE_USDM, { status: null, left: true, ccxtClass: "TransportError" }), "unknown");
  const second: Said = { status: null, left: true, cause: "budget" };
  assert.equal(send(BINANCE_USDM, second), "unknown", "the budget refused the second request, the first one is out");
});

test("EXCH-11 a duplicate id is never a rejection", () => {
  assert.equal(send(BINANCE_USDM, { code: -4116 }), "duplicate");
  assert.equal(send(BINANCE_SPOT, { code: -2010, text: "Duplicate order sent." }), "duplicate");
});

test("EXCH-14 a cancel of what is not open says only that, and everything else about a cancel stays unknown", () => {
  const cancel = (said: Said): string => judgeCancel(BINANCE_USDM, failure(said)).result;
  assert.equal(cancel({ code: -2011, text: "Unknown order sent." }), "not-open");
  assert.equal(cancel({ code: -2013, text: "Order does not exist." }), "not-open");
  assert.equal(cancel({ code: -1001 }), "unknown");
  assert.equal(cancel({ status: null }), "unknown");
  assert.equal(cancel({ status: null, left: false }), "not-sent");
  assert.equal(cancel({ code: -2015, status: 401 }), "rejected");
});

test("EXCH-39 a setting that was so before is success, and a setting nobody answered is unknown", () => {
  assert.deepEqual(judgeSetting(BINANCE_USDM, failure({ code: -4046 })), { result: "unchanged" });
  assert.deepEqual(judgeSetting(BINANCE_USDM, failure({ code: -4059 })), { result: "unchanged" });
  assert.equal(judgeSetting(BINANCE_USDM, failure({ code: -4047 })).result, "rejected");
  assert.equal(judgeSetting(BINANCE_USDM, failure({ status: 503 })).result, "unknown");
});

/** Every meaning a reply can have → what it is the end of a place, of a cancel and of a setting. */
const ENDS: readonly (readonly [Meaning, place: string, cancel: string, setting: string])[] = [
  [{ means: "refused", reason: "OFF_GRID" }, "rejected OFF_GRID", "rejected", "rejected"],
  [{ means: "duplicate" }, "duplicate", "unknown", "rejected"],
  [{ means: "not-open" }, "unknown", "not-open", "rejected"],
  [{ means: "unchanged" }, "unknown", "unknown", "unchanged"],
  [{ means: "clock" }, "rejected OTHER", "rejected", "rejected"],
  [{ means: "credentials" }, "rejected OTHER", "rejected", "rejected"],
  [{ means: "rate" }, "rejected RATE_LIMITED", "rejected", "rejected"],
  [{ means: "maintenance" }, "unknown", "unknown", "unknown"],
  [{ means: "unknown" }, "unknown", "unknown", "unknown"],
];

test("EXCH-06 EXCH-14 EXCH-39 each meaning is one end of a place, of a cancel and of a setting, with the text", () => {
  for (const [meaning, place, cancel, setting] of ENDS) {
    const codes = [{ code: "7", meaning }];
    const table: OutcomeTable = { codes, statuses: [400], rateStatuses: [], banStatuses: [], classes: {} };
    const heard = failure({ code: 7, text: "said so" });
    const placed = judgeSend(table, heard);
    const ends = [placed, judgeCancel(table, heard), judgeSetting(table, heard)];
    const words = placed.result === "rejected" ? `rejected ${placed.reason}` : placed.result;
    assert.deepEqual([words, ...ends.slice(1).map(({ result }) => result)], [place, cancel, setting], meaning.means);
    for (const end of ends) if ("text" in end) assert.equal(end.text, "7 said so");
  }
});

test("EXCH-39 a setting that provably was not sent did not happen, and may be asked for again", () => {
  const refused = failure({ status: null, left: false, cause: "budget", text: "too many requests wait" });
  assert.deepEqual(judgeSetting(BINANCE_USDM, refused), { result: "rejected", text: " too many requests wait" });
});

test("EXCH-07 a class of ccxt decides nothing under a status the exchange does not refuse with", () => {
  const table = genericTable("kraken", "spot");
  const cancel = (status: number): string => judgeCancel(table, failure({ status, ccxtClass: "OrderNotFound" })).result;
  assert.deepEqual([200, 404, 500, 503].map(cancel), ["not-open", "not-open", "unknown", "unknown"]);
});

test("EXCH-39 each class of failure has its meaning by Binance's codes", () => {
  const means = (status: number, code: number): string =>
    meaningOf(BINANCE_USDM, { status, word: { code: String(code), text: "" }, ccxtClass: null }).means;
  assert.deepEqual(
    [means(401, -2015), means(400, -1022), means(400, -1021), means(400, -1016), means(400, -2013), means(400, -4046)],
    ["credentials", "credentials", "clock", "maintenance", "not-open", "unchanged"],
  );
});

test("EXCH-61 on an exchange without a list of refusals no reply means rejected", () => {
  const table = genericTable("kraken", "spot");
  for (const ccxtClass of ["InsufficientFunds", "InvalidOrder", "BadSymbol", "AuthenticationError", "ExchangeError"]) {
    assert.equal(send(table, { status: 400, code: "E1", text: "no", ccxtClass }), "unknown", ccxtClass);
  }
  assert.equal(judgeCancel(table, failure({ ccxtClass: "OrderNotFound" })).result, "not-open");
});
