// Everything that can happen to a bot. A new kind fails the compile wherever it matters. Events carry their engine time
// `atMs`; nothing the core reads comes from anywhere else (DUR-05).

import type { Lots, MilliTicks, Money, Side, Ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { AccountBreakerEvent, AccountMachineEvent, GrantEvent } from "./account-event.ts";
import type { ClientOrderId } from "./client-order-id.ts";
import type { Command } from "./command.ts";
import type { OrderStatus, RejectReason } from "./order.ts";

/** One price level: [price, quantity]. */
export type Level = readonly [Ticks, Lots];

export type CandleInterval = "1m" | "3m" | "5m" | "15m" | "1h";
export type FeedName = "book" | "orders" | "candles" | "account" | "funding";

interface At {
  /** Engine time, Unix ms, never decreasing along the journal. */
  readonly atMs: number;
}

/** A run begins: what code runs, on which configuration (DUR-05). Open effects without an outcome become unknown. */
export interface RunStarted extends At {
  readonly kind: "run-started";
  readonly epoch: number;
  /** Lineage of the journal: ids of this run carry it, whatever ids the runs before it made (DUR-42). */
  readonly lineage: number;
  readonly host: string;
  readonly release: string;
  readonly coreHash: string;
  readonly configHash: string;
  readonly clockOffsetMs: number;
}

/** The configuration in force from here on: validated, in integers, as canonical data. */
export interface Configured extends At {
  readonly kind: "configured";
  readonly revision: number;
  readonly hash: string;
  readonly by: string;
  readonly instrument: Instrument;
  readonly config: BotConfigData;
}

/** Strategy and risk configuration as plain data; its shape belongs to the strategy and to risk. */
export interface BotConfigData {
  readonly strategy: string;
  readonly strategyConfig: unknown;
  readonly risk: unknown;
  readonly cancelOnExit: "all" | "opening" | "none";
  /** Most of the quote asset the bot may use (RISK-13); absent, no budget is kept. */
  readonly budget?: Money;
}

/** Facts of the account before the first order (RISK-30, GRID-41); older releases recorded no maintenance margin. */
export interface StartFacts extends At, Partial<Pick<AccountEvent, "maintenanceMargin">> {
  readonly kind: "start-facts";
  readonly positionLots: Lots;
  /** Average entry of the position in milliticks; null when flat or not told. */
  readonly positionEntry: MilliTicks | null;
  readonly quoteAvailable: Money;
  readonly equity: Money;
  readonly leverage: number;
  readonly oneWayMode: boolean;
  readonly foreignOrders: number;
  readonly clockOffsetMs: number;
  readonly clockErrorMs: number;
  readonly keyMayWithdraw: boolean;
  /** Absent: all of it is known, and it may trade. `withdraw-allowed`: it may withdraw, and its owner said so. */
  readonly keyRights?: "unread" | "read-only" | "withdraw-allowed";
}

export interface BookEvent extends At {
  readonly kind: "book";
  readonly symbol: string;
  /** Best first; at most 5 a side reach the engine (DUR-07). */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly exchangeAtMs: number;
  /** How many newer-than-last books this one replaced while waiting. */
  readonly replaced: number;
}

export interface TradesEvent extends At {
  readonly kind: "trades";
  readonly symbol: string;
  readonly count: number;
  readonly volume: Lots;
  readonly last: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
}

export interface CandleEvent extends At {
  readonly kind: "candle";
  readonly symbol: string;
  readonly interval: CandleInterval;
  readonly openAtMs: number;
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
  readonly volume: Lots;
  readonly closed: boolean;
}

export interface MarkEvent extends At {
  readonly kind: "mark";
  readonly symbol: string;
  readonly mark: MilliTicks;
}

/** Predicted rate as known now; never the settled one early (BT-20). `ratePpt` is the rate × 10^12. */
export interface FundingRateEvent extends At {
  readonly kind: "funding-rate";
  readonly symbol: string;
  readonly ratePpt: number;
  readonly nextAtMs: number;
}

/** One settlement as the exchange booked it: amount > 0 was received, < 0 was paid. */
export interface FundingSettled extends At {
  readonly kind: "funding-settled";
  readonly symbol: string;
  readonly settledAtMs: number;
  readonly ratePpt: number;
  readonly mark: MilliTicks;
  readonly positionLots: Lots;
  readonly amount: Money;
  /** What was paid in; absent: the quote asset. */
  readonly asset?: string;
}

/** The exchange's word about an order of ours (stream, look-up or open-orders read). */
export interface OrderEvent extends At {
  readonly kind: "order";
  readonly symbol: string;
  readonly clientOrderId: ClientOrderId;
  readonly exchangeOrderId: string;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly status: OrderStatus;
  readonly cumulative: Lots;
  /** Set when the exchange ended the order for a reason of its own (post-only that would take, GRID-32). */
  readonly reason: RejectReason | null;
  readonly source: "stream" | "lookup" | "open-orders";
}

export interface FillEvent extends At {
  readonly kind: "fill";
  readonly symbol: string;
  readonly tradeId: string;
  readonly clientOrderId: ClientOrderId | null;
  readonly exchangeOrderId: string;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly feeAsset: string;
  /** Positive when paid, negative for a rebate. */
  readonly fee: Money;
  readonly liquidity: "maker" | "taker";
  readonly origin: "order" | "liquidation" | "adl" | "manual";
  readonly exchangeAtMs: number;
}

export interface AccountEvent extends At {
  readonly kind: "account";
  readonly equity: Money;
  readonly quoteAvailable: Money;
  readonly maintenanceMargin: Money;
}

/** The exchange's own view of the position: evidence for the reconciler, never an input of the ledger. */
export interface PositionEvent extends At {
  readonly kind: "position";
  readonly symbol: string;
  readonly lots: Lots;
  /** Sequence number of the newest event the engine had when it was asked (RISK-31). */
  readonly askedAtSeq: number;
  readonly liquidation: MilliTicks | null;
}

/** An open order as a complete read shows it. */
export type OpenOrderSeen = Pick<
  OrderEvent,
  "clientOrderId" | "exchangeOrderId" | "side" | "price" | "quantity" | "cumulative"
>;

/**
 * One complete read of the exchange, asked for by a `reconcile` effect, on a reconnect or after recovery (RISK-31).
 * Fills found by the same read arrive before it. The reconciler judges it; the ledger never takes it as it is.
 */
export interface ExchangeStateEvent extends At {
  readonly kind: "exchange-state";
  readonly symbol: string;
  /** Sequence number of the newest event the engine had when the read was asked for. */
  readonly askedAtSeq: number;
  /** Every open order the exchange shows on the instrument, ours and foreign. */
  readonly openOrders: readonly OpenOrderSeen[];
  readonly positionLots: Lots;
  /** Liquidation price of the position; absent where there is none, and in records of older releases. */
  readonly liquidation?: MilliTicks;
}

/** How a send ended (EXCH-06): exactly one per place or cancel effect and try. */
export interface OutcomeEvent extends At {
  readonly kind: "outcome";
  readonly of: "place" | "cancel";
  readonly clientOrderId: ClientOrderId;
  readonly result: "accepted" | "rejected" | "unknown" | "not-sent" | "not-open";
  readonly exchangeOrderId: string | null;
  readonly reason: RejectReason | null;
  readonly text: string;
  /** From send to answer of the last try; absent where nothing was answered, and in records of older releases. */
  readonly tookMs?: number;
  /** How often it was tried; absent: once. */
  readonly tries?: number;
}

/** Settling proved that nothing of the order is left, and nothing of it was executed (DUR-45). */
export interface AbsentEvent extends At {
  readonly kind: "absent";
  readonly clientOrderId: ClientOrderId;
  readonly note: "not-found" | "forgotten";
}

export interface TimerEvent extends At {
  readonly kind: "timer";
  readonly name: string;
  readonly missed: number;
}

export interface CommandEvent extends At {
  readonly kind: "command";
  readonly command: Command;
  readonly by: string;
  readonly reason: string;
  /** The call that brought it, as its log lines name it (API-10); absent where none did. */
  readonly requestId?: string;
}

export interface FeedEvent extends At {
  readonly kind: "feed";
  readonly feed: FeedName;
  readonly state: "stale" | "fresh";
}

export interface InstrumentEvent extends At {
  readonly kind: "instrument";
  readonly instrument: Instrument;
}

/** Recovery is over: every open effect is settled, fills are backfilled; the strategy may act (DUR step 9). */
export interface Recovered extends At {
  readonly kind: "recovered";
}

export interface StopRequested extends At {
  readonly kind: "stop-requested";
  readonly by: string;
}

/** The host judged capacity, disk, clock or cost (OPS-16): opening risk is paused while any of these holds (RISK-18). */
export interface HostCondition extends At {
  readonly kind: "host-condition";
  readonly condition: "overload" | "disk" | "clock" | "slow-steps" | "journal-growth";
  readonly active: boolean;
  readonly text: string;
}

export type EngineEvent =
  | RunStarted
  | Configured
  | StartFacts
  | BookEvent
  | TradesEvent
  | CandleEvent
  | MarkEvent
  | FundingRateEvent
  | FundingSettled
  | OrderEvent
  | FillEvent
  | AccountEvent
  | PositionEvent
  | ExchangeStateEvent
  | OutcomeEvent
  | AbsentEvent
  | TimerEvent
  | CommandEvent
  | FeedEvent
  | InstrumentEvent
  | Recovered
  | StopRequested
  | HostCondition
  | AccountBreakerEvent
  | GrantEvent
  | AccountMachineEvent;

export type EventKind = EngineEvent["kind"];
