// State of the account machine (DUR-01): grants, breakers and kill switch over all bots of one account. Plain canonical
// data, changed by `accountStep` alone, journaled and replayed like a bot's.

import { type Money, ZERO_MONEY } from "../../market/amounts.ts";
import type {
  AccountLimits,
  BotFigures,
  EngineShare,
  FlowFacts,
  FlowKind,
  OutsideFigures,
} from "../../trading/account-event.ts";
import type { BreakerState } from "../breaker/breaker.ts";
import type { RetryHistory } from "../breaker/retries.ts";
import type { RoundTrips } from "../breaker/round-trips.ts";

/** Version of the state's shape; a snapshot of another version is refused. */
export const ACCOUNT_STATE_VERSION = 1;

/** One bot of the account. */
export interface AccountBot {
  base: string;
  wanted: Money;
  running: boolean;
  /** The newest grant it was told; null before the first. */
  grant: { readonly id: number; readonly gross: Money } | null;
  acknowledged: boolean;
  /** The most it may have, by everything it was ever told and by what it has: what the sum of grants counts. */
  held: Money;
  /** As last told; what is not known now keeps what was known before. */
  figures: BotFigures | null;
  /** Its part of the account's kill; null while there is none, or it has not reported. */
  killReport: { readonly proved: boolean; readonly ordersLeft: number; readonly flat: boolean } | null;
  /** The account was killed and reset while it did not run: its own latch goes when it is back. */
  owesReset: boolean;
  /** Of its journal as it last joined; absent while nobody told. */
  lineage?: number;
}

/** Latched until an operator's reset (RISK-22). */
export interface AccountKill {
  readonly flatten: boolean;
  readonly by: string;
  readonly reason: string;
  readonly atMs: number;
  /** The report over all bots was given. */
  readonly reported: boolean;
  /** Begin of the run that waits for reports, where that is not the one it was pulled in. */
  readonly awaitedSinceMs?: number;
}

/** A flow that was begun and whose end nobody has told. */
export interface OpenFlow {
  readonly flow: FlowKind;
  readonly bot: string;
  readonly facts: FlowFacts;
  /** Run in which it was recorded: only that one may carry out what must not be done twice. */
  readonly epoch: number;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
}

export interface AccountState {
  version: number;
  seq: number;
  nowMs: number;
  epoch: number;
  /** As configured, before the share is taken; null before the first configuration. */
  limits: AccountLimits | null;
  grantId: number;
  bots: Map<string, AccountBot>;
  breakers: Map<string, BreakerState>;
  /** Every breaker that was ever open: a bot that comes back may remember it. */
  told: string[];
  /** Closed by force while their cause held: they open again only after it was gone once. */
  forced: string[];
  kill: AccountKill | null;
  equity: { readonly equity: Money; readonly maintenance: Money; readonly atMs: number } | null;
  outside: OutsideFigures | null;
  /** Since when a net exposure is above its limit; null while none is. */
  netOverSinceMs: number | null;
  /** Highest sum of profits since the reset, moved with bots that come and go. */
  peakProfit: Money;
  /** Equity the capital is counted from where a bot has no budget. */
  startEquity: Money | null;
  /** The UTC day and the sum of profits at its begin. */
  day: { number: number; profit: Money };
  roundTrips: RoundTrips;
  retries: RetryHistory;
  marginWarned: boolean;
  /** Money of the quote asset that no bot's budget holds; null before the first look (RISK-17). */
  unallocated: Money | null;
  driftLevel: "none" | "warning" | "critical";
  timers: Map<string, number>;
  /** Of the other engines of this account (RISK-11); absent until somebody told, as in states of older releases. */
  shares?: readonly EngineShare[];
  /** By id, oldest first; absent while none is open, as in states of older releases. */
  flows?: Map<string, OpenFlow>;
}

export function initialAccountState(): AccountState {
  return {
    version: ACCOUNT_STATE_VERSION,
    seq: 0,
    nowMs: 0,
    epoch: 0,
    limits: null,
    grantId: 0,
    bots: new Map(),
    breakers: new Map(),
    told: [],
    forced: [],
    kill: null,
    equity: null,
    outside: null,
    netOverSinceMs: null,
    peakProfit: ZERO_MONEY,
    startEquity: null,
    day: { number: 0, profit: ZERO_MONEY },
    roundTrips: { samples: [], over: 0, judgedAtMs: 0 },
    retries: { tries: [], errors: [] },
    marginWarned: false,
    unallocated: null,
    driftLevel: "none",
    timers: new Map(),
  };
}
