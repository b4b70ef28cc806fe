// The line protocol between a bot's process and the exchange's: one canonical JSON text a line, over a Unix socket.
// Calls carry a number, replies repeat it; what the streams say carries the number of the subscription.

import type { Socket } from "node:net";
import { decodeCanonical, encodeCanonical } from "../../src/base/canonical.ts";
import type { ExchangePort, PlaceRequest, StreamMessage } from "../../src/exchange/port.ts";
import type { ClientOrderId } from "../../src/trading/client-order-id.ts";

export type Call =
  | { readonly call: "hello" }
  | { readonly call: "instrument"; readonly symbol: string }
  | { readonly call: "place"; readonly sentMs: number; readonly request: PlaceRequest }
  | {
      readonly call: "cancel";
      readonly sentMs: number;
      readonly symbol: string;
      readonly clientOrderId: ClientOrderId;
    }
  | { readonly call: "lookup"; readonly symbol: string; readonly clientOrderId: ClientOrderId }
  | { readonly call: "openOrders"; readonly symbol: string }
  | { readonly call: "fills"; readonly symbol: string; readonly sinceMs: number; readonly cursor: string | null }
  | { readonly call: "funding"; readonly symbol: string; readonly sinceMs: number }
  | { readonly call: "account"; readonly symbol: string }
  | { readonly call: "candles"; readonly request: Parameters<ExchangePort["candles"]>[0] }
  | { readonly call: "subscribe"; readonly request: Parameters<ExchangePort["subscribe"]>[0] }
  | { readonly call: "unsubscribe"; readonly subscription: number }
  /** Of the test alone. */
  | { readonly call: "market"; readonly resting: boolean }
  | { readonly call: "truth" };

export type Sent = { readonly id: number } & Call;

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly subscription: number; readonly message: StreamMessage };

/**
 * What a port knows about its exchange. Speeds are in thousandths, times in microseconds: the encoder knows no
 * fractions.
 */
export interface Hello {
  readonly name: string;
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  readonly startMs: number;
  readonly machineUs: number;
  readonly speedMilli: number;
}

/** How things stand on the exchange, told to the test. */
export interface Truth {
  readonly position: number;
  /** Change of the account's quote balance since the beginning, Money. */
  readonly cashChange: bigint;
  readonly open: readonly string[];
  /** Own fills so far. */
  readonly fills: number;
  /** Entries in the record. */
  readonly recorded: number;
}

export function send(socket: Socket, value: Sent | Answer): void {
  if (socket.writable) socket.write(`${encodeCanonical(value)}\n`);
}

/** Calls `take` for every line; what it throws is the caller's bug. */
export function onLines(socket: Socket, take: (value: unknown) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(decodeCanonical(line));
  });
}
