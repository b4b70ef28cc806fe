// Names the engine uses itself: its timers, and the slot keys of orders that no strategy owns.

export const CANCEL_TIMER = "engine.cancel";
export const UNKNOWN_TIMER = "engine.unknown";
export const CLEAN_TIMER = "engine.clean";
export const RECONCILE_TIMER = "engine.reconcile";
/** Wakes whatever `standing.ts` waits for. */
export const STANDING_TIMER = "engine.standing";

/** Wakes the breakers for the end of a cool-down. */
export const BREAKER_TIMER = "engine.breakers";

/** Why the shared closer may pay more with time, like a kill (RISK-36, RISK-37): a liquidation would cost more. */
const URGENT: ReadonlySet<string> = new Set(["reduce.margin", "flatten.liquidation"]);
export const isUrgent = (because: string): boolean => URGENT.has(because);

/** Orders of the shared closer, and open orders found with our tag that no journal knows. */
export const CLOSER_SLOT = "closer";
export const ORPHAN_SLOT = "orphan";

/** The risk monitor among the blocks. */
export const MONITOR_BLOCK = "monitor";
export const MONITOR_BLIND_BLOCK = "monitor-blind";

/** The operator's pause among the blocks. */
export const PAUSE_BLOCK = "operator";
