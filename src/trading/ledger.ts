// Money is a ledger: double-entry postings derived from fills, funding and adjustments. PnL is a query over postings,
// never a running guess. Every entry sums to zero per asset over its accounts (P7).

import type { Lots, Money, Ticks } from "../market/amounts.ts";

/** Where value sits. `cash` is the quote we spend and earn; `market` is the counterparty that makes each entry balance. */
export type Account =
  | "cash"
  | "holding"
  | "market"
  | "fee"
  | "rebate"
  | "funding"
  | "interest"
  | "adjustment"
  | "transfer";

/** Why a posting exists. */
export type PostingCause = "fill" | "funding" | "adjustment" | "adoption" | "transfer";

/** One line: `amount` of `asset` onto `account`. `cause` + `causeId` + `account` + `asset` is unique. */
export interface Posting {
  readonly cause: PostingCause;
  /** Fill identity `exchange|symbol|tradeId|side`, settlement `symbol|settledAtMs`, or `adjustment|seq`. */
  readonly causeId: string;
  readonly account: Account;
  readonly asset: string;
  readonly amount: Money;
  readonly atMs: number;
}

/** What the ledger keeps as state: sums per account and asset, and the open lots' cost. Plain data. */
export interface LedgerState {
  position: Lots;
  /** Signed cost of the open position in value units × 1 (price·lots): average entry = cost / position. */
  cost: bigint;
  /** account → asset → Money. */
  balances: Map<string, bigint>;
  /** Realised PnL in quote before fees, from average cost. */
  realised: bigint;
  fills: number;
  volume: bigint;
  lastFillPrice: Ticks | null;
}
