// What the terminal dashboard shows and what it may ask for: plain data and callbacks, so it knows no host, no engine
// and no exchange. Prices and quantities stay integers of the instrument; they become text only in dashboard-lines.ts.

import type { Lots, MilliTicks, Money, Side, Ticks } from "../market/amounts.ts";
import type { LadderRow } from "../strategy/contract.ts";
import type { AlertSeverity } from "../trading/effect.ts";

export interface DashboardOrder {
  readonly clientOrderId: string;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly filled: Lots;
  /** open, unknown, canceling, … */
  readonly state: string;
  readonly placedAtMs: number;
}

export interface DashboardFill {
  readonly atMs: number;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly fee: Money;
  readonly feeAsset: string;
  readonly maker: boolean;
}

export interface DashboardAlert {
  readonly atMs: number;
  readonly severity: AlertSeverity;
  readonly text: string;
}

/** One moment of one bot. Times are Unix ms on the clock the bot runs on. */
export interface DashboardSnapshot {
  /** Name of the bot: what a kill must be confirmed with. */
  readonly bot: string;
  readonly strategy: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly lotSize: string;
  /** "synthetic market", "recorded, 10×", "live": what the numbers are worth. */
  readonly source: string;
  readonly nowMs: number;
  readonly uptimeMs: number;
  /** recovering, running, paused, draining, stopped, killed, … */
  readonly phase: string;
  readonly gates: readonly string[];
  /** Age of the newest book; null before the first. */
  readonly feedAgeMs: number | null;
  readonly feedStale: boolean;
  readonly bid: Ticks | null;
  readonly ask: Ticks | null;
  readonly ladder: readonly LadderRow[];
  readonly orders: readonly DashboardOrder[];
  /** Newest first. */
  readonly fills: readonly DashboardFill[];
  readonly fillCount: number;
  readonly position: Lots;
  readonly entry: MilliTicks | null;
  readonly equity: Money | null;
  /** Each signed as it changes equity: fees paid are negative. Null before the first mark. */
  readonly pnl: {
    readonly realised: Money;
    readonly unrealised: Money;
    readonly fees: Money;
    readonly funding: Money;
    readonly total: Money;
  } | null;
  readonly journal: {
    readonly position: number;
    /** Records not on the disk yet, and how long the oldest of them waits. */
    readonly lagRecords: number;
    readonly lagMs: number;
  };
  readonly mailbox: { readonly depth: number; readonly capacity: number };
  /** Newest first. */
  readonly alerts: readonly DashboardAlert[];
}

export interface DashboardModel {
  snapshot(): DashboardSnapshot;
  /** Calls back after changes, as often as it likes; returns the function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** What the keys ask for. Nothing here may throw; the outcome shows in the next snapshot. */
export interface DashboardActions {
  /** Graceful stop: q, or the first Ctrl-C. */
  stop(): void;
  /** The second Ctrl-C: leave at once. */
  abort(): void;
  pause(): void;
  resume(): void;
  /** Confirmed by the bot's name typed out. */
  kill(flatten: boolean): void;
}
