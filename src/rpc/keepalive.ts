// How a peer that went dark is noticed (API-36): a cable that was pulled closes no connection.

export interface Keepalive {
  /** A ping after so long, ms. */
  readonly everyMs: number;
  /** A peer that does not answer for so long is gone, ms. */
  readonly timeoutMs: number;
}

/** API-36, both sides. */
export const KEEPALIVE: Keepalive = { everyMs: 20_000, timeoutMs: 10_000 };

/** As grpc-js wants it; pings go out with no call running too. */
export const keepaliveOptions = ({ everyMs, timeoutMs }: Keepalive) => ({
  "grpc.keepalive_time_ms": everyMs,
  "grpc.keepalive_timeout_ms": timeoutMs,
  "grpc.keepalive_permit_without_calls": 1,
});
