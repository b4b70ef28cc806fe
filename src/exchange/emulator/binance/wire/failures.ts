// How Binance words a request that fails before or after it was done, as faults ask for it (EMU-28).

import type { WireFailure, WireReply } from "../../protocol.ts";
import { refusal, refusalReply, refusals } from "./refusals.ts";

const HTML = { "content-type": "text/html" };

export function failureReply(failure: WireFailure): WireReply {
  switch (failure.cause) {
    case "internal":
      return internal(failure.status, failure.text);
    case "rate-limit": {
      const text = "Too many requests; please use the websocket for live updates to avoid polling the API.";
      return refusalReply({ ...refusal(-1003, text, 429), retryAfterS: failure.retryAfterS });
    }
    case "ban": {
      const text = "Way too many requests; IP banned. Please use the websocket for live updates to avoid bans.";
      return refusalReply({ ...refusal(-1003, text, 418), retryAfterS: failure.retryAfterS });
    }
    case "maintenance":
      return refusalReply(refusal(-1016, "This service is no longer available.", 503));
  }
}

/** 502 and 504 come from what stands before the exchange, as HTML; the others from itself. */
function internal(status: 500 | 502 | 503 | 504, text: string | null): WireReply {
  if (text !== null) {
    const headers = { "content-type": text.startsWith("{") ? "application/json" : "text/html" };
    return { status, headers, body: text };
  }
  switch (status) {
    case 500:
      return refusalReply(refusals.unknown());
    case 503:
      return refusalReply({ ...refusals.timeout(), status });
    case 502:
      return { status, headers: HTML, body: page("502 Bad Gateway") };
    case 504:
      return { status, headers: HTML, body: page("504 Gateway Timeout") };
  }
}

const page = (title: string): string =>
  `<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>`;
