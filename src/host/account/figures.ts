// How a bot stands, as the account machine is told of it: sums of its state, unknown where they are not known.

import { exposureOf } from "../../engine/grant.ts";
import type { BotState } from "../../engine/state.ts";
import { provenPosition } from "../../engine/unbooked.ts";
import { markOf, profitOf } from "../../engine/view.ts";
import { type Money, money } from "../../market/amounts.ts";
import { unitMoney } from "../../market/instrument.ts";
import { availableBudget, reservedBudget } from "../../risk/budget.ts";
import type { BotFigures } from "../../trading/account-event.ts";

export function figuresOf(bot: string, state: BotState): BotFigures {
  const { budget } = state;
  return {
    bot,
    exposure: exposureOf(state),
    net: netOf(state),
    profit: profitAtMark(state),
    budget: budget === null ? null : money(budget.budget),
    cash: cashOf(state),
    orders: state.orders.size,
  };
}

/** Signed position at mark, rounded away from nothing; null without a mark while a position is held. */
function netOf(state: BotState): Money | null {
  const position = provenPosition(state);
  if (position === 0) return money(0n);
  const mark = markOf(state);
  if (state.instrument === null || mark === null) return null;
  return money((BigInt(position) * BigInt(mark) * unitMoney(state.instrument)) / 1000n);
}

function profitAtMark(state: BotState): Money | null {
  if (state.ledger.position !== 0 && markOf(state) === null) return null;
  const profit = profitOf(state);
  return profit === null ? null : money(profit.net);
}

/**
 * What the wallet still holds of the bot's budget: free and reserved money, and on perpetuals its margin too, which
 * stays in the wallet. On spot what was invested has become coins.
 */
function cashOf({ budget, instrument }: BotState): Money | null {
  if (budget === null || instrument === null) return null;
  const free = availableBudget(budget) + reservedBudget(budget);
  return money(instrument.kind === "perpetual" ? free + budget.invested : free);
}
