// When the order cleaner's round is due. Its timer is armed only while a round could find something, so a quiet bot
// writes nothing.

import { CLEAN_TIMER } from "./names.ts";
import type { Turn } from "./turn.ts";

/** Arms the next round unless one is armed, or none could do anything. */
export function armCleaner(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== "running" || state.limits === null || state.timers.has(CLEAN_TIMER)) return;
  const { cleanThreshold, cleanIntervalMs, orderAgeMsMax, orderDistanceBpsMax } = state.limits.cleaner;
  const judgesEach = orderAgeMsMax > 0 || orderDistanceBpsMax > 0;
  if (state.orders.size < (judgesEach ? 1 : cleanThreshold)) return;
  turn.timer(CLEAN_TIMER, state.nowMs + cleanIntervalMs);
}
