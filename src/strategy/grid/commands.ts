// What the operator, the reconciler and the configuration ask of the grid (GRID-44, GRID-46). Whatever cannot be done
// is refused whole, with a reason; nothing is half done.

import { ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Command } from "../../trading/command.ts";
import { adopt, adoptBasis, writeOff } from "./adopt.ts";
import { gapFindings } from "./checks.ts";
import { type GridConfig, windowOrdersNeeded } from "./config.ts";
import { asGridConfig, changedKeys } from "./config-change.ts";
import { openGate, setBoth } from "./gates.ts";
import { latticeOf } from "./lattice.ts";
import { askForLattice, reanchored } from "./relattice.ts";
import { requestFlatten } from "./start.ts";
import { initialState } from "./state.ts";
import { refreshIndicators, restartIndicators } from "./trend.ts";
import { alert, type GridTurn } from "./turn.ts";

/** Pause, resume and stop arrive as gates of the engine; what is left of them here is what the gates do not say. */
export function onCommand(turn: GridTurn, command: Command): void {
  const { state } = turn;
  switch (command.name) {
    case "start":
      if (state.phase === "refused") state.phase = "starting";
      openGate(state, "flatten");
      return;
    case "resume":
      openGate(state, "flatten");
      return;
    case "flatten":
      requestFlatten(turn, "command");
      return;
    case "adopt":
      adopt(turn, command.lots, adoptBasis(state, command.lots > 0 ? "L" : "S", command.average));
      return;
    case "writeOff":
      writeOff(turn, Math.abs(command.lots), command.leg);
      return;
    case "reanchor":
      changeLattice(turn, reanchored(state.config, command.price), command.price);
      return;
    case "relattice":
      changeLattice(turn, asGridConfig(command.config.strategyConfig), null);
      return;
    case "update":
      onConfig(turn, command.config.strategyConfig);
      return;
    case "clearGate":
      clearGate(turn, command.gate);
      return;
    case "pause":
    case "stop":
    case "kill":
    case "killReset":
    case "reconcileAccept":
    case "limits":
    case "breakerOpen":
    case "breakerClose":
      return;
  }
}

function changeLattice(turn: GridTurn, config: GridConfig | null, anchor: number | null): void {
  const { state, context } = turn;
  if (config === null || state.lattice === null || config.mode !== state.config.mode) {
    alert(turn, "relattice-refused", "error", "relattice needs a running grid and a configuration of the same mode");
    return;
  }
  const { tickSize, lotSize } = context.instrument;
  askForLattice(turn, { config, anchor: anchor === null ? null : ticks(anchor), tickSize, lotSize });
}

/** Gates only an operator opens (section 7). */
function clearGate(turn: GridTurn, gate: string): void {
  const { state, context } = turn;
  const { tickSize, lotSize, status } = context.instrument;
  switch (gate) {
    case "stop":
    case "fence":
    case "flatten":
      openGate(state, gate);
      return;
    case "margin":
      state.lock.untilMs = state.nowMs;
      return;
    case "relattice":
      state.pending = null;
      openGate(state, gate);
      return;
    case "instrument":
      if (tickSize === state.tickSize && lotSize === state.lotSize && status === "trading") {
        openGate(state, gate);
        return;
      }
      break;
  }
  if (state.gates.has(gate)) alert(turn, "gate", "warning", `gate ${gate} cannot be cleared by hand`, { gate });
}

/**
 * A new configuration: live keys at once; others only while the bot holds nothing, else they need their own command.
 */
export function onConfig(turn: GridTurn, value: unknown): void {
  const { state } = turn;
  const config = asGridConfig(value);
  if (config === null) {
    refuseConfig(turn, "it is not a grid configuration");
    return;
  }
  const changed = changedKeys(state.config, config);
  if (changed.length === 0) return;
  const fixed = changed.filter((key) => key.change !== "live").map((key) => key.key);
  if (fixed.length > 0 && !isIdle(turn)) {
    refuseConfig(turn, `${fixed.join(", ")} cannot change while the grid runs; use relattice, or stop it flat`);
    return;
  }
  if (fixed.length > 0) beginAnew(turn, config);
  else {
    const problem = liveProblem(turn, config);
    if (problem !== null) refuseConfig(turn, problem);
    else takeConfig(turn, config, changed);
  }
}

