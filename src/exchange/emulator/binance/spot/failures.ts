// How Binance spot words a request that failed around the matching: its own errors, limits, bans, maintenance (EMU-28).

import type { WireFailure, WireReply } from "../../protocol.ts";
import { type Refusal, refusal, refusalReply, refusals } from "../wire/refusals.ts";

export interface WordedFailure {
  readonly refusal: Refusal;
  /** A body that is no refusal at all: a page of HTML, half a sentence. */
  readonly text: string | null;
}

export function failureOf(failure: WireFailure): WordedFailure {
  switch (failure.cause) {
    case "internal":
      return { refusal: { ...internal(failure.status), status: failure.status }, text: failure.text };
    case "rate-limit": {
      const text = "Too many requests; current limit is 6000 requests per minute.";
      return { refusal: { ...refusal(-1003, text, 429), retryAfterS: failure.retryAfterS }, text: null };
    }
    case "ban": {
      const text = "Way too many requests; IP banned. Please use the websocket for live updates to avoid bans.";
      return { refusal: { ...refusal(-1003, text, 418), retryAfterS: failure.retryAfterS }, text: null };
    }
    case "maintenance":
      return { refusal: refusal(-1016, "This service is no longer available.", 503), text: null };
  }
}

export function failureReply(failure: WireFailure): WireReply {
  const worded = failureOf(failure);
  if (worded.text === null) return refusalReply(worded.refusal);
  return { status: worded.refusal.status, headers: { "content-type": "text/html" }, body: worded.text };
}

/** What each status stands for: unknown, unreachable, overloaded, timed out. */
function internal(status: 500 | 502 | 503 | 504): Refusal {
  if (status === 500) return refusals.unknown();
  if (status === 504) return refusals.timeout();
  return status === 502 ? refusals.disconnected() : refusal(-1008, "Request throttled by system-level protection.");
}
