// Instants as text: the edges read and print them, the core never sees them.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isoTime } from "./iso-time.ts";

test("times read as UTC, with milliseconds only where there are some", () => {
  assert.equal(isoTime(0), "1970-01-01T00:00:00Z");
  assert.equal(isoTime(1_723_161_600_000), "2024-08-09T00:00:00Z");
  assert.equal(isoTime(951_782_399_123), "2000-02-28T23:59:59.123Z");
});

test("any time agrees with the platform's calendar", () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_000_000_000_000, max: 200_000_000_000_000 }), (atMs) => {
      assert.equal(isoTime(atMs), new Date(atMs).toISOString().replace(".000Z", "Z"));
    }),
    { seed: 1, numRuns: Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200) },
  );
});