function takeConfig(turn: GridTurn, config: GridConfig, changed: ReturnType<typeof changedKeys>): void {
  const { state } = turn;
  const keys = changed.map((key) => key.key);
  state.config = config;
  alert(turn, "config", "info", `configuration changed: ${keys.join(", ")}`);
  if (keys.some((key) => key === "dynamic" || key === "trend" || key === "candleInterval")) restartIndicators(turn);
  else refreshIndicators(turn, true);
}

function liveProblem(turn: GridTurn, config: GridConfig): string | null {
  const { state, context } = turn;
  const needed = windowOrdersNeeded(config);
  if (config.openOrdersMax < needed) {
    return `openOrdersMax ${config.openOrdersMax} is below the ${needed} this window needs`;
  }
  if (config.openOrdersMax > context.openOrdersLimit) {
    return `openOrdersMax ${config.openOrdersMax} is above the ${context.openOrdersLimit} that risk allows`;
  }
  if (state.lattice === null) return null;
  const { refuse } = gapFindings(config, latticeOf(state.lattice), context.instrument);
  return refuse[0] ?? null;
}

/** The old configuration stays in force, and the engine is told so. */
function refuseConfig(turn: GridTurn, problem: string): void {
  alert(turn, "config-refused", "error", `the configuration stays as it was: ${problem}`);
  turn.out.acceptConfig(turn.state.config);
}

/** Nothing held, nothing out, nothing stray. */
function isIdle(turn: GridTurn): boolean {
  const { state } = turn;
  if (state.stray !== 0 || state.pending !== null) return false;
  for (const slot of state.slots.values()) if (slot.order !== null || slot.held > 0) return false;
  return true;
}

/** While idle, any key may change: the start begins again, with the next accepted book as reference. */
function beginAnew(turn: GridTurn, config: GridConfig): void {
  const { state, context } = turn;
  const { recovered, nowMs, start, tally, finished, gates, baseFees, baseFeeLots, counts } = state;
  Object.assign(state, initialState(config, context.instrument), {
    recovered,
    nowMs,
    start,
    tally,
    gates,
    baseFees,
    baseFeeLots,
    counts,
    finished: new Map([...finished].map(([id, route]) => [id, { ...route, width: 0 }])),
    timerAtMs: state.timerAtMs,
    reference: state.reference,
  });
  for (const name of ["fence", "trend", "indicators", "spread", "margin", "instrument"] as const) openGate(state, name);
  restartIndicators(turn);
}

/** GRID-44, section 15: new rules of the instrument. */
export function onInstrument(turn: GridTurn, instrument: Instrument): void {
  const { state } = turn;
  const moved = instrument.tickSize !== state.tickSize || instrument.lotSize !== state.lotSize;
  if (moved) Object.assign(state.reference, { bid: 0, ask: 0, ref0: 0, first: 0, second: 0 });
  if (state.lattice === null) {
    state.tickSize = instrument.tickSize;
    state.lotSize = instrument.lotSize;
    return;
  }
  if (moved || instrument.status !== "trading") {
    setBoth(state, "instrument", "HALT", moved ? "tick or lot changed" : `instrument is ${instrument.status}`);
    alert(turn, "instrument", "critical", "the instrument's rules changed; relattice when you agree", {
      tickSize: instrument.tickSize,
      lotSize: instrument.lotSize,
      status: instrument.status,
    });
  }
  if (moved) return;
  const { refuse, warn } = gapFindings(state.config, latticeOf(state.lattice), instrument);
  for (const text of [...refuse, ...warn]) alert(turn, "fees", "warning", text);
}
