// What stands between the emulator's sockets and one exchange's wording (EMU-02). A protocol is a function of bytes and
// clock: it owns logins, listen keys, sequence numbers, request counters and the words; matching, margin, fees and
// funding are the simulated exchange's. It opens no socket and reads no clock but the one it is given.

import type { EmulatorWorld } from "./world.ts";

export type ProtocolName = "binance-usdm" | "binance-spot";

/** One HTTP request as it arrived, nothing decoded: signatures are checked over these very bytes. */
export interface WireRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Without the query. */
  readonly path: string;
  /** Text after the question mark, undecoded; empty where there is none. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Address of the client: limits per IP count by it. */
  readonly peer: string;
}

export interface WireReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a request is about, as far as a fault may ask (EMU-28); null: not said, or not of that kind. */
export interface WireTraits {
  /** `POST /fapi/v1/order`; of a socket request, its method: `order.place`. */
  readonly route: string;
  readonly kind: "place" | "cancel" | "amend" | "read" | "login" | "stream";
  /** Name of the account, by its key. */
  readonly account: string | null;
  /** Our symbol, `BTC/USDT:USDT`. */
  readonly symbol: string | null;
  readonly side: "buy" | "sell" | null;
  readonly clientOrderId: string | null;
}

/** What a frame carries, as far as a fault may ask. */
export interface FrameTraits {
  readonly kind: "user" | "public" | "reply" | "control";
  /** The exchange's own event word: `ORDER_TRADE_UPDATE`, `depthUpdate`. */
  readonly event: string;
  readonly account: string | null;
  readonly symbol: string | null;
}

/** The emulator's end of one open WebSocket. What it sends passes the faults of frames and is recorded. */
export interface WireSocket {
  readonly id: number;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly peer: string;
  send(text: string, traits: FrameTraits): void;
  /** A ping frame; its pong comes to {@link SocketTalk.ponged}. */
  ping(): void;
  close(code: number, reason: string): void;
}

/** What a protocol does with one open WebSocket. */
export interface SocketTalk {
  heard(text: string): void;
  ponged(): void;
  /** It is gone, by whichever side; nothing may be sent any more. */
  closed(): void;
  /** What the socket is subscribed to, in the exchange's own words. */
  readonly subscriptions: readonly string[];
  /**
   * What a frame asks for where it is a request of the exchange's WebSocket API (`order.place`), so that the faults of
   * requests strike it too; null: it is none. Its reply is sent within {@link heard}, as a frame of kind `reply`.
   */
  requestIn?(text: string): WireTraits | null;
  /** The reply by which such a request fails, with its own id in it. */
  failure?(text: string, failure: WireFailure): string;
}

/** Ways in which a request fails before or after the exchange did what it asks: each protocol words them itself. */
export type WireFailure =
  | { readonly cause: "internal"; readonly status: 500 | 502 | 503 | 504; readonly text: string | null }
  | { readonly cause: "rate-limit"; readonly retryAfterS: number }
  | { readonly cause: "ban"; readonly retryAfterS: number }
  | { readonly cause: "maintenance" };

/** Things done to a protocol from outside; one that does not concern it answers false. */
export type ProtocolAct =
  | { readonly act: "expire-keys"; readonly account: string | null; readonly announced: boolean }
  | { readonly act: "restart" }
  | { readonly act: "shutdown-notice" };

export interface Protocol {
  readonly name: ProtocolName;
  /** Answers exactly once, in the same call or later. Never throws for what a client may send. */
  http(request: WireRequest, reply: (reply: WireReply) => void): void;
  traitsOf(request: WireRequest): WireTraits;
  failure(failure: WireFailure): WireReply;
  /** An upgrade: the talk, or the reply that refuses it. */
  open(socket: WireSocket): SocketTalk | WireReply;
  act(act: ProtocolAct): boolean;
  /** Requests no route served, by route (EMU-08). */
  readonly unserved: ReadonlyMap<string, number>;
  close(): void;
}

/** Makes a protocol over a world; the one thing the registry knows of it. */
export type ProtocolMaker = (world: EmulatorWorld) => Protocol;
