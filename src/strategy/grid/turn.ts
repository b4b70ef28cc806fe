// One input's worth of work: state, what it is judged with, and where wishes go. Counts effects, because a planner run
// without any may be remembered (quiet.ts).

import type { AlertSeverity, Because } from "../../trading/effect.ts";
import type { Outbox, StrategyContext } from "../contract.ts";
import type { GridState } from "./state.ts";

export interface GridTurn {
  readonly state: GridState;
  readonly context: StrategyContext;
  readonly out: Outbox;
  effects: number;
}

/** Facts of an alert. */
type Facts = { readonly [name: string]: string | number | boolean | null };

/** Raises an alert and counts it. */
// tidy-ok: code, severity, text and facts are one sentence; an object would only wrap it
export function alert(turn: GridTurn, code: string, severity: AlertSeverity, text: string, facts: Facts = {}): void {
  turn.effects += 1;
  turn.out.alert(code, severity, text, facts);
}

/** Asks for an orders-and-positions read. */
export function reconcile(turn: GridTurn, because: Because): void {
  turn.effects += 1;
  turn.out.reconcile(because);
}

/** Latest event time: it never goes back. */
export const now = (turn: GridTurn): number => turn.state.nowMs;
