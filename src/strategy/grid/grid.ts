// The grid strategy (grid.md): one bot, one instrument, one grid. Dispatches inputs and runs the planner after each;
// what an input means stands in the files beside it. Reads no clock, draws nothing, waits for nothing.

import { lots, money, signOf } from "../../market/amounts.ts";
import { type Instrument, unitMoney } from "../../market/instrument.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { Outbox, Strategy, StrategyContext, StrategyInput } from "../contract.ts";
import { correct } from "./adopt.ts";
import { gapFindings, instrumentProblems } from "./checks.ts";
import { onCommand, onConfig, onInstrument } from "./commands.ts";
import type { GridConfig } from "./config.ts";
import { setGate } from "./gates.ts";
import { addBaseFee, addStray, bookClosing } from "./held.ts";
import { isReady } from "./indicators.ts";
import { latticeOf, latticeSpecFor } from "./lattice.ts";
import { runPlanner, WAKE_TIMER } from "./planner.ts";
import { isQuiet, memoryOf, quietAfter } from "./quiet.ts";
import { acceptBook, breakRun } from "./reference.ts";
import { carryOut } from "./relattice.ts";
import { applyOrderChange } from "./slots.ts";
import { judgePrice, tryBegin } from "./start.ts";
import { type GridState, initialState } from "./state.ts";
import { askForCandles, onCandle } from "./trend.ts";
import { alert, type GridTurn } from "./turn.ts";
import { viewOf } from "./view.ts";

export const gridStrategy: Strategy<GridConfig, GridState> = {
  name: "grid",
  initial: initialState,
  step: (_config, context, state, input, out) => gridStep(context, state, input, out, true),
  view: (_config, context, state) => viewOf(context, state),
  orderNotional: (config, instrument) => money(BigInt(config.orderValue) * unitMoney(instrument)),
  check: (config, instrument) => checkGrid(config, instrument),
  strayLots: ({ stray }) => lots(stray),
  openingLeg: ({ mode }) => (mode === "neutral" ? "both" : mode === "long" ? "L" : "S"),
};

/**
 * The same grid with the planner run after every input, whether or not anything can have changed: the oracle of
 * quiet.ts.
 */
export const patientGrid: Strategy<GridConfig, GridState> = {
  ...gridStrategy,
  name: "grid-patient",
  step: (_config, context, state, input, out) => gridStep(context, state, input, out, false),
};

// tidy-ok: the contract's five parameters; an object here would be allocated for every book
function gridStep(
  context: StrategyContext,
  state: GridState,
  input: StrategyInput,
  out: Outbox,
  mayRest: boolean,
): void {
  if (context.nowMs > state.nowMs) state.nowMs = context.nowMs;
  const turn: GridTurn = { state, context, out, effects: 0 };
  const memory = memoryOf(state);
  if (handle(turn, input)) memory.quiet = null;
  tryBegin(turn);
  if (!state.recovered || state.lattice === null) return;
  carryOut(turn, state.lattice);
  if (turn.effects > 0) memory.quiet = null;
  if (mayRest && memory.quiet !== null && isQuiet(memory.quiet, state, context)) return;
  const before = turn.effects;
  const plan = runPlanner(turn, latticeOf(state.lattice));
  memory.quiet = mayRest && turn.effects === before ? quietAfter(plan) : null;
}

/** Takes one input into the state. False only when nothing the planner looks at changed but the accepted book. */
function handle(turn: GridTurn, input: StrategyInput): boolean {
  const { state } = turn;
  switch (input.kind) {
    case "book":
      return onBook(turn, input.bid, input.ask);
    case "bad-book":
      state.counts.booksIgnored += 1;
      breakRun(state.reference);
      return false;
    case "candle":
      return onCandle(turn, input.candle);
    case "order":
      applyOrderChange(turn, input.clientOrderId, input.change);
      return true;
    case "fill":
      onFill(turn, input);
      return true;
    case "gate":
      onGate(state, input);
      return true;
    case "feed":
      return false;
    case "command":
      onCommand(turn, input.command);
      return true;
    case "timer":
      if (input.name !== WAKE_TIMER) return false;
      state.timerAtMs = null;
      return true;
    case "start":
      onStart(state, input.facts);
      return true;
    case "recovering":
      state.recovered = false;
      if (state.phase === "refused") state.phase = "starting";
      return true;
    case "recovered":
      state.recovered = true;
      if (!isReady(state.indicators, state.config)) askForCandles(turn);
      return true;
    case "config":
      onConfig(turn, input.config);
      return true;
    case "instrument":
      onInstrument(turn, input.instrument);
      return true;
    case "correction":
      correct(turn, input.lots);
      return true;
  }
}

function onBook(turn: GridTurn, bid: number, ask: number): boolean {
  const { state } = turn;
  if (!acceptBook(state.reference, bid, ask, state.config.jumpBpsMax)) {
    state.counts.booksIgnored += 1;
    return false;
  }
  return state.recovered && judgePrice(turn, state);
}

/** Facts of the first start; once the grid runs, a position nobody explains is the reconciler's matter (RISK-33). */
function onStart(state: GridState, facts: Extract<StrategyInput, { kind: "start" }>["facts"]): void {
  if (state.lattice !== null) return;
  state.start = { lots: facts.positionLots, entry: facts.positionEntry, oneWayMode: facts.oneWayMode };
  state.phase = "starting";
}

/** GRID-03, GRID-30, GRID-36. Lots of a routed fill arrive by its order's own input. */
function onFill(turn: GridTurn, input: Extract<StrategyInput, { kind: "fill" }>): void {
  const { state, context } = turn;
  const { fill } = input;
  const route = fill.clientOrderId === null ? undefined : routeOf(state, fill.clientOrderId);
  if (context.instrument.kind === "spot" && fill.feeAsset === context.instrument.base) {
    addBaseFee(state, fill.fee, route === undefined ? undefined : state.slots.get(route.j));
  }
  if (input.routed) return;
  const signed = signOf(fill.side) * fill.quantity;
  if (input.closer || fill.origin === "liquidation" || fill.origin === "adl") {
    bookClosing(state, signed);
    return;
  }
  state.tally.fills += signed;
  addStray(state, signed);
  alert(turn, "stray", "error", `${signed} lots were traded by an order no slot owns; adopt or writeOff them`, {
    clientOrderId: fill.clientOrderId,
    stray: state.stray,
  });
}

const routeOf = (state: GridState, id: ClientOrderId) => state.routes.get(id) ?? state.finished.get(id);

/** A gate of the engine replaces what it said before. Neutral grids are held on both legs (GRID-33, N-16). */
function onGate(state: GridState, input: Extract<StrategyInput, { kind: "gate" }>): void {
  const { gate, level, reason } = input;
  const forBoth = state.config.mode === "neutral" && (gate === "monitor" || gate === "risk");
  const leg = forBoth ? "both" : input.leg;
  setGate(state, gate, { L: leg === "S" ? "RUN" : level, S: leg === "L" ? "RUN" : level, reason });
}

/** What can be judged before there is a price; the rest is judged at the first accepted book (GRID-41). */
function checkGrid(config: GridConfig, instrument: Instrument): readonly string[] {
  const problems = [...instrumentProblems(config, instrument)];
  if (problems.length > 0 || (config.anchor === null && config.gridCount === null)) return problems;
  const spec = latticeSpecFor(config, 0);
  if (spec.step < 1) return ["gridCount is more than the ticks between rangeLow and rangeHigh"];
  return gapFindings(config, latticeOf(spec), instrument).refuse;
}
