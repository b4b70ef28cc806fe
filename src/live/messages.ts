// What live-server and the console say to each other: the shapes of docs/spec/live.md sections 5 and 6, types only.
// Both sides import this file (and what it passes on) and nothing else of each other. Decimals are text, exactly as
// decided in the core (LIVE-05).

import type { BotConfig, Preview, StateAt } from "./setup-messages.ts";
import type { System } from "./system-messages.ts";
import type { WhatIfJob } from "./what-if-messages.ts";

export type {
  BotConfig,
  ConfigKey,
  Finding,
  JournalEntry,
  Preview,
  PreviewOrder,
  StateAt,
} from "./setup-messages.ts";
export type { JournalFigures, Process, System } from "./system-messages.ts";
export type { WhatIfDecision, WhatIfJob, WhatIfResult, WhatIfSide } from "./what-if-messages.ts";

/** A decimal in plain notation: `-0.5`, `42150.50`; never a float, never an exponent. */
export type Decimal = string;
/** Unix ms UTC. */
export type Ms = number;
/** Unix seconds UTC, whole: only where the classic messages say so. */
export type Seconds = number;

// ---------------------------------------------------------------------------------------------- classic (section 5)

/** Keys in this order; prices padded to the tick's decimals. */
export interface ClassicKline {
  readonly time: Seconds;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal;
}

export interface ClassicAccount {
  readonly asset: string;
  readonly free: Decimal;
  readonly balance: Decimal;
  readonly marginBalance: Decimal;
  readonly symbol: string;
}

export type ClassicOrderStatus = "NEW" | "PARTIALLY_FILLED" | "FILLED" | "CANCELED" | "REJECTED" | "EXPIRED";

export interface ClassicOrder {
  readonly id: string;
  readonly price: Decimal;
  readonly side: "BUY" | "SELL";
  readonly status: ClassicOrderStatus;
  readonly type: "LIMIT" | "MARKET";
  readonly symbol: string;
}

export interface ClassicTradeEvent {
  readonly side: "buy" | "sell";
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly symbol: string;
  readonly time: Seconds;
}

export interface ClassicPosition {
  readonly symbol: string;
  readonly amount: Decimal;
  readonly entryPrice: Decimal;
  readonly unrealizedPnL: Decimal;
}

export type ClassicMessage =
  | { readonly type: "kline"; readonly data: ClassicKline }
  | { readonly type: "history"; readonly data: readonly ClassicKline[] }
  | { readonly type: "account"; readonly data: ClassicAccount }
  | { readonly type: "orders"; readonly data: ClassicOrder | readonly ClassicOrder[] }
  | { readonly type: "trade_event"; readonly data: ClassicTradeEvent }
  | { readonly type: "position"; readonly data: ClassicPosition };

// ---------------------------------------------------------------------------------------------- opensqt.v2 (section 6)

/** Subprotocol of a console connection; none offered is a classic one (LIVE-11). */
export const CONSOLE_PROTOCOL = "opensqt.v2";

/**
 * Names what a message is about. `symbol` is ours (`BTC/USDT:USDT`), never the exchange's name. Which message has what:
 * kline, history {exchange, symbol, interval} · orders, fills, trade_event: single items {bot, exchange, symbol}, lists
 * {} · account {exchange} · position {exchange, symbol} · bots {bot}, list {} · slots {bot, exchange, symbol} · pnl
 * {bot} · risk {bot} · alerts {bot} or {}, list {} · the rest {}. An `{all}` replaces the whole list of that type.
 */
export interface Of {
  readonly bot?: string;
  readonly exchange?: string;
  readonly symbol?: string;
  readonly interval?: string;
}

/** List types come first as all, then as single items; an item with `gone: true` is removed. */
export type Listed<T> =
  | { readonly all: readonly T[] }
  | T
  | (Partial<T> & { readonly id: string; readonly gone: true });

export type InstrumentKind = "spot" | "perpetual";

export interface Instrument {
  readonly exchange: string;
  readonly symbol: string;
  /** The exchange's own name, `BTCUSDT`. */
  readonly name: string;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly kind: InstrumentKind;
}

/** First of all, and again whole when any of it but the time has changed: a door, an instrument, a bot. `ready` follows. */
export interface Hello {
  readonly protocol: string;
  readonly release: string;
  /** Wall clock of live-server: ages are told against it. */
  readonly serverTime: Ms;
  readonly historyLimit: number;
  readonly intervals: readonly string[];
  readonly instruments: readonly Instrument[];
  readonly bots: readonly string[];
  readonly doors: readonly { readonly bot: string; readonly url: string }[];
  /** Simulated money. */
  readonly demo: boolean;
}

export type GateLevel = "RUN" | "HOLD" | "REDUCE" | "FREEZE" | "HALT";
export type BotPhase =
  | "CREATED"
  | "STARTING"
  | "RECOVERING"
  | "RUNNING"
  | "PAUSED"
  | "BLOCKED"
  | "STOPPING"
  | "STOPPED"
  | "KILLED"
  | "QUARANTINED"
  | "FAILED";

