// Whatever an exchange may answer, only what its table lists is a refusal (EXCH-07).

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CallFailure } from "./call.ts";
import { BINANCE_SPOT } from "./exchanges/binance-spot.ts";
import { BINANCE_USDM } from "./exchanges/binance-usdm.ts";
import { genericTable } from "./exchanges/generic.ts";
import { judgeSend } from "./outcome.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 500);

const TABLES = [BINANCE_USDM, BINANCE_SPOT, genericTable("kraken", "spot")];

const failures: fc.Arbitrary<CallFailure> = fc.record({
  ok: fc.constant(false as const),
  ccxtClass: fc.oneof(fc.constantFrom("InsufficientFunds", "InvalidOrder", "RequestTimeout", "TypeError"), fc.string()),
  left: fc.boolean(),
  cause: fc.option(fc.constantFrom("budget" as const, "expired" as const, "closed" as const)),
  status: fc.option(fc.oneof(fc.constantFrom(200, 400, 401, 418, 429, 500, 503), fc.integer({ min: 100, max: 599 }))),
  headers: fc.constant({}),
  word: fc.option(
    fc.record({
      code: fc.oneof(fc.integer({ min: -6000, max: 600 }).map(String), fc.string()),
      text: fc.oneof(fc.constantFrom("Duplicate order sent.", "insufficient balance"), fc.string()),
    }),
  ),
  body: fc.constant(null),
  text: fc.string(),
});

test("EXCH-07 nothing that no row lists ever becomes a rejection, and every end has an outcome", () => {
  fc.assert(
    fc.property(fc.constantFrom(...TABLES), failures, (table, failure) => {
      const { result } = judgeSend(table, failure);
      assert.ok(["accepted", "rejected", "unknown", "not-sent", "duplicate"].includes(result));
      assert.notEqual(result, "accepted", "a failure accepts nothing");
      if (result !== "rejected") return;
      assert.ok(failure.left && failure.status !== null);
      const limited = table.rateStatuses.includes(failure.status) || table.banStatuses.includes(failure.status);
      const rows = table.codes.filter(({ code }) => code === failure.word?.code);
      const listed = rows.some(({ statuses }) => (statuses ?? table.statuses).includes(failure.status ?? 0));
      assert.ok(limited || listed, `${failure.status} ${failure.word?.code} is on no list`);
    }),
    { numRuns },
  );
});

test("EXCH-06 a request of which a byte may have left is never called not sent", () => {
  fc.assert(
    fc.property(fc.constantFrom(...TABLES), failures, (table, failure) => {
      if (!failure.left) return;
      assert.notEqual(judgeSend(table, failure).result, "not-sent");
    }),
    { numRuns },
  );
});
