// The HTTP listener every process has (section 4 of operations): /health, /ready, /status, /metrics, and routes of the
// process's own. Every answer is made when it is asked for. It must not know what is behind the answers.

import { createServer } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import { isIPv6 } from "node:net";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { HttpError } from "./http-error.ts";
import type { CheckResult } from "./liveness.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { portOwner } from "./port-owner.ts";
import { readyGauge } from "./ready-gauge.ts";

/** Why a request is refused: HTTP status and the three parts of every refusal's body. */
export interface HttpRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Who asks: what a rule of access may look at. */
export interface HttpCaller {
  readonly path: string;
  readonly address: string;
  /** Name in the Host header, without the port. */
  readonly host: string;
  /** Key of `Authorization: Bearer …`, or null. */
  readonly key: string | null;
}

export type HttpHealth = { readonly ok: boolean; readonly body: Readonly<Record<string, unknown>> };
export type Overall = "starting" | "ok" | "degraded" | "down";

type Status = { readonly overall: Overall } & Readonly<Record<string, unknown>>;

export interface HttpOptions {
  readonly bind: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** 200 or 503, open to all; no secrets in its body. */
  readonly health: () => HttpHealth;
  /** Ready when every check of the list is good; 503 names what is awaited. */
  readonly ready: () => readonly CheckResult[];
  /** What `/status` tells besides `overall`; 503 only for "down". */
  readonly status: () => Status | Promise<Status>;
  readonly metrics: Metrics;
  /** It waits to take another's place, which is no failure: readiness is not among its metrics. */
  readonly standsBy?: boolean;
  readonly log: Log;
  /** PEM texts: it speaks HTTPS then. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  /** Who may read /status and /metrics; `loopbackOrKey` unless given. */
  readonly access?: (caller: HttpCaller) => HttpRefusal | null;
  /** Routes and plugins of the process. */
  readonly routes?: (app: FastifyInstance) => void | Promise<void>;
}

export interface HttpListener {
  readonly host: string;
  readonly port: number;
  /** "http://127.0.0.1:8080". */
  readonly url: string;
  /** Shows another certificate from now on; without effect in the clear. Throws when it cannot be used. */
  renew(tls: { readonly cert: string; readonly key: string } | null): void;
  /** No new requests; ends within 2 s, whoever still holds a connection. */
  close(): Promise<void>;
}

/** Code of the log line that says where it listens. */
export const HTTP_LISTENS = "http-listens";
const CLOSE_MS_MAX = 2_000;
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Listens, or throws HttpError (exit 3) naming the port and, where it can be told, who has it. */
export async function startHttp(options: HttpOptions): Promise<HttpListener> {
  const { tls = null } = options;
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 256 << 10,
    trustProxy: false,
    serverFactory: (handler) => (tls === null ? createServer(handler) : createSecureServer({ ...tls }, handler)),
  });
  const { log, metrics, ready } = options;
  if (options.standsBy !== true) readyGauge(metrics, ready);
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) log.error("a request failed", { path: request.url, reason: String(error) });
    const message = status >= 500 ? "the request failed; the log of this process says why" : textOf(error);
    return refuse(reply, { status, code: status >= 500 ? "internal" : "bad_request", message, hint: "" });
  });
  app.setNotFoundHandler((request, reply) => refuse(reply, absent(app, request)));
  answers(app, options);
  try {
    await options.routes?.(app);
    await app.listen({ host: options.bind, port: options.port });
  } catch (error) {
    await app.close();
    throw listenError(error, options);
  }
  const address = app.server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const url = `${tls === null ? "http" : "https"}://${isIPv6(options.bind) ? `[${options.bind}]` : options.bind}:${port}`;
  log.info("http listens", { code: HTTP_LISTENS, url });
  const renew: HttpListener["renew"] = (next) => {
    if (next !== null && app.server instanceof SecureServer) app.server.setSecureContext({ ...next });
  };
  return { host: options.bind, port, url, renew, close: () => closeWithin(app, log) };
}

