// Shares of the engines of one account (RISK-11): while they are more than all of it nobody knows whose the limits are,
// so this engine opens nothing new. The connector tells what the others say; it goes on when the sum is right again.

import { ACCOUNT_SHARE, look, trip } from "./breakers.ts";
import type { AccountState } from "./state.ts";
import type { AccountTurn } from "./turn.ts";

const ALL_BPS = 10_000;
/** More of the others are counted, not named. */
const NAMED_MAX = 5;

/** This engine's share and those of the others, of 10,000. */
export function sharesInSum({ limits, shares = [] }: AccountState): number {
  return shares.reduce((sum, { shareBps }) => sum + shareBps, limits?.accountShareBps ?? 0);
}

/** Never of this process alone: its own share is at most all of it. */
const sharesExceed = (state: AccountState): boolean => sharesInSum(state) > ALL_BPS;

export function watchShares(turn: AccountTurn): void {
  const { state } = turn;
  const over = sharesExceed(state);
  if (over) {
    const sum = sharesInSum(state);
    const reason = `${wordsOf(state)}: ${sum} bps in sum, limit ${ALL_BPS}; give each its part: risk.accountShareBps`;
    trip(turn, ACCOUNT_SHARE, { reason, value: String(sum), limit: String(ALL_BPS) });
  }
  look(turn, ACCOUNT_SHARE, over);
}

function wordsOf({ limits, shares = [] }: AccountState): string {
  const named = shares.slice(0, NAMED_MAX).map(({ engine, shareBps }) => `${engine} has ${shareBps} bps`);
  const more = shares.length > NAMED_MAX ? [`${shares.length - NAMED_MAX} more`] : [];
  return [`this process has ${limits?.accountShareBps ?? 0} bps of the account`, ...named, ...more].join(", ");
}
