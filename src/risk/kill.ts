// The kill switch (RISK-22): latch → cancel → prove → flatten → report, as a pure state machine. It wants; the engine
// cancels, reads and closes. Once latched only an operator's reset ends it, however often we restart.

/** `killed`: the report is given, the latch holds. */
export type KillPhase = "off" | "cancelling" | "flattening" | "killed";

/** Limits of RISK-22's table, from the start of the step. */
export const KILL_LIMITS_MS = { cancel: 5_000, prove: 10_000, flatten: 60_000, betweenReads: 1_000, askAgain: 1_000 };

export interface KillReport {
  readonly proved: boolean;
  /** Own orders that are not proven gone. */
  readonly ordersLeft: readonly string[];
  readonly positionLots: number;
  /** What is left of the position is smaller than the exchange takes. */
  readonly dust: boolean;
  /** Times of the complete reads that showed no own order. */
  readonly cleanReadsAtMs: readonly number[];
  readonly latchedAtMs: number;
  /** From the latch to flat; null when not flat or not asked to flatten. */
  readonly flatAfterMs: number | null;
}

/** Plain canonical data: part of the journaled state. */
export interface KillState {
  readonly phase: KillPhase;
  readonly flatten: boolean;
  readonly by: string;
  readonly reason: string;
  readonly latchedAtMs: number;
  readonly flatteningSinceMs: number | null;
  /** Complete reads without own orders since the last one that had some; two are proof. */
  readonly cleanReadsAtMs: readonly number[];
  /** When cancels were last asked for, and when a read was. */
  readonly cancelledAtMs: number | null;
  readonly readAskedAtMs: number | null;
  readonly report: KillReport | null;
}

export type KillInput =
  | { readonly kind: "kill"; readonly flatten: boolean; readonly by: string; readonly reason: string }
  | { readonly kind: "reset" }
  /** A complete read of the exchange's open orders: how many of ours it showed. */
  | { readonly kind: "read"; readonly ownOpen: number }
  /** Anything else that happened, or a timer. */
  | { readonly kind: "turn" };

export interface KillFacts {
  readonly nowMs: number;
  /** Client ids of own orders that may still execute, by our books; the closer's are told apart. */
  readonly live: readonly { readonly id: string; readonly cancelAsked: boolean; readonly closer: boolean }[];
  readonly positionLots: number;
  /** The closer found nothing left that an order could close. */
  readonly flat: boolean;
}

export type KillWant =
  | { readonly kind: "cancel"; readonly ids: readonly string[] }
  | { readonly kind: "read" }
  /** The closer works while this is wanted. */
  | { readonly kind: "flatten" }
  | { readonly kind: "wake"; readonly atMs: number }
  | { readonly kind: "report"; readonly code: "kill-proved" | "kill-failed"; readonly report: KillReport };

export interface KillDecision {
  readonly state: KillState;
  readonly wants: readonly KillWant[];
}

export const initialKillState = (): KillState => ({
  phase: "off",
  flatten: false,
  by: "",
  reason: "",
  latchedAtMs: 0,
  flatteningSinceMs: null,
  cleanReadsAtMs: [],
  cancelledAtMs: null,
  readAskedAtMs: null,
  report: null,
});

/** True from the latch on: no opening order may leave (RISK-05). */
export const isKilled = (state: KillState): boolean => state.phase !== "off";

/** The state after one input, and what is wanted now. Total: a second kill only adds flattening. */
export function killStep(state: KillState, input: KillInput, facts: KillFacts): KillDecision {
  switch (input.kind) {
    case "kill":
      return advance(latched(state, input, facts), facts);
    case "reset":
      return { state: initialKillState(), wants: [] };
    case "read":
      return advance(withRead(state, input.ownOpen, facts), facts);
    case "turn":
      return advance(state, facts);
  }
}

function latched(state: KillState, input: Extract<KillInput, { kind: "kill" }>, facts: KillFacts): KillState {
  if (state.phase === "off") {
    const { flatten, by, reason } = input;
    return { ...initialKillState(), phase: "cancelling", flatten, by, reason, latchedAtMs: facts.nowMs };
  }
  if (!input.flatten || state.flatten) return state;
  // killed before without flattening, now the operator wants out as well: flatten and report once more
  const phase = state.phase === "killed" ? "flattening" : state.phase;
  return {
    ...state,
    flatten: true,
    phase,
    flatteningSinceMs: phase === "flattening" ? facts.nowMs : null,
    report: null,
  };
}

/** The two reads of a proof are at least a second apart; anything shown, or alive here, starts the proof again. */
function withRead(state: KillState, ownOpen: number, facts: KillFacts): KillState {
  if (state.phase === "off") return state;
  if (ownOpen > 0) return { ...state, cleanReadsAtMs: [], readAskedAtMs: null };
  const [first] = state.cleanReadsAtMs;
  if (first === undefined) return { ...state, cleanReadsAtMs: [facts.nowMs], readAskedAtMs: null };
  if (facts.nowMs - first < KILL_LIMITS_MS.betweenReads) return { ...state, readAskedAtMs: null };
  return { ...state, cleanReadsAtMs: [first, facts.nowMs], readAskedAtMs: null };
}

