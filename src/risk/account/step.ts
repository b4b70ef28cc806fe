// The account machine: `accountStep(state, event) → effects`, pure and total like a bot's step, and driven by the
// same loop (DUR-01). It hands out exposure, opens the breakers of the account and holds its kill switch.

import type { Effect } from "../../trading/effect.ts";
import type { CommandEvent, EngineEvent } from "../../trading/event.ts";
import { ACCOUNT_MANUAL, ACCOUNT_SHARE, close, isOpen, nextBreakerMs, trip } from "./breakers.ts";
import { onBalance } from "./drift.ts";
import { onFlowAsked, onFlowEnded } from "./flows.ts";
import { issueGrants, release } from "./grants.ts";
import { awaitKillAnew, nextKillMs, onKillReported, pullKill, reportKill, resetKill } from "./kill.ts";
import { onFigures, onJoined, onLeft } from "./members.ts";
import type { AccountState } from "./state.ts";
import { AccountTurn } from "./turn.ts";
import { beginDay, NET_OVER_MS, nextDayMs, profitInSum, watchAll } from "./watches.ts";

/** Applies one event: changes `state` in place. The effect at place i has the identity (state.seq, i). */
export function accountStep(state: AccountState, event: EngineEvent): readonly Effect[] {
  state.seq += 1;
  if (event.atMs > state.nowMs) state.nowMs = event.atMs;
  beginDay(state);
  const turn = new AccountTurn(state);
  dispatch(turn, event);
  watchAll(turn);
  issueGrants(turn);
  reportKill(turn);
  turn.wake(nextMs(state));
  return turn.effects;
}

function dispatch(turn: AccountTurn, event: EngineEvent): void {
  const { state } = turn;
  switch (event.kind) {
    case "run-started":
      state.epoch = event.epoch;
      // nobody of before runs any more, and what each may have stays held until it is back or known to be flat
      for (const bot of state.bots.values()) Object.assign(bot, { running: false, acknowledged: false });
      state.roundTrips = { samples: [], over: 0, judgedAtMs: 0 };
      awaitKillAnew(state);
      return;
    case "account-configured":
      state.limits = event.limits;
      return;
    case "bot-joined":
      onJoined(turn, event);
      return;
    case "bot-left":
      onLeft(turn, event);
      return;
    case "grant-acknowledged":
      onAcknowledged(turn, event);
      return;
    case "account-figures":
      onFigures(turn, event);
      return;
    case "account-balance":
      onBalance(turn, event);
      return;
    case "bot-kill-reported":
      onKillReported(turn, event);
      return;
    case "flow-asked":
      onFlowAsked(turn, event);
      return;
    case "flow-ended":
      onFlowEnded(turn, event);
      return;
    case "command":
      onCommand(turn, event);
      return;
    case "timer":
      state.timers.delete(event.name);
      return;
    case "configured":
    case "start-facts":
    case "book":
    case "trades":
    case "candle":
    case "mark":
    case "funding-rate":
    case "funding-settled":
    case "order":
    case "fill":
    case "account":
    case "position":
    case "exchange-state":
    case "outcome":
    case "absent":
    case "feed":
    case "instrument":
    case "recovered":
    case "stop-requested":
    case "host-condition":
    case "grant":
    case "account-breaker":
      return; // a bot's
  }
}

function onAcknowledged(turn: AccountTurn, event: Extract<EngineEvent, { kind: "grant-acknowledged" }>): void {
  const bot = turn.state.bots.get(event.bot);
  if (bot === undefined || bot.grant?.id !== event.id || !bot.running) return;
  bot.acknowledged = true;
  release(bot, event.exposure);
}

function onCommand(turn: AccountTurn, { command, by, reason }: CommandEvent): void {
  const { state } = turn;
  switch (command.name) {
    case "kill":
      pullKill(turn, { flatten: command.flatten, by, reason });
      return;
    case "killReset":
      resetKill(turn, by, reason);
      return;
    case "breakerOpen": {
      const why = { reason: `opened by ${by}: ${reason}`, value: "", limit: "", action: command.action };
      // the operator's newest word replaces the one before; no bot hears of a moment between the two
      state.breakers.delete(ACCOUNT_MANUAL);
      trip(turn, ACCOUNT_MANUAL, why);
      return;
    }
    case "breakerClose":
      closeByHand(turn, command, by);
      return;
    case "adopt":
    case "clearGate":
    case "flatten":
    case "limits":
    case "pause":
    case "reanchor":
    case "reconcileAccept":
    case "relattice":
    case "resume":
    case "start":
    case "stop":
    case "update":
    case "writeOff":
      turn.alert("account-refused", "warning", `the account does not know the command ${command.name}`);
  }
}

/** RISK-21: closing needs the cause gone, or `force`. */
function closeByHand(
  turn: AccountTurn,
  { breaker: name, force }: { readonly breaker: string; readonly force: boolean },
  by: string,
): void {
  const { state } = turn;
  const facts = { breaker: name, scope: "account", force };
  if (!isOpen(state, name)) {
    turn.alert("breaker-refused", "warning", { text: `breaker ${name} of the account is not open`, facts: facts });
    return;
  }
  if (!force && causeHolds(state, name)) {
    turn.alert("breaker-refused", "warning", {
      text: `breaker ${name} of the account stays open: its cause holds`,
      facts: facts,
    });
    return;
  }
  close(turn, name);
  if (force && causeHolds(state, name)) state.forced.push(name);
  if (name === "drawdown-total") state.peakProfit = profitInSum(state);
  turn.alert("breaker-closed-by", "info", { text: `breaker ${name} of the account was closed by ${by}`, facts: facts });
}

/** The operator's own and a drawdown have no cause that goes away: the word of the operator is what they wait for. */
function causeHolds(state: AccountState, name: string): boolean {
  switch (name) {
    case "net-exposure":
      return state.netOverSinceMs !== null;
    case "margin-ratio":
      return state.marginWarned;
    // these end with their cause
    case ACCOUNT_SHARE:
    case "daily-loss":
    case "open-orders":
      return true;
    default:
      return false;
  }
}

/** The earliest moment at which anything changes without an event; null when nothing waits. */
function nextMs(state: AccountState): number | null {
  const netMs = state.netOverSinceMs === null ? null : state.netOverSinceMs + NET_OVER_MS;
  const times = [netMs, nextBreakerMs(state), nextDayMs(state), nextKillMs(state)];
  let next: number | null = null;
  for (const atMs of times) {
    if (atMs !== null && atMs > state.nowMs && (next === null || atMs < next)) next = atMs;
  }
  return next;
}
