// The WebSocket API of Binance USDⓈ-M, `/ws-fapi/v1` (EMU-14): the same handlers as REST under names of their own, ids
// returned with their type. Logging on takes an Ed25519 key, as at the exchange; every other key signs each request.

import { ok } from "../../../../base/result.ts";
import type { FrameTraits, SocketTalk, WireFailure, WireSocket, WireTraits } from "../../protocol.ts";
import type { EmulatedAccount, EmulatorWorld } from "../../world.ts";
import { failureReply } from "../wire/failures.ts";
import { KeepAlive, type SocketLimits } from "../wire/keep-alive.ts";
import type { RequestLimits } from "../wire/limits.ts";
import { jsonOf, objectParameters, type Parameters } from "../wire/parameters.ts";
import { type Refusal, refusal } from "../wire/refusals.ts";
import type { Answer, Performed, RestDoor } from "../wire/routes.ts";
import { admit, type Credentials } from "../wire/security.ts";
import { isPublicKey, signedParameters } from "../wire/signature.ts";
import { isId } from "../wire/subscription-socket.ts";

export interface ApiOptions {
  readonly world: EmulatorWorld;
  readonly door: RestDoor;
  readonly limits: RequestLimits;
  readonly socketLimits: SocketLimits;
  /** It is gone. */
  readonly forget: (talk: SocketTalk) => void;
}

/** Method → the REST route that does the same. */
const METHODS: ReadonlyMap<string, string> = new Map([
  ["ping", "GET /fapi/v1/ping"],
  ["time", "GET /fapi/v1/time"],
  ["exchangeInfo", "GET /fapi/v1/exchangeInfo"],
  ["depth", "GET /fapi/v1/depth"],
  ["ticker.price", "GET /fapi/v1/ticker/price"],
  ["ticker.book", "GET /fapi/v1/ticker/bookTicker"],
  ["order.place", "POST /fapi/v1/order"],
  ["order.modify", "PUT /fapi/v1/order"],
  ["order.cancel", "DELETE /fapi/v1/order"],
  ["order.status", "GET /fapi/v1/order"],
  ["account.status", "GET /fapi/v2/account"],
  ["v2/account.status", "GET /fapi/v3/account"],
  ["account.balance", "GET /fapi/v2/balance"],
  ["v2/account.balance", "GET /fapi/v3/balance"],
  ["account.position", "GET /fapi/v2/positionRisk"],
  ["v2/account.position", "GET /fapi/v3/positionRisk"],
  ["userDataStream.start", "POST /fapi/v1/listenKey"],
  ["userDataStream.ping", "PUT /fapi/v1/listenKey"],
  ["userDataStream.stop", "DELETE /fapi/v1/listenKey"],
]);

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly parameters: Parameters;
}

export class ApiSocket implements SocketTalk {
  readonly subscriptions: readonly string[] = [];
  private readonly socket: WireSocket;
  private readonly options: ApiOptions;
  private readonly alive: KeepAlive;
  private readonly connectedAtMs: number;
  private session: { readonly account: EmulatedAccount; readonly sinceMs: number } | null = null;

  constructor(socket: WireSocket, options: ApiOptions) {
    this.socket = socket;
    this.options = options;
    this.alive = new KeepAlive(socket, options.world.clock, options.socketLimits);
    this.connectedAtMs = options.world.clock.nowMs();
  }

  heard(text: string): void {
    const request = requestOf(text);
    if (request === null) {
      const error = refusal(-1000, "JSON format is error. Please send the correct payload.");
      this.send({ id: null, status: error.status, error: { code: error.code, msg: error.msg } }, null);
      return;
    }
    const { answer, counted } = this.perform(request);
    const rateLimits = this.rateLimits(counted);
    if (answer.ok) this.send({ id: request.id, status: 200, result: answer.value, rateLimits }, request.method);
    else this.send({ id: request.id, ...errorOf(answer.error), rateLimits }, request.method);
  }

  ponged(): void {
    this.alive.ponged();
  }

  closed(): void {
    this.alive.end();
    this.options.forget(this);
  }

  requestIn(text: string): WireTraits | null {
    const request = requestOf(text);
    if (request === null) return null;
    const route = METHODS.get(request.method);
    const account = this.accountOf(request.parameters);
    const traits = route === undefined ? null : this.options.door.traitsOfRoute(route, request.parameters, account);
    if (traits !== null) return { ...traits, route: request.method };
    const name = account?.name ?? null;
    return { route: request.method, kind: "login", account: name, symbol: null, side: null, clientOrderId: null };
  }

