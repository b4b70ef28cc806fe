// The one error of this boundary (API-22, API-23): what a handler throws to refuse a call, and what a client's call
// fails with. Where no outcome came back, the outcome of a mutation is unknown; nothing here guesses better.

import { ClientError, ServerError } from "nice-grpc-common";
import { type StatusName, statusName } from "./status.ts";
import { transportWords } from "./transport-words.ts";

/** What is known of a failed mutation. Only `not_sent` may be repeated blindly. */
export type Outcome = "rejected" | "not_sent" | "unknown";

export interface FieldViolation {
  /** Path of the field in proto names, as `orders[2].price`. */
  readonly field: string;
  readonly description: string;
}

export interface RefusalParts {
  readonly status: StatusName;
  /** UPPER_SNAKE, as `ABSENT` (api.md section 6). */
  readonly reason: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly outcome?: Outcome | undefined;
  /** exchange, exchange_code, exchange_text, http_status and the like; never a key. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly violations?: readonly FieldViolation[] | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

export class RpcRefusal extends Error {
  override readonly name = "RpcRefusal";
  readonly status: StatusName;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterMs: number | null;
  /** The call only asked: whether anything arrived is no question. Set by the client. */
  wasRead = false;

  constructor(parts: RefusalParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.status = parts.status;
    this.reason = parts.reason;
    this.metadata = { ...parts.metadata, ...(parts.outcome === undefined ? {} : { outcome: parts.outcome }) };
    this.violations = parts.violations ?? [];
    this.retryAfterMs = parts.retryAfterMs ?? null;
  }

  /** The reason, as every error of ours has a code. */
  get code(): string {
    return this.reason;
  }

  /** What the details say about the mutation; null when they say nothing, which means unknown. */
  get outcome(): Outcome | null {
    const outcome = this.metadata["outcome"];
    return outcome === "rejected" || outcome === "not_sent" || outcome === "unknown" ? outcome : null;
  }

  /** Whether the other side said why; false when only the transport failed (API-35). */
  get explained(): boolean {
    return this.reason !== TRANSPORT;
  }
}

/** Reason of a failure that carried no details: the transport's, not the server's word. */
export const TRANSPORT = "TRANSPORT";

/** Whatever a call threw, as a refusal. */
export function refusalOf(error: unknown): RpcRefusal {
  if (error instanceof RpcRefusal) return error;
  if (error instanceof ClientError || error instanceof ServerError) {
    return transportRefusal(statusName(error.code), error.details, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new RpcRefusal({ status: "UNKNOWN", reason: "UNKNOWN", message, cause: error });
}

/** What the transport says, in words for a person where it is about the connection. */
export function transportRefusal(status: StatusName, details: string, cause: unknown): RpcRefusal {
  const isConnection = status === "UNAVAILABLE" || status === "DEADLINE_EXCEEDED" || details === "";
  return new RpcRefusal({
    status,
    reason: TRANSPORT,
    message: isConnection ? transportWords(details) : details,
    cause,
  });
}

/** INVALID_ARGUMENT naming one field. Nothing was sent. */
export function invalidField(field: string, description: string): RpcRefusal {
  return new RpcRefusal({
    status: "INVALID_ARGUMENT",
    reason: "INVALID",
    message: `${field}: ${description}`,
    outcome: "not_sent",
    metadata: { field },
    violations: [{ field, description }],
  });
}

/** UNIMPLEMENTED: the call exists in the API and not in this release. */
export function unimplemented(method: string): RpcRefusal {
  return new RpcRefusal({
    status: "UNIMPLEMENTED",
    reason: "UNSUPPORTED",
    message: `${method} is not part of this release; docs/api/unimplemented.md lists what is not`,
    outcome: "not_sent",
  });
}
