// What a failed call to the connector is, word by word.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcRefusal } from "../rpc/refusal.ts";
import { cancelOutcomeOf, saidBy, sendOutcomeOf, unavailable } from "./remote-outcomes.ts";

const rejected = (reason: string, metadata: Record<string, string> = {}) =>
  sendOutcomeOf({ reason, metadata: { outcome: "rejected", ...metadata }, message: "the connector's words" });

/** Classes of the API → the port's word, where a connector of another make gives no word of its own. */
const CLASSES: readonly (readonly [string, string])[] = [
  ["WOULD_CROSS", "POST_ONLY_WOULD_TAKE"],
  ["INSUFFICIENT_FUNDS", "INSUFFICIENT_FUNDS"],
  ["INSUFFICIENT_COLLATERAL", "INSUFFICIENT_FUNDS"],
  ["BORROW_LIMIT", "INSUFFICIENT_FUNDS"],
  ["REDUCE_ONLY", "REDUCE_ONLY_REJECTED"],
  ["RATE_LIMITED", "RATE_LIMITED"],
  ["BANNED", "RATE_LIMITED"],
  ["MAINTENANCE", "INSTRUMENT_NOT_TRADING"],
  ["A_CLASS_OF_TOMORROW", "OTHER"],
];

test("API-22 API-23 the exchange's word for a refusal is the port's, and where it has none the class decides", () => {
  for (const [reason, word] of CLASSES) {
    assert.deepEqual(rejected(reason), { result: "rejected", reason: word, text: "the connector's words" });
    const exact = rejected(reason, { exchange_code: "OFF_GRID", exchange_text: "theirs" });
    assert.deepEqual(exact, { result: "rejected", reason: "OFF_GRID", text: "theirs" });
  }
  const foreign = rejected("BANNED", { exchange_code: "-1003" });
  assert.equal(foreign.result === "rejected" && foreign.reason, "RATE_LIMITED");
});

test("API-22 whatever became of an order or a cancel, the exchange's own text is told, or else the connector's", () => {
  for (const [outcome, result] of [
    ["rejected", "rejected"],
    ["not_sent", "not-sent"],
    ["unknown", "unknown"],
  ] as const) {
    const theirs = { reason: "BANNED", metadata: { outcome, exchange_text: "slow down" }, message: "ours" };
    assert.deepEqual(cancelOutcomeOf(theirs), { result, text: "slow down" });
    assert.deepEqual(cancelOutcomeOf({ ...theirs, metadata: { outcome } }), { result, text: "ours" });
    const sent = sendOutcomeOf(theirs);
    assert.deepEqual([sent.result, "text" in sent && sent.text], [result, "slow down"]);
  }
});

test("API-22 one element of a batch is judged by its own details", () => {
  const element = saidBy({ reason: "WOULD_CROSS", domain: "opensqt", metadata: { outcome: "rejected" } });
  const word = "POST_ONLY_WOULD_TAKE";
  assert.deepEqual(sendOutcomeOf(element), { result: "rejected", reason: word, text: "WOULD_CROSS" });
});

test("API-22 a read that failed is unavailable, whatever it failed of, and says why", () => {
  const refusal = new RpcRefusal({ status: "NOT_FOUND", reason: "ABSENT", message: "no such instrument" });
  assert.deepEqual(unavailable(refusal), { result: "unavailable", text: "no such instrument" });
  assert.deepEqual(unavailable(new Error("cut")), { result: "unavailable", text: "cut" });
});
