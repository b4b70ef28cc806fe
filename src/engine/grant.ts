// How much exposure the account machine grants this bot (RISK-09). The bot acts by it without asking anyone; who else
// has what is not its matter.

import { type Money, money } from "../market/amounts.ts";
import { exposureMoney, liveTotals, worstCase } from "../risk/exposure.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import type { AccountBreakerEvent, GrantEvent, RememberedBreaker } from "../trading/account-event.ts";
import type { BreakerAction } from "../trading/command.ts";
import type { Block, BotState } from "./state.ts";
import { currentMark, type Turn } from "./turn.ts";
import { provenPosition } from "./unbooked.ts";

/** Block of a bot that has more than it was granted: entries go until it fits. */
export const GRANT_BLOCK = "grant";
/** Breakers of the account stand among the blocks under this. */
export const ACCOUNT_PREFIX = "account:";

const LEVELS: Readonly<Record<BreakerAction, Block["level"]>> = { P: "HOLD", O: "REDUCE", A: "HALT", F: "HALT" };

/** Worst case of position and live orders at mark; null without a mark. */
export function exposureOf(state: BotState): Money | null {
  const { instrument } = state;
  const worst = worstCase(provenPosition(state), liveTotals(state.orders, null));
  if (worst === 0) return money(0n);
  const mark = currentMark(state);
  return instrument === null || mark === null ? null : exposureMoney(instrument, mark, worst);
}

export function onGrant(turn: Turn, { id, gross }: GrantEvent): readonly StrategyInput[] {
  turn.state.grant = { id, gross, over: "unknown" };
  return [];
}

/** A breaker of the account holds this bot like its own, until the account says otherwise. */
export function onAccountBreaker(turn: Turn, event: AccountBreakerEvent): readonly StrategyInput[] {
  const { state } = turn;
  const { breaker, phase, action, reason } = event;
  const name = ACCOUNT_PREFIX + breaker;
  const probation = (state.accountProbation ?? []).filter((each) => each !== breaker);
  if (phase === "probation") probation.push(breaker);
  if (state.accountProbation !== undefined || probation.length > 0) state.accountProbation = probation;
  turn.gatesChanged = true;
  if (phase !== "open") {
    state.blocks.delete(name);
    return [];
  }
  const before = state.blocks.get(name);
  const sinceMs = before?.reason === reason ? before.sinceMs : state.nowMs;
  const reducing = action === "P" || action === "O";
  state.blocks.set(name, { reason, sinceMs, level: LEVELS[action], leg: "both", reducing });
  if (action === "F" && before?.reason !== reason) turn.flatten({ code: "flatten.breaker", breaker: name });
  return [];
}

/** Breakers of the account this bot is held by: what it says when it joins, should the account have forgotten. */
export function rememberedBreakers({ blocks, accountProbation = [] }: BotState): readonly RememberedBreaker[] {
  const remembered: RememberedBreaker[] = [];
  for (const [name, { level, reason }] of blocks) {
    if (!name.startsWith(ACCOUNT_PREFIX)) continue;
    // a flatten of before is done or given up: nobody sells by hearsay
    const action = level === "HALT" ? "A" : level === "REDUCE" ? "O" : "P";
    remembered.push({ breaker: name.slice(ACCOUNT_PREFIX.length), phase: "open", action, reason });
  }
  for (const breaker of accountProbation) remembered.push({ breaker, phase: "probation", action: "P", reason: "" });
  return remembered;
}

/** A new run waits for new terms: what it was granted before may be another's by now. */
export function awaitGrant(state: BotState): void {
  if (state.grant !== undefined) state.grant = { id: state.grant.id, gross: money(0n), over: "no" };
  state.blocks.delete(GRANT_BLOCK);
}

/** A grant below what the bot has takes its entries from the exchange, so that another may get the difference. */
export function judgeGrant(turn: Turn): void {
  const { state } = turn;
  const { grant } = state;
  if (grant === undefined || grant.over === "no") return;
  const exposure = exposureOf(state);
  if (exposure === null) return;
  const over = exposure > grant.gross;
  grant.over = over ? "yes" : "no";
  if (over === state.blocks.has(GRANT_BLOCK)) return;
  turn.gatesChanged = true;
  if (!over) state.blocks.delete(GRANT_BLOCK);
  else {
    const reason = "the account grants less exposure than the bot has: entries are cancelled until it fits";
    state.blocks.set(GRANT_BLOCK, { reason, sinceMs: state.nowMs, level: "REDUCE", leg: "both", reducing: true });
  }
}
