import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC, DEFAULTS, limitsWith } from "../../test/risk-examples.ts";
import { crossChecks } from "./cross-checks.ts";
import { type RiskTexts, riskLimitsFrom } from "./limits.ts";

/** The one problem of values that are allowed alone, or none. */
function problem(texts: RiskTexts): string | undefined {
  const limits = riskLimitsFrom(texts, BTC);
  return limits.ok ? undefined : limits.error.map(({ text }) => text).join("; ");
}

test("RISK-50 two values that are the same: some may be, some must differ", () => {
  assert.equal(problem({ slippageBpsMax: "100", priceBandBps: "100" }), undefined);
  assert.equal(problem({ "cleaner.cleanThreshold": "50", openOrdersMax: "50" }), undefined);
  assert.equal(
    problem({ "cleaner.cleanThreshold": "20", "cleaner.cleanBatch": "20" }),
    "cleanBatch 20 must be below cleanThreshold 20",
  );
  assert.equal(
    problem({ marginRatioWarnBps: "5000", marginRatioTripBps: "5000" }),
    "marginRatioWarnBps 5000 must be below marginRatioTripBps 5000",
  );
  assert.equal(
    problem({ liquidationWarnBps: "1000", liquidationTripBps: "1000" }),
    "liquidationWarnBps 1000 must be above liquidationTripBps 1000",
  );
});

test("RISK-50 one monitored instrument cannot be two that recovered", () => {
  assert.equal(
    problem({ "monitor.instruments": "BTC/USDT", "monitor.recoveryThreshold": "2" }),
    "recoveryThreshold 2 can never be met by 1 instrument",
  );
  assert.equal(problem({ "monitor.instruments": "BTC/USDT", "monitor.recoveryThreshold": "1" }), undefined);
});

test("RISK-50 limits of a release that had no breakers contradict nothing", () => {
  const { breakers: _none, ...before } = limitsWith({});
  assert.deepEqual(crossChecks(before), []);
  assert.deepEqual(crossChecks(DEFAULTS), []);
});