export interface Gate {
  readonly name: string;
  readonly level: GateLevel;
  readonly leg: "LONG" | "SHORT" | "";
  readonly reason: string;
  readonly since: Ms;
}

export interface Bot {
  readonly id: string;
  readonly strategy: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly phase: BotPhase;
  readonly gates: readonly Gate[];
  /** Ms the bot is behind its newest event. */
  readonly lag: number;
  readonly live: number;
  readonly unknown: number;
  readonly held: number;
  readonly position: Decimal;
  readonly realized: Decimal;
  readonly unrealized: Decimal;
  readonly budget: Decimal;
  readonly uptime: number;
  readonly configHash: string;
  readonly revision: number;
  readonly sequence: number;
}

export type SlotState = "EMPTY" | "HELD" | "SENT" | "LIVE" | "CANCEL" | "UNKNOWN";

export interface Slot {
  readonly slot: string;
  readonly width: Decimal;
  readonly leg: "LONG" | "SHORT";
  readonly state: SlotState;
  readonly entry: Decimal;
  readonly exit: Decimal;
  readonly held: Decimal;
  readonly order: {
    readonly id: string;
    readonly side: "BUY" | "SELL";
    readonly price: Decimal;
    readonly qty: Decimal;
    readonly filled: Decimal;
    readonly age: number;
  } | null;
  readonly skip: string;
  readonly cooldownUntil: Ms;
}

/** Empty text where a value is unknown. */
export interface Slots {
  readonly anchor: Decimal;
  readonly ref: Decimal;
  readonly windowLow: Decimal;
  readonly windowHigh: Decimal;
  readonly averageEntry: Decimal;
  readonly stray: Decimal;
  readonly dust: Decimal;
  readonly slots: readonly Slot[];
}

/**
 * `orders` of the console: the classic keys (`symbol` is the exchange's name) and what a table needs beside them. An
 * order that ended comes once more with its last status and `gone: true`. `id` may be empty while the exchange has
 * given none: `clientOrder` is the key of the list.
 */
export interface ConsoleOrder extends ClassicOrder {
  readonly exchange: string;
  readonly clientOrder: string;
  readonly bot: string;
  readonly qty: Decimal;
  readonly filled: Decimal;
  readonly slot: string;
  readonly foreign: boolean;
  /** The exchange's word about it is missing. */
  readonly unknown: boolean;
  readonly reduceOnly: boolean;
  readonly at: Ms;
  readonly gone?: boolean;
}

export interface Fill {
  readonly id: string;
  readonly bot: string;
  readonly exchange: string;
  /** Ours, `BTC/USDT:USDT`. */
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly price: Decimal;
  readonly qty: Decimal;
  readonly quote: Decimal;
  /** Paid > 0, rebate < 0. */
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly realized: Decimal;
  readonly order: string;
  readonly clientOrder: string;
  readonly cycle: boolean;
  readonly at: Ms;
}

/** [at, gross, fees, funding, unrealized, net]. */
export type PnlPoint = readonly [Ms, Decimal, Decimal, Decimal, Decimal, Decimal];

export interface Pnl {
  readonly realizedGross: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly interest: Decimal;
  readonly rebates: Decimal;
  readonly unrealized: Decimal;
  readonly net: Decimal;
  readonly equity: Decimal;
  readonly drawdown: Decimal;
  readonly today: Decimal;
  readonly cycles: number;
  readonly winRate: Decimal;
  readonly tiedAt: Ms;
  readonly tieDifference: Decimal;
  /** The whole curve once; afterwards new points alone. */
  readonly curve?: readonly PnlPoint[];
}

export interface Breaker {
  readonly name: string;
  readonly scope: string;
  readonly open: boolean;
  /** `open`, `probation` or `closed`. */
  readonly phase: string;
  readonly reason: string;
  readonly value: string;
  readonly limit: string;
  readonly since: Ms;
  readonly closesAt: Ms;
  readonly manual: boolean;
}

export interface Risk {
  readonly breakers: readonly Breaker[];
  readonly kill: { readonly step: string; readonly proven: boolean; readonly left: number; readonly since: Ms };
  readonly limits: readonly { readonly name: string; readonly value: Decimal; readonly limit: Decimal }[];
  readonly exposure: Decimal;
  readonly leverage: Decimal;
  readonly marginRatio: Decimal;
  readonly liquidationDistance: Decimal;
  readonly monitor: readonly {
    readonly symbol: string;
    readonly price: Decimal;
    readonly mean: Decimal;
    readonly volumeRatio: Decimal;
    readonly abnormal: boolean;
  }[];
}

export type FeedState = "LIVE" | "SUSPECT" | "STALE" | "DOWN";

/** `kind` SOURCE is the connection to a connector or engine itself: DOWN with the cause and the next try in words. */
export interface Feed {
  /** `SOURCE/KIND/SYMBOL`. */
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  readonly symbol: string;
  readonly state: FeedState;
  /** By receipt on the server's own clock. */
  readonly ageMs: number;
  readonly limitMs: number;
  readonly lastAction: string;
}

