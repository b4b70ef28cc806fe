// The exchange port (EXCH-01): one instance serves one account on one exchange and hides whether it is simulated or
// real. Calls end through `done`, exactly once and never inside the call itself, so one host serves backtest, paper and
// live. Nothing the market or the network does is an exception (EXCH-04).

import type { Lots, MilliTicks, Money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type {
  AccountEvent,
  BookEvent,
  CandleEvent,
  CandleInterval,
  EngineEvent,
  FillEvent,
  FundingSettled,
  OrderEvent,
} from "../trading/event.ts";
import type { Approved, NewOrder, RejectReason } from "../trading/order.ts";
import type { PublicMarket } from "./public-market.ts";

/** Event bodies as streams deliver them: the host stamps engine time. */
export type Unstamped<E extends EngineEvent> = E extends EngineEvent ? Omit<E, "atMs"> : never;

/** EXCH-06. `unknown` is the default; `rejected` needs the exchange's own word; `not-sent`: provably no byte left. */
export type SendOutcome =
  | { readonly result: "accepted"; readonly exchangeOrderId: string }
  | { readonly result: "rejected"; readonly reason: RejectReason; readonly text: string }
  | { readonly result: "unknown"; readonly text: string }
  | { readonly result: "not-sent"; readonly text: string };

/** EXCH-14. `not-open` must be followed by a look-up: it never says that nothing was filled. */
export type CancelOutcome =
  | { readonly result: "accepted" }
  | { readonly result: "not-open"; readonly text: string }
  | { readonly result: "rejected"; readonly text: string }
  | { readonly result: "unknown"; readonly text: string }
  | { readonly result: "not-sent"; readonly text: string };

export type Unavailable = { readonly result: "unavailable"; readonly text: string };

/** `found` carries the order's state now; `absent` is the exchange's word of one moment, proof only with DUR-45. */
export type LookupResult =
  | { readonly result: "found"; readonly order: Unstamped<OrderEvent> }
  | { readonly result: "absent" }
  | Unavailable;

export type OpenOrdersResult =
  | { readonly result: "ok"; readonly orders: readonly Unstamped<OrderEvent>[] }
  | Unavailable;

/** Fills oldest first; `cursor` continues after the last one. */
export type FillsResult =
  | { readonly result: "ok"; readonly fills: readonly Unstamped<FillEvent>[]; readonly cursor: string }
  | Unavailable;

/** Settlements the account paid or received, oldest first. */
export type FundingResult =
  | { readonly result: "ok"; readonly settlements: readonly Unstamped<FundingSettled>[] }
  | Unavailable;

export interface PositionView {
  readonly symbol: string;
  readonly lots: Lots;
  readonly entry: MilliTicks | null;
  readonly liquidation: MilliTicks | null;
  readonly leverage: number;
}

export type AccountResult =
  | {
      readonly result: "ok";
      readonly quoteTotal: Money;
      readonly quoteAvailable: Money;
      readonly equity: Money;
      readonly maintenanceMargin: Money;
      readonly baseTotal: Money;
      readonly positions: readonly PositionView[];
      readonly oneWayMode: boolean;
    }
  | Unavailable;

export type CandlesResult =
  | { readonly result: "ok"; readonly candles: readonly Unstamped<CandleEvent>[] }
  | Unavailable;

/**
 * What the streams say; each order's updates arrive in the exchange's order, nothing is promised between streams
 * (EXCH-18).
 */
export type StreamMessage =
  | Unstamped<BookEvent>
  | Unstamped<CandleEvent>
  | Unstamped<OrderEvent>
  | Unstamped<FillEvent>
  | Unstamped<AccountEvent>
  | Unstamped<
      Extract<
        EngineEvent,
        { kind: "trades" | "mark" | "funding-rate" | "funding-settled" | "feed" | "instrument" | "position" }
      >
    >;

export interface PlaceRequest {
  readonly clientOrderId: ClientOrderId;
  readonly order: Approved<NewOrder>;
}

/** What can be asked of an exchange; false and 1 where it cannot. */
export interface PortCapabilities {
  /** Price and quantity of an open order can change under its own client id (EXCH-17). */
  readonly amend: boolean;
  /** Orders that can travel in one request; 1: each alone. */
  readonly placeBatchMax: number;
  readonly cancelBatchMax: number;
  /** The exchange's own dead-man timer: fires when calls stop, when the private socket is lost, or there is none. */
  readonly deadMan: "heartbeat" | "disconnect" | "none";
  readonly reduceOnly: boolean;
  /** Client ids can be looked up; without that there is market data only (EXCH-61). */
  readonly lookupByClientId: boolean;
  /** Streams the exchange gives; what it does not give is polled. */
  readonly streams: readonly (
    | "orders"
    | "fills"
    | "account"
    | "positions"
    | "book"
    | "trades"
    | "candles"
    | "funding"
  )[];
}

/** What the connection lives through, one message a change (stream `health` of EXCH-01). */
export interface UpstreamHealth {
  /** `books`, `orders`, `clock`, `limits`, `dead-man`, `credentials` … */
  readonly subject: string;
  readonly state: "live" | "suspect" | "stale" | "down";
  /** What was last seen and what is being done about it, in words. */
  readonly text: string;
}

/** What the key may do (EXCH-54); null: the exchange does not tell. */
export interface KeyRights {
  readonly trade: boolean | null;
  readonly withdraw: boolean | null;
  readonly transfer: boolean | null;
  readonly ipRestricted: boolean | null;
  /** A key that may withdraw is taken all the same: its owner said so. */
  readonly withdrawAllowed?: boolean;
}

/** How far the exchange's clock is from ours, ms (EXCH-24): its time less ours, and how far that may be off. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** One bucket the exchange counts (EXCH-25). */
export interface RequestBucket {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  /** Unix ms at which it is empty again. */
  readonly resetAtMs: number;
}

/** Outcome of a call that changes a setting: it looks first and acts once. */
export type SettingOutcome =
  | { readonly result: "accepted" }
  | { readonly result: "unchanged" }
  | { readonly result: "rejected"; readonly text: string }
  | { readonly result: "unknown"; readonly text: string };

/** What an account's owner may change or ask, beside orders; absent where the exchange has none of it. */
export interface AccountSettings {
  rights(done: (result: { readonly result: "ok"; readonly rights: KeyRights } | Unavailable) => void): void;
  /** Maker and taker rate in millionths, from the account and not from market metadata (EXCH-31). */
  feeTier(
    symbol: string,
    done: (
      result: { readonly result: "ok"; readonly makerPpm: number; readonly takerPpm: number } | Unavailable,
    ) => void,
  ): void;
  setLeverage(symbol: string, leverage: number, done: (outcome: SettingOutcome) => void): void;
  setMarginMode(symbol: string, mode: "cross" | "isolated", done: (outcome: SettingOutcome) => void): void;
  /**
   * Reads keys again from where they came (EXCH-52); the error says what is wrong with them. Gives the first 12 hex
   * digits of the key's SHA-256.
   */
  reloadCredentials(): Promise<string>;
}

/** The exchange's own dead-man timer (EXCH-32): it cancels every order of its scope, foreign ones too. */
export interface ExchangeDeadMan {
  /** Arms or renews it; null switches it off. */
  arm(symbol: string, ttlMs: number | null, done: (outcome: SettingOutcome) => void): void;
}

export interface ExchangePort {
  readonly name: string;
  readonly capabilities: PortCapabilities;
  /** Milliseconds after which a request is no longer accepted by the exchange (EXCH-08). */
  readonly requestExpiryMs: number;
  /** How long a look-up may lag behind an acceptance. */
  readonly lookupLagMs: number;
  /**
   * How long after its end an order can still be looked up; not given where the exchange remembers for ever (DUR-45).
   */
  readonly lookupReachMs?: number;
  /** As last measured; null: not measured. Absent where the exchange is in this process. */
  clockOffset?(): ClockOffset | null;
  instrument(
    symbol: string,
    done: (result: { readonly result: "ok"; readonly instrument: Instrument } | Unavailable) => void,
  ): void;
  place(request: PlaceRequest, done: (outcome: SendOutcome) => void): void;
  cancel(symbol: string, clientOrderId: ClientOrderId, done: (outcome: CancelOutcome) => void): void;
  lookup(symbol: string, clientOrderId: ClientOrderId, done: (result: LookupResult) => void): void;
  openOrders(symbol: string, done: (result: OpenOrdersResult) => void): void;
  /** Fills at or after `sinceMs`, or after `cursor` where given. */
  fills(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
    done: (result: FillsResult) => void,
  ): void;
  account(symbol: string, done: (result: AccountResult) => void): void;
  /**
   * Funding settled at or after `sinceMs`: a settlement the stream did not tell is money all the same. Absent on spot.
   */
  funding?(symbol: string, sinceMs: number, done: (result: FundingResult) => void): void;
  candles(
    request: { readonly symbol: string; readonly interval: CandleInterval; readonly count: number },
    done: (result: CandlesResult) => void,
  ): void;
  /** Starts the streams of one instrument; returns the function that ends them and frees what they hold. */
  subscribe(
    request: {
      readonly symbol: string;
      readonly candleInterval: CandleInterval | null;
      readonly bookIntervalMs: number;
    },
    listener: (message: StreamMessage) => void,
  ): () => void;
  /**
   * Keeps the connector's dead-man timer armed while `turns` says that the bot's loop does (API-45). The function it
   * gives disarms it, after a stop that left no order that should be gone, and resolves when the connector knows.
   * Absent where the exchange is in this process.
   */
  heartbeat?(ttlMs: number, turns: () => boolean): () => Promise<void>;
  /** Single trades, open candles, deep books and more of what everybody may know; absent where it is not told. */
  readonly publicMarket?: PublicMarket;
  readonly settings?: AccountSettings;
  readonly deadMan?: ExchangeDeadMan;
  /**
   * New price and quantity of an open order under its own id; `revision` makes each change happen once. Absent where
   * {@link PortCapabilities.amend} is false.
   */
  amend?(
    request: {
      readonly symbol: string;
      readonly clientOrderId: ClientOrderId;
      readonly revision: number;
      readonly order: Approved<NewOrder>;
    },
    done: (outcome: SendOutcome) => void,
  ): void;
  /** Every order of the instrument at once, foreign ones too (EXCH-16). Absent where the exchange has no such call. */
  cancelEverything?(symbol: string, done: (outcome: CancelOutcome) => void): void;
  /** What is open of each limit; absent where the exchange has none. */
  readonly budget?: () => readonly RequestBucket[];
  /** Told each change of the connection's health; returns what ends it. Absent where nothing can fail. */
  watchHealth?(listener: (health: UpstreamHealth) => void): () => void;
  close(): void;
}
