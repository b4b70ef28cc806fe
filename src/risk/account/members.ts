// Who is in the account and how each stands. Curves and sums move with bots that come, go or change their budget, so
// that a transfer is never a profit (risk.md section 2).

import { type Money, money, ZERO_MONEY } from "../../market/amounts.ts";
import type { AccountFigures, BotFigures, BotJoined, BotLeft } from "../../trading/account-event.ts";
import { addRequest } from "../breaker/retries.ts";
import { addRoundTrip } from "../breaker/round-trips.ts";
import { takeRemembered, tellAllBreakers } from "./breakers.ts";
import { release } from "./grants.ts";
import type { AccountBot, AccountState } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

export function onJoined(turn: AccountTurn, { bot: id, base, wanted, lineage, remembers = [] }: BotJoined): void {
  const { state } = turn;
  const known = state.bots.get(id) ?? null;
  if (known !== null && lineage !== undefined) {
    // another journal counts its profit from another beginning: that is neither a gain nor a loss
    if (known.lineage !== undefined && known.lineage !== lineage) forgetCurve(state, known);
    known.lineage = lineage;
  }
  if (known?.running === true) {
    known.base = base;
    known.wanted = wanted;
    return;
  }
  takeRemembered(turn, remembers);
  // a new run has no terms until it is told some: what it was granted before says nothing
  const terms = { base, wanted, running: true, grant: null, acknowledged: false, killReport: null };
  const bot: AccountBot = known ?? {
    ...terms,
    held: ZERO_MONEY,
    figures: null,
    owesReset: false,
    ...(lineage === undefined ? {} : { lineage }),
  };
  Object.assign(bot, terms);
  state.bots.set(id, bot);
  tellAllBreakers(turn, id);
  const { kill } = state;
  if (kill !== null) {
    const { flatten, by, reason } = kill;
    turn.effects.push({ kind: "bot-command", bot: id, command: { name: "kill", flatten }, by, reason });
  } else if (bot.owesReset) {
    bot.owesReset = false;
    const reason = "the kill of the account was reset";
    turn.effects.push({ kind: "bot-command", bot: id, command: { name: "killReset" }, by: "account", reason });
  }
}

export function onLeft(turn: AccountTurn, { bot: id, exposure, removed }: BotLeft): void {
  const { state } = turn;
  const bot = state.bots.get(id);
  if (bot === undefined) return;
  bot.running = false;
  bot.acknowledged = false;
  if (exposure !== null && exposure < bot.held) bot.held = exposure;
  if (!removed) return;
  forgetCurve(state, bot);
  state.bots.delete(id);
}

/** What it earned and holds is no part of the curve and of the budgets any more. */
function forgetCurve(state: AccountState, bot: AccountBot): void {
  shiftProfit(state, -(bot.figures?.profit ?? 0n));
  if (state.unallocated !== null) state.unallocated = money(state.unallocated + cashOf(bot.figures));
  bot.figures = null;
}

/** Takes in how everybody stands. What is not known now stays as it was last known. */
export function onFigures(turn: AccountTurn, event: AccountFigures): void {
  const { state } = turn;
  for (const figures of event.bots) {
    const bot = state.bots.get(figures.bot);
    if (bot !== undefined) takeFigures(state, bot, figures);
  }
  if (event.equity !== null) {
    state.equity = event.equity;
    state.startEquity ??= event.equity.equity;
  }
  state.outside = event.outside ?? state.outside;
  if (event.shares !== undefined) state.shares = event.shares;
  for (const { tries, tookMs, failed } of event.requests) {
    addRequest(state.retries, { tries, failed }, state.nowMs);
    if (tookMs !== null) addRoundTrip(state.roundTrips, state.nowMs, tookMs);
  }
}

function takeFigures(state: AccountState, bot: AccountBot, next: BotFigures): void {
  const before = bot.figures;
  // what a bot earned before it was first seen here is no gain of the account's curve
  if (next.profit !== null && (before === null || before.profit === null)) shiftProfit(state, next.profit);
  moveAllocation(state, before, next);
  release(bot, next.exposure);
  bot.figures = {
    ...next,
    exposure: next.exposure ?? before?.exposure ?? null,
    net: next.net ?? before?.net ?? null,
    profit: next.profit ?? before?.profit ?? null,
  };
}

function shiftProfit(state: AccountState, by: bigint): void {
  state.peakProfit = money(state.peakProfit + by);
  state.day.profit = money(state.day.profit + by);
}

/** What the wallet holds of a budget: all of it while the bot does not know. */
const cashOf = (figures: BotFigures | null): bigint =>
  figures === null || figures.budget === null ? 0n : (figures.cash ?? figures.budget);

/** A budget that is given, changed or taken away comes from, or goes to, the money nobody has. */
function moveAllocation(state: AccountState, before: BotFigures | null, next: BotFigures): void {
  if (state.unallocated === null) return;
  const was = before?.budget ?? null;
  const taken = was === null ? cashOf(next) : next.budget === null ? -cashOf(before) : next.budget - was;
  state.unallocated = money(state.unallocated - taken);
}

/** Money of all budgets that the wallet still holds; null while one bot keeps no budget. */
export function cashInSum({ bots }: AccountState): Money | null {
  let sum = 0n;
  for (const { figures } of bots.values()) {
    if (figures === null || figures.cash === null) return null;
    sum += figures.cash;
  }
  return money(sum);
}
