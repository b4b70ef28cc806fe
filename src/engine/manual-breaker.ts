// The breaker an operator opens and closes by hand (RISK-21), and the closing of others. Its effect on orders is that
// of every block: gates and mode; this file only sets it and says so.

import type { BreakerAction } from "../trading/command.ts";
import { PAUSE_BLOCK } from "./names.ts";
import type { Block, BotState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Name of the operator's own breaker among the blocks. */
export const MANUAL_BREAKER = "manual";

/** P keeps resting orders, O cancels opening ones, A cancels all, F closes the position as well (RISK-18). */
const LEVELS: Readonly<Record<BreakerAction, Block["level"]>> = { P: "HOLD", O: "REDUCE", A: "HALT", F: "HALT" };

export function openBreaker(turn: Turn, action: BreakerAction, reason: string): void {
  const { state } = turn;
  const sinceMs = state.blocks.get(MANUAL_BREAKER)?.sinceMs ?? state.nowMs;
  const reducing = action === "P" || action === "O";
  state.blocks.set(MANUAL_BREAKER, { reason, sinceMs, level: LEVELS[action], leg: "both", reducing });
  turn.gatesChanged = true;
  turn.alert("breaker-opened", "critical", `breaker ${MANUAL_BREAKER} ${reason}`, { breaker: MANUAL_BREAKER, action });
  if (action === "F") turn.flatten({ code: "flatten.breaker" });
}

/** Whether the cause of an open breaker still holds, so that only `force` closes it. */
export function causeHolds(state: BotState, breaker: string): boolean {
  if (breaker === MANUAL_BREAKER) return false;
  if (breaker !== "divergence") return state.blocks.has(breaker);
  return state.divergence !== null && state.divergence.local !== state.divergence.exchange;
}

/** The operator's pause is no breaker: it ends by `resume`. */
export const isBreaker = (name: string): boolean => name !== PAUSE_BLOCK;

export function closeBreaker(
  turn: Turn,
  { breaker, force }: { readonly breaker: string; readonly force: boolean },
  by: string,
): void {
  const { state } = turn;
  const facts = { breaker, force };
  if (!isBreaker(breaker) || !state.blocks.has(breaker)) {
    turn.alert("breaker-refused", "warning", `breaker ${breaker} is not open`, facts);
    return;
  }
  if (causeHolds(state, breaker) && !force) {
    turn.alert("breaker-refused", "warning", `breaker ${breaker} stays open: its cause holds`, facts);
    return;
  }
  state.blocks.delete(breaker);
  turn.gatesChanged = true;
  turn.alert("breaker-closed", "warning", `breaker ${breaker} was closed by ${by}`, facts);
}
