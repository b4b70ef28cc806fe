// What the indicators do to the gates and to the stride.

import type { CandleEvent } from "../../trading/event.ts";
import { candlesNeeded } from "./config.ts";
import { setBoth, setGate } from "./gates.ts";
import { emptyWindow, isReady, settleStride, strideWanted, takeCandle, trendOf } from "./indicators.ts";
import { latticeOf } from "./lattice.ts";
import { alert, type GridTurn } from "./turn.ts";

/** Takes a candle. True when it was taken, so that the planner looks again. */
export function onCandle(turn: GridTurn, candle: CandleEvent): boolean {
  const { state } = turn;
  const verdict = takeCandle(state.indicators, state.config, candle);
  if (verdict === "ignored") {
    if (candle.closed) state.counts.candlesIgnored += 1;
    return false;
  }
  if (verdict === "gap") {
    alert(turn, "candle-gap", "warning", "a candle is missing; the window is loaded again", {
      openAtMs: candle.openAtMs,
    });
    askForCandles(turn);
  }
  refreshIndicators(turn, false);
  return true;
}

/** Asks for the closed candles the indicators need; one more than that, so that the newest may already be known. */
export function askForCandles(turn: GridTurn): void {
  const { config, indicators } = turn.state;
  const count = candlesNeeded(config);
  if (count === 0) return;
  indicators.reloading = true;
  turn.effects += 1;
  turn.out.reloadCandles(config.candleInterval, count + config.dynamic.holdCandles);
}

/** Begins the window anew: the keys it is computed by have changed. */
export function restartIndicators(turn: GridTurn): void {
  emptyWindow(turn.state.indicators);
  askForCandles(turn);
  refreshIndicators(turn, false);
}

/**
 * Sets gates and stride by the window as it stands. `first`: nothing was planned yet, so the stride needs no waiting.
 */
export function refreshIndicators(turn: GridTurn, first: boolean): void {
  const { state } = turn;
  const { indicators, config } = state;
  const ready = isReady(indicators, config);
  const wasReady = !state.gates.has("indicators");
  setBoth(state, "indicators", ready ? "RUN" : "HOLD", "too few closed candles");
  const trend = trendOf(indicators, config);
  setGate(state, "trend", {
    L: trend === "DOWN" ? "REDUCE" : "RUN",
    S: trend === "UP" ? "REDUCE" : "RUN",
    reason: `trend ${trend}`,
  });
  if (!config.dynamic.enabled) {
    indicators.stride = 1;
    indicators.candidate = 0;
    indicators.candidateCount = 0;
    return;
  }
  if (state.lattice === null) return;
  const wanted = strideWanted(indicators, config, latticeOf(state.lattice));
  if (wanted === null) return;
  if ((first || !wasReady) && state.slots.size === 0) indicators.stride = wanted;
  else if (!first) settleStride(indicators, config, wanted);
}
