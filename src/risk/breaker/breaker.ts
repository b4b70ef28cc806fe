// One state machine for every breaker (RISK-18): closed → open → cool-down → probation → closed. Pure: it is told of
// trips, looks and the operator's word, and knows nothing of what trips a breaker or of what an open one does.

import type { BreakerAction } from "../../trading/command.ts";
import type { AlertSeverity } from "../../trading/effect.ts";

/** Doubling of a cool-down ends here. */
export const COOLDOWN_FACTOR_MAX = 8;

const MINUTE_MS = 60_000;

export interface BreakerRow {
  readonly scope: "instrument" | "bot" | "account";
  /** What it does while open, unless a key of the configuration or an operator says otherwise. */
  readonly action: BreakerAction;
  /**
   * `manual`: the operator closes it. `gone`: closed when its cause is gone. A number: ms at least, then probation.
   */
  readonly ends: "manual" | "gone" | number;
  /** Code and severity of the one alert its opening is told by (RISK-42). */
  readonly alert: string;
  readonly severity: AlertSeverity;
}

const row = (
  scope: BreakerRow["scope"],
  action: BreakerAction,
  ends: BreakerRow["ends"],
  told: { readonly alert?: string; readonly severity?: AlertSeverity } = {},
): BreakerRow => ({
  scope,
  action,
  ends,
  alert: told.alert ?? "breaker-opened",
  severity: told.severity ?? "critical",
});

/** Table of RISK-18. `net-exposure` and `drawdown-total` are the account machine's, and use the same machine. */
export const BREAKERS = {
  "consecutive-losses": row("bot", "A", 15 * MINUTE_MS, { severity: "error" }),
  "drawdown-window": row("bot", "A", "manual"),
  "drawdown-amount": row("bot", "A", "manual"),
  "drawdown-total": row("account", "F", "manual"),
  latency: row("account", "O", MINUTE_MS, { severity: "error" }),
  "stale-feed": row("instrument", "O", "gone", { alert: "feed-stale", severity: "warning" }),
  "margin-ratio": row("account", "F", "manual", { alert: "margin" }),
  liquidation: row("instrument", "F", "manual", { alert: "liquidation" }),
  retries: row("account", "O", 5 * MINUTE_MS, { severity: "error" }),
  rejects: row("bot", "P", 5 * MINUTE_MS, { severity: "error" }),
  unknown: row("instrument", "O", "gone", { severity: "error" }),
  divergence: row("instrument", "O", "manual", { alert: "divergence" }),
  "net-exposure": row("account", "O", MINUTE_MS, { severity: "error" }),
  manual: row("bot", "O", "manual"),
} as const satisfies Readonly<Record<string, BreakerRow>>;

export type BreakerName = keyof typeof BREAKERS;

export const isBreakerName = (name: string): name is BreakerName => Object.hasOwn(BREAKERS, name);

/** What tripped it, as exact text. Empty where nothing was compared. */
export interface Trip {
  readonly reason: string;
  readonly value: string;
  readonly limit: string;
  readonly action: BreakerAction;
}

/** A breaker that is not closed. Plain canonical data: journaled as state, so it survives a restart. */
export interface BreakerState extends Trip {
  readonly phase: "open" | "probation";
  readonly openedAtMs: number;
  /** Cool-down in force, doubled or not; 0 where it has none. */
  readonly cooldownMs: number;
  /** Earliest end of the phase; null: by the operator, or by the end of its cause. */
  readonly untilMs: number | null;
}

export type BreakerInput =
  /** Its condition holds now. */
  | { readonly kind: "trip"; readonly trip: Trip }
  /** Time passed, or something happened. */
  | { readonly kind: "look"; readonly causeHolds: boolean }
  /** The operator closes it: no probation, and the next cool-down is the plain one. */
  | { readonly kind: "close" };

/** An input and the event time it comes at. */
export interface BreakerTold {
  readonly input: BreakerInput;
  readonly nowMs: number;
}

export interface BreakerStep {
  /** Null: closed. */
  readonly state: BreakerState | null;
  /** What changed, for alerts; null when nothing did. */
  readonly became: "open" | "probation" | "closed" | null;
}

const STRICTNESS: readonly BreakerAction[] = ["P", "O", "A", "F"];
const isStricter = (a: BreakerAction, b: BreakerAction): boolean => STRICTNESS.indexOf(a) > STRICTNESS.indexOf(b);

/**
 * The breaker after one input. A trip while it is open changes nothing, its first reason stays; unless it asks for more
 * than the open one does.
 */
export function breakerStep(row: BreakerRow, state: BreakerState | null, { input, nowMs }: BreakerTold): BreakerStep {
  switch (input.kind) {
    case "trip":
      if (state?.phase !== "open") return { state: opened(row, state, { ...input.trip, nowMs }), became: "open" };
      if (!isStricter(input.trip.action, state.action)) return { state, became: null };
      return { state: { ...state, ...input.trip }, became: "open" };
    case "close":
      return { state: null, became: state === null ? null : "closed" };
    case "look":
      return state === null ? { state, became: null } : looked(row, state, { causeHolds: input.causeHolds, nowMs });
  }
}

function opened(
  row: BreakerRow,
  before: BreakerState | null,
  { nowMs, ...trip }: Trip & { readonly nowMs: number },
): BreakerState {
  const base = typeof row.ends === "number" ? row.ends : 0;
  // only a trip within probation finds a state here
  const cooldownMs = before === null ? base : Math.min(before.cooldownMs * 2, base * COOLDOWN_FACTOR_MAX);
  const untilMs = base > 0 ? nowMs + cooldownMs : null;
  const { reason, value, limit, action } = trip;
  return { phase: "open", reason, value, limit, action, openedAtMs: nowMs, cooldownMs, untilMs };
}

function looked(
  row: BreakerRow,
  state: BreakerState,
  { causeHolds, nowMs }: { readonly causeHolds: boolean; readonly nowMs: number },
): BreakerStep {
  const stays = { state, became: null } as const;
  if (row.ends === "manual") return stays;
  if (row.ends === "gone") return causeHolds ? stays : { state: null, became: "closed" };
  if (state.untilMs === null || nowMs < state.untilMs) return stays;
  if (state.phase === "probation") return { state: null, became: "closed" };
  if (causeHolds) return stays;
  return { state: { ...state, phase: "probation", untilMs: nowMs + state.cooldownMs }, became: "probation" };
}