export interface Feeds {
  readonly feeds: readonly Feed[];
  readonly budget: readonly { readonly name: string; readonly used: number; readonly limit: number }[];
  /** `ratePpm`: how fast it runs, in millionths of real time; an offset says little where it is not 1,000,000. */
  readonly clock: { readonly offset: number; readonly error: number; readonly ratePpm?: number } | null;
  /** `until` 0: renewed by the engine, its end is not told here. */
  readonly deadMan: { readonly kind: string; readonly until: Ms } | null;
  readonly journal: { readonly commitP99: number; readonly bytes: number } | null;
}

export type Severity = "INFO" | "WARNING" | "ERROR" | "CRITICAL";

export interface Alert {
  readonly id: string;
  readonly code: string;
  readonly severity: Severity;
  readonly bot: string;
  readonly title: string;
  readonly text: string;
  readonly facts: { readonly [name: string]: string };
  readonly done: string;
  readonly todo: string;
  readonly at: Ms;
  readonly resolvedAt: Ms;
}

export interface LogLine {
  readonly at: Ms;
  readonly level: string;
  readonly process: string;
  readonly code: string;
  readonly text: string;
  readonly fields: { readonly [name: string]: string };
}

export interface ExplainStep {
  readonly at: Ms;
  readonly seq: number;
  readonly kind: string;
  readonly text: string;
  readonly facts: { readonly [name: string]: string };
}

export type Explain =
  | {
      readonly requestId: string;
      readonly steps: readonly ExplainStep[];
      readonly risk: readonly {
        readonly code: string;
        readonly value: string;
        readonly limit: string;
        readonly passed: boolean;
      }[];
      readonly fills: readonly Fill[];
      readonly configHash: string;
    }
  | { readonly requestId: string; readonly error: string };

/** Older candles for the chart, oldest first; `error` when they cannot be had. */
export interface Candles {
  readonly requestId: string;
  readonly candles: readonly ClassicKline[];
  readonly error?: string;
}

export interface Bodies {
  readonly hello: Hello;
  readonly kline: ClassicKline;
  readonly history: readonly ClassicKline[];
  readonly account: ClassicAccount;
  readonly orders: Listed<ConsoleOrder>;
  readonly trade_event: ClassicTradeEvent;
  readonly position: ClassicPosition;
  readonly bots: Listed<Bot>;
  readonly slots: Slots;
  readonly fills: Listed<Fill>;
  readonly pnl: Pnl;
  readonly risk: Risk;
  readonly feeds: Feeds;
  readonly system: System;
  readonly alerts: Listed<Alert>;
  readonly log: { readonly lines: readonly LogLine[]; readonly dropped: number };
  readonly explain: Explain;
  readonly candles: Candles;
  readonly config: BotConfig;
  readonly preview: Preview;
  readonly state: StateAt;
  readonly what_if: WhatIfJob;
  readonly ready: { readonly [none: string]: never };
  readonly bye: { readonly code: number; readonly reason: string };
  readonly error: { readonly requestId: string; readonly code: string; readonly message: string };
}

export type ConsoleType = keyof Bodies;

/** `seq` grows by one per connection, from 1: a hole is a bug. `at` is ms of the server's wall clock. */
export type ConsoleMessage = {
  readonly [T in ConsoleType]: {
    readonly type: T;
    readonly of: Of;
    readonly seq: number;
    readonly at: Ms;
    readonly data: Bodies[T];
  };
}[ConsoleType];

/** What a console may send; everything else is a bad message. */
export type ConsoleRequest =
  | {
      readonly type: "subscribe" | "unsubscribe";
      readonly topics: readonly ConsoleType[];
      readonly of?: Of;
      /** Of each key of these topics no more a second from now on; what comes between is left out. */
      readonly perSecond?: number;
    }
  | {
      readonly type: "candles";
      readonly requestId: string;
      readonly exchange: string;
      readonly symbol: string;
      readonly interval: string;
      /** Open time before which candles are wanted, seconds; 0 = the newest. */
      readonly before: Seconds;
      readonly limit: number;
    }
  | { readonly type: "explain"; readonly requestId: string; readonly id: string }
  | { readonly type: "config"; readonly requestId: string; readonly bot: string }
  /** The newest what-if of the bot. */
  | { readonly type: "what_if"; readonly requestId: string; readonly bot: string }
  /** Without a text: of the bot's own. With `more` this is a part of the text, and the next one follows. */
  | {
      readonly type: "preview";
      readonly requestId: string;
      readonly bot: string;
      readonly config?: string;
      readonly more?: boolean;
    }
  /** By journal number, or by the market's time in ms; the other one is 0. */
  | {
      readonly type: "state";
      readonly requestId: string;
      readonly bot: string;
      readonly sequence: number;
      readonly at: Ms;
    };
