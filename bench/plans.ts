// The backtests that are timed: whole engine, host and simulated exchange, as `opensqt backtest run` drives them, but
// without journal and report files, so that the disk is not what is measured.

import type { BacktestPlan } from "../src/backtest/runner.ts";
import { sha256 } from "../src/base/canonical.ts";
import { BINANCE_USDM_BTCUSDT } from "../src/data/rules.ts";
import { addStrategy } from "../src/engine/strategies.ts";
import { lots, money } from "../src/market/amounts.ts";
import type { Instrument } from "../src/market/instrument.ts";
import type { Tape } from "../src/market/tape.ts";
import { type RiskTexts, riskLimitsFrom } from "../src/risk/limits.ts";
import { type MarketSource, tapeSource } from "../src/sim/market-source.ts";
import { BINANCE_USDM, type FillModel, type Latency, simulationOptions } from "../src/sim/options.ts";
import { CALM_BTC, SyntheticMarket } from "../src/sim/synthetic-market.ts";
import { type GridTexts, gridConfigFrom } from "../src/strategy/grid/config-reader.ts";
import { type ReferenceGridConfig, referenceGrid } from "./reference-grid.ts";

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const BALANCE = money(10n ** 18n * 1_000_000n);
const NO_DELAY: Latency = { feed: { kind: "zero" }, entry: { kind: "zero" }, response: { kind: "zero" } };
const TEN_MS: Latency = {
  feed: { kind: "zero" },
  entry: { kind: "constant", us: 10_000 },
  response: { kind: "constant", us: 10_000 },
};

/** Wide limits: every order is judged by every check, and none of them is in the way of the reference strategies. */
const LIMITS: RiskTexts = {
  affordableOrdersMin: "1",
  openOrdersMax: "180",
  "cleaner.cleanThreshold": "170",
  orderNotionalMax: "100000",
  positionNotionalMax: "10000000",
  exposureGrossMax: "10000000",
  ordersPerSecondMax: "1000",
  ordersBurst: "1000",
  leverageMax: "10",
  priceBandFarBps: "10000",
  priceBandBps: "5000",
  bookAgeMsMax: "60000",
};

interface Parts {
  readonly name: string;
  readonly instrument: Instrument;
  readonly source: MarketSource;
  readonly fill: FillModel;
  readonly latency: Latency;
  readonly strategy: { readonly name: string; readonly config: unknown };
  readonly limits: RiskTexts;
  readonly startUs: number;
  readonly endUs: number;
  readonly bookIntervalMs: number;
  readonly accountIntervalMs: number;
}

function planOf(parts: Parts): BacktestPlan {
  const { name, instrument, fill, latency, startUs, endUs, bookIntervalMs } = parts;
  const risk = riskLimitsFrom(parts.limits, instrument);
  if (!risk.ok) throw new Error(JSON.stringify(risk.error));
  const config = { strategy: parts.strategy.name, strategyConfig: parts.strategy.config, risk: risk.value };
  const hash = sha256(name);
  return {
    bot: { name: "bench", tag: "bench0" },
    instrument,
    configuration: { revision: 1, hash, by: "bench", text: "", config: { ...config, cancelOnExit: "all" } },
    simulation: simulationOptions({
      markets: [{ instrument, source: parts.source, fill }],
      accounts: [{ name: "bench", balances: new Map([[instrument.quote, BALANCE]]) }],
      latency,
      profile: { ...BINANCE_USDM, priceBandPpm: null },
      accountIntervalMs: parts.accountIntervalMs,
    }),
    account: "bench",
    equity: BALANCE,
    startUs,
    endUs,
    bookIntervalMs,
    candleInterval: null,
    identity: {
      strategy: parts.strategy.name,
      instrument,
      level: fill.level,
      fillModel: name,
      latency: "",
      markSource: "mid",
      data: [],
      dataHash: "",
      synthetic: parts.source.synthetic,
      configHash: hash,
      configText: "",
      seed: "1",
      codeVersion: "",
      findings: [],
      positionLimitLots: null,
    },
    folder: null,
    journal: null,
  };
}

/** Exchange time of the first and last row, µs. */
export function spanOf(tape: Tape): { readonly startUs: number; readonly endUs: number } {
  let startUs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < Math.min(1_000, tape.length); i += 1) {
    const us = tape.exchangeUs[i] ?? 0;
    if (us > 0 && us < startUs) startUs = us;
  }
  return { startUs, endUs: tape.exchangeUs[tape.length - 1] ?? startUs };
}

