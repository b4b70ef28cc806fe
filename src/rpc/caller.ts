// Who calls. The server knows it before a handler runs; handlers read it here and never from metadata.

import type { CallContext } from "nice-grpc-common";
import { BugError } from "../base/assert.ts";
import { RpcRefusal } from "./refusal.ts";

/** From weakest to strongest; each may do what those before it may (API-27). */
export const ROLES = ["reader", "trader", "operator"] as const;
export type Role = (typeof ROLES)[number];

export interface Caller {
  /** Name of its key or certificate: the identity the journal keeps. */
  readonly name: string;
  readonly role: Role;
  /** Bots its orders may be for; null: any. */
  readonly bots: readonly string[] | null;
  readonly requestId: string;
  /** Address without port, or `unix`. */
  readonly address: string;
  /** The free note of `x-operator`; never an identity. */
  readonly note: string;
}

interface Call {
  readonly caller: Caller;
  readonly deadlineMs: number | null;
}

const calls = new WeakMap<CallContext, Call>();

/** For the server alone: what it found out about a call. */
export function admit(context: CallContext, call: Call): void {
  calls.set(context, call);
}

export function callerOf(context: CallContext): Caller {
  return callOf(context).caller;
}

/** When the caller stops waiting, Unix ms; null for streams without a deadline. */
export function deadlineOf(context: CallContext): number | null {
  return callOf(context).deadlineMs;
}

function callOf(context: CallContext): Call {
  const call = calls.get(context);
  if (call === undefined) throw new BugError("a context that no server of ours made has no caller");
  return call;
}

export const roleAtLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** For calls whose role depends on the request. Throws PERMISSION_DENIED. */
export function requireRole(context: CallContext, needed: Role, what: string): void {
  const { role, name } = callerOf(context);
  if (roleAtLeast(role, needed)) return;
  throw permissionDenied(`${what} needs the role ${needed}; ${name} is ${role}`);
}

/** API-29: orders of a key that is bound to bots are for these bots alone. Throws PERMISSION_DENIED. */
export function requireBot(context: CallContext, botId: string): void {
  const { bots, name } = callerOf(context);
  if (bots === null || bots.includes(botId)) return;
  throw permissionDenied(`${name} may act for ${bots.join(", ") || "no bot"}, not for ${botId || "a bot without id"}`);
}

export function permissionDenied(message: string): RpcRefusal {
  return new RpcRefusal({ status: "PERMISSION_DENIED", reason: "PERMISSION_DENIED", message, outcome: "not_sent" });
}
