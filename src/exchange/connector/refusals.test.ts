// The table of api.md section 6, row by row: class, status, outcome; and the word of every refusal a port gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RejectReason } from "../../trading/order.ts";
import { sendOutcomeOf } from "../remote-outcomes.ts";
import { REJECT_REASONS } from "../wire/order-view.ts";
import { CLASS_OF, type ErrorReason, neverSent, noAnswer, REFUSALS, rejection, unknownOutcome } from "./refusals.ts";

/** reason, status, outcome, and the classes of ccxt it stands for. */
const TABLE: readonly (readonly [ErrorReason, string | null, string | null, string])[] = [
  ["INSUFFICIENT_FUNDS", "RESOURCE_EXHAUSTED", "listed", "InsufficientFunds"],
  ["INSUFFICIENT_COLLATERAL", "RESOURCE_EXHAUSTED", "listed", ""],
  ["BORROW_LIMIT", "RESOURCE_EXHAUSTED", "listed", ""],
  ["WOULD_CROSS", "FAILED_PRECONDITION", "rejected", "OrderImmediatelyFillable OrderNotFillable"],
  ["REDUCE_ONLY", "FAILED_PRECONDITION", "rejected", ""],
  ["INVALID", "INVALID_ARGUMENT", "listed", "InvalidOrder BadRequest BadSymbol ArgumentsRequired ContractUnavailable"],
  ["DUPLICATE_ID", "ALREADY_EXISTS", "looked-up", "DuplicateOrderId"],
  ["ABSENT", "NOT_FOUND", "looked-up", "OrderNotFound OrderNotCached"],
  ["NOT_OPEN", "FAILED_PRECONDITION", "looked-up", "CancelPending"],
  ["AUTH", "UNAUTHENTICATED", "listed", "AuthenticationError"],
  [
    "PERMISSION_DENIED",
    "PERMISSION_DENIED",
    "listed",
    "PermissionDenied AccountNotEnabled AccountSuspended RestrictedLocation",
  ],
  ["MARGIN_UNAVAILABLE", "FAILED_PRECONDITION", "rejected", ""],
  ["RATE_LIMITED", "RESOURCE_EXHAUSTED", "listed", "RateLimitExceeded DDoSProtection"],
  ["BANNED", "RESOURCE_EXHAUSTED", "listed", ""],
  ["CLOCK", "FAILED_PRECONDITION", "rejected", "InvalidNonce"],
  ["MAINTENANCE", "UNAVAILABLE", "listed", "OnMaintenance MarketClosed"],
  [
    "UNAVAILABLE",
    "UNAVAILABLE",
    "unknown",
    "NetworkError RequestTimeout ExchangeNotAvailable OperationFailed BadResponse NullResponse",
  ],
  ["UNSUPPORTED", "UNIMPLEMENTED", "not_sent", "NotSupported"],
  ["UNCHANGED", null, null, "NoChange MarginModeAlreadySet"],
  ["REJECTED", "FAILED_PRECONDITION", "rejected", "OperationRejected"],
  ["UNKNOWN", "UNKNOWN", "unknown", "ExchangeError"],
  ["INTERNAL", "INTERNAL", "unknown", ""],
];

for (const [reason, status, outcome, classes] of TABLE) {
  test(`API-23 ${reason}: ${status ?? "OK"}, ${outcome ?? "no"} outcome of a mutation`, () => {
    const row = REFUSALS[reason];
    assert.deepEqual([row.status, row.outcome, row.ccxt.join(" ")], [status, outcome, classes]);
  });
}

test("API-23 the table has no row that is not judged here, and no class stands in two of them", () => {
  assert.deepEqual(Object.keys(REFUSALS).toSorted(), TABLE.map(([reason]) => reason).toSorted());
  const classes = Object.values(REFUSALS).flatMap(({ ccxt }) => ccxt);
  assert.equal(new Set(classes).size, classes.length);
});

test("API-22 every refusal of a port is rejected, with its class, and comes back as the same word", () => {
  for (const reason of REJECT_REASONS) {
    const refusal = rejection("binance", { reason, text: "their words" });
    assert.equal(refusal.reason, CLASS_OF[reason]);
    assert.equal(refusal.status, REFUSALS[CLASS_OF[reason]].status);
    assert.equal(refusal.outcome, "rejected");
    const back = sendOutcomeOf(refusal);
    assert.deepEqual(back, { result: "rejected", reason: reason satisfies RejectReason, text: "their words" });
  }
});

test("API-22 what was not sent, not answered or not read says no more than that", () => {
  assert.equal(neverSent("binance", "refused").outcome, "not_sent");
  assert.equal(unknownOutcome("binance", "timed out").outcome, "unknown");
  assert.equal(noAnswer("binance", "timed out").outcome, null);
  assert.equal(sendOutcomeOf(noAnswer("binance", "timed out")).result, "unknown");
});