/** BT-32: ten levels a side, 1.0 USDT apart, 0.010 BTC, re-placed every 100 ms, `power:3`, 10 ms there and back. */
const REFERENCE: ReferenceGridConfig = { levels: 10, intervalTicks: 10, quantity: 10, positionMax: 100 };

/** The reference grid over the capture, at L2. */
export function capturePlan(tape: Tape, instrument: Instrument): BacktestPlan {
  addStrategy(referenceGrid);
  return planOf({
    name: "reference grid, L2",
    instrument: { ...instrument, leverage: 3 },
    source: tapeSource(tape),
    fill: { level: "L2", queue: "power:3" },
    latency: TEN_MS,
    strategy: { name: referenceGrid.name, config: REFERENCE },
    limits: LIMITS,
    ...spanOf(tape),
    bookIntervalMs: 100,
    accountIntervalMs: 5_000,
  });
}

/** A spot ladder of 110 slots from 3,000 to 14,000, all of them wanted at once, over a year of minutes at L0. */
export function candlePlan(tape: Tape, loaded: Instrument): BacktestPlan {
  const rules = { lotSize: "0.01", minLots: lots(1), minNotional: 0, openOrdersMax: 500, feeIn: "quote" as const };
  const instrument: Instrument = { ...loaded, ...rules, makerPpm: 0, takerPpm: 0 };
  const span = spanOf(tape);
  return planOf({
    name: "110-slot ladder, L0",
    instrument,
    source: tapeSource(tape),
    fill: { level: "L0", path: "nearest", rule: "through", volumeShareMaxPpm: null },
    latency: NO_DELAY,
    strategy: gridOf(
      {
        mode: "long",
        gridCount: 110,
        rangeLow: "3000",
        rangeHigh: "14000",
        orderQuote: "400",
        overspendPct: 60,
        entryLevels: 110,
        exitLevels: 110,
        openOrdersMax: 300,
        heldSlotsMax: 200,
        entryGapPct: 1,
        windowSlack: 2,
        spreadBpsMax: 1000,
        jumpBpsMax: 5000,
        postOnly: false,
      },
      instrument,
    ),
    limits: { ...LIMITS, openOrdersMax: "400", "cleaner.cleanThreshold": "390", reconcileIntervalMs: "3600000" },
    startUs: span.startUs,
    endUs: span.endUs + MINUTE_US,
    bookIntervalMs: 60_000,
    // spot borrows nothing, so nothing waits for a fresher equity than the hourly read brings
    accountIntervalMs: 3_600_000,
  });
}

/** A neutral grid of twenty orders on a made-up perpetual: for what needs more data than any capture has. */
export function syntheticPlan(seconds: number): BacktestPlan {
  const startUs = 1_700_000_000 * SECOND_US;
  const instrument: Instrument = { ...BINANCE_USDM_BTCUSDT, leverage: 3 };
  return planOf({
    name: "grid on a synthetic market, L2",
    instrument,
    source: new SyntheticMarket({ ...CALM_BTC, seed: "bench", startUs }),
    fill: { level: "L2", queue: "power:3" },
    latency: TEN_MS,
    strategy: gridOf(gridTexts(20), instrument),
    limits: LIMITS,
    startUs,
    endUs: startUs + seconds * SECOND_US,
    bookIntervalMs: 100,
    accountIntervalMs: 5_000,
  });
}

/** A neutral grid with `slots` orders out, half on each side, 10 USDT apart. */
export const gridTexts = (slots: number): GridTexts => ({
  mode: "neutral",
  interval: "10.0",
  orderQuote: "600",
  entryLevels: slots / 2,
  exitLevels: slots / 2,
  openOrdersMax: slots + 60,
  heldSlotsMax: slots,
  edgeBpsMin: "-10",
});

export function gridOf(texts: GridTexts, instrument: Instrument): { readonly name: string; readonly config: unknown } {
  const reading = gridConfigFrom(texts, instrument);
  if (!reading.ok) throw new Error(JSON.stringify(reading.error));
  return { name: "grid", config: reading.value.config };
}

/** Limits as the timed plans have them, with `more` over them. */
export const benchLimits = (instrument: Instrument, more: RiskTexts = {}) =>
  riskLimitsFrom({ ...LIMITS, ...more }, instrument);