function answers(app: FastifyInstance, options: HttpOptions): void {
  const mayRead = options.access ?? loopbackOrKey(() => false);
  app.get("/health", (_request, reply) => {
    const { ok, body } = options.health();
    return answer(reply, ok ? 200 : 503, body);
  });
  app.get("/ready", (_request, reply) => {
    const checks = options.ready();
    const awaited = checks.filter(({ ok }) => !ok);
    const waiting = awaited.map(({ name, text }) => ({ name, text }));
    return answer(reply, awaited.length === 0 ? 200 : 503, { ready: awaited.length === 0, waiting, checks });
  });
  app.get("/status", async (request, reply) => {
    const refusal = mayRead(callerOf(request));
    if (refusal !== null) return refuse(reply, refusal);
    const status = await options.status();
    return answer(reply, status.overall === "down" ? 503 : 200, status);
  });
  app.get("/metrics", async (request, reply) => {
    const refusal = mayRead(callerOf(request));
    if (refusal !== null) return refuse(reply, refusal);
    return reply
      .type(options.metrics.contentType)
      .header("cache-control", "no-store")
      .send(await options.metrics.text());
  });
}

/**
 * Loopback reads freely, others with a key. A page of a foreign site that resolves to this machine is no loopback: its
 * Host header names the site.
 */
export function loopbackOrKey(isReader: (key: string) => boolean): (caller: HttpCaller) => HttpRefusal | null {
  return ({ address, host, key }) => {
    if (isLoopback(address) && isLoopbackName(host)) return null;
    if (key === null) {
      const hint = "Send `Authorization: Bearer <reader key>`, or ask from this machine.";
      return { status: 401, code: "unauthenticated", message: "a key is needed here", hint };
    }
    if (isReader(key)) return null;
    return { status: 403, code: "permission_denied", message: "this key may not read here", hint: "" };
  };
}

export function callerOf(request: FastifyRequest): HttpCaller {
  const { authorization } = request.headers;
  const key = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? null;
  const [path = ""] = request.url.split("?");
  return { path, address: request.ip, host: request.hostname, key };
}

/** The one shape of a refusal: {code, message, hint}. */
export function refuse(reply: FastifyReply, { status, code, message, hint }: HttpRefusal): FastifyReply {
  return answer(reply, status, { code, message, hint });
}

function answer(reply: FastifyReply, status: number, body: Readonly<Record<string, unknown>>): FastifyReply {
  return reply.code(status).header("cache-control", "no-store").send(body);
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);
const isLoopbackName = (host: string): boolean => host === "localhost" || host === "[::1]" || isLoopback(host);

/** 405 where another method would have been right, else 404. */
function absent(app: FastifyInstance, request: FastifyRequest): HttpRefusal {
  const { path } = callerOf(request);
  const allowed = METHODS.filter((method) => app.hasRoute({ method, url: path }));
  const hint = "GET /health, /ready, /status, /metrics are there.";
  if (allowed.length === 0) return { status: 404, code: "not_found", message: `there is no ${path} here`, hint };
  const message = `${request.method} is not allowed on ${path}`;
  return { status: 405, code: "method_not_allowed", message, hint: `Use ${allowed.join(" or ")}.` };
}

function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return 500;
  return typeof error.statusCode === "number" && error.statusCode >= 400 ? error.statusCode : 500;
}

function listenError(error: unknown, { bind, port }: HttpOptions): unknown {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  if (code === "EADDRINUSE") {
    const by = portOwner(port) ?? "another process";
    return new HttpError(
      "PORT_TAKEN",
      `port ${port} on ${bind} is in use by ${by}: stop it, or set another http port`,
      error,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "EACCES" || code === "ENOTFOUND") {
    const why = code === "EACCES" ? "needs more rights" : "is no address of this machine";
    return new HttpError("CANNOT_BIND", `cannot listen on ${bind}:${port}: it ${why}`, error);
  }
  return error;
}

/** OPS-55: what has not ended by then is named, cut, and not waited for. */
async function closeWithin(app: FastifyInstance, log: Log): Promise<void> {
  let cut: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    cut = setTimeout(() => {
      log.warn("http connections cut at the stop", { code: "http-cut" });
      app.server.closeAllConnections();
      resolve();
    }, CLOSE_MS_MAX);
  });
  await Promise.race([app.close(), late]);
  clearTimeout(cut);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
