// What a refused call means for a person at the command line: the server's own sentence, and the exit code of its
// status.

import { type RpcRefusal, refusalOf } from "../../../rpc/refusal.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError } from "../output.ts";

const CODES: Readonly<Partial<Record<RpcRefusal["status"], number>>> = {
  INVALID_ARGUMENT: EXIT_CODES.refused,
  NOT_FOUND: EXIT_CODES.refused,
  ALREADY_EXISTS: EXIT_CODES.refused,
  ABORTED: EXIT_CODES.refused,
  OUT_OF_RANGE: EXIT_CODES.refused,
  UNIMPLEMENTED: EXIT_CODES.refused,
  FAILED_PRECONDITION: EXIT_CODES.checkFailed,
  UNAVAILABLE: EXIT_CODES.unreachable,
  DEADLINE_EXCEEDED: EXIT_CODES.unreachable,
  RESOURCE_EXHAUSTED: EXIT_CODES.unreachable,
  UNAUTHENTICATED: EXIT_CODES.credentials,
  PERMISSION_DENIED: EXIT_CODES.credentials,
};

/** Errors of the command line pass as they are. */
export function asCommandError(error: unknown, address: string): unknown {
  if (error instanceof CommandError) return error;
  if (error instanceof Error && "exitCode" in error) return error;
  const refusal = refusalOf(error);
  const code = CODES[refusal.status] ?? EXIT_CODES.unexpected;
  if (!refusal.explained && (refusal.status === "UNAVAILABLE" || refusal.status === "DEADLINE_EXCEEDED")) {
    // only a change that left this machine is in doubt
    const hint =
      refusal.wasRead || refusal.message.includes("ECONNREFUSED")
        ? "Is it running? opensqt up starts everything; --address names another one."
        : "What was told may have arrived all the same: look with opensqt status.";
    return new CommandError(code, `${address} does not answer: ${refusal.message}`, hint);
  }
  // a fault of the command's own is no refusal: it goes on as it is
  if (refusal.status === "UNKNOWN" && (refusal !== error || !refusal.explained)) return error;
  const violations = refusal.violations
    .filter(({ description }) => !refusal.message.includes(description))
    .map(({ field, description }) => `${field}: ${description}`);
  const missing = [refusal.message, ...violations].join("\n");
  return new CommandError(code, missing, hintOf(refusal));
}

function hintOf({ status, retryAfterMs }: RpcRefusal): string {
  if (retryAfterMs !== null) return `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  if (status === "ABORTED") return "It was changed meanwhile: look again, then repeat.";
  if (status === "PERMISSION_DENIED") return "The key shown is of a lower role.";
  return "";
}
