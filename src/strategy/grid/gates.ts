// Gates of grid.md section 7: each holds one or both legs at a level; the strictest wins. Deciding when one opens or
// shuts is the business of whoever sets it.

import { compareProducts } from "../../base/integer.ts";
import type { Leg } from "../../trading/command.ts";
import type { GateLevel } from "../contract.ts";
import type { GridState } from "./state.ts";

/** The grid's own gates; those of the engine have the names of the contract's EngineGate. */
export type OwnGate =
  | "margin"
  | "trend"
  | "indicators"
  | "spread"
  | "stray"
  | "fence"
  | "stop"
  | "flatten"
  | "instrument"
  | "relattice";

const STRICTNESS: { readonly [level in GateLevel]: number } = { RUN: 0, HOLD: 1, REDUCE: 2, FREEZE: 3, HALT: 4 };

/** True when `level` is as strict as `than`, or stricter. */
export const isAtLeast = (level: GateLevel, than: GateLevel): boolean => STRICTNESS[level] >= STRICTNESS[than];

/** Strictest level that holds for a leg. */
export function levelOf(state: GridState, leg: Leg): GateLevel {
  let strictest: GateLevel = "RUN";
  for (const gate of state.gates.values()) {
    const level = leg === "L" ? gate.L : gate.S;
    if (STRICTNESS[level] > STRICTNESS[strictest]) strictest = level;
  }
  return strictest;
}

/** Sets a gate to levels per leg; RUN on both removes it. True when something changed. */
export function setGate(
  state: GridState,
  name: string,
  levels: { readonly L: GateLevel; readonly S: GateLevel; readonly reason: string },
): boolean {
  const now = state.gates.get(name);
  if (levels.L === "RUN" && levels.S === "RUN") return now === undefined ? false : state.gates.delete(name);
  if (now !== undefined && now.L === levels.L && now.S === levels.S) {
    now.reason = levels.reason;
    return false;
  }
  state.gates.set(name, { L: levels.L, S: levels.S, reason: levels.reason });
  return true;
}

/** Sets one of the grid's own gates on both legs. True when something changed. */
export const setBoth = (state: GridState, name: OwnGate, level: GateLevel, reason: string): boolean =>
  setGate(state, name, { L: level, S: level, reason });

/** Opens one of the grid's own gates on both legs: nothing is held back by it. True when something was. */
export const openGate = (state: GridState, name: OwnGate): boolean => state.gates.delete(name);

/** Gates as short texts for `because` and the view: "trend:L:REDUCE". */
export function gateTexts(state: GridState): readonly string[] {
  const texts: string[] = [];
  for (const [name, gate] of state.gates) {
    if (gate.L === gate.S) texts.push(`${name}:${gate.L}`);
    else {
      if (gate.L !== "RUN") texts.push(`${name}:L:${gate.L}`);
      if (gate.S !== "RUN") texts.push(`${name}:S:${gate.S}`);
    }
  }
  return texts;
}

/** Gates an accepted book decides. `changed`: some level moved; `flatten`: the stop asks for the closer, once. */
export function judgeBook(state: GridState, fence: { readonly low: number; readonly high: number }) {
  const { bid, ask, ref0 } = state.reference;
  const { config } = state;
  const wide = compareProducts(ask - bid, 10_000, config.spreadBpsMax, ref0) > 0;
  let changed = false;
  if (wide !== state.gates.has("spread")) {
    changed = setBoth(state, "spread", wide ? "HOLD" : "RUN", `spread above ${config.spreadBpsMax} bps`);
  }
  if ((ref0 < fence.low || ref0 > fence.high) && !state.gates.has("fence")) {
    changed = setBoth(state, "fence", "FREEZE", "price outside ten times the anchor");
  }
  const low = config.stopLow !== null && ref0 <= config.stopLow;
  const high = config.stopHigh !== null && ref0 >= config.stopHigh;
  if ((low || high) && !state.gates.has("stop")) {
    const level = config.stopAction === "flatten" ? "HALT" : "REDUCE";
    setBoth(state, "stop", level, low ? "price at or below stopLow" : "price at or above stopHigh");
    return STOPPED;
  }
  return changed ? CHANGED : SAME;
}

/** What {@link judgeBook} found; a number, so that the hot path allocates nothing. */
export const SAME = 0;
export const CHANGED = 1;
export const STOPPED = 2;
