import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC, DEFAULTS, usdt } from "../../test/risk-examples.ts";
import { encodeCanonical } from "../base/canonical.ts";
import { RISK_KEYS, type RiskTexts, riskLimitsFrom } from "./limits.ts";

const problems = (texts: RiskTexts): string[] => {
  const limits = riskLimitsFrom(texts, BTC);
  return limits.ok ? [] : limits.error.map((problem) => `${problem.key}: ${problem.text}`);
};

test("RISK-50 the defaults are those of the table, in integers", () => {
  assert.equal(DEFAULTS.orderNotionalMax, usdt(500));
  assert.equal(DEFAULTS.leverageMaxMilli, 3_000);
  assert.equal(DEFAULTS.positionQuantityMax, null);
  assert.equal(DEFAULTS.cleaner.cleanIntervalMs, 10_000);
  assert.ok(encodeCanonical(DEFAULTS).length > 0, "they can be journaled");
});

test("RISK-50 every key takes its bounds and refuses what lies beyond", () => {
  for (const row of RISK_KEYS) {
    if (row.type === "list") continue;
    // alone a bound may contradict another default; that is a cross check, not this key's range
    const ofKey = (text: string): string[] =>
      problems({ [row.key]: text }).filter((problem) => problem.startsWith(`${row.key}: ${text} is not allowed`));
    for (const text of [row.min, row.max, row.default]) {
      if (text !== null && row.type !== "quantity") assert.deepEqual(ofKey(text), [], `${row.key} ${text}`);
    }
    const beyond = row.max === null ? "0" : `${row.max}1`;
    assert.equal(ofKey(row.type === "choice" ? "never" : beyond).length, 1, row.key);
    for (const text of ["", "abc", "-1", "1,000", "NaN", "0x10"])
      assert.equal(ofKey(text).length, 1, `${row.key} ${text}`);
  }
});

const MESSAGES: { readonly [text: string]: RiskTexts } = {
  "priceBandBps: 5001 is not allowed; give 1–5,000 bps (default 100)": { priceBandBps: "5001" },
  "orderNotionalMax: 0.5 is not allowed; give 1–1,000,000,000 of the quote asset (default 500)": {
    orderNotionalMax: "0.5",
  },
  "orderQuantityMax: 0.0001 is not allowed; give above 0 base units (default none)": { orderQuantityMax: "0.0001" },
  "autoCorrect: maybe is not allowed; give on, off (default on)": { autoCorrect: "maybe" },
  "bookAgeMsMax: 1.5 is not allowed; give 100–60,000 ms (default 5000)": { bookAgeMsMax: "1.5" },
  "leverageMax: 2.00001 is not allowed; give 0.1–10 times equity (default 3)": { leverageMax: "2.00001" },
  "slippageBpsMax: slippageBpsMax 150 would be refused by priceBandBps 100": { slippageBpsMax: "150" },
  "cleaner.cleanThreshold: cleanThreshold 80 is never reached: openOrdersMax is 50": { "cleaner.cleanThreshold": "80" },
  "cleaner.cleanBatch: cleanBatch 60 must be below cleanThreshold 50": { "cleaner.cleanBatch": "60" },
  "marginRatioWarnBps: marginRatioWarnBps 6000 must be below marginRatioTripBps 5000": { marginRatioWarnBps: "6000" },
  "liquidationWarnBps: liquidationWarnBps 900 must be above liquidationTripBps 1000": { liquidationWarnBps: "900" },
  "monitor.recoveryThreshold: recoveryThreshold 3 can never be met by 2 instruments": {
    "monitor.instruments": "BTC/USDT, ETH/USDT",
  },
  "lossesInRowMax: 101 is not allowed; give 0–100 closing orders (default 5)": { lossesInRowMax: "101" },
  "drawdownWindowMs: 1000 is not allowed; give 60,000–604,800,000 ms (default 3600000)": { drawdownWindowMs: "1000" },
  "monitor.volumeMultiplier: 0.5 is not allowed; give 1–10 times the mean volume (default 3)": {
    "monitor.volumeMultiplier": "0.5",
  },
  "nonsense: is not a key of risk": { nonsense: "1" },
};

for (const [text, texts] of Object.entries(MESSAGES)) {
  test(`RISK-50 ${text}`, () => {
    assert.deepEqual(problems(texts), [text]);
  });
}

test("RISK-50 at most fifty instruments are monitored, each once", () => {
  const many = Array.from({ length: 51 }, (_, i) => `C${i}/USDT`);
  assert.deepEqual(problems({ "monitor.instruments": many.slice(1).join(" ") }), []);
  assert.equal(problems({ "monitor.instruments": many.join(" ") }).length, 1);
  const limits = riskLimitsFrom({ "monitor.instruments": "A/B, A/B C/D,E/F" }, BTC);
  assert.deepEqual(limits.ok && limits.value.monitor?.instruments, ["A/B", "C/D", "E/F"]);
});

test("RISK-50 RISK-18 the defaults of the breakers are those of the table", () => {
  assert.deepEqual(DEFAULTS.breakers, {
    lossesInRowMax: 5,
    drawdownBpsMax: 500,
    drawdownWindowMs: 3_600_000,
    drawdownAmountMax: 0n,
    onDrawdown: "cancel",
    latencyP99MsMax: 2_000,
    stalePolicy: "freeze",
    marginRatioWarnBps: 3_000,
    marginRatioTripBps: 5_000,
    liquidationWarnBps: 2_000,
    liquidationTripBps: 1_000,
    retryRatioBpsMax: 5_000,
    rejectsInRowMax: 10,
    unknownAgeMsMax: 60_000,
  });
  assert.equal(DEFAULTS.monitor, undefined, "no instruments, no monitor");
});

test("RISK-50 all problems are told at once", () => {
  assert.equal(problems({ priceBandBps: "0", openOrdersMax: "0", leverageMax: "99", what: "x" }).length, 4);
});
