// The books of the budgets against the exchange's own total of the quote asset (RISK-17). A drift is told with both
// values and never corrected here.

import { formatDecimal } from "../../base/decimal.ts";
import { MONEY_SCALE, money } from "../../market/amounts.ts";
import type { AccountBalance } from "../../trading/account-event.ts";
import { cashInSum } from "./members.ts";
import type { AccountState } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

const UNIT = 10n ** 18n;
/** More than this in the quote asset is told. */
export const DRIFT_WARNING = UNIT;
export const DRIFT_CRITICAL = 10n * UNIT;

const text = (amount: bigint): string => formatDecimal(amount, MONEY_SCALE);

/** The first look says what belongs to nobody; later ones compare. Nothing is said while a bot keeps no budget. */
export function onBalance(turn: AccountTurn, event: AccountBalance): void {
  const { state } = turn;
  const cash = cashInSum(state);
  if (cash === null || state.bots.size === 0) return;
  if (state.unallocated === null) {
    state.unallocated = money(event.total - cash);
    return;
  }
  const expected = cash + state.unallocated;
  const drift = event.total - expected;
  const level = levelOf(drift < 0n ? -drift : drift);
  const before = state.driftLevel;
  state.driftLevel = level;
  if (level === before) return;
  const { asset, total, openOrders, postings } = event;
  const facts = { asset, books: text(expected), exchange: text(total), drift: text(drift), openOrders };
  if (level === "none") {
    turn.alert("budget-drift-over", "info", { text: `budgets and the exchange's ${asset} agree again`, facts: facts });
    return;
  }
  const what = `the budgets' books say ${text(expected)} ${asset}, the exchange ${text(total)}: ${text(drift)} apart`;
  turn.alert("budget-drift", level, {
    text: `${what}; ${openOrders} orders are open`,
    facts: {
      ...facts,
      postings: postings.join("\n"),
    },
  });
}

function levelOf(drift: bigint): AccountState["driftLevel"] {
  return drift > DRIFT_CRITICAL ? "critical" : drift > DRIFT_WARNING ? "warning" : "none";
}
