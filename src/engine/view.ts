// What screens and reports ask of a state: money, orders, the strategy's own picture. Queries only; nothing is changed.

import type { MilliTicks } from "../market/amounts.ts";
import type { StrategyView } from "../strategy/contract.ts";
import { type ProfitAndLoss, profitAndLoss } from "../trading/ledger.ts";
import type { BotState } from "./state.ts";
import { strategyContext } from "./step.ts";
import { strategyOf } from "./strategies.ts";
import { currentMark } from "./turn.ts";

/** The strategy's picture of itself; null before it is configured. */
export function strategyView(state: BotState): StrategyView | null {
  const { config, instrument, limits } = state;
  if (config === null || instrument === null || limits === null || state.strategy === null) return null;
  return strategyOf(config.strategy).view(
    config.strategyConfig,
    strategyContext(state, instrument, limits),
    state.strategy,
  );
}

/** PnL at the mark in use; null before there is an instrument. */
export const profitOf = (state: BotState): ProfitAndLoss | null =>
  state.instrument === null ? null : profitAndLoss(state.ledger, state.instrument, currentMark(state));

export const markOf = (state: BotState): MilliTicks | null => currentMark(state);
