// What every request passes first: the name it was asked under, its method, its origin, and who may see the path
// (LIVE-06…09). Reading is all there is; the one thing a caller may change is its own cookie.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refuse } from "../observe/http.ts";
import { AllowancesByAddress } from "./allowance.ts";
import { type Auth, setCookie } from "./auth.ts";
import type { Surroundings } from "./caller-address.ts";

export interface AccessOptions {
  readonly auth: Auth;
  readonly surroundings: Surroundings;
  readonly monotonicMs: () => number;
  /** Cookies are for TLS only. */
  readonly secure: boolean;
}

const LOGIN = "/api/v1/login";
const LOGINS = { perSecond: 5 / 60, burst: 5 } as const;

const pathOf = (request: FastifyRequest): string => request.url.split("?")[0] ?? "/";
const needsView = (path: string): boolean => path === "/status" || path === "/ws" || path.startsWith("/api/");

export function accessRules(app: FastifyInstance, options: AccessOptions): void {
  const { auth, surroundings } = options;
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("x-content-type-options", "nosniff").header("referrer-policy", "no-referrer");
    if (!surroundings.knowsHost(request.headers.host)) {
      const hint = "Add the name to http.allowedHosts.";
      return refuse(reply, { status: 421, code: "host", message: "this server does not answer to that name", hint });
    }
    const path = pathOf(request);
    const preflight = crossOrigin(request, reply, surroundings);
    if (preflight) return reply.code(204).send();
    const method = request.method === "HEAD" ? "GET" : request.method;
    const isLogin = path === LOGIN && (method === "POST" || method === "DELETE");
    if (method !== "GET" && !isLogin) {
      void reply.header("allow", path === LOGIN ? "POST, DELETE" : "GET, HEAD");
      const message = `${request.method} is not allowed here: this server only shows`;
      return refuse(reply, { status: 405, code: "method_not_allowed", message, hint: "Use GET." });
    }
    if (isLogin || (path === "/metrics" && surroundings.isLocal(request.raw))) return undefined;
    if (!(needsView(path) || path === "/metrics") || (await auth.check(request.headers)) !== null) return undefined;
    const hint = `Send "Authorization: Bearer KEY", or POST the key to ${LOGIN}.`;
    void reply.header("www-authenticate", "Bearer");
    return refuse(reply, { status: 401, code: "unauthenticated", message: "log in first", hint });
  });
  loginRoutes(app, options);
}

/** Other origins read only where they are named. True for a preflight that is answered with this. */
function crossOrigin(request: FastifyRequest, reply: FastifyReply, surroundings: Surroundings): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  void reply.header("vary", "origin");
  if (!surroundings.isForeignAllowed(origin)) return false;
  void reply.header("access-control-allow-origin", origin);
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] !== "GET") return false;
  void reply.header("access-control-allow-methods", "GET").header("access-control-allow-headers", "authorization");
  return true;
}

function loginRoutes(app: FastifyInstance, { auth, surroundings, monotonicMs, secure }: AccessOptions): void {
  const logins = new AllowancesByAddress(LOGINS);
  app.post(LOGIN, { bodyLimit: 8192 }, async (request, reply) => {
    const { origin, host } = request.headers;
    if (origin !== undefined && !surroundings.allowsOrigin(origin, host)) {
      const message = "pages of this origin may not log in";
      return refuse(reply, { status: 403, code: "origin", message, hint: "Open the console of this server." });
    }
    if (!logins.take(surroundings.addressOf(request.raw), monotonicMs())) {
      void reply.header("retry-after", "60");
      const message = "too many logins from this address";
      return refuse(reply, { status: 429, code: "rate_limited", message, hint: "At most 5 a minute." });
    }
    if (auth.mode === "none") {
      const message = "this server asks nobody for a key";
      return refuse(reply, { status: 400, code: "bad_request", message, hint: "Read without one." });
    }
    const secret = secretOf(request.body);
    const login = secret === null ? null : await auth.login(secret);
    if (login === null) {
      const hint = `Send {"${auth.mode}": "…"} that is in force.`;
      return refuse(reply, { status: 401, code: "unauthenticated", message: `this ${auth.mode} is not good`, hint });
    }
    const cookie = setCookie(login.cookie, { seconds: login.secondsMax, secure });
    return reply.header("set-cookie", cookie).header("cache-control", "no-store").send({ until: login.untilMs });
  });
  app.delete(LOGIN, (_request, reply) =>
    reply
      .header("set-cookie", setCookie("", { seconds: 0, secure }))
      .header("cache-control", "no-store")
      .send({ until: 0 }),
  );
}

function secretOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null) return null;
  const told = "key" in body ? body.key : "jwt" in body ? body.jwt : null;
  return typeof told === "string" && told !== "" ? told : null;
}
