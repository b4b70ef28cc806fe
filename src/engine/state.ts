// The state of one bot: plain canonical data, changed only by `step`, hashed, snapshotted and restored as it is.

import type { Lots, MilliTicks, Money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { RiskState } from "../risk/approve.ts";
import type { BreakerName, BreakerState } from "../risk/breaker/breaker.ts";
import type { BreakerHistory } from "../risk/breaker/history.ts";
import type { BudgetState } from "../risk/budget.ts";
import type { KillState } from "../risk/kill.ts";
import type { RiskLimits } from "../risk/limits.ts";
import type { MonitorState } from "../risk/monitor/monitor-state.ts";
import type { Corrections } from "../risk/reconcile.ts";
import type { GateLevel } from "../strategy/contract.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { Leg } from "../trading/command.ts";
import type { BotConfigData, Level } from "../trading/event.ts";
import type { LedgerState } from "../trading/ledger.ts";
import type { Order } from "../trading/order.ts";

/** Version of the state's shape; a snapshot of another version is replayed around or refused. */
export const STATE_VERSION = 2;

/** Who the bot is; fixed for the life of its journal (DUR-02 meta). */
export interface Identity {
  readonly bot: string;
  /** Six characters, unique per account (DUR-41). */
  readonly tag: string;
  readonly lineage: number;
}

/**
 * `configured` → `starting` (waits for start facts, a fresh book, recovery) → `running` → `stopping` → `stopped`.
 * `refused`: the safety check said no. `recovering` follows every `run-started`.
 */
export type Phase = "new" | "recovering" | "starting" | "running" | "refused" | "stopping" | "stopped";

export interface BookState {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly atMs: number;
}

/** A reason that blocks new risk until its cause is gone or an operator closes it. */
export interface Block {
  readonly reason: string;
  readonly sinceMs: number;
  /** What the strategy hears: HOLD keeps resting orders, REDUCE cancels entries, HALT cancels all. */
  readonly level: GateLevel;
  readonly leg: Leg | "both";
  /** Whether reducing orders still pass (RISK-05). */
  readonly reducing: boolean;
}

/** How much exposure the account machine allows (RISK-09). */
export interface Grant {
  readonly id: number;
  readonly gross: Money;
  /** Whether the bot was seen to be above it when it came; `unknown` until there is a mark. */
  over: "unknown" | "yes" | "no";
}

/** The account as last read. Maintenance margin is null where the exchange named none (start facts). */
export interface AccountSeen {
  readonly equity: Money;
  readonly quoteAvailable: Money;
  readonly maintenanceMargin: Money | null;
  readonly atMs: number;
}

/** The shared closer at work. `target`: the position it stops at, 0 unless it only takes a part (margin). */
export interface CloserWork {
  readonly because: string;
  readonly nextAtMs: number;
  readonly startedAtMs: number;
  readonly target: Lots;
}

/** A divergence that waits for an operator; `small`: without the trust to be earned it had been corrected (RISK-53). */
export interface DivergenceWaiting {
  readonly local: Lots;
  readonly exchange: Lots;
  readonly small?: boolean;
}

/** A divergence the reconciler judged, for the lists (RISK-53); the journal keeps every one of them for ever. */
export interface DivergenceRecord {
  readonly atMs: number;
  readonly local: Lots;
  readonly exchange: Lots;
  readonly action: "corrected" | "waits" | "accepted";
  /** Who accepted it; empty otherwise. */
  readonly by: string;
}

/** A settlement of funding as announced: when, at which rate × 10^12, and the lots held at the last look before it. */
export interface FundingAnnounced {
  readonly atMs: number;
  readonly ratePpt: number;
  readonly held: Lots;
}

export interface BotState {
  version: number;
  identity: Identity;
  phase: Phase;
  seq: number;
  nowMs: number;
  epoch: number;
  configRevision: number;
  configHash: string;
  config: BotConfigData | null;
  instrument: Instrument | null;
  limits: RiskLimits | null;
  /** State of the strategy; its shape is the strategy's. */
  strategy: unknown;
  risk: RiskState;
  /** Null while no budget is kept. */
  budget: BudgetState | null;
  kill: KillState;
  /** Orders that may still execute, by client id; oldest first. */
  orders: Map<ClientOrderId, Order>;
  /** Orders that ended, kept for late evidence: the last 1,000, and any younger than 24 h up to 4,000. */
  ended: Map<ClientOrderId, Order>;
  ledger: LedgerState;
  /** Signed lots an order is proven to have executed beyond its booked fills, by client id; usually empty. */
  unbooked: Map<ClientOrderId, Lots>;
  /** Lots booked of orders of ours that stand in no book, by client id; absent where there never was one. */
  strays?: Map<ClientOrderId, Lots>;
  book: BookState | null;
  mark: { readonly mark: MilliTicks; readonly atMs: number } | null;
  equity: AccountSeen | null;
  /** The exchange's liquidation price of the position; null where it names none. */
  liquidation: { readonly price: MilliTicks; readonly atMs: number } | null;
  /** Armed timers by name. */
  timers: Map<string, number>;
  /** Breakers that are not closed (RISK-18); an open one also stands among the blocks. */
  breakers: Map<BreakerName, BreakerState>;
  /** What the breakers remember (RISK-19). */
  history: BreakerHistory;
  monitor: MonitorState;
  /** Blocks by name: paused, stale feeds, breakers, host conditions. */
  blocks: Map<string, Block>;
  /** Gates last told to the strategy, so that only changes are told. */
  gates: Map<string, string>;
  /** Refusals by code, counted. */
  refusals: Map<string, number>;
  /** When a refusal of that code was told of last; absent while none was. */
  refusalsTold?: Map<string, number>;
  /** The settlement of funding the exchange announced next; absent where it named none. */
  fundingNext?: FundingAnnounced;
  /** The settlement that is over and not booked; absent while none is. */
  fundingOwed?: FundingAnnounced;
  /** Fill identities of the last fills, a second net below the journal's unique key (DUR-06). */
  recentFills: Map<string, number>;
  /** The shared closer at work (flatten, kill): null when it is not. */
  closer: CloserWork | null;
  /** Position the closer left because no order could close it; null when it closed everything or never ran. */
  closedDust: Lots | null;
  corrections: Corrections;
  /** Small divergences an operator accepted, towards `autoCorrectApprovals`. */
  approvals: number;
  /** The newest divergences, oldest first; at most 50. */
  divergences: DivergenceRecord[];
  /** How often the reconciler's question had to be asked again. */
  reconcileAttempt: number;
  /** What the newest read of the exchange showed that we cannot explain; judged when the next one shows the same. */
  suspicion: { readonly local: Lots; readonly exchange: Lots } | null;
  /** The divergence that opened the breaker, as last confirmed, until an operator accepts it. */
  divergence: DivergenceWaiting | null;
  /** Set while stopping: when it began, by which policy. */
  stopAtMs: number | null;
  stopPolicy: "all" | "opening" | "none";
  /** The strategy got its start facts once; later starts are restarts (GRID-41, GRID-43). */
  started: boolean;
  /** Step that booked the newest fill: a position read asked before it proves nothing (RISK-31). */
  fillSeq: number;
  /** Spot: lots in the account at the first start that are not this bot's (RISK-34); null on perpetuals. */
  spotBaseline: Lots | null;
  lastFundingAtMs: number | null;
  /** Settlements that are booked, by their time: told twice, late or out of order, each is booked once. */
  settlements: Map<number, number>;
  /** Order events and fills of others on our instrument: seen, counted, never acted on (N-15). */
  foreign: number;
  /** Breakers of the account on probation: while there is one, limits are halved; absent where there never was one. */
  accountProbation?: string[];
  /**
   * The journal may have lost its end, or begins anew (DUR-27): until the position was compared, all that stays
   * unexplained is adjusted. Absent otherwise.
   */
  tailLost?: true;
  /** The terms of the account machine; absent where none ever spoke, and the bot's own limit stands alone. */
  grant?: Grant;
}
