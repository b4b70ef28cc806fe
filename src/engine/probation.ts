// Whether the bot trades on probation (RISK-18): some breaker's cool-down is over and the time after it is not.

import type { BotState } from "./state.ts";

/** Whether limits are halved (RISK-18): some breaker, the bot's own or the account's, is on probation. */
export function onProbationNow({ accountProbation, breakers }: BotState): boolean {
  if (accountProbation !== undefined && accountProbation.length > 0) return true;
  for (const { phase } of breakers.values()) if (phase === "probation") return true;
  return false;
}
