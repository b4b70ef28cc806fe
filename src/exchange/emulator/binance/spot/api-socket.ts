// One socket of Binance's WebSocket API (`/ws-api/v3`): requests with ids that come back as they were sent (EMU-11), a
// session where the key is of the kind that may have one, and the user streams it subscribed to.

import { fail, ok, type Result } from "../../../../base/result.ts";
import type { FrameTraits, SocketTalk, WireFailure, WireSocket, WireTraits } from "../../protocol.ts";
import type { EmulatedAccount, EmulatorWorld } from "../../world.ts";
import { KeepAlive } from "../wire/keep-alive.ts";
import type { RequestLimits } from "../wire/limits.ts";
import { oddNumbers } from "../wire/odd-numbers.ts";
import { jsonOf, objectParameters, type Parameters } from "../wire/parameters.ts";
import { type Refusal, refusal, refusalBody, refusals } from "../wire/refusals.ts";
import type { Answer, Call } from "../wire/routes.ts";
import { admit } from "../wire/security.ts";
import { isPublicKey, signedParameters } from "../wire/signature.ts";
import { type ApiMethod, METHOD_SESSION, type SessionDoor } from "./api-methods.ts";
import { failureOf } from "./failures.ts";
import { API_SOCKET_LIMITS, usedLimits } from "./spot-limits.ts";
import type { UserFeed } from "./user-feed.ts";

export interface ApiSocketOptions {
  readonly socket: WireSocket;
  readonly world: EmulatorWorld;
  readonly limits: RequestLimits;
  readonly methods: ReadonlyMap<string, ApiMethod>;
  readonly feedOf: (account: EmulatedAccount) => UserFeed;
  readonly symbolOf: (wireName: string) => string | null;
  readonly unserved: (method: string) => void;
}

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly parameters: Parameters;
}

interface Feed {
  readonly account: EmulatedAccount;
  /** It was asked for within the session, and ends with it. */
  readonly ofSession: boolean;
  readonly end: () => void;
}

export class ApiSocket implements SocketTalk, SessionDoor {
  private readonly options: ApiSocketOptions;
  private readonly alive: KeepAlive;
  private readonly feeds = new Map<number, Feed>();
  private session: { readonly account: EmulatedAccount; readonly sinceMs: number } | null = null;
  private readonly openedMs: number;
  private subscribed = 0;
  private open = true;

  constructor(options: ApiSocketOptions) {
    this.options = options;
    this.openedMs = options.world.clock.nowMs();
    this.alive = new KeepAlive(options.socket, options.world.clock, API_SOCKET_LIMITS);
  }

  get subscriptions(): readonly string[] {
    return [...this.feeds.entries()].map(([id, { account }]) => `userDataStream ${id} of ${account.name}`);
  }

  heard(text: string): void {
    if (!this.alive.heard()) return;
    const request = requestOf(text);
    const { socket, world, limits } = this.options;
    if (!request.ok) {
      this.reply({ id: null, status: 400, error: refusalBody(request.error) });
      return;
    }
    const { id, parameters } = request.value;
    const answer = this.answer(request.value);
    const nowMs = world.clock.nowMs();
    const told = parameters.flag("returnRateLimits") === false;
    const rateLimits = told ? {} : { rateLimits: usedLimits(limits, { peer: socket.peer, nowMs }) };
    if (answer.ok) this.reply({ id, status: 200, result: answer.value, ...rateLimits });
    else this.reply({ id, status: answer.error.status, error: errorOf(answer.error), ...rateLimits });
  }

  ponged(): void {
    this.alive.ponged();
  }

  closed(): void {
    this.open = false;
    this.alive.end();
    this.endFeeds();
  }

  requestIn(text: string): WireTraits | null {
    const request = requestOf(text);
    return request.ok ? this.traits(request.value, this.accountNamed(request.value.parameters)) : null;
  }

  failure(text: string, failure: WireFailure): string {
    const request = requestOf(text);
    const { refusal: of } = failureOf(failure);
    return JSON.stringify({ id: request.ok ? request.value.id : null, status: of.status, error: errorOf(of) });
  }

  /** Says goodbye: the server closes in a while. */
  shuttingDown(): void {
    this.event({ event: { e: "serverShutdown", E: this.options.world.clock.nowMs() } }, "serverShutdown", null);
  }

  /** Ends the user streams of an account, of all where none is named; who listens is told, or is not. */
  terminate(account: string | null, announced: boolean): boolean {
    let ended = false;
    for (const [id, feed] of this.feeds) {
      if (account !== null && feed.account.name !== account) continue;
      ended = true;
      this.end(id, announced);
    }
    return ended;
  }

  // what the methods of the session do

  logOn(account: EmulatedAccount): Answer {
    if (!isPublicKey(account.secret)) {
      return fail(refusal(-4056, "HMAC_SHA256 API key is not supported."));
    }
    this.session = { account, sinceMs: this.options.world.timeFor(account) };
    return this.standing();
  }

  standing(): Answer {
    const { world } = this.options;
    return ok({
      apiKey: this.session?.account.apiKey ?? null,
      authorizedSince: this.session?.sinceMs ?? null,
      connectedSince: this.openedMs,
      returnRateLimits: true,
      serverTime: world.timeFor(this.session?.account ?? null),
      userDataStream: this.feeds.size > 0,
    });
  }

  logOut(): Answer {
    this.session = null;
    for (const [id, { ofSession }] of this.feeds) if (ofSession) this.end(id, true);
    return this.standing();
  }

