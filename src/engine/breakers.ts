// The breakers of this bot (RISK-18): trips become blocks, gates and one alert each; looks end cool-downs. What trips
// one is judged in `risk/breaker/`, and asked in watch.ts.

import {
  BREAKERS,
  type BreakerName,
  type BreakerRow,
  type BreakerState,
  breakerStep,
  isBreakerName,
  type Trip,
} from "../risk/breaker/breaker.ts";
import type { BreakerAction } from "../trading/command.ts";
import { BREAKER_TIMER } from "./names.ts";
import type { Block } from "./state.ts";
import type { Turn } from "./turn.ts";

/** P keeps resting orders, O cancels opening ones, A cancels all, F closes the position as well (RISK-18). */
export const LEVELS: Readonly<Record<BreakerAction, Block["level"]>> = { P: "HOLD", O: "REDUCE", A: "HALT", F: "HALT" };

type Facts = { readonly [name: string]: string | number | boolean | null };

/** What a breaker opens by. Without an action the table's own holds; `told`: an alert of other words. */
export interface Tripped {
  readonly reason: string;
  readonly value?: string;
  readonly limit?: string;
  readonly action?: BreakerAction;
  /** Null: whoever trips it has told of it already. */
  readonly told?: { readonly text: string; readonly facts: Facts } | null;
}

/** Its condition holds now: opens it, or does nothing when it is open. True when it opened. */
export function trip(turn: Turn, name: BreakerName, tripped: Tripped): boolean {
  const { state } = turn;
  if (state.history.forced.has(name)) return false;
  const row: BreakerRow = BREAKERS[name];
  const { reason, value = "", limit = "", action = row.action } = tripped;
  const before = state.breakers.get(name) ?? null;
  const input: { readonly kind: "trip"; readonly trip: Trip } = {
    kind: "trip",
    trip: { reason, value, limit, action },
  };
  const step = breakerStep(row, before, { input, nowMs: state.nowMs });
  if (step.became !== "open" || step.state === null) return false;
  state.breakers.set(name, step.state);
  hold(turn, name, step.state);
  if (tripped.told !== null) {
    const usual = { text: `breaker ${name} ${reason}`, facts: { breaker: name, action, value, limit } };
    const { text, facts } = tripped.told ?? usual;
    turn.alert(row.alert, row.severity, text, facts);
  }
  // the margin breaker takes the position by halves (watch.ts)
  if (action === "F" && name !== "margin-ratio") turn.flatten({ code: `flatten.${name}` });
  return true;
}

/** An open breaker is a block like any other: gates and mode are made of blocks. */
function hold(turn: Turn, name: BreakerName, { action, reason, openedAtMs }: BreakerState): void {
  const reducing = action === "P" || action === "O";
  turn.state.blocks.set(name, { reason, sinceMs: openedAtMs, level: LEVELS[action], leg: "both", reducing });
  turn.gatesChanged = true;
}

/** Ends what is over: cool-downs, probations, breakers whose cause is gone. */
export function lookAtBreakers(turn: Turn, causeHolds: (name: BreakerName) => boolean): void {
  const { state } = turn;
  for (const name of state.history.forced.keys()) {
    if (!isBreakerName(name) || !causeHolds(name)) state.history.forced.delete(name);
  }
  for (const [name, before] of state.breakers) {
    const input = { kind: "look", causeHolds: causeHolds(name) } as const;
    const step = breakerStep(BREAKERS[name], before, { input, nowMs: state.nowMs });
    if (step.became === "probation" && step.state !== null) onProbation(turn, name, step.state);
    if (step.became === "closed") closed(turn, name, { text: `breaker ${name} closed: its cause is gone`, facts: {} });
  }
}

function onProbation(turn: Turn, name: BreakerName, probation: BreakerState): void {
  turn.state.breakers.set(name, probation);
  release(turn, name);
  const text = `breaker ${name} is on probation: order and exposure limits are halved`;
  turn.alert("breaker-probation", "info", text, { breaker: name, untilMs: probation.untilMs });
}

function closed(
  turn: Turn,
  name: BreakerName,
  { text, facts }: { readonly text: string; readonly facts: Facts },
): void {
  turn.state.breakers.delete(name);
  release(turn, name);
  turn.alert("breaker-closed", "warning", text, { breaker: name, ...facts });
}

function release(turn: Turn, name: BreakerName): void {
  if (turn.state.blocks.delete(name)) turn.gatesChanged = true;
}

/** Closes it without a word: what closed it has its own. */
export function endBreaker(turn: Turn, name: BreakerName): void {
  turn.state.breakers.delete(name);
  release(turn, name);
}

/** By an operator's hand: no probation, and what tripped it begins anew. */
export function closeByHand(
  turn: Turn,
  name: BreakerName,
  by: { readonly who: string; readonly force: boolean },
): void {
  const { history, nowMs } = turn.state;
  if (name === "consecutive-losses") history.lossesInRow = 0;
  if (name === "rejects") history.refusalsInRow = 0;
  if (name === "drawdown-window" || name === "drawdown-amount") history.profit = [];
  if (name === "margin-ratio") history.halving = null;
  if (by.force && LEVEL_TRIGGERED.has(name)) history.forced.set(name, nowMs);
  closed(turn, name, { text: `breaker ${name} was closed by ${by.who}`, facts: { force: by.force } });
}

/** Those that would open again at the next look while their cause holds. */
const LEVEL_TRIGGERED: ReadonlySet<BreakerName> = new Set<BreakerName>([
  "latency",
  "stale-feed",
  "margin-ratio",
  "liquidation",
  "retries",
  "unknown",
]);

/** How often the cause of a breaker whose cool-down is over is looked for. */
const OVERDUE_MS = 1_000;

/** Wakes the bot for the next end of a phase, or `alsoAtMs` where that is earlier. */
export function armBreakers(turn: Turn, alsoAtMs: number | null): void {
  const { breakers, nowMs } = turn.state;
  let next = alsoAtMs;
  for (const { untilMs } of breakers.values()) {
    if (untilMs === null) continue;
    // its cause outlives the cool-down: what is over already must not wake the bot each millisecond
    const dueMs = untilMs > nowMs ? untilMs : nowMs + OVERDUE_MS;
    if (next === null || dueMs < next) next = dueMs;
  }
  turn.timer(BREAKER_TIMER, next === null ? null : Math.max(next, nowMs + 1));
}
