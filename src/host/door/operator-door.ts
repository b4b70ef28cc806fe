// The operator door for browsers (API-37, API-38, API-41): JSON routes on the engine's own HTTP listener. Identity,
// role and rate are judged as for gRPC; a page of any other origin can do nothing, and there are no cookies.

import { Readable } from "node:stream";
import cors from "@fastify/cors";
import { Metadata as GrpcMetadata } from "@grpc/grpc-js";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type CallContext, Metadata } from "nice-grpc-common";
import { heard } from "../../rpc/call.ts";
import { admit, type Caller, permissionDenied } from "../../rpc/caller.ts";
import { Doorkeeper, type Knock, requestIdOf } from "../../rpc/doorkeeper.ts";
import { absent } from "../../rpc/fields.ts";
import type { BotServiceImplementation } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { RiskServiceImplementation } from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import type { RpcClientEntry } from "../../rpc/keyring.ts";
import { type RpcLog, type RpcMetrics, UNCOUNTED } from "../../rpc/observer.ts";
import type { RateLimit } from "../../rpc/rate.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import { type CallRule, DEADLINES_MS, ruleOf } from "../../rpc/roles.ts";
import { WALL_CLOCK } from "../wall-clock.ts";
import { httpStatusOf, refusalBody } from "./door-answer.ts";
import { type DoorCall, doorCalls } from "./door-calls.ts";
import { Pairing } from "./pairing.ts";

export interface OperatorDoorOptions {
  readonly bot: BotServiceImplementation;
  readonly risk: RiskServiceImplementation;
  /** Who may call, as for gRPC. */
  readonly keys: readonly RpcClientEntry[];
  readonly rate: RateLimit;
  /** Origins of the console, exactly: `http://127.0.0.1:8081`. */
  readonly origins: readonly string[];
  readonly log: RpcLog;
  readonly metrics?: RpcMetrics;
  /** Monotonic ms; the machine's unless given. */
  readonly monotonicMs?: () => number;
}

export interface OperatorDoor {
  /** For `startHttp({ routes })`. */
  routes(app: FastifyInstance): Promise<void>;
  /** Takes new keys; those that were paired stay. */
  replace(keys: readonly RpcClientEntry[]): void;
}

const PREFIX = "/operator/v1";
const PAIR_RULE: CallRule = { role: "operator", kind: "change", mutates: true, limited: true };
const PRINTABLE = /^[\x20-\x7e]*$/;

export function operatorDoor(options: OperatorDoorOptions): OperatorDoor {
  const desk = new DoorDesk(options);
  return {
    routes: async (app) => {
      await app.register((door) => desk.open(door), { prefix: PREFIX });
    },
    replace: (keys) => desk.replace(keys),
  };
}

class DoorDesk {
  private readonly options: OperatorDoorOptions;
  private readonly metrics: RpcMetrics;
  private readonly doorkeeper: Doorkeeper;
  private readonly pairing: Pairing;
  private readonly origins: ReadonlySet<string>;
  private keys: readonly RpcClientEntry[];
  private paired = 0;

  constructor(options: OperatorDoorOptions) {
    this.options = options;
    this.metrics = options.metrics ?? UNCOUNTED;
    const monotonicMs = options.monotonicMs ?? ((): number => WALL_CLOCK.monotonicMs());
    const { keys, rate, log } = options;
    this.keys = keys;
    this.origins = new Set(options.origins);
    this.doorkeeper = new Doorkeeper({ keys, rate, log, metrics: this.metrics, monotonicMs });
    this.pairing = new Pairing(monotonicMs);
  }

  replace(keys: readonly RpcClientEntry[]): void {
    this.keys = keys;
    this.refreshKeys(true);
  }

