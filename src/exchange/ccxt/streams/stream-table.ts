// What the sockets of one exchange say and how they are asked, as data and small pure functions: addresses, messages
// that subscribe, frames turned into news. Nothing in here keeps state; texts of numbers stay texts.

import type { Result } from "../../../base/result.ts";
import type { CandleInterval } from "../../../trading/event.ts";
import type { CallWish } from "../call.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { CcxtCall } from "../exchanges/exchange-table.ts";
import type { Raw } from "../raw.ts";

export type TopicKind = "book" | "trades" | "candle" | "mark";

/** One public stream of one instrument. */
export interface Topic {
  readonly kind: TopicKind;
  readonly symbol: string;
  /** The exchange's own name of the instrument. */
  readonly wireName: string;
  /** Of candles only. */
  readonly interval: CandleInterval | null;
}

/** Rows of [price, quantity, …] as the exchange tells them. */
export type TextRows = readonly unknown[];

export type PublicNews =
  | {
      readonly kind: "depth";
      readonly wireName: string;
      /** It stands for the whole book, not for a change of it. */
      readonly whole: boolean;
      readonly first: number;
      readonly last: number;
      /** Last number of the change before it; null: numbers follow each other; untold: nothing chains them. */
      readonly previous: number | null | "untold";
      readonly bids: TextRows;
      readonly asks: TextRows;
      readonly atMs: number;
    }
  | {
      readonly kind: "trade";
      readonly wireName: string;
      readonly tradeId: string;
      readonly takerSide: "buy" | "sell";
      readonly price: string;
      readonly amount: string;
      readonly atMs: number;
    }
  | {
      readonly kind: "candle";
      readonly wireName: string;
      readonly interval: string;
      /** `[time, open, high, low, close, volume]` */
      readonly row: readonly unknown[];
      /** Null: the exchange does not say; a candle is over when the next one begins. */
      readonly closed: boolean | null;
    }
  | {
      readonly kind: "mark";
      readonly wireName: string;
      readonly mark: string | null;
      readonly rate: string | null;
      readonly nextAtMs: number | null;
    };

export type PrivateNews =
  /** An order's new state: the raw record, and ccxt's parser of it. */
  | { readonly kind: "order"; readonly wireName: string; readonly parser: string; readonly raw: Raw }
  | {
      readonly kind: "fill";
      readonly wireName: string;
      readonly parser: string;
      readonly raw: Raw;
      readonly clientOrderId: string | null;
    }
  /** Signed quantity of a position in the exchange's unit. */
  | { readonly kind: "position"; readonly wireName: string; readonly amount: string }
  /** Balances changed; whoever wants to know reads them. */
  | { readonly kind: "balances" }
  /** Funding was paid or received. */
  | { readonly kind: "funding" }
  /** Something of the account's own that cannot be read: it may have been a fill (TEST-28). */
  | { readonly kind: "unreadable"; readonly text: string }
  /** The login was taken: this is said next. */
  | { readonly kind: "say"; readonly messages: readonly Raw[] }
  /** The login is done. */
  | { readonly kind: "ready" }
  /** The login was refused, or is over: another one is needed at once (EXCH-45). */
  | { readonly kind: "over"; readonly text: string }
  /** The exchange will close the socket soon. */
  | { readonly kind: "closing"; readonly text: string };

/** Where a socket is dialled, and what is said first. Addresses of two generations differ, so that none is mixed up. */
export interface DialPlan {
  readonly url: string;
  readonly messages: readonly Raw[];
}

export interface PrivateTable {
  /** Whether the socket is logged in as soon as it is open, or when a frame says so. */
  readonly proof: "open" | "ready";
  /** Logs in as far as that happens before the dial. Errors: why there is none now. */
  plan(instance: CcxtInstance, generation: number, wish: CallWish): Promise<Result<DialPlan, string>>;
  /** Keeps the login alive; a failure means another one at once. Null: nothing to do. */
  readonly renew: CcxtCall | null;
  read(frame: Raw): readonly PrivateNews[];
}

export interface SayAbout {
  /** Another one for each message of a socket. */
  readonly id: number;
  /** The exchange's time, Unix ms. */
  readonly nowMs: number;
}

export interface StreamTable {
  /** Sockets by kind of topic; null: not offered. */
  readonly links: Readonly<Record<TopicKind, string | null>>;
  publicUrl(instance: CcxtInstance, link: string, generation: number): string;
  subscribe(topics: readonly Topic[], about: SayAbout): readonly Raw[];
  unsubscribe(topics: readonly Topic[], about: SayAbout): readonly Raw[];
  /** Whether a frame is ccxt's own matter: an answer to its ping. */
  passes(frame: unknown): boolean;
  /** Whether a socket's end is known beforehand, so that it is replaced. */
  readonly socketsEnd: boolean;
  readPublic(frame: Raw): readonly PublicNews[];
  /** The read that changes of a book continue; null: the stream brings it. */
  readonly snapshot: {
    call(wireName: string): CcxtCall;
    read(body: unknown): Pick<Extract<PublicNews, { kind: "depth" }>, "last" | "bids" | "asks" | "atMs"> | null;
  } | null;
  /** Whether a trade's id is the one before it and one more. */
  readonly tradesNumbered: boolean;
  /** Null: orders are only polled. */
  readonly own: PrivateTable | null;
}
