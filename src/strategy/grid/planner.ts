// The planner (grid.md section 5): once after every event, cancels, then exits, then entries, then the timer. Run twice
// with nothing between, the second run does nothing (GRID-24).

import type { Lattice } from "./lattice.ts";
import { earlier, type Plan, preparePlan } from "./plan.ts";
import { planCancels } from "./plan-cancels.ts";
import { planEntries } from "./plan-entries.ts";
import { planExits } from "./plan-exits.ts";
import type { Frame } from "./reference.ts";
import { tidySlot, unlockMargin } from "./slots.ts";
import type { GridTurn } from "./turn.ts";

export const WAKE_TIMER = "grid-wake";

/** One full run on the slots as they stand. */
export function runPlanner(turn: GridTurn, lattice: Lattice, frame?: Frame): Plan {
  const { state } = turn;
  unlockMargin(state);
  for (const slot of state.slots.values()) tidySlot(state, slot);
  const plan = preparePlan(turn, lattice, frame);
  planCancels(plan);
  planExits(plan);
  planEntries(plan);
  planTimer(plan);
  return plan;
}

/** GRID-26: one wake-up, at the earliest end of a cooldown or lock. */
function planTimer(plan: Plan): void {
  const { state, turn } = plan;
  const lock = state.gates.has("margin") ? state.lock.untilMs : 0;
  const next = earlier(plan.coolNextMs, lock);
  const wanted = next === 0 ? null : next;
  if (wanted === state.timerAtMs) return;
  state.timerAtMs = wanted;
  turn.effects += 1;
  turn.out.timer(WAKE_TIMER, wanted);
}
