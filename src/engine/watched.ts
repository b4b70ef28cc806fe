// Whether the breakers look at all, and by which limits: what all their watches ask first.

import type { BreakerLimits } from "../risk/breaker/limits.ts";
import type { BotState } from "./state.ts";

/** Limits of the breakers while the bot runs and nothing stricter holds; null otherwise. */
export function watched(state: BotState): BreakerLimits | null {
  return state.phase === "running" && state.kill.phase === "off" ? (state.limits?.breakers ?? null) : null;
}
