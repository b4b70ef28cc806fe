// The risk monitor in this bot (RISK-25…28): candles go in, its word becomes a block of the sides the strategy names, a
// gate, and one alert a change. What is abnormal is judged in `risk/monitor/`.

import type { MonitorLimits } from "../risk/monitor/limits.ts";
import {
  BLIND_MS,
  isMonitored,
  judgeCandle,
  judgeMonitor,
  type MonitorChange,
  takeCandle,
  unseenOf,
} from "../risk/monitor/monitor.ts";
import { initialMonitor } from "../risk/monitor/monitor-state.ts";
import type { CandleEvent } from "../trading/event.ts";
import { MONITOR_BLIND_BLOCK, MONITOR_BLOCK } from "./names.ts";
import { strategyOf } from "./strategies.ts";
import type { Turn } from "./turn.ts";

/** A candle of a monitored instrument; others are passed by. */
export function monitorCandle(turn: Turn, event: CandleEvent): void {
  const { monitor: state, limits, nowMs } = turn.state;
  const monitor = limits?.monitor;
  if (monitor === undefined || event.interval !== monitor.interval) return;
  if (!isMonitored(state, monitor, event.symbol)) return;
  const watched = state.watched.get(event.symbol) ?? { closed: [], open: null };
  state.watched.set(event.symbol, watched);
  takeCandle(watched, event, monitor.averageWindow);
  const { symbol } = event;
  for (const change of judgeCandle(state, monitor, { symbol, nowMs })) carryOut(turn, monitor, change);
}

/** Asked when time alone may have changed it, as each candle does: holding and blindness end and begin by time. */
export function monitorNow(turn: Turn, limits: MonitorLimits): void {
  for (const change of judgeMonitor(turn.state.monitor, limits, turn.state.nowMs)) carryOut(turn, limits, change);
}

/** Configuration took the monitor away: what it blocked is free, and one that comes back begins anew. */
export function forgetMonitor(turn: Turn): void {
  const { state } = turn;
  const { triggeredAtMs, blind } = state.monitor;
  const off = "the risk monitor was switched off";
  if (triggeredAtMs !== null) {
    state.blocks.delete(MONITOR_BLOCK);
    turn.gatesChanged = true;
    turn.alert("monitor-recovered", "info", `${off}: entries may be placed`, {});
  }
  if (blind) {
    state.blocks.delete(MONITOR_BLIND_BLOCK);
    turn.gatesChanged = true;
    turn.alert("monitor-sighted", "info", `${off}: nothing waits for its sight`, {});
  }
  state.monitor = initialMonitor();
}

/** When it must be asked though nothing comes; null when candles will do. */
export function monitorDueMs({ state }: Turn, limits: MonitorLimits): number | null {
  const { blindSinceMs, blind, triggeredAtMs } = state.monitor;
  if (blindSinceMs !== null && !blind) return blindSinceMs + BLIND_MS;
  if (triggeredAtMs === null) return null;
  const heldUntilMs = triggeredAtMs + limits.holdMsMin;
  // held long enough: from then on a candle ends it, and time alone does not
  return heldUntilMs > state.nowMs ? heldUntilMs : null;
}

function carryOut(turn: Turn, limits: MonitorLimits, change: MonitorChange): void {
  const { state } = turn;
  const { nowMs } = state;
  turn.gatesChanged = true;
  switch (change) {
    case "triggered": {
      const which = limits.strategy === "Any" ? "one of the monitored instruments" : "every monitored instrument";
      const reason = `${which} falls on more than ${limits.volumeMultiplierMilli / 1000} times its volume`;
      const leg = openingLeg(turn);
      state.blocks.set(MONITOR_BLOCK, { reason, sinceMs: nowMs, level: "REDUCE", leg, reducing: true });
      turn.alert("monitor-triggered", "warning", `${reason}: entries are cancelled`, { leg });
      return;
    }
    case "recovered":
      state.blocks.delete(MONITOR_BLOCK);
      turn.alert("monitor-recovered", "info", "the monitored instruments have recovered: entries may be placed", {});
      return;
    case "blind": {
      const missing = unseenOf(state.monitor, limits);
      const names = missing.join(", ");
      const reason = `fewer than half of the monitored instruments can be judged for two minutes (not: ${names})`;
      if (limits.onBlind === "pause") {
        const block = { reason, sinceMs: nowMs, level: "HOLD", leg: "both", reducing: true } as const;
        state.blocks.set(MONITOR_BLIND_BLOCK, block);
      }
      const done = limits.onBlind === "pause" ? "opening is paused" : "trading goes on without it (onBlind: allow)";
      turn.alert("monitor-blind", "error", `${reason}: ${done}`, { onBlind: limits.onBlind, missing: names });
      return;
    }
    case "sighted":
      state.blocks.delete(MONITOR_BLIND_BLOCK);
      turn.alert("monitor-sighted", "info", "the monitored instruments can be judged again", {});
      return;
  }
}

/** The sides a strategy opens on (RISK-05): both where it does not say. */
function openingLeg({ state }: Turn): "L" | "S" | "both" {
  const { config } = state;
  return config === null ? "both" : (strategyOf(config.strategy).openingLeg?.(config.strategyConfig) ?? "both");
}
