// Lets a call in or refuses it (API-25…30, API-42): identity, lock, role, rate. What it refuses it logs and counts,
// with no part of the key.

import { randomUUID } from "node:crypto";
import type { Metadata } from "@grpc/grpc-js";
import { type Caller, permissionDenied, roleAtLeast } from "./caller.ts";
import { type Identity, Keyring, keyMark, type RpcClientEntry, weaker } from "./keyring.ts";
import type { AuthFailure, RpcLog, RpcMetrics } from "./observer.ts";
import { FailureWatch, limitOf, type RateLimit, RateLimiter } from "./rate.ts";
import { RpcRefusal } from "./refusal.ts";
import type { CallRule } from "./roles.ts";

export interface Knock {
  readonly path: string;
  readonly rule: CallRule | null;
  readonly metadata: Metadata;
  readonly address: string;
  /** Text of a verified certificate's subject alternative name; empty without one. */
  readonly subjectAltName: string;
}

export interface DoorkeeperOptions {
  readonly keys: readonly RpcClientEntry[];
  readonly rate: RateLimit;
  readonly log: RpcLog;
  readonly metrics: RpcMetrics;
  /** Monotonic milliseconds. */
  readonly monotonicMs: () => number;
}

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
const NOTE_LENGTH_MAX = 200;

/** The request's own id, or a new one. */
export function requestIdOf(metadata: Metadata): string {
  const [given] = metadata.get("x-request-id");
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

export class Doorkeeper {
  private keyring: Keyring;
  private readonly limiter = new RateLimiter();
  private readonly watch = new FailureWatch();
  private readonly options: DoorkeeperOptions;

  constructor(options: DoorkeeperOptions) {
    this.options = options;
    this.keyring = new Keyring(options.keys);
  }

  replace(keys: readonly RpcClientEntry[]): void {
    this.keyring = new Keyring(keys);
  }

  /** Who calls; throws a refusal. */
  admit(knock: Knock, requestId: string): Caller {
    const identity = this.identify(knock, requestId);
    const { rule } = knock;
    if (rule === null || !roleAtLeast(identity.role, rule.role)) {
      this.report("role", knock, { requestId, caller: identity.name });
      const needed = rule === null ? "is in no table of roles" : `needs the role ${rule.role}`;
      throw permissionDenied(`${knock.path} ${needed}; ${identity.name} is ${identity.role}`);
    }
    if (rule.limited) this.limit(identity);
    const [note] = knock.metadata.get("x-operator");
    const text = typeof note === "string" ? note.slice(0, NOTE_LENGTH_MAX) : "";
    return { ...identity, requestId, address: knock.address, note: text };
  }

  /** Whether a caller let in before would still be: by the same keys, with the role it had. */
  stillWelcome(knock: Knock): boolean {
    const found = this.recognise(knock);
    return typeof found !== "string" && knock.rule !== null && roleAtLeast(found.role, knock.rule.role);
  }

  private limit(identity: Identity): void {
    const limit = limitOf(identity.role, this.options.rate);
    const waitMs = this.limiter.take(identity.name, limit, this.options.monotonicMs());
    if (waitMs === 0) return;
    throw new RpcRefusal({
      status: "RESOURCE_EXHAUSTED",
      reason: "RATE_LIMITED",
      message: `${identity.name} sends more than ${limit.perSecond} requests a second; wait ${waitMs} ms`,
      outcome: "not_sent",
      retryAfterMs: waitMs,
    });
  }

  private identify(knock: Knock, requestId: string): Identity {
    const { address } = knock;
    const now = this.options.monotonicMs();
    const found = this.recognise(knock);
    const lockedMs = this.watch.lockedFor(address, now);
    if (lockedMs > 0 && (typeof found === "string" || !this.watch.isKnown(address, found.name))) {
      this.report("locked", knock, { requestId });
      throw new RpcRefusal({
        status: "UNAUTHENTICATED",
        reason: "AUTH",
        message: `five failed calls in a minute from ${address}; wait ${Math.ceil(lockedMs / 1000)} s`,
        outcome: "not_sent",
        retryAfterMs: lockedMs,
      });
    }
    if (typeof found !== "string") {
      this.watch.succeeded(address, found.name);
      return found;
    }
    this.watch.failed(address, now);
    this.report(found, knock, { requestId });
    throw new RpcRefusal({ status: "UNAUTHENTICATED", reason: "AUTH", message: SAID[found], outcome: "not_sent" });
  }

  private recognise({ metadata, subjectAltName }: Knock): Identity | AuthFailure {
    const key = keyIn(metadata);
    if (key === "conflicting") return "conflicting";
    const certificate = subjectAltName === "" ? null : this.keyring.byCertificate(subjectAltName);
    if (key === null) {
      if (certificate !== null) return certificate;
      return subjectAltName === "" ? "missing" : "certificate";
    }
    const entry = this.keyring.byKey(key.text);
    if (entry === null) return "unknown";
    return certificate === null ? entry : weaker(entry, certificate);
  }

  private report(reason: AuthFailure, knock: Knock, fields: Readonly<Record<string, string>>): void {
    const key = keyIn(knock.metadata);
    const mark = key === null || key === "conflicting" ? {} : { keyMark: keyMark(key.text) };
    this.options.metrics.authFailure(reason);
    const { path: method, address } = knock;
    this.options.log.warn("call refused", { method, address, reason, ...fields, ...mark });
  }
}

const SAID: Readonly<Record<AuthFailure, string>> = {
  missing: "no API key: send it as metadata x-api-key or authorization: Bearer KEY",
  unknown: "this API key is not known here",
  conflicting: "x-api-key and authorization carry different keys",
  certificate: "this certificate is not among the clients of this server",
  locked: "locked",
  role: "role",
};

/** Both headers are accepted (API-10). */
function keyIn(metadata: Metadata): { readonly text: string } | null | "conflicting" {
  const [plain] = metadata.get("x-api-key");
  const [bearer] = metadata.get("authorization");
  const token = typeof bearer === "string" ? /^Bearer +(\S+)$/i.exec(bearer)?.[1] : undefined;
  if (typeof plain !== "string") return token === undefined ? null : { text: token };
  if (token !== undefined && token !== plain) return "conflicting";
  return { text: plain };
}
