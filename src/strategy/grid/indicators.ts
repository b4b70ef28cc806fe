// Trend and stride from closed candles (GRID-34, GRID-35), by integer sums. A gap empties the window and asks for a
// reload; an old, repeated or unclosed candle changes nothing.

import { bigCeilDiv, clamp, compareProducts, toSafe } from "../../base/integer.ts";
import type { CandleEvent } from "../../trading/event.ts";
import { CANDLE_MS, candlesNeeded, type GridConfig } from "./config.ts";
import type { Lattice } from "./lattice.ts";
import { emptyIndicators, type IndicatorState } from "./state.ts";

export type Trend = "UP" | "DOWN" | "FLAT";

/** What became of a candle: taken, ignored, or taken after a gap (the window must be loaded again). */
export type CandleVerdict = "taken" | "ignored" | "gap";

/** Takes one candle into the window. */
export function takeCandle(state: IndicatorState, config: GridConfig, candle: CandleEvent): CandleVerdict {
  if (!candle.closed || candle.interval !== config.candleInterval || candlesNeeded(config) === 0) return "ignored";
  if (!(candle.low > 0 && candle.low <= candle.close && candle.close <= candle.high)) return "ignored";
  const expected = state.lastOpenMs + CANDLE_MS[config.candleInterval];
  let verdict: CandleVerdict = "taken";
  if (state.lastOpenMs !== 0 && candle.openAtMs !== expected) {
    const firstOpenMs = expected - state.closes.length * CANDLE_MS[config.candleInterval];
    const older = candle.openAtMs < expected;
    // a reload begins before everything the window holds; anything else that is old is a repetition
    if (older && !(state.reloading && candle.openAtMs < firstOpenMs)) return "ignored";
    emptyWindow(state);
    if (!older) verdict = "gap";
  }
  push(state, config, candle);
  state.lastOpenMs = candle.openAtMs;
  state.reloading = verdict === "gap" || (state.reloading && !isReady(state, config));
  return verdict;
}

function push(state: IndicatorState, config: GridConfig, candle: CandleEvent): void {
  const { fast, slow } = config.trend;
  const { period } = config.dynamic;
  const { closes, ranges } = state;
  const before = closes[closes.length - 1];
  if (before !== undefined) {
    const up = candle.high > before ? candle.high - before : before - candle.high;
    const down = candle.low > before ? candle.low - before : before - candle.low;
    ranges.push(Math.max(candle.high - candle.low, up, down));
    state.sumRange += ranges[ranges.length - 1] ?? 0;
    if (ranges.length > period) state.sumRange -= ranges.shift() ?? 0;
  }
  closes.push(candle.close);
  state.sumFast += candle.close - (closes[closes.length - 1 - fast] ?? 0);
  state.sumSlow += candle.close - (closes[closes.length - 1 - slow] ?? 0);
  // one more than the longest look-back, whether or not both indicators are on
  if (closes.length > slow) closes.shift();
}

/** Empties the window; the stride in force stays. */
export function emptyWindow(state: IndicatorState): void {
  const { stride, reloading } = state;
  Object.assign(state, emptyIndicators(), { stride, reloading });
}

/** True when every indicator that is switched on has its candles. */
export function isReady(state: IndicatorState, config: GridConfig): boolean {
  if (config.trend.enabled && state.closes.length < config.trend.slow) return false;
  return !config.dynamic.enabled || state.ranges.length >= config.dynamic.period;
}

/** GRID-34; FLAT while the window is short or the trend is switched off. */
export function trendOf(state: IndicatorState, config: GridConfig): Trend {
  const { enabled, fast, slow, bandBps } = config.trend;
  if (!enabled || state.closes.length < slow) return "FLAT";
  if (compareProducts(state.sumFast, slow * 10_000, state.sumSlow, fast * (10_000 - bandBps)) < 0) return "DOWN";
  return compareProducts(state.sumFast, slow * 10_000, state.sumSlow, fast * (10_000 + bandBps)) > 0 ? "UP" : "FLAT";
}

/** GRID-35: the stride the window asks for now; null while it is short. */
export function strideWanted(state: IndicatorState, config: GridConfig, lattice: Lattice): number | null {
  const { enabled, period, scaleMilli, strideMax } = config.dynamic;
  const last = state.closes[state.closes.length - 1];
  if (!enabled || last === undefined || state.ranges.length < period) return null;
  const near = lattice.nearestLevel(clamp(last, lattice.fenceLow, lattice.fenceHigh), 1);
  const gap = lattice.price(near + 1) - lattice.price(near);
  const whole = bigCeilDiv(BigInt(state.sumRange) * BigInt(scaleMilli), BigInt(period) * 1000n * BigInt(gap));
  return whole >= BigInt(strideMax) ? strideMax : clamp(toSafe(whole), 1, strideMax);
}

/** Counts the newest candle's stride; true when it has held for `holdCandles` and is in force now. */
export function settleStride(state: IndicatorState, config: GridConfig, wanted: number): boolean {
  if (wanted === state.stride) {
    state.candidate = 0;
    state.candidateCount = 0;
    return false;
  }
  state.candidateCount = wanted === state.candidate ? state.candidateCount + 1 : 1;
  state.candidate = wanted;
  if (state.candidateCount < config.dynamic.holdCandles) return false;
  state.stride = wanted;
  state.candidate = 0;
  state.candidateCount = 0;
  return true;
}
