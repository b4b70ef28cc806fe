// The breakers of the account (RISK-18): the same state machine as a bot's, and every running bot told of each change.
// What trips them stands in watches.ts.

import type { RememberedBreaker } from "../../trading/account-event.ts";
import type { BreakerAction } from "../../trading/command.ts";
import { BREAKERS, type BreakerRow, type BreakerState, breakerStep, type Trip } from "../breaker/breaker.ts";
import type { AccountState } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

/** The operator's own breaker over the account. */
export const ACCOUNT_MANUAL = "manual";

/** The shares of the engines of this account are more than all of it (RISK-11). */
export const ACCOUNT_SHARE = "account-share";

/** By name, as RISK-18 has them. */
export const ACCOUNT_ROWS: { readonly [name: string]: BreakerRow | undefined } = {
  "drawdown-total": BREAKERS["drawdown-total"],
  "net-exposure": BREAKERS["net-exposure"],
  latency: BREAKERS.latency,
  retries: BREAKERS.retries,
  // the bots that hold something take half of it themselves, each by its own facts (RISK-18); the rest opens nothing
  "margin-ratio": { ...BREAKERS["margin-ratio"], action: "O" },
  "daily-loss": { scope: "account", action: "O", ends: "gone", alert: "breaker-opened", severity: "critical" },
  "open-orders": { scope: "account", action: "P", ends: "gone", alert: "breaker-opened", severity: "error" },
  // what rests was approved within this process's own share, so it may stay
  [ACCOUNT_SHARE]: { scope: "account", action: "P", ends: "gone", alert: "account-share", severity: "critical" },
  [ACCOUNT_MANUAL]: { scope: "account", action: "O", ends: "manual", alert: "breaker-opened", severity: "critical" },
};

const rowOf = (name: string): BreakerRow => ACCOUNT_ROWS[name] ?? BREAKERS.manual;

/** Why and by which numbers it opens; the action is the table's unless somebody chose another. */
export type Cause = Omit<Trip, "action"> & { readonly action?: BreakerAction };

export const isOpen = ({ breakers }: AccountState, name: string): boolean => breakers.get(name)?.phase === "open";

/** Its condition holds now. */
export function trip(turn: AccountTurn, name: string, cause: Cause): void {
  if (turn.state.forced.includes(name)) return;
  const row = rowOf(name);
  const { reason, value, limit, action = row.action } = cause;
  apply(turn, name, { kind: "trip", trip: { reason, value, limit, action } });
}

/** Time passed: a cool-down may be over, or its cause gone. */
export function look(turn: AccountTurn, name: string, causeHolds: boolean): void {
  const { state } = turn;
  if (!causeHolds && state.forced.includes(name)) state.forced = state.forced.filter((each) => each !== name);
  apply(turn, name, { kind: "look", causeHolds });
}

/** The operator closes it. */
export const close = (turn: AccountTurn, name: string): void => apply(turn, name, { kind: "close" });

function apply(turn: AccountTurn, name: string, input: Parameters<typeof breakerStep>[2]["input"]): void {
  const { state } = turn;
  const row = rowOf(name);
  const before = state.breakers.get(name) ?? null;
  const { state: after, became } = breakerStep(row, before, { input, nowMs: state.nowMs });
  if (after === null) state.breakers.delete(name);
  else state.breakers.set(name, after);
  const subject = after ?? before;
  // what changed is open before or after
  if (became === null || subject === null) return;
  if (!state.told.includes(name)) state.told.push(name);
  for (const [id, bot] of state.bots) if (bot.running) tellBreaker(turn, id, name);
  const facts = { breaker: name, scope: "account", value: subject.value, limit: subject.limit };
  if (became === "open") {
    turn.alert(row.alert, row.severity, {
      text: `breaker ${name} of the account opened: ${subject.reason}`,
      facts: facts,
    });
  } else if (became === "closed") {
    turn.alert("breaker-closed", "warning", { text: `breaker ${name} of the account is closed`, facts: facts });
  }
}

const CLOSED: Pick<BreakerState, "action" | "reason" | "value" | "limit"> = {
  action: "P",
  reason: "",
  value: "",
  limit: "",
};

function tellBreaker(turn: AccountTurn, bot: string, breaker: string): void {
  const held = turn.state.breakers.get(breaker);
  const { action, reason, value, limit } = held ?? CLOSED;
  const phase = held?.phase ?? "closed";
  turn.effects.push({ kind: "bot-breaker", bot, breaker, phase, action, reason, value, limit });
}

/** A bot that came back may remember breakers of before: it hears of each that ever was open. */
export function tellAllBreakers(turn: AccountTurn, bot: string): void {
  for (const name of turn.state.told) tellBreaker(turn, bot, name);
}

const REMEMBERED = "remembered by a bot: ";

/**
 * A bot brings breakers this journal knows nothing of, because it was lost: an open one is open again for all bots, and
 * ends as its row says; a probation nobody can measure is over. What was told once is known better here.
 */
export function takeRemembered(turn: AccountTurn, remembers: readonly RememberedBreaker[]): void {
  const { state } = turn;
  for (const { breaker, phase, action, reason } of remembers) {
    if (state.told.includes(breaker)) continue;
    if (phase === "probation") state.told.push(breaker);
    else {
      const why = reason.startsWith(REMEMBERED) ? reason : REMEMBERED + reason;
      trip(turn, breaker, { reason: why, value: "", limit: "", action });
    }
  }
}

/** How soon a breaker whose cool-down is over and whose cause holds is looked at again: flat bots tell nothing new. */
const LOOK_AGAIN_MS = 5_000;

/** When the next cool-down or probation ends, or is looked at again; null while none does. */
export function nextBreakerMs({ breakers, nowMs }: AccountState): number | null {
  let next: number | null = null;
  for (const { untilMs } of breakers.values()) {
    if (untilMs === null) continue;
    const atMs = untilMs > nowMs ? untilMs : nowMs + LOOK_AGAIN_MS;
    if (next === null || atMs < next) next = atMs;
  }
  return next;
}