  subscribe(account: EmulatedAccount, ofSession: boolean): Answer {
    for (const feed of this.feeds.values()) {
      if (feed.account === account) return fail(refusal(-2035, "Subscription already active."));
    }
    const subscriptionId = this.subscribed;
    this.subscribed += 1;
    const end = this.options.feedOf(account).add((event, symbol) => {
      this.event({ subscriptionId, event }, String(event["e"]), { account: account.name, symbol });
    });
    this.feeds.set(subscriptionId, { account, ofSession, end });
    return ok({ subscriptionId });
  }

  unsubscribe(parameters: Parameters): Answer {
    const id = parameters.integer("subscriptionId");
    if (!id.ok) return id;
    if (id.value === null) this.endFeeds();
    else if (this.feeds.has(id.value)) this.end(id.value, false);
    else return fail(refusal(-2036, "Subscription not active."));
    return ok({});
  }

  activeSubscriptions(): Answer {
    return ok([...this.feeds.keys()].map((subscriptionId) => ({ subscriptionId })));
  }

  private answer(request: Request): Answer {
    const { world, limits, methods, socket } = this.options;
    const nowMs = world.clock.nowMs();
    const method = methods.get(request.method);
    const tooMuch = limits.charge(socket.peer, method?.weight ?? 1, nowMs);
    if (tooMuch !== null) return fail(tooMuch);
    if (method === undefined) {
      this.options.unserved(request.method);
      return fail(refusal(-1000, `Unknown method '${request.method}'.`));
    }
    const admitted = this.admitted(method, request.parameters);
    if (!admitted.ok) return admitted;
    const account = admitted.value;
    if (method.orders > 0 && account !== null) {
      const tooMany = limits.countOrders(account.name, method.orders, nowMs);
      if (tooMany !== null) return fail(tooMany);
    }
    const traits = this.traits(request, account);
    const call: Call = {
      route: request.method,
      parameters: request.parameters,
      account,
      nowMs,
      traits,
      peer: socket.peer,
    };
    return method.session === null ? method.handle(call) : METHOD_SESSION[method.session](this, call);
  }

  /** A request is signed, or is made within a session. */
  private admitted(method: ApiMethod, parameters: Parameters): Result<EmulatedAccount | null, Refusal> {
    const { world } = this.options;
    const apiKey = parameters.text("apiKey");
    if (method.security === "none") return ok(apiKey === null ? null : world.accountByKey(apiKey));
    if (apiKey === null && this.session !== null) {
      const { account } = this.session;
      if (method.security === "trade" && !account.rights.trade) return fail(refusals.key());
      return ok(account);
    }
    const credentials = {
      apiKey,
      signature: parameters.text("signature"),
      text: signedParameters(parameters.entries()),
    };
    return admit(world, method.security, { credentials, parameters });
  }

  private accountNamed(parameters: Parameters): EmulatedAccount | null {
    const apiKey = parameters.text("apiKey");
    return apiKey === null ? (this.session?.account ?? null) : this.options.world.accountByKey(apiKey);
  }

  private traits({ method, parameters }: Request, account: EmulatedAccount | null): WireTraits {
    const wireName = parameters.text("symbol");
    const side = parameters.text("side");
    return {
      route: method,
      kind: this.options.methods.get(method)?.kind ?? "read",
      account: account?.name ?? null,
      symbol: wireName === null ? null : this.options.symbolOf(wireName),
      side: side === "BUY" ? "buy" : side === "SELL" ? "sell" : null,
      clientOrderId: parameters.text("newClientOrderId", "origClientOrderId", "cancelOrigClientOrderId"),
    };
  }

  private end(id: number, announced: boolean): void {
    const feed = this.feeds.get(id);
    if (feed === undefined) return;
    this.feeds.delete(id);
    feed.end();
    if (!announced) return;
    const event = { e: "eventStreamTerminated", E: this.options.world.timeFor(feed.account) };
    this.event({ subscriptionId: id, event }, event.e, { account: feed.account.name, symbol: null });
  }

  private endFeeds(): void {
    for (const id of this.feeds.keys()) this.end(id, false);
  }

  private event(frame: unknown, event: string, of: Pick<FrameTraits, "account" | "symbol"> | null): void {
    const traits: FrameTraits = { kind: of === null ? "control" : "user", event, account: null, symbol: null, ...of };
    if (!this.open) return;
    const { account, symbol } = traits;
    const asked = { route: event, kind: "stream", account, symbol, side: null, clientOrderId: null } as const;
    const text = JSON.stringify(frame);
    const odd = of !== null && this.options.world.strike("oddNumbers", asked) !== null;
    this.options.socket.send(odd ? oddNumbers(text) : text, traits);
  }

  private reply(frame: unknown): void {
    if (this.open) {
      this.options.socket.send(JSON.stringify(frame), { kind: "reply", event: "reply", account: null, symbol: null });
    }
  }
}

/** A refusal as a socket tells it: when to come back stands in its data. */
function errorOf(of: Refusal): Record<string, unknown> {
  if (of.retryAfterS === undefined) return refusalBody(of);
  return { ...refusalBody(of), data: { retryAfter: of.retryAfterS * 1000 } };
}

function requestOf(text: string): Result<Request, Refusal> {
  const frame = jsonOf(text);
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    return fail(refusal(-1135, "Invalid JSON Request"));
  }
  const { id, method, params } = frame as { id?: unknown; method?: unknown; params?: unknown };
  const named = typeof id === "string" || id === null || (Number.isSafeInteger(id) && (id as number) >= 0);
  if (!named) return fail(refusal(-1135, "Invalid 'id' in JSON request; expected an integer, a string or null."));
  if (typeof method !== "string") return fail(refusal(-1135, "Invalid 'method' in JSON request; expected a string."));
  return ok({ id, method, parameters: objectParameters(params) });
}
