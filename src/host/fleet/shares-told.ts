// What the account machine is told of the other engines' shares (RISK-11). It judges nothing.

import type { AccountState } from "../../risk/account/state.ts";
import type { AccountFigures, EngineShare } from "../../trading/account-event.ts";

/** How the other engines are heard of; null where this process has the exchange for itself. */
export type OthersShares = (() => readonly EngineShare[] | null) | null;

/** Absent where nobody was ever told of one, as in records of older releases. */
export function sharesTold(others: OthersShares, state: AccountState): Pick<AccountFigures, "shares"> {
  const heard = others === null ? [] : others();
  return heard === null || (heard.length === 0 && state.shares === undefined) ? {} : { shares: heard };
}
