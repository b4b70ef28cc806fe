// One trade of the public tape: somebody else's, as the exchange prints it. Ours are fills.

import type { Lots, Money, Side, Ticks } from "./amounts.ts";

export interface PublicTrade {
  readonly kind: "trade";
  readonly symbol: string;
  /** The exchange's id; made of time and place where its tape has none. */
  readonly tradeId: string;
  /** Side of the one who took. */
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly exchangeAtMs: number;
}

/** What was traded in the last 24 hours, or as far back as is known. Null prices: nothing was traded yet. */
export interface TradedDay {
  readonly first: Ticks | null;
  readonly last: Ticks | null;
  readonly volume: Lots;
  /** In the quote asset; absent where it is not told. */
  readonly quoteVolume?: Money;
}

/** A funding rate that was settled. */
export interface SettledRate {
  readonly symbol: string;
  /** Rate × 10^12. */
  readonly ratePpt: number;
  /** Thousandths of a tick. */
  readonly mark: number;
  readonly settledAtMs: number;
}
