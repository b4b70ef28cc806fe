// Older shapes of the state read as the newest (DUR-31, DUR-33): one pure step a version, applied to a snapshot's text
// after a clean stop under the release before. A step is never edited once a later one exists, and never removed.

import type { BreakerState } from "../risk/breaker/breaker.ts";
import { initialHistory } from "../risk/breaker/history.ts";
import { initialMonitor } from "../risk/monitor/monitor-state.ts";
import type { BreakerAction } from "../trading/command.ts";
import type { Block } from "./state.ts";

type OlderState = { readonly [field: string]: unknown };

/** A state of version v → that of version v + 1; the first is of version 1. */
const UPCASTS: readonly ((state: OlderState) => OlderState)[] = [withBreakers];

/** Oldest version whose snapshots can be read. */
export const STATE_VERSION_MIN = 1;

/** The state as one of `version`; the same one when it is. */
export function upcastState(state: OlderState, from: number, version: number): OlderState {
  return UPCASTS.slice(from - STATE_VERSION_MIN, version - STATE_VERSION_MIN).reduce(
    (older, step) => step(older),
    state,
  );
}

/** 1 → 2: breakers left the blocks, the account's maintenance margin and the closer's target came. */
function withBreakers(state: OlderState): OlderState {
  const { equity, closer, blocks } = state as {
    readonly equity: object | null;
    readonly closer: object | null;
    readonly blocks: ReadonlyMap<string, Block>;
  };
  const breakers = new Map<string, BreakerState>();
  for (const name of ["divergence", "manual"]) {
    const block = blocks.get(name);
    if (block !== undefined) breakers.set(name, openedBy(block));
  }
  return {
    ...state,
    version: 2,
    equity: equity === null ? null : { ...equity, maintenanceMargin: null },
    closer: closer === null ? null : { ...closer, target: 0 },
    liquidation: null,
    breakers,
    history: initialHistory(),
    monitor: initialMonitor(),
    approvals: 0,
    divergences: [],
  };
}

const ACTIONS: Readonly<Record<Block["level"], BreakerAction>> = {
  RUN: "P",
  HOLD: "P",
  REDUCE: "O",
  HALT: "A",
  FREEZE: "P",
};

const openedBy = ({ reason, sinceMs, level }: Block): BreakerState => ({
  phase: "open",
  reason,
  value: "",
  limit: "",
  action: ACTIONS[level],
  openedAtMs: sinceMs,
  cooldownMs: 0,
  untilMs: null,
});
