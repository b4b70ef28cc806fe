// How refusals of the exchange are worded in the API: the table of api.md section 6 as data. The exchange's code and
// text travel unchanged beside our own word (API-23). Nothing here decides that an order was refused; that needs the
// exchange's own word, which the port has heard.

import { type Outcome, RpcRefusal } from "../../rpc/refusal.ts";
import type { StatusName } from "../../rpc/status.ts";
import type { RejectReason } from "../../trading/order.ts";

/** What a caller does about it. */
export type Advice = "lock" | "replan" | "reconcile" | "refresh" | "stop" | "block" | "wait" | "settle" | "back-off";

export interface RefusalRow {
  /** Nearest named ancestors of ccxt; empty where a code alone decides. */
  readonly ccxt: readonly string[];
  readonly reason: string;
  /** Null: the call is answered OK. */
  readonly status: StatusName | null;
  /** Of a mutation. `listed`: rejected if the code is listed, else unknown. `looked-up`: a look-up decides. */
  readonly outcome: Outcome | "listed" | "looked-up" | null;
  readonly advice: Advice | null;
}

export const REFUSALS = {
  INSUFFICIENT_FUNDS: row(["InsufficientFunds"], "RESOURCE_EXHAUSTED", "listed", "lock"),
  INSUFFICIENT_COLLATERAL: row([], "RESOURCE_EXHAUSTED", "listed", "lock"),
  BORROW_LIMIT: row([], "RESOURCE_EXHAUSTED", "listed", "lock"),
  WOULD_CROSS: row(["OrderImmediatelyFillable", "OrderNotFillable"], "FAILED_PRECONDITION", "rejected", "replan"),
  REDUCE_ONLY: row([], "FAILED_PRECONDITION", "rejected", "reconcile"),
  INVALID: row(
    ["InvalidOrder", "BadRequest", "BadSymbol", "ArgumentsRequired", "ContractUnavailable"],
    "INVALID_ARGUMENT",
    "listed",
    "refresh",
  ),
  DUPLICATE_ID: row(["DuplicateOrderId"], "ALREADY_EXISTS", "looked-up", null),
  ABSENT: row(["OrderNotFound", "OrderNotCached"], "NOT_FOUND", "looked-up", null),
  NOT_OPEN: row(["CancelPending"], "FAILED_PRECONDITION", "looked-up", null),
  AUTH: row(["AuthenticationError"], "UNAUTHENTICATED", "listed", "stop"),
  PERMISSION_DENIED: row(
    ["PermissionDenied", "AccountNotEnabled", "AccountSuspended", "RestrictedLocation"],
    "PERMISSION_DENIED",
    "listed",
    "stop",
  ),
  MARGIN_UNAVAILABLE: row([], "FAILED_PRECONDITION", "rejected", "block"),
  RATE_LIMITED: row(["RateLimitExceeded", "DDoSProtection"], "RESOURCE_EXHAUSTED", "listed", "wait"),
  BANNED: row([], "RESOURCE_EXHAUSTED", "listed", "wait"),
  CLOCK: row(["InvalidNonce"], "FAILED_PRECONDITION", "rejected", "settle"),
  MAINTENANCE: row(["OnMaintenance", "MarketClosed"], "UNAVAILABLE", "listed", "wait"),
  UNAVAILABLE: row(
    ["NetworkError", "RequestTimeout", "ExchangeNotAvailable", "OperationFailed", "BadResponse", "NullResponse"],
    "UNAVAILABLE",
    "unknown",
    "settle",
  ),
  UNSUPPORTED: row(["NotSupported"], "UNIMPLEMENTED", "not_sent", null),
  UNCHANGED: row(["NoChange", "MarginModeAlreadySet"], null, null, null),
  REJECTED: row(["OperationRejected"], "FAILED_PRECONDITION", "rejected", "back-off"),
  UNKNOWN: row(["ExchangeError"], "UNKNOWN", "unknown", "settle"),
  INTERNAL: row([], "INTERNAL", "unknown", "stop"),
} as const satisfies { readonly [reason: string]: Omit<RefusalRow, "reason"> };

export type ErrorReason = keyof typeof REFUSALS;

function row<const S extends StatusName | null>(
  ccxt: readonly string[],
  status: S,
  outcome: RefusalRow["outcome"],
  advice: Advice | null,
): Omit<RefusalRow, "reason" | "status"> & { readonly status: S } {
  return { ccxt, status, outcome, advice };
}

/** The class of each reason a port gives. All of them are codes on the exchange's list of definite refusals. */
export const CLASS_OF: { readonly [reason in RejectReason]: ErrorReason } = {
  POST_ONLY_WOULD_TAKE: "WOULD_CROSS",
  INSUFFICIENT_FUNDS: "INSUFFICIENT_FUNDS",
  REDUCE_ONLY_REJECTED: "REDUCE_ONLY",
  PRICE_OUT_OF_BAND: "INVALID",
  OFF_GRID: "INVALID",
  BELOW_MINIMUM: "INVALID",
  TOO_MANY_ORDERS: "REJECTED",
  RATE_LIMITED: "RATE_LIMITED",
  INSTRUMENT_NOT_TRADING: "MAINTENANCE",
  SELF_TRADE: "REJECTED",
  FILL_OR_KILL: "REJECTED",
  OTHER: "REJECTED",
};

/** The exchange refused, in its own words. */
export function rejection(exchange: string, refused: { reason: RejectReason; text: string }): RpcRefusal {
  const reason = CLASS_OF[refused.reason];
  return new RpcRefusal({
    status: REFUSALS[reason].status ?? "FAILED_PRECONDITION",
    reason,
    message: `${exchange} refused: ${refused.text}`,
    outcome: "rejected",
    metadata: { exchange, exchange_code: refused.reason, exchange_text: refused.text },
    ...(reason === "RATE_LIMITED" ? { retryAfterMs: 1_000 } : {}),
  });
}

/** Nobody knows what became of it. */
export const unknownOutcome = (exchange: string, text: string): RpcRefusal =>
  new RpcRefusal({
    status: "UNAVAILABLE",
    reason: "UNAVAILABLE",
    message: `the outcome is unknown: ${text}`,
    outcome: "unknown",
    metadata: { exchange, exchange_text: text },
  });

/** Provably nothing left for the exchange. */
export const neverSent = (exchange: string, text: string): RpcRefusal =>
  new RpcRefusal({
    status: "UNAVAILABLE",
    reason: "UNAVAILABLE",
    message: `nothing was sent: ${text}`,
    outcome: "not_sent",
    metadata: { exchange, exchange_text: text },
  });

/** A read the exchange did not answer. */
export const noAnswer = (exchange: string, text: string): RpcRefusal =>
  new RpcRefusal({
    status: "UNAVAILABLE",
    reason: "UNAVAILABLE",
    message: `${exchange} does not answer: ${text}`,
    metadata: { exchange, exchange_text: text },
  });
