// Which refusals a person is told of (RISK-42 `limit-refused`): the first of each code, and again after an hour. The
// strategy hears of every one.

import type { RefusalCode } from "../risk/approve.ts";
import type { AlertSeverity } from "../trading/effect.ts";
import type { BotState } from "./state.ts";

const AGAIN_MS = 3_600_000;

/** What has told of itself already: the block that set the mode, the instrument's status, the order nobody can find. */
const TOLD_ELSEWHERE: ReadonlySet<RefusalCode> = new Set<RefusalCode>(["mode", "instrument", "unknown-order"]);

/** What passes by itself: an own order is just being cancelled, or the second is over. */
const PASSING: ReadonlySet<RefusalCode> = new Set<RefusalCode>(["self-trade", "order-rate"]);

export const refusalSeverity = (code: RefusalCode): AlertSeverity => (PASSING.has(code) ? "info" : "warning");

/** True once an hour and code; remembers that it was told. */
export function isRefusalNews(state: BotState, code: RefusalCode): boolean {
  if (TOLD_ELSEWHERE.has(code)) return false;
  const toldMs = state.refusalsTold?.get(code) ?? null;
  if (toldMs !== null && state.nowMs - toldMs < AGAIN_MS) return false;
  state.refusalsTold ??= new Map();
  state.refusalsTold.set(code, state.nowMs);
  return true;
}
