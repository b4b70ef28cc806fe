// The first start (GRID-41): book believed, anchor fixed, position settled, sizes and fees checked, planner on. Before
// that nothing is placed; after a refusal nothing is, until the operator says `start`.

import { lots, ticks } from "../../market/amounts.ts";
import { adopt, adoptBasis } from "./adopt.ts";
import { gapFindings, instrumentProblems, positionProblem, sizeProblem } from "./checks.ts";
import { usesLeg } from "./config.ts";
import { judgeBook, SAME, STOPPED, setBoth } from "./gates.ts";
import { latticeOf, latticeSpecFor } from "./lattice.ts";
import { computeFrame, emptyFrame } from "./reference.ts";
import type { GridState, LatticeSpec, StartPosition } from "./state.ts";
import { refreshIndicators } from "./trend.ts";
import { alert, type GridTurn } from "./turn.ts";

/** Starts trading when everything for it is there. */
export function tryBegin(turn: GridTurn): void {
  const { state } = turn;
  const { start } = state;
  if (state.phase !== "starting" || !state.recovered || start === null || state.reference.ref0 === 0) return;
  const problems = [...settingProblems(turn, start)];
  const spec = problems.length === 0 ? latticeSpecFor(state.config, state.reference.ref0) : null;
  if (spec !== null) problems.push(...latticeProblems(turn, spec));
  if (spec === null || problems.length > 0) {
    refuse(turn, problems);
    return;
  }
  state.lattice = spec;
  const position = start.lots;
  if (position !== 0 && state.config.adoptPosition !== "ignore" && !takeOver(turn, start)) {
    state.lattice = null;
    refuse(turn, [positionProblem(turn.context.instrument, lots(position))]);
    return;
  }
  state.start = { ...start, lots: 0, entry: null };
  state.phase = "running";
  refreshIndicators(turn, true);
  const fence = latticeOf(spec);
  judgeBook(state, { low: fence.fenceLow, high: fence.fenceHigh });
}

function refuse(turn: GridTurn, problems: readonly string[]): void {
  turn.state.phase = "refused";
  for (const text of problems) alert(turn, "start-refused", "critical", text);
}

function settingProblems(turn: GridTurn, start: StartPosition): readonly string[] {
  const { state, context } = turn;
  const { config, reference } = state;
  const problems = [...instrumentProblems(config, context.instrument)];
  if (config.openOrdersMax > context.openOrdersLimit) {
    problems.push(`openOrdersMax ${config.openOrdersMax} is above the ${context.openOrdersLimit} that risk allows`);
  }
  if (!start.oneWayMode) problems.push("account is in hedge mode; switch to one-way");
  if (config.stopLow !== null && config.stopLow >= reference.ref0) {
    problems.push("stopLow must be below the current price");
  }
  if (config.stopHigh !== null && config.stopHigh <= reference.ref0) {
    problems.push("stopHigh must be above the current price");
  }
  if (start.lots !== 0 && config.adoptPosition === "refuse") {
    problems.push(positionProblem(context.instrument, lots(start.lots)));
  }
  return problems;
}

function latticeProblems(turn: GridTurn, spec: LatticeSpec): readonly string[] {
  const { state, context } = turn;
  const { config } = state;
  if (spec.step < 1) return ["gridCount is larger than the ticks between rangeLow and rangeHigh allow"];
  const lattice = latticeOf(spec);
  const { refuse: refusals, warn } = gapFindings(config, lattice, context.instrument);
  for (const text of warn) alert(turn, "start-warning", "warning", text);
  const frame = emptyFrame();
  const { stride } = state.indicators;
  computeFrame({ lattice, config, stride, net: 0 }, state.reference, frame);
  const size = sizeProblem(config, { lattice, frame, stride }, context.instrument);
  return size === null ? refusals : [...refusals, size];
}

/** Adopts the position found in the account (GRID-42). */
function takeOver(turn: GridTurn, start: StartPosition): boolean {
  const { state } = turn;
  const leg = start.lots > 0 ? "L" : "S";
  if (!usesLeg(state.config, leg)) return false;
  const average = state.config.adoptPosition === "entry" ? start.entry : null;
  return adopt(turn, start.lots, adoptBasis(state, leg, average));
}

/**
 * GRID-07, section 7: gates the accepted book decides; the stop may ask for the closer. True when something changed.
 */
export function judgePrice(turn: GridTurn, state: GridState): boolean {
  if (state.lattice === null) return false;
  const { fenceLow, fenceHigh } = latticeOf(state.lattice);
  const verdict = judgeBook(state, { low: fenceLow, high: fenceHigh });
  if (verdict === SAME) return false;
  if (verdict === STOPPED) {
    const ref0 = state.reference.ref0;
    const flatten = state.config.stopAction === "flatten";
    alert(turn, "stop", "critical", `the price reached a stop; ${state.config.stopAction}`, { ref0: ticks(ref0) });
    if (flatten) requestFlatten(turn, "stop");
  }
  return true;
}

/** GRID-36: the shared closer; the grid stays at HALT until an operator says otherwise. */
export function requestFlatten(turn: GridTurn, code: string): void {
  setBoth(turn.state, "flatten", "HALT", "closing the position");
  turn.effects += 1;
  turn.out.flatten({ code: `flatten.${code}`, ref0: turn.state.reference.ref0 });
}