  async open(door: FastifyInstance): Promise<void> {
    await door.register(cors, {
      origin: [...this.origins],
      methods: ["POST"],
      allowedHeaders: ["authorization", "content-type", "x-request-id", "x-operator"],
      exposedHeaders: ["x-request-id"],
      credentials: false,
      maxAge: 600,
    });
    door.removeAllContentTypeParsers();
    door.addContentTypeParser("application/json", { parseAs: "string" }, door.getDefaultJsonParser("error", "error"));
    door.addHook("onRequest", async (request, reply) => {
      reply.header("cache-control", "no-store");
      if (!isPrivate(request.raw.socket)) {
        throw permissionDenied(
          "the operator door is open on this machine or over TLS alone: a key must not go in the clear",
        );
      }
      const { origin } = request.headers;
      if (origin !== undefined && !this.origins.has(origin)) {
        this.options.log.warn("page refused at the operator door", {
          origin: origin.slice(0, 200),
          address: request.ip,
        });
        throw permissionDenied("this page is not the console of this engine; see http.allowedOrigins");
      }
    });
    door.setErrorHandler((error: FastifyError, request, reply) => this.refuse(request, reply, asRefusal(error)));
    door.setNotFoundHandler((request, reply) => {
      const message = `there is no ${request.method} ${request.url.split("?")[0]?.slice(0, 100)} at this door`;
      return this.refuse(request, reply, absent(message));
    });
    for (const call of doorCalls(this.options.bot, this.options.risk)) {
      door.post(`/${call.name}`, (request, reply) => this.answer(call, request, reply));
    }
    door.post("/pair", (request, reply) => this.pair(request, reply));
    door.post("/pair/code", (request, reply) => this.newCode(request, reply));
  }

  private async answer(call: DoorCall, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const life = new DoorLife(call, request, this.options.log, this.metrics);
    reply.header("x-request-id", life.requestId);
    try {
      const rule = ruleOf(call.path);
      const caller = this.admit({ ...life.knock, rule }, life.requestId);
      const messages = call.run(request.body, life.begin(caller, rule))[Symbol.asyncIterator]();
      const first = await life.within(messages.next());
      if (!call.streams) {
        await messages.return?.();
        life.finish(null);
        return await reply.code(200).send(first.value ?? {});
      }
      // a page that leaves stops listening; what was begun goes on
      const lines = Readable.from(life.lines(first, messages));
      return await reply.code(200).type("application/x-ndjson").send(lines);
    } catch (error) {
      const refusal = heard(error, life.requestId);
      life.finish(refusal);
      return this.refuse(request, reply, refusal);
    }
  }

  private async pair(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { body, ip: address } = request;
    const given: unknown = typeof body === "object" && body !== null && "code" in body ? body.code : undefined;
    if (typeof given !== "string" || given.length > 40)
      throw invalidField("code", "must be the 8 characters of the code");
    const { log } = this.options;
    try {
      const { key, name, expiresInMs } = this.pairing.pair(given);
      this.refreshKeys(true);
      log.info("console paired", { caller: name, address });
      return await reply.code(200).send({ key, name, expiresInMs });
    } catch (error) {
      this.metrics.authFailure("unknown");
      log.warn("pairing refused", { address, reason: error instanceof RpcRefusal ? error.message : String(error) });
      throw error;
    }
  }

  private async newCode(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const knock = { ...knockOf(request), path: `${PREFIX}/pair/code`, rule: PAIR_RULE };
    const caller = this.admit(knock, requestIdOf(knock.metadata));
    this.options.log.info("pairing code made", { caller: caller.name, address: caller.address });
    return await reply.code(200).send(this.pairing.newCode(caller));
  }

  private admit(knock: Knock, requestId: string): Caller {
    this.refreshKeys(false);
    return this.doorkeeper.admit(knock, requestId);
  }

  /** Keys that were paired come and go. */
  private refreshKeys(always: boolean): void {
    const paired = this.pairing.entries();
    if (!always && paired.length === this.paired) return;
    this.paired = paired.length;
    this.doorkeeper.replace([...this.keys, ...paired]);
  }

  private refuse(_request: FastifyRequest, reply: FastifyReply, refusal: RpcRefusal): FastifyReply {
    const { retryAfterMs } = refusal;
    if (retryAfterMs !== null) reply.header("retry-after", String(Math.ceil(retryAfterMs / 1000)));
    return reply.code(httpStatusOf(refusal.status)).type("application/json").send(refusalBody(refusal));
  }
}

/** API-38: a connection nobody beside it can read: within the machine, or encrypted. */
export function isPrivate(socket: {
  readonly localAddress?: string | undefined;
  readonly encrypted?: boolean;
}): boolean {
  return socket.encrypted === true || /^(?:::ffff:)?127\.|^::1$/.test(socket.localAddress ?? "");
}

