// The life of one call on the server: let in, run under a deadline, answered, counted, logged. A handler that throws
// what is no refusal is our bug: the caller hears INTERNAL and nothing of it, the log hears all.

import { Metadata as GrpcMetadata, type ServerUnaryCall } from "@grpc/grpc-js";
import { type CallContext, Metadata } from "nice-grpc-common";
import { admit, type Caller, deadlineOf } from "./caller.ts";
import { type Doorkeeper, type Knock, requestIdOf } from "./doorkeeper.ts";
import type { Method } from "./method.ts";
import type { RpcLog, RpcMetrics } from "./observer.ts";
import { RpcRefusal, TRANSPORT } from "./refusal.ts";
import { type CallRule, DEADLINES_MS, ruleOf } from "./roles.ts";
import type { StatusName } from "./status.ts";

/** What every kind of call of grpc-js can do. */
interface ServerSurfaceCall extends Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getPeer" | "getAuthContext"> {
  on(event: "cancelled", listener: () => void): unknown;
}

export interface CallSurroundings {
  readonly doorkeeper: Doorkeeper;
  readonly log: RpcLog;
  readonly metrics: RpcMetrics;
  /** Methods that need no key: health, and reflection on loopback. */
  readonly open: (path: string) => boolean;
  /** Rule of what is no RPC of ours, as reflection. */
  readonly extraRule: (path: string) => CallRule | null;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** Running calls, so that stopping and revoked keys reach them. */
  readonly running: Set<RunningCall>;
  readonly stopping: () => boolean;
}

const NOBODY = { name: "anyone", role: "reader", bots: null, note: "" } as const;

export class RunningCall {
  readonly method: Method;
  readonly context: CallContext;
  /** Null while a refusal is on its way. */
  caller: Caller | null = null;
  readonly knock: Knock;
  readonly requestId: string;
  private readonly abort = new AbortController();
  private readonly surroundings: CallSurroundings;
  private readonly startedMs: number;
  private timer: NodeJS.Timeout | null = null;
  private clientOrderId = "";