const strategyOrders = (facts: KillFacts): KillFacts["live"] => facts.live.filter((order) => !order.closer);

const isProven = (state: KillState): boolean => state.cleanReadsAtMs.length >= 2;

function advance(before: KillState, facts: KillFacts): KillDecision {
  if (before.phase === "off") return { state: before, wants: [] };
  const wants: KillWant[] = [];
  let state = flattenedAnew(cancelled(before, facts, wants), facts);
  if (state.phase === "cancelling") state = afterCancelling(state, facts);
  if (state.phase === "flattening") state = whileFlattening(state, facts, wants);
  if (state.phase === "killed" && state.report === null) state = reported(state, facts, wants);
  if (state.phase !== "killed" || strategyOrders(facts).length > 0) {
    state = readAgain(state, facts, wants);
    wants.push({ kind: "wake", atMs: facts.nowMs + KILL_LIMITS_MS.askAgain });
  }
  return { state, wants };
}

/** Cancels what lives: at once what was never asked, again after a second what does not go. Also after the report. */
function cancelled(state: KillState, facts: KillFacts, wants: KillWant[]): KillState {
  const live = strategyOrders(facts);
  // a cancel of before the kill may have been lost as well
  const again = facts.nowMs - (state.cancelledAtMs ?? state.latchedAtMs) >= KILL_LIMITS_MS.askAgain;
  const ids = live.filter((order) => !order.cancelAsked || again).map((order) => order.id);
  if (live.length > 0) state = { ...state, cleanReadsAtMs: [] };
  if (ids.length === 0) return state;
  wants.push({ kind: "cancel", ids });
  return { ...state, cancelledAtMs: facts.nowMs };
}

/**
 * Late evidence brought lots after the report: an order nobody knew of, or a fill that was lost. They are closed like
 * those before, and reported once more; what was left then is the closer's, which goes on by itself.
 */
function flattenedAnew(state: KillState, facts: KillFacts): KillState {
  const { flatten, report } = state;
  if (!flatten || report === null || facts.flat) return state;
  const [now, then] = [facts.positionLots, report.positionLots];
  const grown = Math.abs(now) > Math.abs(then) || now * then < 0;
  return grown ? { ...state, phase: "flattening", flatteningSinceMs: facts.nowMs, report: null } : state;
}

function afterCancelling(state: KillState, facts: KillFacts): KillState {
  const late = facts.nowMs - state.latchedAtMs >= KILL_LIMITS_MS.cancel + KILL_LIMITS_MS.prove;
  // Without proof it still closes the position: reduce-only slices cannot enlarge it, waiting could.
  if (!isProven(state) && !late) return state;
  return state.flatten
    ? { ...state, phase: "flattening", flatteningSinceMs: facts.nowMs }
    : { ...state, phase: "killed" };
}

function whileFlattening(state: KillState, facts: KillFacts, wants: KillWant[]): KillState {
  const closing = facts.live.some((order) => order.closer);
  const late = facts.nowMs - (state.flatteningSinceMs ?? facts.nowMs) >= KILL_LIMITS_MS.flatten;
  if (late || (facts.flat && !closing)) return { ...state, phase: "killed" };
  wants.push({ kind: "flatten" });
  return state;
}

function reported(state: KillState, facts: KillFacts, wants: KillWant[]): KillState {
  const left = facts.live.map((order) => order.id);
  const proved = isProven(state) && left.length === 0 && (!state.flatten || facts.flat);
  const report: KillReport = {
    proved,
    ordersLeft: left,
    positionLots: facts.positionLots,
    cleanReadsAtMs: state.cleanReadsAtMs,
    dust: facts.flat && facts.positionLots !== 0,
    latchedAtMs: state.latchedAtMs,
    flatAfterMs: state.flatten && facts.flat ? facts.nowMs - state.latchedAtMs : null,
  };
  wants.push({ kind: "report", code: proved ? "kill-proved" : "kill-failed", report });
  return { ...state, report };
}

/** One read in flight at a time; the next a second after the last clean one, or when the last was not answered. */
function readAgain(state: KillState, facts: KillFacts, wants: KillWant[]): KillState {
  if (isProven(state)) return state;
  const asked = state.readAskedAtMs;
  if (asked !== null && facts.nowMs - asked < KILL_LIMITS_MS.askAgain) return state;
  const [first] = state.cleanReadsAtMs;
  if (first !== undefined && facts.nowMs - first < KILL_LIMITS_MS.betweenReads) return state;
  wants.push({ kind: "read" });
  return { ...state, readAskedAtMs: facts.nowMs };
}
