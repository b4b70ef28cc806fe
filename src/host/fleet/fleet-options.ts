// Everything a fleet is given: one exchange port and one clock for all its bots, the folder it keeps them in, and how
// people are told. No logic.

import type { Clock } from "../../base/clock.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import type { Retention, SyncPolicy } from "../../journal/port.ts";
import type { JournalStore } from "../../journal/store.ts";
import type { AccountLimits, EngineShare, FlowKind, FlowResult } from "../../trading/account-event.ts";
import type { BotBounds } from "../bounds.ts";
import type { AlertOver, Engine, HostAlert } from "../context.ts";
import type { OpenRunner } from "../flows/flow.ts";
import type { HostEnd } from "../host-error.ts";
import type { StartConditions } from "../recovery.ts";
import type { SnapshotCadence } from "../snapshots.ts";
import type { StepMarks, Stuck } from "../watchdog.ts";
import type { BotBinder } from "./binder.ts";
import type { ThreadOptions } from "./worker/thread-options.ts";

/** Which bot a port is for: remote ports put it into their requests. */
export interface PortUser {
  readonly bot: string;
  readonly tag: string;
  /** Number of the run, of its journal. */
  readonly epoch: number;
}

/** The health of the connector as its watch knows it (API-44). */
export interface ConnectorHealth {
  readonly serving: boolean;
  /** What is wrong, for people; empty while it serves. */
  readonly text: string;
  /** Calls `listener` after each change; returns the function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** Milliseconds of the machine. */
export interface Timings {
  stepped(bot: string, ms: number): void;
  committed(bot: string, ms: number): void;
  /** The journal did not take that half of a turn. */
  journalFailed?(bot: string, half: "events" | "effects"): void;
  /** From the run's begin to `recovered`. */
  recovered(bot: string, ms: number): void;
  /** From the record of a flow to its end. */
  flowEnded?(kind: FlowKind, result: FlowResult, ms: number): void;
}

/** The account machine over the bots of a fleet (RISK-09). */
export interface AccountOptions {
  readonly limits: AccountLimits;
  /**
   * Shares of the account's other engines (RISK-11), as last heard; null while nothing was heard, empty where nobody
   * tells of them. Absent: this process has the exchange for itself.
   */
  readonly othersShares?: () => readonly EngineShare[] | null;
  /** Who runs what spans steps (DUR-63); this process alone when absent. */
  readonly flows?: OpenRunner;
}

export interface FleetOptions {
  /** The store folder: without `store`, `registry/` and `bots/ID/` are below it. */
  readonly folder: string;
  /** Where journals and registry are; the folder when absent. Whoever made it closes it, after the fleet. */
  readonly store?: JournalStore;
  readonly sync: SyncPolicy;
  /** One connection for all bots (OPS-14). */
  readonly port: ExchangePort;
  /** The port as one run of one bot uses it, closed with the run; the shared one when absent. */
  readonly portOf?: (user: PortUser) => ExchangePort;
  readonly clock: Clock;
  /** The machine's own time: journal rows of the registry, jumps of the clock, commits. The clock when absent. */
  readonly machine?: Clock;
  readonly conditions: () => StartConditions;
  readonly binder: BotBinder;
  /** Texts of the configuration file: each seeds its id once (OPS-18). */
  readonly seeds: readonly string[];
  readonly bookIntervalMs: number;
  readonly host: string;
  readonly pid: number;
  readonly release: string;
  readonly coreHash: string;
  readonly connector?: ConnectorHealth;
  /** Silence after which the connector cancels a bot's orders (API-45), ms; a minute when absent. */
  readonly deadManMs?: number;
  /** Most bots in this process (OPS-16); 100 when absent. */
  readonly botsMax?: number;
  /** What each bot may cost (OPS-16); nothing is judged when absent. */
  readonly bounds?: BotBounds;
  /** Told what each bot's steps, commits and recoveries took, for the metrics. */
  readonly timings?: Timings;
  /** Whatever ends a process that stands still (OPS-17) is told of each step. */
  readonly watchdog?: StepMarks;
  /** What an earlier process was ended for: twice for one event, and the bot is put aside. */
  readonly stuck?: Stuck | null;
  /** Somebody starts that bot all the same: what is noted of it is over. */
  readonly forgetStuck?: () => void;
  /** Undroppable events that may wait for one bot (DUR-08). */
  readonly mailboxCapacity?: number;
  /** Limits over all bots; without them each bot stands alone. */
  readonly account?: AccountOptions;
  /** Bots may share an instrument (RISK-07); no when absent. */
  readonly allowSharedInstrument?: boolean;
  readonly snapshots?: SnapshotCadence;
  /** How long journals keep every record (DUR-28); for ever when absent. */
  readonly retention?: Retention;
  /** Bytes kept free for the last words of a full disk (DUR-61); the journal's own when absent. */
  readonly reserveBytes?: number;
  /** Each bot runs in a thread of its own (OPS-17), its journal in `folder`; all in this thread when absent. */
  readonly threads?: ThreadOptions;
  /** The engine of a bot; the production engine when absent. Tests put a broken one here. */
  readonly engineOf?: (bot: string) => Engine;
  readonly onAlert: (bot: string, alert: HostAlert) => void;
  /** What a bot's host alerted of is over; see `HostOptions.onOver`. */
  readonly onOver?: (bot: string, over: AlertOver) => void;
  readonly onWarning: (bot: string, text: string) => void;
  /** One bot's run is over; the process goes on. */
  readonly onEnd?: (bot: string, end: HostEnd) => void;
}

/** What a run needs of them, in whatever thread it is. */
export type RunOptions = Omit<
  FleetOptions,
  "store" | "binder" | "seeds" | "botsMax" | "watchdog" | "stuck" | "forgetStuck" | "account" | "engineOf" | "threads"
>;
