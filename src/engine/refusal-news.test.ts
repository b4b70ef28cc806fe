// Which refused orders a person hears of: the first of a kind, and again when an hour has passed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench } from "./probe.fixture.ts";
import { isRefusalNews, refusalSeverity } from "./refusal-news.ts";

test("RISK-42 a refusal is told once, and again an hour later; each code by itself", () => {
  const { state } = new Bench();
  const at = (nowMs: number, code: "budget" | "price-band"): boolean => {
    state.nowMs = nowMs;
    return isRefusalNews(state, code);
  };
  assert.equal(at(1_000, "budget"), true);
  assert.equal(at(1_001, "budget"), false);
  assert.equal(at(1_002, "price-band"), true);
  assert.equal(at(3_600_999, "budget"), false);
  assert.equal(at(3_601_000, "budget"), true);
  assert.equal(at(3_601_001, "price-band"), false, "its own hour is not over");
});

test("RISK-42 what a block, the instrument or a lost order has told of is not told again as a refusal", () => {
  const { state } = new Bench();
  for (const code of ["mode", "instrument", "unknown-order"] as const) assert.equal(isRefusalNews(state, code), false);
  assert.equal(state.refusalsTold, undefined);
});

test("RISK-42 a refusal that passes by itself is a note, any other a warning", () => {
  for (const code of ["self-trade", "order-rate"] as const) assert.equal(refusalSeverity(code), "info");
  for (const code of ["budget", "mode", "price-band"] as const) assert.equal(refusalSeverity(code), "warning");
});
