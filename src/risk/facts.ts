// What risk decides from: facts of the engine's state at one event, and limits of the configuration. Decisions are pure
// functions of these (RISK-01).

import type { Lots, MilliTicks, Money, Ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Order } from "../trading/order.ts";

/** RISK-05, strictest first. */
export type RiskMode = "killed" | "recovering" | "draining" | "breaker" | "monitor" | "paused" | "normal";

export interface ModeFact {
  readonly mode: RiskMode;
  readonly reason: string;
  readonly sinceMs: number;
  /** Legs on which opening is blocked by `monitor` or `paused`; `both` otherwise. */
  readonly blocks: "buy" | "sell" | "both";
  /** A breaker's action: F and A refuse reducing orders of the strategy too; P and O let them pass. */
  readonly reducingAllowed: boolean;
}

export interface ApprovalFacts {
  readonly nowMs: number;
  readonly mode: ModeFact;
  readonly instrument: Instrument;
  readonly bookAtMs: number | null;
  readonly bid: Ticks | null;
  readonly ask: Ticks | null;
  /** Mark in use (exchange's if younger than 10 s, else mid); null when neither is known. */
  readonly mark: MilliTicks | null;
  /** The mark is the mid of the book, as old as the book is. */
  readonly markIsMid?: boolean;
  readonly position: Lots;
  /** Orders that may still execute, unknown ones included. */
  readonly live: ReadonlyMap<string, Order>;
  readonly equity: Money | null;
  readonly equityAtMs: number | null;
  /** What is left of the bot's budget (RISK-13); absent while no budget is kept. */
  readonly budgetAvailable?: Money | undefined;
  /** What the account machine grants of exposure (RISK-09); absent where there is none. */
  readonly grant?: Money | undefined;
  /** A breaker is on probation: opening orders get half of every limit of size (RISK-18). */
  readonly probation?: boolean;
  /** Set when the order is the shared closer's own (kill, flatten, stop): it has its own band and order budget. */
  readonly closer?: { readonly priceBandBps: number } | undefined;
}
