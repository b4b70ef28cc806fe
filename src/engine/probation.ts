// Whether the bot trades on probation (RISK-18): some breaker's cool-down is over and the time after it is not.

import type { BotState } from "./state.ts";

/** Whether limits are halved (RISK-18): some breaker is on probation. */
export function onProbationNow(state: BotState): boolean {
  if (state.accountProbation !== undefined && state.accountProbation.length > 0) return true;
  for (const { phase } of state.breakers.values()) if (phase === "probation") return true;
  return state.accountProbation !== undefined && state.accountProbation.length > 0;
}
