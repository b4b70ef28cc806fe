// What the account machine hears and says (RISK-09…12, DUR-01): the terms it gives each bot, how the bots stand, and
// its own breakers. It shares the journal's events and effects with the bots, so one format serves both.

import type { Money } from "../market/amounts.ts";
import type { BreakerAction, Command } from "./command.ts";

interface At {
  /** Engine time of the machine that hears it, Unix ms. */
  readonly atMs: number;
}

/** Limits over all bots of the account, as configured, before this process's share is taken (RISK-11). */
export interface AccountLimits {
  readonly exposureGrossMax: Money;
  /** 0 switches a breaker off. */
  readonly exposureNetMax: Money;
  readonly drawdownTotalBpsMax: number;
  readonly dailyLossMax: Money;
  readonly openOrdersMax: number;
  readonly latencyP99MsMax: number;
  readonly retryRatioBpsMax: number;
  readonly marginRatioWarnBps: number;
  readonly marginRatioTripBps: number;
  /** This process's part of every amount above, of 10,000. */
  readonly accountShareBps: number;
}

export interface AccountConfigured extends At {
  readonly kind: "account-configured";
  readonly limits: AccountLimits;
  readonly by: string;
}

/** A run of a bot begins: from here on it asks for a grant. */
export interface BotJoined extends At {
  readonly kind: "bot-joined";
  readonly bot: string;
  /** Asset whose net exposure it adds to. */
  readonly base: string;
  /** What its own configuration allows it: it never needs more. */
  readonly wanted: Money;
  /** Of its journal (DUR-42); absent in records of older releases. */
  readonly lineage?: number;
  /** Breakers of the account that hold it still, by its own journal; absent where none does. */
  readonly remembers?: readonly RememberedBreaker[];
}

/** What a bot knows of a breaker of the account: the account's own journal may have been lost since. */
export interface RememberedBreaker {
  readonly breaker: string;
  readonly phase: "open" | "probation";
  readonly action: BreakerAction;
  readonly reason: string;
}

/** The run is over. Only what is proven about it frees its grant; null: nobody knows what it left. */
export interface BotLeft extends At {
  readonly kind: "bot-left";
  readonly bot: string;
  readonly exposure: Money | null;
  /** Deleted, and flat: it is no longer part of the account. */
  readonly removed: boolean;
}

/** The bot has this grant in its journal and acts by it; `exposure` is what it has at most with all its orders. */
export interface GrantAcknowledged extends At {
  readonly kind: "grant-acknowledged";
  readonly bot: string;
  readonly id: number;
  readonly exposure: Money | null;
}

/** How one bot stands. Null: not known now, which is no zero. */
export interface BotFigures {
  readonly bot: string;
  /** Worst case of position and live orders at mark. */
  readonly exposure: Money | null;
  /** Signed position at mark. */
  readonly net: Money | null;
  /** Realised net and unrealised at mark since the bot began. */
  readonly profit: Money | null;
  /** What it may use (RISK-13); null where no budget is kept. */
  readonly budget: Money | null;
  /** Free and reserved money of its budget, and on perpetuals its margin too: what the wallet still holds of it. */
  readonly cash: Money | null;
  readonly orders: number;
}

/** Exposure of the account that no bot of ours made (RISK-12): manual trades, transfers, other programs. */
export interface OutsideFigures {
  readonly gross: Money;
  readonly net: readonly { readonly base: string; readonly net: Money }[];
}

/** A request of a bot that ended: how often it was tried, how long it took (null: no answer), whether it failed. */
export interface RequestFigures {
  readonly tries: number;
  readonly tookMs: number | null;
  readonly failed: boolean;
}

/** The part of the account's limits an engine of another process may use, of 10,000 (RISK-11). */
export interface EngineShare {
  readonly engine: string;
  readonly shareBps: number;
}