/** The life of one call at the door: admitted, run under its deadline, counted and logged once (API-40). */
class DoorLife {
  readonly knock: Omit<Knock, "rule">;
  readonly requestId: string;
  private readonly call: DoorCall;
  private readonly log: RpcLog;
  private readonly metrics: RpcMetrics;
  private readonly startedMs = WALL_CLOCK.monotonicMs();
  private readonly abort = new AbortController();
  private caller: Caller | null = null;
  private patienceMs: number | null = null;
  private over = false;

  constructor(call: DoorCall, request: FastifyRequest, log: RpcLog, metrics: RpcMetrics) {
    this.call = call;
    this.log = log;
    this.metrics = metrics;
    this.knock = { ...knockOf(request), path: call.path };
    this.requestId = requestIdOf(this.knock.metadata);
  }

  begin(caller: Caller, rule: CallRule | null): CallContext {
    this.caller = caller;
    const patience = rule === null || this.call.streams ? null : DEADLINES_MS[rule.kind];
    const context: CallContext = {
      metadata: Metadata(),
      peer: caller.address,
      header: Metadata(),
      trailer: Metadata(),
      sendHeader: () => undefined,
      signal: this.abort.signal,
    };
    admit(context, { caller, deadlineMs: patience === null ? null : WALL_CLOCK.nowMs() + patience });
    this.patienceMs = patience;
    return context;
  }

  /** The answer, or DEADLINE_EXCEEDED: what was asked may happen all the same (API-33). */
  async within<T>(answer: Promise<T>): Promise<T> {
    const { patienceMs } = this;
    if (patienceMs === null) return answer;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const message = `${this.call.name} did not end within ${patienceMs} ms`;
      late.reject(new RpcRefusal({ status: "DEADLINE_EXCEEDED", reason: "DEADLINE", message, outcome: "unknown" }));
      this.abort.abort();
    }, patienceMs);
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** One message a line; a failure in the middle is the last line. */
  async *lines(first: IteratorResult<unknown>, rest: AsyncIterator<unknown>): AsyncGenerator<string> {
    let refusal: RpcRefusal | null = null;
    try {
      for (let step = first; step.done !== true; step = await rest.next()) yield `${JSON.stringify(step.value)}\n`;
    } catch (error) {
      refusal = heard(error, this.requestId);
      yield `${JSON.stringify(refusalBody(refusal))}\n`;
    } finally {
      this.abort.abort();
      this.finish(refusal);
    }
  }

  finish(refusal: RpcRefusal | null): void {
    if (this.over) return;
    this.over = true;
    const { call, caller, requestId, knock } = this;
    const status = refusal?.status ?? "OK";
    const latencyMs = WALL_CLOCK.monotonicMs() - this.startedMs;
    this.metrics.request({ service: call.service, method: call.name, code: status }, latencyMs / 1000);
    const who = caller === null ? {} : { caller: caller.name, role: caller.role };
    const why = refusal === null ? {} : { reason: refusal.reason, said: refusal.message };
    const method = `${call.service}/${call.name}`;
    const line = { requestId, method, via: "door", ...who, address: knock.address, latencyMs, status, ...why };
    if (status === "INTERNAL") this.log.error("call failed", { ...line, error: String(refusal?.cause) });
    else this.log.info("call", line);
  }
}

function knockOf({ headers, ip }: FastifyRequest): Omit<Knock, "rule" | "path"> {
  const metadata = new GrpcMetadata();
  for (const name of ["authorization", "x-api-key", "x-request-id", "x-operator"]) {
    const value = headers[name];
    if (typeof value === "string" && PRINTABLE.test(value)) metadata.set(name, value);
  }
  return { metadata, address: ip, subjectAltName: "" };
}

/** What fastify itself refuses: a body that is no JSON, too large, or of another type. */
function asRefusal(error: FastifyError): RpcRefusal {
  if (error instanceof RpcRefusal) return error;
  const { statusCode = 500, message } = error;
  if (statusCode >= 500) return heard(error, "");
  return invalidField("body", statusCode === 413 ? "is too large" : message.slice(0, 200));
}