  constructor(call: ServerSurfaceCall, method: Method, surroundings: CallSurroundings) {
    this.method = method;
    this.surroundings = surroundings;
    this.startedMs = surroundings.monotonicMs();
    this.requestId = requestIdOf(call.metadata);
    const path = method.path;
    const rule = ruleOf(path) ?? surroundings.extraRule(path);
    const address = addressOf(call.getPeer());
    const subjectAltName = call.getAuthContext().sslPeerCertificate?.subjectaltname ?? "";
    this.knock = { path, rule, metadata: call.metadata, address, subjectAltName };
    this.context = contextOf(call, this.abort.signal);
    call.on("cancelled", () => this.end(CANCELLED));
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** The header of the answer: with it for unary calls, so that both leave in one packet; at once for streams. */
  get header(): GrpcMetadata {
    const header = new GrpcMetadata();
    header.set("x-request-id", this.requestId);
    return header;
  }

  /** Lets the call in and starts its clock. Throws a refusal. */
  begin(deadline: Date | number): void {
    const { surroundings, knock, requestId } = this;
    if (surroundings.stopping()) throw shutdown();
    this.caller = surroundings.open(knock.path)
      ? { ...NOBODY, requestId, address: knock.address }
      : surroundings.doorkeeper.admit(knock, requestId);
    const deadlineMs = this.startClock(deadline);
    admit(this.context, { caller: this.caller, deadlineMs });
    surroundings.running.add(this);
    if (!this.method.responseStream) return;
    surroundings.metrics.subscribers(this.method.name, 1);
    surroundings.log.info("stream begins", this.line("OK"));
  }

  /** Remembers which order the call is about; nothing else of a request is ever written down. */
  about(request: unknown): void {
    if (typeof request !== "object" || request === null || !("clientOrderId" in request)) return;
    if (typeof request.clientOrderId === "string") this.clientOrderId = request.clientOrderId.slice(0, 64);
  }

  /** Counts one message of a stream. */
  sent(): void {
    this.surroundings.metrics.message(this.method.name);
  }

  /** Ends the call from outside. */
  end(reason: RpcRefusal): void {
    this.abort.abort(reason);
  }

  /** Called once, however the call ended; null: well. */
  finish(refusal: RpcRefusal | null): void {
    const { surroundings, method } = this;
    if (this.timer !== null) clearTimeout(this.timer);
    const status = refusal?.status ?? "OK";
    if (surroundings.running.delete(this) && method.responseStream) surroundings.metrics.subscribers(method.name, -1);
    const seconds = (surroundings.monotonicMs() - this.startedMs) / 1000;
    surroundings.metrics.request({ service: method.service, method: method.name, code: status }, seconds);
    // an open method is asked every few seconds by every probe: counted, not written down
    if (surroundings.open(method.path) && refusal === null) return;
    const line = this.line(status, refusal);
    if (refusal?.status === "INTERNAL") surroundings.log.error("call failed", { ...line, error: causeOf(refusal) });
    else surroundings.log.info(method.responseStream ? "stream ends" : "call", line);
  }

  private startClock(deadline: Date | number): number | null {
    const { surroundings, knock } = this;
    const given = deadline instanceof Date ? deadline.getTime() : deadline;
    // grpc-js ends the call itself at a deadline the caller gave
    if (Number.isFinite(given)) return given;
    const patience = knock.rule === null ? null : DEADLINES_MS[this.method.responseStream ? "stream" : knock.rule.kind];
    if (patience === null) return null;
    this.timer = setTimeout(() => this.end(expired(knock.path, patience)), patience);
    return surroundings.nowMs() + patience;
  }

  private line(status: StatusName, refusal: RpcRefusal | null = null): Record<string, unknown> {
    const { method, knock, caller, requestId, clientOrderId } = this;
    const latencyMs = Math.round((this.surroundings.monotonicMs() - this.startedMs) * 1000) / 1000;
    const who = caller === null ? {} : { caller: caller.name, role: caller.role };
    const why = refusal === null ? {} : { reason: refusal.reason, said: refusal.message };
    return {
      requestId,
      method: `${method.service}/${method.name}`,
      ...who,
      address: knock.address,
      latencyMs,
      status,
      ...why,
      ...(clientOrderId === "" ? {} : { clientOrderId }),
    };
  }
}

/** What a handler threw, as the caller may hear it. */
export function heard(error: unknown, requestId: string): RpcRefusal {
  if (error instanceof RpcRefusal) {
    // what another server's transport said is no word of ours: here too nobody knows how it ended
    return error.reason === TRANSPORT
      ? new RpcRefusal({ status: error.status, reason: "UNAVAILABLE", message: error.message, outcome: "unknown" })
      : error;
  }
  return new RpcRefusal({
    status: "INTERNAL",
    reason: "INTERNAL",
    message: `a fault of this server; its log has the cause under request ${requestId}`,
    outcome: "unknown",
    cause: error,
  });
}

export function shutdown(): RpcRefusal {
  const message = "this server is stopping; try again when it is back";
  return new RpcRefusal({ status: "UNAVAILABLE", reason: "SHUTDOWN", message, outcome: "not_sent" });
}

const CANCELLED = new RpcRefusal({ status: "CANCELLED", reason: "CANCELLED", message: "the caller went away" });

function expired(path: string, patienceMs: number): RpcRefusal {
  const message = `${path} did not end within ${patienceMs} ms`;
  return new RpcRefusal({ status: "DEADLINE_EXCEEDED", reason: "DEADLINE", message, outcome: "unknown" });
}

const causeOf = ({ cause }: RpcRefusal): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);

/** Address without port: `127.0.0.1:5`, `[::1]:5`, `::ffff:127.0.0.1:5`; a unix socket has none. */
export function addressOf(peer: string): string {
  const colon = peer.lastIndexOf(":");
  if (colon === -1 || peer.startsWith("unix:") || !/^\d+$/.test(peer.slice(colon + 1))) return "unix";
  return peer
    .slice(0, colon)
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/^::ffff:/, "");
}

/** A context as nice-grpc hands it to handlers. Metadata is read when somebody asks. */
function contextOf(call: ServerSurfaceCall, signal: AbortSignal): CallContext {
  return {
    get metadata() {
      const metadata = Metadata();
      for (const key of Object.keys(call.metadata.getMap())) metadata.set(key, call.metadata.get(key));
      return metadata;
    },
    peer: call.getPeer(),
    header: Metadata(),
    trailer: Metadata(),
    sendHeader: () => undefined,
    signal,
  };
}

/** Milliseconds the handler has left, less `reserveMs`; null without a deadline (API-33). */
export function timeLeft(context: CallContext, nowMs: number, reserveMs = 100): number | null {
  const deadlineMs = deadlineOf(context);
  return deadlineMs === null ? null : Math.max(0, deadlineMs - nowMs - reserveMs);
}
