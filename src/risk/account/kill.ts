// The kill switch of the whole account (RISK-22): latched here first, then told to every bot, proved when every bot has
// proved it. A bot that comes back finds it latched; only an operator's reset ends it.

import type { BotKillReported } from "../../trading/account-event.ts";
import type { AccountBot, AccountState } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

/** Cancelling, proof and flattening of a bot take 75 s at most; without its report by then the kill has failed. */
export const KILL_REPORT_MS_MAX = 90_000;

interface Pulled {
  readonly flatten: boolean;
  readonly by: string;
  readonly reason: string;
}

export function pullKill(turn: AccountTurn, { flatten, by, reason }: Pulled): void {
  const { state } = turn;
  const before = state.kill;
  // a second one only adds flattening
  if (before !== null && (before.flatten || !flatten)) return;
  state.kill = { flatten, by, reason, atMs: state.nowMs, reported: false };
  turn.alert("kill", "critical", { text: `kill switch of the account pulled by ${by}: ${reason}`, facts: { flatten } });
  for (const [id, bot] of state.bots) {
    bot.killReport = null;
    bot.owesReset = false;
    if (!bot.running) continue;
    turn.effects.push({ kind: "bot-command", bot: id, command: { name: "kill", flatten }, by, reason });
  }
}

export function resetKill(turn: AccountTurn, by: string, reason: string): void {
  const { state } = turn;
  if (state.kill === null) return;
  state.kill = null;
  for (const [id, bot] of state.bots) {
    bot.killReport = null;
    if (bot.running) turn.effects.push({ kind: "bot-command", bot: id, command: { name: "killReset" }, by, reason });
    else bot.owesReset = true;
  }
  turn.alert("kill-reset", "warning", `the kill switch of the account was reset by ${by}: ${reason}`);
}

export function onKillReported(turn: AccountTurn, event: BotKillReported): void {
  const { state } = turn;
  const bot = state.bots.get(event.bot);
  if (bot === undefined || state.kill === null) return;
  const { proved, ordersLeft, flat } = event;
  bot.killReport = { proved, ordersLeft, flat };
}

/** A run began before all have reported: those that may have something are waited for again. */
export function awaitKillAnew(state: AccountState): void {
  if (state.kill === null || state.kill.reported) return;
  state.kill = { ...state.kill, awaitedSinceMs: state.nowMs };
}

/** One report over all bots, once all have reported or can no longer. */
export function reportKill(turn: AccountTurn): void {
  const { state } = turn;
  const { kill } = state;
  if (kill === null || kill.reported) return;
  const { atMs, awaitedSinceMs } = kill;
  const late = state.nowMs - (awaitedSinceMs ?? atMs) >= KILL_REPORT_MS_MAX;
  const mayReport = ({ running, held }: AccountBot): boolean => running || (awaitedSinceMs !== undefined && held > 0n);
  const open = [...state.bots.values()].some((bot) => bot.killReport === null && mayReport(bot));
  if (open && !late) return;
  state.kill = { ...kill, reported: true };
  const failed: string[] = [];
  let ordersLeft = 0;
  for (const [id, { running, held, killReport }] of state.bots) {
    ordersLeft += killReport?.ordersLeft ?? 0;
    // a bot that does not run and may have something is nobody's to prove
    const proven = killReport?.proved === true || (!running && killReport === null && held === 0n);
    if (!proven || (kill.flatten && killReport?.flat === false)) failed.push(id);
  }
  const facts = { bots: state.bots.size, ordersLeft, failed: failed.join(", "), tookMs: state.nowMs - kill.atMs };
  if (failed.length === 0) {
    const what = kill.flatten ? "no own order is open and no own position is held" : "no own order is open";
    turn.alert("kill-proved", "critical", {
      text: `the account is killed: ${what}, over ${state.bots.size} bots`,
      facts: facts,
    });
  } else {
    const what = `${failed.join(", ")} could not prove it, ${ordersLeft} orders may be open`;
    turn.alert("kill-failed", "critical", { text: `the account is killed, but ${what}`, facts: facts });
  }
}

export function nextKillMs({ kill }: AccountState): number | null {
  return kill === null || kill.reported ? null : (kill.awaitedSinceMs ?? kill.atMs) + KILL_REPORT_MS_MAX;
}
