// Refusals of the operator door as HTTP (API-37): the gRPC status mirrored, and one shape of body.

import type { RpcRefusal } from "../../rpc/refusal.ts";
import type { StatusName } from "../../rpc/status.ts";

const HTTP: Readonly<Record<StatusName, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 412,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

export const httpStatusOf = (status: StatusName): number => HTTP[status];

/** Body of every refusal. */
export interface DoorRefusal {
  readonly code: StatusName;
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export const refusalBody = ({ status, reason, message, metadata }: RpcRefusal): DoorRefusal => ({
  code: status,
  reason,
  message,
  metadata,
});
