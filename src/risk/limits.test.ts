import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC, DEFAULTS, limitsWith, usdt } from "../../test/risk-examples.ts";
import { encodeCanonical } from "../base/canonical.ts";
import { lots } from "../market/amounts.ts";
import { changedLimits, keptTightened, RISK_KEYS, type RiskTexts, riskLimitsFrom, wantedLimits } from "./limits.ts";

const problems = (texts: RiskTexts): string[] => {
  const limits = riskLimitsFrom(texts, BTC);
  return limits.ok ? [] : limits.error.map((problem) => `${problem.key}: ${problem.text}`);
};

test("RISK-50 the defaults are those of the table, in integers", () => {
  const { breakers: _theirs, ...own } = DEFAULTS;
  assert.deepEqual(own, {
    orderNotionalMax: usdt(500),
    positionNotionalMax: usdt(5_000),
    exposureGrossMax: usdt(20_000),
    orderQuantityMax: null,
    positionQuantityMax: null,
    priceBandBps: 100,
    priceBandFarBps: 3_000,
    leverageMaxMilli: 3_000,
    bookAgeMsMax: 5_000,
    openOrdersMax: 50,
    affordableOrdersMin: 100,
    ordersPerSecondMax: 25,
    ordersBurst: 30,
    unknownOrdersMax: 3,
    cleaner: {
      cleanIntervalMs: 10_000,
      cleanThreshold: 50,
      cleanBatch: 10,
      orderAgeMsMax: 0,
      orderDistanceBpsMax: 0,
    },
    reconcileIntervalMs: 60_000,
    divergenceBpsMax: 500,
    autoCorrectNotionalMax: usdt(500),
    autoCorrect: "on",
    onOrphan: "cancel",
    foreignOrders: "ignore",
    slippageBpsMax: 20,
    participationBps: 5_000,
    sliceMs: 1_000,
    autoCorrectApprovals: 0,
  });
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

test("RISK-50 what is off by default is read where it is given, each key into its own limit", () => {
  const { cleaner } = limitsWith({ "cleaner.orderAgeMsMax": "7000", "cleaner.orderDistanceBpsMax": "900" });
  assert.deepEqual([cleaner.orderAgeMsMax, cleaner.orderDistanceBpsMax], [7_000, 900]);
  assert.equal(limitsWith({ drawdownAmountMax: "70" }).breakers?.drawdownAmountMax, usdt(70));
  const { monitor } = limitsWith({
    "monitor.instruments": "A/B,, C/D",
    "monitor.interval": "5m",
    "monitor.strategy": "Any",
    "monitor.volumeMultiplier": "2.5",
    "monitor.averageWindow": "30",
    "monitor.recoveryThreshold": "2",
    "monitor.holdMsMin": "5000",
    onBlind: "allow",
  });
  assert.deepEqual(monitor, {
    instruments: ["A/B", "C/D"],
    interval: "5m",
    strategy: "Any",
    volumeMultiplierMilli: 2_500,
    averageWindow: 30,
    recoveryThreshold: 2,
    holdMsMin: 5_000,
    onBlind: "allow",
  });
});

test("RISK-50 a limit of quantity never grows by rounding, and one of no lot at all is refused", () => {
  const coarse = { ...BTC, lotSize: "0.01" };
  assert.equal(limitsWith({ orderQuantityMax: "0.0299" }, coarse).orderQuantityMax, 2);
  assert.deepEqual(problems({ orderQuantityMax: "0" }), [
    "orderQuantityMax: 0 is not allowed; give above 0 base units (default none)",
  ]);
});

test("RISK-50 a whole number is written without a fraction", () => {
  assert.deepEqual(problems({ bookAgeMsMax: "150.5" }), [
    "bookAgeMsMax: 150.5 is not allowed; give 100–60,000 ms (default 5000)",
  ]);
});

test("RISK-50 a problem names the value as it was written", () => {
  const limits = riskLimitsFrom({ nonsense: "1", priceBandBps: "0" }, BTC);
  assert.deepEqual(limits.ok ? [] : limits.error.map(({ key, value }) => [key, value]), [
    ["nonsense", "1"],
    ["priceBandBps", "0"],
  ]);
});

test("RISK-08 each limit is changed for itself: what is not wished stays, what is tighter holds at once", () => {
  const configured = limitsWith({ orderQuantityMax: "0.010" });
  assert.deepEqual(changedLimits(configured, {}), configured);
  const tight = {
    orderNotionalMax: usdt(100),
    positionNotionalMax: usdt(1_000),
    exposureGrossMax: usdt(2_000),
    orderQuantityMax: lots(4),
    positionQuantityMax: lots(9),
    leverageMaxMilli: 1_500,
  };
  assert.deepEqual(changedLimits(configured, tight), { ...configured, ...tight });
  const loose = { orderNotionalMax: usdt(501), orderQuantityMax: lots(11), leverageMaxMilli: 3_001 };
  assert.deepEqual(changedLimits(configured, loose), configured);
});

/** An operator's wish; what is not named is not wished. */
const wish = (change: Partial<Parameters<typeof wantedLimits>[2]>): Parameters<typeof wantedLimits>[2] => ({
  positionQuantityMax: null,
  positionNotionalMax: null,
  orderQuantityMax: null,
  leverageMaxMilli: null,
  ...change,
});

test("RISK-08 a second wish keeps the first in force, or replaces it up to the configured value", () => {
  const first = wantedLimits(DEFAULTS, DEFAULTS, wish({ positionNotionalMax: usdt(1_000), leverageMaxMilli: 2_000 }));
  assert.deepEqual(first, { ...DEFAULTS, positionNotionalMax: usdt(1_000), leverageMaxMilli: 2_000 });
  const second = wantedLimits(DEFAULTS, first, wish({ orderQuantityMax: lots(4) }));
  assert.deepEqual(second, { ...first, orderQuantityMax: lots(4) });
  const money = changedLimits(DEFAULTS, { orderNotionalMax: usdt(100), exposureGrossMax: usdt(2_000) });
  assert.deepEqual(wantedLimits(DEFAULTS, money, wish({})), money);
  const looser = wantedLimits(DEFAULTS, second, wish({ leverageMaxMilli: 2_500, positionNotionalMax: usdt(9_000) }));
  assert.deepEqual(looser, { ...second, leverageMaxMilli: 2_500, positionNotionalMax: DEFAULTS.positionNotionalMax });
});

test("RISK-08 a new configuration holds from its first turn, but for what an operator tightened by hand", () => {
  const wider = limitsWith({ orderNotionalMax: "900", leverageMax: "5", priceBandBps: "200" });
  assert.equal(keptTightened(wider, null), wider, "a bot that begins");
  assert.equal(keptTightened(wider, { configured: DEFAULTS, inForce: DEFAULTS }), wider, "nothing by hand");
  const inForce = wantedLimits(DEFAULTS, DEFAULTS, wish({ leverageMaxMilli: 2_000, positionQuantityMax: lots(9) }));
  assert.deepEqual(keptTightened(wider, { configured: DEFAULTS, inForce }), {
    ...wider,
    leverageMaxMilli: 2_000,
    positionQuantityMax: lots(9),
  });
  const stricter = limitsWith({ leverageMax: "1" });
  assert.equal(keptTightened(stricter, { configured: DEFAULTS, inForce }).leverageMaxMilli, 1_000);
});

test("RISK-50 all problems are told at once", () => {
  assert.equal(problems({ priceBandBps: "0", openOrdersMax: "0", leverageMax: "99", what: "x" }).length, 4);
});
