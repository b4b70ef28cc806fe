// The margin breaker (RISK-18): a warning, then the position by halves every 10 s until the account is below the
// warning again. Each half waits for a fresh read of the account, so that none is taken twice for one reading.

import { lots } from "../market/amounts.ts";
import type { BreakerLimits } from "../risk/breaker/limits.ts";
import { halfOf, type Margin, marginAtLeast, marginRatioText } from "../risk/breaker/margin.ts";
import { trip } from "./breakers.ts";
import type { BotState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { provenPosition } from "./unbooked.ts";

const HALF_EVERY_MS = 10_000;

/** Maintenance and equity as last read; null where the exchange names no maintenance margin. */
function marginOf({ equity }: BotState): Margin | null {
  if (equity === null || equity.maintenanceMargin === null) return null;
  return { maintenance: equity.maintenanceMargin, equity: equity.equity };
}

/** Whether the ratio is at this many bps or above. */
export function marginHolds(state: BotState, bps: number): boolean {
  const margin = marginOf(state);
  return margin !== null && marginAtLeast(margin, bps);
}

/** Asked at each round and at each read of the account. */
export function watchMargin(turn: Turn, limits: BreakerLimits): void {
  const { state } = turn;
  const { history } = state;
  const margin = marginOf(state);
  if (margin === null) return;
  const ratio = marginRatioText(margin);
  if (marginAtLeast(margin, limits.marginRatioTripBps)) {
    const reason = `opened: maintenance margin is ${ratio} bps of equity, limit ${limits.marginRatioTripBps}`;
    const [value, limit] = [`${ratio} bps`, `${limits.marginRatioTripBps} bps`];
    const opened = trip(turn, "margin-ratio", { reason, value, limit });
    // it stays open until a person closes it, and the margin may run short a second time before that
    const again = !opened && history.halving === null && state.breakers.has("margin-ratio");
    if (opened || again) history.halving = { lastAtMs: -1, nextAtMs: state.nowMs };
    if (again) {
      const text = `maintenance margin is ${ratio} bps of equity again, limit ${limit}: the position is reduced`;
      turn.alert("margin", "critical", text, { ratioBps: ratio, limitBps: limits.marginRatioTripBps });
    }
  }
  const warn = marginAtLeast(margin, limits.marginRatioWarnBps);
  if (warn && !history.warned.margin && !state.breakers.has("margin-ratio")) {
    const limit = limits.marginRatioTripBps;
    const text = `maintenance margin is ${ratio} bps of equity; at ${limit} bps the position is reduced`;
    turn.alert("margin", "warning", text, { ratioBps: ratio, limitBps: limits.marginRatioTripBps });
  }
  history.warned.margin = warn;
  if (!warn) history.halving = null;
  else takeHalf(turn);
}

/** The next half, once the last one is done, its time has come and the account was read since. */
function takeHalf(turn: Turn): void {
  const { state } = turn;
  const { history, equity } = state;
  const { halving } = history;
  if (halving === null) return;
  if (state.closer !== null) {
    // one that is under way for another reason must not wait for a better price now
    turn.reduceTo(state.closer.target, { code: "reduce.margin" });
    // what is read while a half is under way is of a position that will not be
    history.halving = { ...halving, lastAtMs: state.nowMs };
    return;
  }
  if (state.nowMs < halving.nextAtMs) return;
  if (equity === null || equity.atMs <= halving.lastAtMs) {
    turn.reconcile({ code: "reconcile.margin" });
    return;
  }
  const position = provenPosition(state);
  if (position === 0) return;
  history.halving = { lastAtMs: state.nowMs, nextAtMs: state.nowMs + HALF_EVERY_MS };
  turn.reduceTo(lots(halfOf(position, turn.instrument.minLots)), { code: "reduce.margin" });
}
