// What Binance answers when it refuses: a code, a text, an HTTP status. The words of limits, security and parameters
// that both markets share; each market has its own for orders.

import type { WireReply } from "../../protocol.ts";

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly msg: string;
  /** Seconds, of limits and bans. */
  readonly retryAfterS?: number;
  /** What else the reply carries: both halves of a cancel-and-replace. */
  readonly data?: unknown;
}

export const refusal = (code: number, msg: string, status = 400): Refusal => ({ status, code, msg });

export const refusals = {
  unknown: (): Refusal => refusal(-1000, "An unknown error occurred while processing the request.", 500),
  disconnected: (): Refusal => refusal(-1001, "Internal error; unable to process your request. Please try again.", 503),
  unauthorised: (): Refusal => refusal(-1002, "You are not authorized to execute this request.", 401),
  unserved: (): Refusal => refusal(-5000, "Path not found.", 404),
  timeout: (): Refusal =>
    refusal(
      -1007,
      "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
      408,
    ),
  ahead: (): Refusal => refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
  late: (): Refusal => refusal(-1021, "Timestamp for this request is outside of the recvWindow."),
  signature: (): Refusal => refusal(-1022, "Signature for this request is not valid."),
  illegal: (name: string, legal: string): Refusal =>
    refusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '${legal}'.`),
  missing: (name: string): Refusal =>
    refusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`),
  oneOf: (first: string, second: string): Refusal =>
    refusal(-1102, `Param '${first}' or '${second}' must be sent, but both were empty/null!`),
  unread: (read: number, sent: number): Refusal =>
    refusal(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`),
  invalid: (name: string): Refusal => refusal(-1130, `Data sent for parameter '${name}' is not valid.`),
  precision: (): Refusal => refusal(-1111, "Precision is over the maximum defined for this asset."),
  timeInForce: (): Refusal => refusal(-1115, "Invalid timeInForce."),
  orderType: (): Refusal => refusal(-1116, "Invalid orderType."),
  side: (): Refusal => refusal(-1117, "Invalid side."),
  interval: (): Refusal => refusal(-1120, "Invalid interval."),
  symbol: (): Refusal => refusal(-1121, "Invalid symbol."),
  interval24h: (): Refusal => refusal(-1127, "More than 24 hours between startTime and endTime."),
  listenKey: (): Refusal => refusal(-1125, "This listenKey does not exist."),
  cancelUnknown: (): Refusal => refusal(-2011, "Unknown order sent."),
  searchWindow: (): Refusal => refusal(-4166, "Search window is restricted to recent 90 days only."),
  orderUnknown: (): Refusal => refusal(-2013, "Order does not exist."),
  keyFormat: (): Refusal => refusal(-2014, "API-key format invalid.", 401),
  key: (): Refusal => refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401),
} as const;

/** The refusal as an HTTP reply. */
export function refusalReply(of: Refusal): WireReply {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (of.retryAfterS !== undefined) headers["retry-after"] = String(of.retryAfterS);
  return { status: of.status, headers, body: JSON.stringify(refusalBody(of)) };
}

/** What a refusal says beside its status. */
export const refusalBody = ({ code, msg, data }: Refusal): Record<string, unknown> =>
  data === undefined ? { code, msg } : { code, msg, data };
