import assert from "node:assert/strict";
import { test } from "node:test";
import { absenceProvenAfterMs } from "./proven-absence.ts";

test("EXCH-10 DUR-45 absence is proven after the expiry, the look-up's lag and a second of clock error", () => {
  assert.equal(absenceProvenAfterMs({ requestExpiryMs: 5_000, lookupLagMs: 2_500 }), 8_500);
  assert.equal(absenceProvenAfterMs({ requestExpiryMs: 0, lookupLagMs: 0 }), 1_000);
});
