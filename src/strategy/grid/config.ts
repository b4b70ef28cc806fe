// The grid's configuration in integers, as the core uses it (GRID-01). Decimal texts become this in config-reader.ts,
// once; nothing in here knows files or YAML.

import { ceilDiv } from "../../base/integer.ts";
import type { Ticks } from "../../market/amounts.ts";
import type { Leg } from "../../trading/command.ts";
import type { CandleInterval } from "../../trading/event.ts";

export type GridMode = "long" | "short" | "neutral";
export type Spacing = "arithmetic" | "geometric";
export type Fallback = "none" | "exits" | "all";
export type AdoptPosition = "refuse" | "ignore" | "entry" | "market";

/** Section 11 in integers: prices in ticks, value in value units, rates in ppm, times in ms. Plain canonical data. */
export interface GridConfig {
  readonly mode: GridMode;
  readonly spacing: Spacing;
  /** Exactly one of `interval`, `spacingPpm`, `gridCount` is set. */
  readonly interval: Ticks | null;
  readonly spacingPpm: number | null;
  readonly gridCount: number | null;
  readonly rangeLow: Ticks | null;
  readonly rangeHigh: Ticks | null;
  /** Level 0; null takes the first accepted reference price. */
  readonly anchor: Ticks | null;
  /** Value of one order in value units (tick × lot of quote), rounded down. */
  readonly orderValue: number;
  readonly overspendPct: number;
  readonly entryLevels: number;
  readonly exitLevels: number;
  readonly windowSlack: number;
  readonly heldSlotsMax: number;
  readonly openOrdersMax: number;
  readonly entryGapPct: number;
  /** `edgeBpsMin` in millionths. */
  readonly edgePpm: number;
  readonly postOnly: boolean;
  readonly postOnlyRejectsMax: number;
  readonly postOnlyRetryMs: number;
  readonly postOnlyFallback: Fallback;
  readonly marginLockMs: number;
  readonly skewLevels: number;
  readonly dynamic: {
    readonly enabled: boolean;
    readonly period: number;
    readonly scaleMilli: number;
    readonly strideMax: number;
    readonly holdCandles: number;
  };
  readonly trend: {
    readonly enabled: boolean;
    readonly fast: number;
    readonly slow: number;
    readonly bandBps: number;
  };
  readonly candleInterval: CandleInterval;
  readonly stopLow: Ticks | null;
  readonly stopHigh: Ticks | null;
  readonly stopAction: "reduce" | "flatten";
  readonly adoptPosition: AdoptPosition;
  readonly jumpBpsMax: number;
  readonly spreadBpsMax: number;
}

export const LEGS_OF: { readonly [mode in GridMode]: readonly Leg[] } = {
  long: ["L"],
  short: ["S"],
  neutral: ["L", "S"],
};

/** True when the mode trades this leg. */
export const usesLeg = (config: GridConfig, leg: Leg): boolean =>
  config.mode === "neutral" || (leg === "L") === (config.mode === "long");

/**
 * Orders the window may have out at once (GRID-39): what openOrdersMax and the cleaner's threshold are held against.
 */
export const windowOrdersNeeded = (config: GridConfig): number =>
  LEGS_OF[config.mode].length * (config.entryLevels + config.windowSlack + 1) + config.exitLevels;

export const CANDLE_MS: { readonly [interval in CandleInterval]: number } = {
  "1m": 60_000,
  "3m": 180_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
};

/** Closed candles the indicators that are switched on need; 0 when none is. */
export function candlesNeeded(config: GridConfig): number {
  const trend = config.trend.enabled ? config.trend.slow : 0;
  const stride = config.dynamic.enabled ? config.dynamic.period + 1 : 0;
  return Math.max(trend, stride);
}

/** Largest openOrdersMax an exchange's own limit leaves: its limit less 10 % (GRID-39). */
export const exchangeOrdersLimit = (openOrdersMax: number): number => openOrdersMax - ceilDiv(openOrdersMax, 10);
