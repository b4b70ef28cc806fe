// What the breakers of one bot remember (RISK-19): counters, bounded rings and windows, as plain canonical data. How
// they are filled and judged stands in the files beside it.

import type { Money } from "../../market/amounts.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { PeakWindow } from "./peak-window.ts";
import type { RetryHistory } from "./retries.ts";
import type { RoundTrips } from "./round-trips.ts";

/** What a slot paid for the lots it holds: what its closing order is measured against. */
export interface SlotCost {
  /** Signed. */
  readonly lots: number;
  /** Signed cost with fees, 10^−18 of the quote asset. */
  readonly cost: Money;
}

export interface BreakerHistory {
  /** Event time of the last round of looks. */
  lookedAtMs: number;
  roundTrips: RoundTrips;
  retries: RetryHistory;
  /** Peak of the profit in the drawdown window; the capital is this plus the base. */
  profit: PeakWindow;
  /** Equity at the first start: the base of the capital curve while no budget is kept. */
  startEquity: Money | null;
  refusalsInRow: number;
  /** The newest order that was taken after refusals, and how many there were; absent where none was. */
  taken?: { readonly clientOrderId: ClientOrderId; readonly refusals: number };
  lossesInRow: number;
  slots: Map<string, SlotCost>;
  /** Net result of closing orders that have not ended, by client id. */
  closing: Map<ClientOrderId, Money>;
  /** Since when every needed feed is fresh; null while one is not, or none was ever stale. */
  freshSinceMs: number | null;
  /** A warning was told and holds: not told again before it is over. */
  warned: { margin: boolean; liquidation: boolean };
  /** While the margin breaker takes the position by halves: when the last was taken, and when the next may be. */
  halving: { readonly lastAtMs: number; readonly nextAtMs: number } | null;
  /** Breakers an operator closed although their cause holds: left alone until it is gone. */
  forced: Map<string, number>;
  /** Own orders that were cancelled without being asked to, within seconds, of so many that rested (RISK-39). */
  unasked: { readonly fromMs: number; readonly count: number; readonly of: number } | null;
}

export const initialHistory = (): BreakerHistory => ({
  lookedAtMs: 0,
  roundTrips: { samples: [], over: 0, judgedAtMs: 0 },
  retries: { tries: [], errors: [] },
  profit: [],
  startEquity: null,
  refusalsInRow: 0,
  lossesInRow: 0,
  slots: new Map(),
  closing: new Map(),
  freshSinceMs: null,
  warned: { margin: false, liquidation: false },
  halving: null,
  forced: new Map(),
  unasked: null,
});