  failure(text: string, failure: WireFailure): string {
    const { status, body } = failureReply(failure);
    const error = jsonOf(body) ?? { code: -1000, msg: "An unknown error occurred while processing the request." };
    return JSON.stringify({ id: requestOf(text)?.id ?? null, status, error });
  }

  private perform(request: Request): Performed {
    const { parameters } = request;
    const credentials = credentialsOf(parameters);
    const session = this.session?.account ?? null;
    if (request.method.startsWith("session.")) {
      return { answer: this.sessionCall(request, credentials), counted: null, traits: null };
    }
    const route = METHODS.get(request.method) ?? `WS ${request.method}`;
    return this.options.door.perform(route, { parameters, credentials, session, peer: this.socket.peer });
  }

  private sessionCall({ method, parameters }: Request, credentials: Credentials): Answer {
    const { world } = this.options;
    switch (method) {
      case "session.logon": {
        const admitted = admit(world, "signed", { credentials, parameters });
        if (!admitted.ok) return admitted;
        if (!isPublicKey(admitted.value?.secret ?? "")) {
          return { ok: false, error: refusal(-4056, "HMAC_SHA256 API key is not supported.") };
        }
        if (admitted.value !== null) this.session = { account: admitted.value, sinceMs: world.clock.nowMs() };
        return ok(this.sessionBody());
      }
      case "session.status":
        return ok(this.sessionBody());
      case "session.logout":
        this.session = null;
        return ok(this.sessionBody());
      default:
        this.options.door.countUnserved(`WS ${method}`);
        return { ok: false, error: refusal(-5000, `Path ${method}, Method WS is invalid`, 404) };
    }
  }

  private sessionBody(): Record<string, unknown> {
    return {
      apiKey: this.session?.account.apiKey ?? null,
      authorizedSince: this.session?.sinceMs ?? null,
      connectedSince: this.connectedAtMs,
      returnRateLimits: true,
      serverTime: this.options.world.clock.nowMs(),
    };
  }

  private accountOf(parameters: Parameters): EmulatedAccount | null {
    const apiKey = parameters.text("apiKey");
    return apiKey === null ? (this.session?.account ?? null) : this.options.world.accountByKey(apiKey);
  }

  private rateLimits(counted: string | null): readonly unknown[] {
    const { limits, world } = this.options;
    const nowMs = world.clock.nowMs();
    const { weightPerMinute, ordersPer10S, ordersPerMinute } = limits.options;
    const minute = { interval: "MINUTE", intervalNum: 1 };
    const count = limits.usedWeight(this.socket.peer, nowMs);
    const weight = { rateLimitType: "REQUEST_WEIGHT", ...minute, limit: weightPerMinute, count };
    if (counted === null) return [weight];
    const orders = limits.orderCounts(counted, nowMs);
    const tenSeconds = { interval: "SECOND", intervalNum: 10, limit: ordersPer10S, count: orders.tenSeconds };
    return [
      weight,
      { rateLimitType: "ORDERS", ...tenSeconds },
      { rateLimitType: "ORDERS", ...minute, limit: ordersPerMinute, count: orders.minute },
    ];
  }

  private send(body: unknown, event: string | null): void {
    const account = this.session?.account.name ?? null;
    const traits: FrameTraits = { kind: "reply", event: event ?? "error", account, symbol: null };
    this.socket.send(JSON.stringify(body), traits);
  }
}

const credentialsOf = (parameters: Parameters): Credentials => ({
  apiKey: parameters.text("apiKey"),
  signature: parameters.text("signature"),
  text: signedParameters(parameters.entries()),
});

const errorOf = ({ status, code, msg }: Refusal): { status: number; error: { code: number; msg: string } } => ({
  status,
  error: { code, msg },
});

function requestOf(text: string): Request | null {
  const frame = jsonOf(text);
  if (typeof frame !== "object" || frame === null) return null;
  const { id, method, params } = frame as { id?: unknown; method?: unknown; params?: unknown };
  if (typeof method !== "string" || !isId(id)) return null;
  return { id: id ?? null, method, parameters: objectParameters(params) };
}
