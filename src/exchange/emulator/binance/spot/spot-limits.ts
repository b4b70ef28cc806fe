// The limits of Binance spot (EMU-12), as kept and as told.

import type { SocketLimits } from "../wire/keep-alive.ts";
import type { LimitOptions, RequestLimits } from "../wire/limits.ts";

export const REQUEST_LIMITS: LimitOptions = { weightPerMinute: 6_000, ordersPer10S: 100, ordersPerMinute: 600 };

/** Of one socket of streams, and of one of the WebSocket API. */
export const SOCKET_LIMITS: SocketLimits = {
  messagesPerSecond: 5,
  streamsMax: 1_024,
  pingEveryMs: 20_000,
  pongWithinMs: 60_000,
};

/** The WebSocket API counts weight and not messages; this only ends a flood. */
export const API_SOCKET_LIMITS: SocketLimits = { ...SOCKET_LIMITS, messagesPerSecond: 1_000 };

const weight = { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1 };
const tenSeconds = { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10 };
const minute = { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1 };

/** As exchangeInfo tells them. */
export const rateLimits = (): readonly unknown[] => [
  { ...weight, limit: REQUEST_LIMITS.weightPerMinute },
  { ...tenSeconds, limit: REQUEST_LIMITS.ordersPer10S },
  { ...minute, limit: REQUEST_LIMITS.ordersPerMinute },
];

/** `GET /api/v3/rateLimit/order`. */
export function orderLimits(limits: RequestLimits, account: string, nowMs: number): readonly unknown[] {
  const counts = limits.orderCounts(account, nowMs);
  return [
    { ...tenSeconds, limit: REQUEST_LIMITS.ordersPer10S, count: counts.tenSeconds },
    { ...minute, limit: REQUEST_LIMITS.ordersPerMinute, count: counts.minute },
  ];
}

/** What every reply of the WebSocket API carries. */
export function usedLimits(limits: RequestLimits, of: { readonly peer: string; readonly nowMs: number }): unknown[] {
  return [{ ...weight, limit: REQUEST_LIMITS.weightPerMinute, count: limits.usedWeight(of.peer, of.nowMs) }];
}
