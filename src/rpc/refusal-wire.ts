// A refusal on the wire: gRPC's rich error model, google.rpc.Status in the trailer `grpc-status-details-bin` with
// ErrorInfo, BadRequest and RetryInfo. Metadata that does not fit is cut: a trailer too large would lose the whole.

import { Metadata } from "@grpc/grpc-js";
import type { Any } from "./generated/google/protobuf/any.ts";
import { BadRequest, ErrorInfo, RetryInfo } from "./generated/google/rpc/error_details.ts";
import { Status as RpcStatus } from "./generated/google/rpc/status.ts";
import { type RefusalParts, RpcRefusal, TRANSPORT, transportRefusal } from "./refusal.ts";
import { statusName, statusNumber } from "./status.ts";

const DETAILS = "grpc-status-details-bin";
const DOMAIN = "opensqt";
const TYPE = "type.googleapis.com/google.rpc.";
/** HTTP/2 peers accept at least 8 KiB of headers; the details stay well below. */
const VALUE_LENGTH_MAX = 500;
const VALUES_MAX = 12;

/** The part of a gRPC error both sides of grpc-js agree on. */
export interface WireError {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

export function errorInfoOf(refusal: RpcRefusal): ErrorInfo {
  // whatever is cut, the outcome is not
  const { outcome, ...rest } = refusal.metadata;
  const known = outcome === undefined ? rest : { outcome, ...rest };
  const entries = Object.entries(known).slice(0, VALUES_MAX);
  const metadata = Object.fromEntries(entries.map(([key, value]) => [key, value.slice(0, VALUE_LENGTH_MAX)]));
  return { reason: refusal.reason, domain: DOMAIN, metadata };
}

export function toWire(refusal: RpcRefusal): WireError {
  const message = refusal.message.slice(0, VALUE_LENGTH_MAX);
  const details: Any[] = [anyOf("ErrorInfo", ErrorInfo.encode(errorInfoOf(refusal)).finish())];
  if (refusal.violations.length > 0) {
    const fieldViolations = refusal.violations.slice(0, VALUES_MAX).map((each) => ({ ...each }));
    const bytes = BadRequest.encode(BadRequest.fromPartial({ fieldViolations })).finish();
    details.push(anyOf("BadRequest", bytes));
  }
  if (refusal.retryAfterMs !== null) {
    const seconds = Math.floor(refusal.retryAfterMs / 1000);
    const nanos = Math.round(refusal.retryAfterMs - seconds * 1000) * 1_000_000;
    const bytes = RetryInfo.encode({ retryDelay: { seconds, nanos } }).finish();
    details.push(anyOf("RetryInfo", bytes));
  }
  const code = statusNumber(refusal.status);
  const metadata = new Metadata();
  metadata.set(DETAILS, Buffer.from(RpcStatus.encode({ code, message, details }).finish()));
  return { code, details: message, metadata };
}

/** The generated type wants a Buffer where it was made for Node. */
const anyOf = (name: string, bytes: Uint8Array): Any => ({ typeUrl: `${TYPE}${name}`, value: Buffer.from(bytes) });

/** What a client's call failed with. Without readable details the reason is TRANSPORT. */
export function fromWire(error: { readonly code: number; readonly details: string; readonly metadata?: Metadata }) {
  const status = statusName(error.code);
  const parts = { status, message: error.details, cause: error };
  const [details] = error.metadata?.get(DETAILS) ?? [];
  if (!(details instanceof Uint8Array)) return transportRefusal(status, error.details, error);
  try {
    return new RpcRefusal({ ...parts, ...readDetails(details) });
  } catch {
    // details nobody can read say nothing: the outcome stays unknown
    return transportRefusal(status, error.details, error);
  }
}

type Details = Pick<RefusalParts, "reason" | "metadata" | "violations" | "retryAfterMs">;

function readDetails(bytes: Uint8Array): Details {
  let found: Details = { reason: TRANSPORT };
  for (const { typeUrl, value } of RpcStatus.decode(bytes).details) {
    if (typeUrl === `${TYPE}ErrorInfo`) {
      const { reason, metadata } = ErrorInfo.decode(value);
      found = { ...found, reason, metadata };
    } else if (typeUrl === `${TYPE}BadRequest`) {
      found = { ...found, violations: BadRequest.decode(value).fieldViolations };
    } else if (typeUrl === `${TYPE}RetryInfo`) {
      const delay = RetryInfo.decode(value).retryDelay;
      if (delay !== undefined) found = { ...found, retryAfterMs: delay.seconds * 1000 + delay.nanos / 1e6 };
    }
  }
  return found;
}
