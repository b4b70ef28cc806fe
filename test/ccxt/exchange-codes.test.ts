// What each code of EXCH-41 makes of an order, exchange by exchange, and the law behind it: what no list names is never
// a refusal (EXCH-07).

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tableOf } from "../../src/exchange/ccxt/exchanges/registry.ts";
import { judgeCancel, judgeSend, meaningOf } from "../../src/exchange/ccxt/outcome.ts";

type Row = readonly [meaning: string, status: number, codes: readonly (string | number)[]];

/** EXCH-41, row by row; the meaning is the reason of a refusal, or what a code says otherwise. */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  okx: [
    ["duplicate", 200, [51016]],
    ["INSUFFICIENT_FUNDS", 200, [51008, 51127, 51131]],
    ["not-open", 200, [51400, 51401, 51402, 51603, 51410]],
    ["REDUCE_ONLY_REJECTED", 200, [51169, 51170]],
    ["OTHER", 200, [51000]],
    ["BELOW_MINIMUM", 200, [51020]],
    ["OFF_GRID", 200, [51121]],
    ["clock", 401, [50102]],
    ["rate", 429, [50011, 50061, 429]],
    ["unknown", 400, [50004]],
    ["unknown", 429, [50013]],
    ["unknown", 500, [50026]],
    ["maintenance", 503, [50001]],
  ],
  bybit: [
    ["duplicate", 200, [110072, 170141]],
    ["INSUFFICIENT_FUNDS", 200, [110007, 110004, 110012, 170131]],
    ["POST_ONLY_WOULD_TAKE", 200, [170218]],
    ["not-open", 200, [110001, 110008, 110010, 170213]],
    ["REDUCE_ONLY_REJECTED", 200, [110017]],
    ["BELOW_MINIMUM", 200, [110094, 170136, 170140]],
    ["PRICE_OUT_OF_BAND", 200, [110003]],
    ["clock", 200, [10002]],
    ["rate", 200, [10006, 10018]],
    ["rate", 403, [403]],
    ["unknown", 200, [10000, 10016, 110079]],
  ],
  gate: [
    ["duplicate", 400, ["DUPLICATE_REQUEST", "REPEATED_CREATION"]],
    ["INSUFFICIENT_FUNDS", 400, ["INSUFFICIENT_AVAILABLE", "BALANCE_NOT_ENOUGH"]],
    ["POST_ONLY_WOULD_TAKE", 400, ["ORDER_POC_IMMEDIATE", "POC_FILL_IMMEDIATELY"]],
    ["not-open", 404, ["ORDER_NOT_FOUND"]],
    ["not-open", 400, ["ORDER_FINISHED", "ORDER_CLOSED", "ORDER_CANCELLED"]],
    ["REDUCE_ONLY_REJECTED", 400, ["POSITION_EMPTY", "INCREASE_POSITION"]],
    ["OTHER", 400, ["INVALID_PARAM_VALUE"]],
    ["BELOW_MINIMUM", 400, ["SIZE_TOO_SMALL"]],
    ["clock", 403, ["REQUEST_EXPIRED"]],
    ["rate", 429, ["TOO_MANY_REQUESTS", "TOO_FAST"]],
    ["unknown", 500, ["INTERNAL", "SERVER_ERROR", "TOO_BUSY"]],
  ],
  bitget: [
    ["duplicate", 400, [40786, 40708, 43118, 45034, 50060, 25212]],
    ["INSUFFICIENT_FUNDS", 400, [40762, 43012, 25202, 25203]],
    ["not-open", 400, [43001, 40768, 40109, 22001, 25204]],
    ["REDUCE_ONLY_REJECTED", 400, [22002, 25227]],
    ["BELOW_MINIMUM", 400, [45110, 43006]],
    ["OFF_GRID", 400, [40808]],
    ["clock", 400, [40004, 40005, 40008]],
    ["rate", 429, [429]],
    ["unknown", 400, [40015, 40725]],
    ["unknown", 500, [500]],
    ["maintenance", 400, [40200, 40308]],
  ],
};

const tables = Object.keys(TABLE).flatMap((name) =>
  (["spot", "perpetual"] as const).map((market) => ({ name: `${name} ${market}`, ...tableOf(name, market) })),
);

for (const [exchange, rows] of Object.entries(TABLE)) {
  test(`EXCH-41 EXCH-39 ${exchange}: each code of the list has its meaning`, () => {
    const { table } = tableOf(exchange, "perpetual");
    for (const [meaning, status, codes] of rows) {
      for (const code of codes) {
        const word = { code: String(code), text: "said the exchange" };
        const found = meaningOf(table, { status, word, ccxtClass: null });
        assert.equal(found.means === "refused" ? found.reason : found.means, meaning, `${code} with ${status}`);
      }
    }
  });
}

const failure = (status: number | null, code: string | null, ccxtClass: string) => ({
  ok: false as const,
  ccxtClass,
  left: true,
  cause: null,
  status,
  headers: {},
  word: code === null ? null : { code, text: "" },
  body: null,
  text: "",
});

/** ccxt's own classes, which must never make a refusal where the exchange's list has no code. */
const CLASSES = ["InvalidOrder", "InsufficientFunds", "OrderNotFound", "ExchangeError", "BadRequest", "TypeError"];

test("EXCH-07 nothing that an exchange's list does not name is ever a refusal", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...tables),
      fc.option(fc.oneof(fc.integer({ min: -99_999, max: 999_999 }).map(String), fc.string()), { nil: null }),
      fc.option(fc.constantFrom(200, 201, 400, 401, 403, 404, 409, 500, 502, 503, 504), { nil: null }),
      fc.constantFrom(...CLASSES),
      ({ table }, code, status, ccxtClass) => {
        if (status !== null && table.banStatuses.includes(status)) return;
        if (table.codes.some((row) => row.code === code)) return;
        const sent = judgeSend(table, failure(status, code, ccxtClass));
        assert.equal(sent.result, "unknown", `${table.name} ${status} ${code} ${ccxtClass}`);
        const cancelled = judgeCancel(table, failure(status, code, ccxtClass));
        assert.notEqual(cancelled.result, "rejected");
      },
    ),
  );
});

test("EXCH-07 a listed refusal with a status of trouble refuses nothing", () => {
  for (const { table } of tables) {
    for (const { code, meaning } of table.codes.filter((row) => row.meaning.means === "refused")) {
      for (const status of [500, 502, 503, 504, null]) {
        const { result } = judgeSend(table, failure(status, code, "ExchangeError"));
        assert.equal(result, "unknown", `${table.name} ${code} ${status} ${meaning.means}`);
      }
    }
  }
});

test("EXCH-41 no code stands in two rows of a table with the same status", () => {
  for (const { name, table } of tables) {
    const seen = new Set<string>();
    for (const { code, statuses } of table.codes) {
      for (const status of statuses ?? table.statuses) {
        assert.ok(!seen.has(`${code} ${status}`), `${name}: ${code} twice with ${status}`);
        seen.add(`${code} ${status}`);
      }
    }
  }
});
