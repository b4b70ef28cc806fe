// Who may have how much exposure (RISK-09): the sum of what bots may believe never passes the limit. A grant shrinks in
// two moves: the bot acknowledges and is below the new one, only then may another get the difference.

import { bigFloorDiv } from "../../base/integer.ts";
import { type Money, money, ZERO_MONEY } from "../../market/amounts.ts";
import type { AccountBot, AccountState } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

/** What prices move outside exposure by is taken up in steps of so many parts of the limit, so that grants rest. */
const OUTSIDE_STEPS = 100n;

/** This process's part of an amount of the account (RISK-11), rounded down. */
export const shareOf = (amount: Money, shareBps: number): Money =>
  money(bigFloorDiv(amount * BigInt(shareBps), 10_000n));

/** What may be granted in sum: the share of the limit, less what others than our bots hold (RISK-12). */
export function grantable({ limits, outside }: AccountState): Money {
  if (limits === null) return ZERO_MONEY;
  const limit = shareOf(limits.exposureGrossMax, limits.accountShareBps);
  const step = limit / OUTSIDE_STEPS;
  const gross = outside?.gross ?? 0n;
  const taken = step > 0n ? ((gross + step - 1n) / step) * step : gross;
  return money(taken >= limit ? 0n : limit - taken);
}

/** Sum of the most every bot may have. */
export function heldInSum({ bots }: AccountState): Money {
  let sum = 0n;
  for (const { held } of bots.values()) sum += held;
  return money(sum);
}

/** The bot has its newest grant on record, or told how it stands: what it can no longer have is free. */
export function release(bot: AccountBot, exposure: Money | null): void {
  if (bot.grant === null || !bot.acknowledged || exposure === null) return;
  const most = exposure > bot.grant.gross ? exposure : bot.grant.gross;
  if (most < bot.held) bot.held = most;
}

/** Tells every running bot whose share changed; what is freed later is given later. */
export function issueGrants(turn: AccountTurn): void {
  const { state } = turn;
  const targets = targetsOf(state);
  for (const [id, bot] of state.bots) {
    const target = targets.get(id);
    if (target !== undefined && bot.grant !== null && target < bot.grant.gross) tell(turn, [id, bot], target);
  }
  let free = grantable(state) - heldInSum(state);
  for (const [id, bot] of state.bots) {
    const target = targets.get(id);
    if (target === undefined) continue;
    const room = bot.held + (free > 0n ? free : 0n);
    const gross = money(target < room ? target : room);
    if (bot.grant !== null && gross <= bot.grant.gross) continue;
    if (gross > bot.held) {
      free -= gross - bot.held;
      bot.held = gross;
    }
    tell(turn, [id, bot], gross);
  }
}

function tell(turn: AccountTurn, [id, bot]: readonly [string, AccountBot], gross: Money): void {
  const { state } = turn;
  state.grantId += 1;
  bot.grant = { id: state.grantId, gross };
  bot.acknowledged = false;
  turn.effects.push({ kind: "grant", bot: id, id: state.grantId, gross });
}

/**
 * Every running bot what it wants, or where that is too much in sum an equal part of what is left by those that want
 * less. What bots that do not run may still have is nobody else's.
 */
function targetsOf(state: AccountState): ReadonlyMap<string, Money> {
  const running = [...state.bots].filter(([, bot]) => bot.running);
  let left: bigint = grantable(state);
  for (const bot of state.bots.values()) if (!bot.running) left -= bot.held;
  if (left < 0n) left = 0n;
  const byWish = running.toSorted(([a, { wanted: one }], [b, { wanted: two }]) =>
    one === two ? (a < b ? -1 : 1) : one < two ? -1 : 1,
  );
  const targets = new Map<string, Money>();
  for (const [index, [id, { wanted }]] of byWish.entries()) {
    const part = left / BigInt(byWish.length - index);
    const target = money(wanted < part ? wanted : part);
    targets.set(id, target);
    left -= target;
  }
  return targets;
}
