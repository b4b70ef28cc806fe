// Fields nobody should trust: decimals, times, enums, ids, texts and pages.

import assert from "node:assert/strict";
import test from "node:test";
import { exactDecimal, readDecimal, toDecimal } from "./decimal.ts";
import * as fields from "./fields.ts";
import { OrderSide } from "./generated/opensqt/market_maker/v1/types.ts";
import { pageTokenAfter, readPage } from "./paging.ts";
import { type RpcRefusal, refusalOf } from "./refusal.ts";

function refusal(run: () => unknown): RpcRefusal {
  try {
    run();
  } catch (error) {
    return refusalOf(error);
  }
  return assert.fail("nothing was refused");
}

test("API-04 decimals are plain text of at most 38 digits; everything else is refused by name of the field", () => {
  const digits = "1".repeat(38);
  for (const value of ["0", "-0.5", "12.50", "0.00000001", digits, `-${digits.slice(0, 20)}.${digits.slice(0, 18)}`]) {
    assert.equal(fields.requiredDecimal("price", { value }), value);
  }
  const bad = [
    "",
    "+1",
    "1.",
    ".5",
    "1e3",
    "1E-8",
    "01",
    "-01",
    "1,5",
    " 1",
    "1 ",
    "NaN",
    "Infinity",
    "0x1f",
    "１",
    "1\n",
    "--1",
    `${digits}1`,
    `0.${digits}`,
    "1".repeat(100_000),
  ];
  for (const value of bad) {
    const refused = refusal(() => fields.requiredDecimal("orders[2].price", { value }));
    assert.equal(refused.status, "INVALID_ARGUMENT", value.slice(0, 50));
    assert.equal(refused.outcome, "not_sent");
    assert.equal(refused.violations[0]?.field, "orders[2].price");
    assert.ok(refused.message.length < 300);
  }
});

test("API-04 absent is not zero", () => {
  assert.deepEqual(readDecimal(undefined), { ok: true, value: null });
  assert.equal(fields.optionalDecimal("price", undefined), null);
  assert.equal(fields.optionalDecimal("price", { value: "0" }), "0");
  assert.match(refusal(() => fields.requiredDecimal("price", undefined)).message, /price: is missing/);
  assert.equal(toDecimal(null), undefined);
  assert.deepEqual(toDecimal("0"), { value: "0" });
  for (const value of ["0", "-0", "0.000", "-1"]) {
    assert.match(refusal(() => fields.requiredPositive("quantity", { value })).message, /above 0/);
  }
  assert.deepEqual(exactDecimal("-12.50"), { digits: -1250n, scale: 2 });
  assert.deepEqual(exactDecimal("7"), { digits: 7n, scale: 0 });
});

test("API-05 a time in seconds or microseconds is refused, not believed; 0 is not given", () => {
  assert.equal(fields.optionalTime("from_ms", 0), 0);
  assert.equal(fields.optionalTime("from_ms", 1_700_000_000_000), 1_700_000_000_000);
  for (const value of [1_700_000_000, 1_700_000_000_000_000, -1, 1.5, Number.NaN]) {
    assert.match(refusal(() => fields.optionalTime("from_ms", value)).message, /from_ms: must be milliseconds/);
  }
});

test("API-09 a range is half open, and 0 leaves an end open", () => {
  const at = 1_700_000_000_000;
  assert.deepEqual(fields.timeRange({ fromMs: at, toMs: 0 }), { fromMs: at, toMs: 0 });
  assert.deepEqual(fields.timeRange({ fromMs: 0, toMs: at }), { fromMs: 0, toMs: at });
  assert.match(refusal(() => fields.timeRange({ fromMs: at, toMs: at })).message, /to_ms: must be after/);
});

test("API-02 UNSPECIFIED and unknown values of an enum are refused with the choices", () => {
  assert.equal(fields.requiredEnum("side", OrderSide.SELL, OrderSide), OrderSide.SELL);
  assert.match(refusal(() => fields.requiredEnum("side", OrderSide.UNSPECIFIED, OrderSide)).message, /BUY, SELL/);
  const unknown: number = 99;
  assert.equal(refusal(() => fields.requiredEnum("side", unknown, OrderSide)).status, "INVALID_ARGUMENT");
  assert.equal(refusal(() => fields.requiredEnum("side", -1, OrderSide)).status, "INVALID_ARGUMENT");
  assert.equal(fields.optionalEnum("side", OrderSide.UNSPECIFIED, OrderSide), OrderSide.UNSPECIFIED);
  assert.equal(refusal(() => fields.optionalEnum("side", unknown, OrderSide)).status, "INVALID_ARGUMENT");
});

test("API-03 a client order id is one all exchanges take", () => {
  for (const id of ["o1", "a", "z".repeat(28), "oABC09"]) assert.equal(fields.requiredClientOrderId("id", id), id);
  for (const id of ["", "t1", "1a", "A1", "o-1", "o_1", "ö1", "o".repeat(29), "o1\n", "o 1"]) {
    assert.equal(refusal(() => fields.requiredClientOrderId("client_order_id", id)).status, "INVALID_ARGUMENT", id);
  }
});

test("API-06 the exchange may be left out when there is one; otherwise the choices are listed", () => {
  assert.equal(fields.chosenExchange("", ["binance"]), "binance");
  assert.equal(fields.chosenExchange("okx", ["binance", "okx"]), "okx");
  assert.match(refusal(() => fields.chosenExchange("", ["binance", "okx"])).message, /several: binance, okx/);
  assert.match(refusal(() => fields.chosenExchange("ftx", ["binance"])).message, /"ftx" is not served.*binance/);
});

test("API-11 a change needs a reason of at most 200 characters", () => {
  assert.equal(fields.requiredReason("rebalancing"), "rebalancing");
  for (const reason of ["", "   ", "x".repeat(201), "two\nlines", "bell\u0007"]) {
    assert.match(refusal(() => fields.requiredReason(reason)).message, /^reason: /);
  }
});

test("API-08 pages: 100 unless asked, 1000 at most, and opaque tokens good for an hour and one list", () => {
  const list = "ListBots";
  const nowMs = 1_700_000_000_000;
  assert.deepEqual(readPage({ pageSize: 0, pageToken: "" }, list, nowMs), { size: 100, after: null });
  const token = pageTokenAfter("0100", list, nowMs);
  assert.equal(readPage({ pageSize: 1_000, pageToken: token }, list, nowMs + 3_600_000).after, "0100");
  const refused = [
    () => readPage({ pageSize: 1_001, pageToken: "" }, list, nowMs),
    () => readPage({ pageSize: -1, pageToken: "" }, list, nowMs),
    () => readPage({ pageSize: 1, pageToken: token }, list, nowMs + 3_600_001),
    () => readPage({ pageSize: 1, pageToken: token }, "ListBots of somebody else", nowMs),
    () => readPage({ pageSize: 1, pageToken: `${token.slice(0, -2)}AA` }, list, nowMs),
    () => readPage({ pageSize: 1, pageToken: "x" }, list, nowMs),
  ];
  for (const run of refused) assert.equal(refusal(run).status, "INVALID_ARGUMENT");
});
