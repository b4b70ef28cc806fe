// Where a bot stands in its life (api.md section 2), from what its run and its state say. A function; nothing is kept.

import { PAUSE_BLOCK } from "../../engine/names.ts";
import type { BotState } from "../../engine/state.ts";
import type { WantedState } from "../../journal/registry.ts";

export const botPhases = [
  "CREATED",
  "STARTING",
  "RECOVERING",
  "RUNNING",
  "PAUSED",
  "BLOCKED",
  "STOPPING",
  "STOPPED",
  "KILLED",
  "QUARANTINED",
  "FAILED",
] as const;

export type BotPhase = (typeof botPhases)[number];

/** `idle`: no run. `opening`: the instrument is asked for, the journal opened. `live`: a host runs. */
export type RunStage = "idle" | "opening" | "live" | "quarantined";

export interface PhaseFacts {
  readonly stage: RunStage;
  readonly wanted: WantedState;
  /** The last run ended other than by a stop. */
  readonly failed: boolean;
  /** State of the run that is live; null without one. */
  readonly state: BotState | null;
  /** The strategy's own gates: some hold both legs back. */
  readonly strategyBlocked: boolean;
}

export function botPhase(facts: PhaseFacts): BotPhase {
  const { stage, wanted, failed, state } = facts;
  switch (stage) {
    case "quarantined":
      return "QUARANTINED";
    case "idle":
      return failed ? "FAILED" : wanted === "created" ? "CREATED" : "STOPPED";
    case "opening":
      return "STARTING";
    case "live":
      return state === null ? "STARTING" : livePhase(state, facts.strategyBlocked);
  }
}

function livePhase(state: BotState, strategyBlocked: boolean): BotPhase {
  switch (state.phase) {
    case "new":
    case "starting":
      return "STARTING";
    case "recovering":
      return "RECOVERING";
    case "refused":
      return "FAILED";
    case "stopping":
    case "stopped":
      return "STOPPING";
    case "running":
      break;
  }
  if (state.kill.phase !== "off") return "KILLED";
  if (state.blocks.has(PAUSE_BLOCK)) return "PAUSED";
  return state.blocks.size > 0 || strategyBlocked ? "BLOCKED" : "RUNNING";
}
