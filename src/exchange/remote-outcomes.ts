// What a failed call to the connector says about an order (API-22): only its own `rejected` and `not_sent` are
// believed; no outcome in the details, a broken connection, an expired deadline all mean unknown.

import type { ErrorInfo } from "../rpc/generated/google/rpc/error_details.ts";
import { type RpcRefusal, refusalOf } from "../rpc/refusal.ts";
import type { RejectReason } from "../trading/order.ts";
import type { CancelOutcome, SendOutcome, Unavailable } from "./port.ts";
import { rejectReasonOf } from "./wire/order-view.ts";

type Said = Pick<RpcRefusal, "reason" | "metadata" | "message">;

export function sendOutcomeOf(said: Said): SendOutcome {
  const text = textOf(said);
  const outcome = said.metadata["outcome"];
  if (outcome === "rejected") return { result: "rejected", reason: reasonOf(said), text };
  return { result: outcome === "not_sent" ? "not-sent" : "unknown", text };
}

export function cancelOutcomeOf(said: Said): CancelOutcome {
  const text = textOf(said);
  const outcome = said.metadata["outcome"];
  if (outcome === "rejected") return { result: "rejected", text };
  return { result: outcome === "not_sent" ? "not-sent" : "unknown", text };
}

/** Of one element of a batch. */
export const saidBy = ({ reason, metadata }: ErrorInfo): Said => ({ reason, metadata, message: reason });

/** A read that failed, whatever the reason. */
export const unavailable = (error: unknown): Unavailable => ({
  result: "unavailable",
  text: refusalOf(error).message,
});

/** The exchange's own text where it gave one. */
const textOf = ({ metadata, message }: Said): string => metadata["exchange_text"] ?? message;

const BY_CLASS: Readonly<Record<string, RejectReason>> = {
  WOULD_CROSS: "POST_ONLY_WOULD_TAKE",
  INSUFFICIENT_FUNDS: "INSUFFICIENT_FUNDS",
  INSUFFICIENT_COLLATERAL: "INSUFFICIENT_FUNDS",
  BORROW_LIMIT: "INSUFFICIENT_FUNDS",
  REDUCE_ONLY: "REDUCE_ONLY_REJECTED",
  RATE_LIMITED: "RATE_LIMITED",
  BANNED: "RATE_LIMITED",
  MAINTENANCE: "INSTRUMENT_NOT_TRADING",
};

/** Our own connectors repeat the port's word; of any other the class decides. */
function reasonOf({ reason, metadata }: Said): RejectReason {
  const exact = rejectReasonOf(metadata["exchange_code"] ?? "");
  return exact === "OTHER" ? (BY_CLASS[reason] ?? "OTHER") : exact;
}