/** How all bots and the account stand, told at most once a second and only when something changed. */
export interface AccountFigures extends At {
  readonly kind: "account-figures";
  readonly bots: readonly BotFigures[];
  readonly equity: { readonly equity: Money; readonly maintenance: Money; readonly atMs: number } | null;
  readonly outside: OutsideFigures | null;
  /** Requests that ended since the last of these events. */
  readonly requests: readonly RequestFigures[];
  /** Of every other engine the connector knows; absent where nobody told, and in records of older releases. */
  readonly shares?: readonly EngineShare[];
}

/** The exchange's total of the quote asset, asked for while no bot's money moved (RISK-17). */
export interface AccountBalance extends At {
  readonly kind: "account-balance";
  readonly asset: string;
  readonly total: Money;
  readonly openOrders: number;
  /** The newest postings of the bots, for whoever looks into a drift. */
  readonly postings: readonly string[];
}

/** One bot's kill switch has given its report. */
export interface BotKillReported extends At {
  readonly kind: "bot-kill-reported";
  readonly bot: string;
  readonly proved: boolean;
  readonly ordersLeft: number;
  /** Nothing above dust is held; only asked of a kill that flattens. */
  readonly flat: boolean;
}

/** How much exposure a bot may have from here on (RISK-09). `id` rises; the newest counts. */
export interface GrantEvent extends At {
  readonly kind: "grant";
  readonly id: number;
  readonly gross: Money;
}

/** A breaker of the account as a bot hears of it: an open one holds the bot until it is told otherwise (RISK-18). */
export interface AccountBreakerEvent extends At {
  readonly kind: "account-breaker";
  readonly breaker: string;
  /** `probation` halves the limits and blocks nothing. */
  readonly phase: BreakerPhase;
  readonly action: BreakerAction;
  readonly reason: string;
  readonly value: string;
  readonly limit: string;
}

export type BreakerPhase = "open" | "probation" | "closed";

/** What spans steps and is no bot's order (DUR-63): settings of the account, the bots there are, jobs. */
export type FlowKind = "leverage" | "margin-mode" | "bot-add" | "bot-remove" | "kill" | "tie-out";

export type FlowFacts = { readonly [name: string]: string | number | boolean | null };

/** `absent`: proved not to have happened. `unknown`: nobody can tell any more, so a person has to look. */
export type FlowResult = "done" | "refused" | "absent" | "unknown";

/** Somebody wants something done that spans steps. `bot` is empty where it is of no bot. */
export interface FlowAsked extends At {
  readonly kind: "flow-asked";
  readonly flow: FlowKind;
  readonly bot: string;
  readonly facts: FlowFacts;
  /** Of the account's journal: no two flows ever have one id (DUR-42). */
  readonly lineage: number;
  readonly by: string;
  readonly reason: string;
}

/** How it ended: one event a flow, however often its steps ran (DUR-64). */
export interface FlowEnded extends At {
  readonly kind: "flow-ended";
  readonly id: string;
  readonly result: FlowResult;
  readonly text: string;
}

export type AccountMachineEvent =
  | AccountConfigured
  | BotJoined
  | BotLeft
  | GrantAcknowledged
  | AccountFigures
  | AccountBalance
  | BotKillReported
  | FlowAsked
  | FlowEnded;

/** What the account machine wants done besides timers and alerts. */
export type AccountEffect =
  | {
      readonly kind: "grant";
      readonly bot: string;
      readonly id: number;
      readonly gross: Money;
    }
  /** A breaker of the account opened, went on probation or closed: the bot hears it as `account-breaker`. */
  | {
      readonly kind: "bot-breaker";
      readonly bot: string;
      readonly breaker: string;
      readonly phase: BreakerPhase;
      readonly action: BreakerAction;
      readonly reason: string;
      readonly value: string;
      readonly limit: string;
    }
  | {
      readonly kind: "bot-command";
      readonly bot: string;
      readonly command: Extract<Command, { readonly name: "kill" | "killReset" }>;
      readonly by: string;
      readonly reason: string;
    }
  /** Carried out in two steps, by DBOS where journals are in Postgres; `id` is the workflow's (DUR-64). */
  | {
      readonly kind: "flow";
      readonly id: string;
      readonly flow: FlowKind;
      readonly bot: string;
      readonly facts: FlowFacts;
      readonly by: string;
      readonly reason: string;
    };
