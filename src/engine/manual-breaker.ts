// The breaker an operator opens and closes by hand (RISK-21), and the closing of others. Its effect on orders is that
// of every block: gates and mode; this file only sets it and says so.

import { isBreakerName } from "../risk/breaker/breaker.ts";
import type { BreakerAction } from "../trading/command.ts";
import { closeByHand, trip } from "./breakers.ts";
import { ACCOUNT_PREFIX, GRANT_BLOCK } from "./grant.ts";
import { PAUSE_BLOCK } from "./names.ts";
import type { BotState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { causeHolds as breakerHolds } from "./watch.ts";

/** Name of the operator's own breaker among the blocks. */
export const MANUAL_BREAKER = "manual";

export function openBreaker(turn: Turn, action: BreakerAction, reason: string): void {
  const { state } = turn;
  const openedAtMs = state.breakers.get(MANUAL_BREAKER)?.openedAtMs;
  // the operator's newest word replaces the one before, stricter or not
  state.breakers.delete(MANUAL_BREAKER);
  const told = { text: `breaker ${MANUAL_BREAKER} ${reason}`, facts: { breaker: MANUAL_BREAKER, action } };
  trip(turn, MANUAL_BREAKER, { reason, action, told });
  const opened = state.breakers.get(MANUAL_BREAKER);
  if (openedAtMs === undefined || opened === undefined) return;
  state.breakers.set(MANUAL_BREAKER, { ...opened, openedAtMs });
  const block = state.blocks.get(MANUAL_BREAKER);
  if (block !== undefined) state.blocks.set(MANUAL_BREAKER, { ...block, sinceMs: openedAtMs });
}

/** Whether the cause of an open breaker still holds, so that only `force` closes it. */
export function causeHolds(state: BotState, breaker: string): boolean {
  return isBreakerName(breaker) ? breakerHolds(state, breaker) : state.blocks.has(breaker);
}

/** The operator's pause is no breaker: it ends by `resume`. Terms of the account end where they were made. */
export const isBreaker = (name: string): boolean =>
  name !== PAUSE_BLOCK && name !== GRANT_BLOCK && !name.startsWith(ACCOUNT_PREFIX);

export function closeBreaker(
  turn: Turn,
  { breaker, force }: { readonly breaker: string; readonly force: boolean },
  by: string,
): void {
  const { state } = turn;
  const facts = { breaker, force };
  const isOpen = state.blocks.has(breaker) || (isBreakerName(breaker) && state.breakers.has(breaker));
  if (!isBreaker(breaker) || !isOpen) {
    turn.alert("breaker-refused", "warning", `breaker ${breaker} is not open`, facts);
    return;
  }
  if (causeHolds(state, breaker) && !force) {
    turn.alert("breaker-refused", "warning", `breaker ${breaker} stays open: its cause holds`, facts);
    return;
  }
  if (isBreakerName(breaker)) {
    closeByHand(turn, breaker, { who: by, force });
    return;
  }
  state.blocks.delete(breaker);
  turn.gatesChanged = true;
  turn.alert("breaker-closed", "warning", `breaker ${breaker} was closed by ${by}`, facts);
}
