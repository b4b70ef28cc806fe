// What a scenario of faults plays with: the market it plays on, and what a client must offer to be put through it.

import type { Clock } from "../../src/base/clock.ts";
import type { ProtocolName } from "../../src/exchange/emulator/protocol.ts";
import { SYMBOL } from "./faults-wire.ts";

/** Where a scenario plays: BTC against USDT, as a perpetual or on spot. */
export interface ScenarioMarket {
  readonly protocol: ProtocolName;
  readonly symbol: string;
  /** Its book as a stream. */
  readonly bookPath: string;
  /** A price among the five best bids of the book at the start. */
  readonly near: string;
  /** The exchange's word for what becomes of an order. */
  readonly report: string;
  /** What a post-only order says of itself on the wire. */
  readonly postOnly: string;
}

export const USDM: ScenarioMarket = {
  protocol: "binance-usdm",
  symbol: SYMBOL,
  bookPath: "/public/ws/btcusdt@depth@100ms",
  near: "59999.5",
  report: "ORDER_TRADE_UPDATE",
  postOnly: "timeInForce=GTX",
};

export const SPOT: ScenarioMarket = {
  protocol: "binance-spot",
  symbol: "BTC/USDT",
  bookPath: "/ws/btcusdt@depth@100ms",
  near: "59999.95",
  report: "executionReport",
  postOnly: "type=LIMIT_MAKER",
};

/** An order a client is to bring into the book exactly once. Prices and quantities as text. */
export interface WantedOrder {
  readonly name: string;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly quantity: string;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
}

export interface ClientBelief {
  /** Signed quantity; on spot, what was gained or lost of BTC. */
  readonly position: string;
  readonly openOrders: readonly string[];
  /** Wallet balance; null: it does not know it. */
  readonly balance: string | null;
  /** Best levels first; null: it knows that it has no book it could trust. */
  readonly book: {
    readonly bids: readonly (readonly [string, string])[];
    readonly asks: readonly (readonly [string, string])[];
  } | null;
}

export interface ClientUnderTest {
  start(): Promise<void>;
  /** Ends when the client has made up its mind about the order. */
  want(order: WantedOrder): Promise<void>;
  /** Wants the order gone. */
  drop(name: string): Promise<void>;
  /** Wants every order gone. */
  stop(): Promise<void>;
  /** Time to look again: whoever reconciles does it here. */
  settle(): Promise<void>;
  /** Forgets what it has in memory and begins again, by what it can read. */
  restart(): Promise<void>;
  belief(): ClientBelief;
  /** Client order ids it used for one wanted order. */
  idsOf(name: string): readonly string[];
  /** Requests sent over HTTP: manual time stands still while one of them is on its way. */
  readonly sent: number;
  /** Frames heard; Infinity: it does not count them. */
  readonly heard: number;
  /** It has timers of its own in the emulator's time: that moves in small steps, whenever nothing else does. */
  readonly livesByClock?: boolean;
  close(): Promise<void>;
}

export interface ClientPlace {
  readonly rest: string;
  readonly websocket: string;
  readonly nowMs: () => number;
  readonly clock: Clock;
  /** Aborts when that much of the emulator's time has passed. */
  readonly deadline: (ms: number) => AbortSignal;
}

export type ClientMaker = (place: ClientPlace) => ClientUnderTest;
