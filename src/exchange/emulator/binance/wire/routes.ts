// The door for REST requests of one Binance market: finds the route, charges its weight, looks at the credentials,
// calls the handler, and words what comes back. Routes are data; what a handler does is the market's own.

import { present } from "../../../../base/assert.ts";
import type { Result } from "../../../../base/result.ts";
import type { WireReply, WireRequest, WireTraits } from "../../protocol.ts";
import type { EmulatedAccount, EmulatorWorld } from "../../world.ts";
import type { RequestLimits } from "./limits.ts";
import { oddNumbers } from "./odd-numbers.ts";
import { type Parameters, requestParameters } from "./parameters.ts";
import { type Refusal, refusalReply, refusals } from "./refusals.ts";
import { admit, type Credentials, type Security } from "./security.ts";
import { signedText } from "./signature.ts";

/** A request that was let in. */
export interface Call {
  readonly route: string;
  readonly parameters: Parameters;
  /** Null only where the route needs no key. */
  readonly account: EmulatedAccount | null;
  /** Emulator time in ms, without anybody's skew. */
  readonly nowMs: number;
  readonly traits: WireTraits;
  readonly peer: string;
}

/** The reply's body as a value for JSON, or why not. */
export type Answer = Result<unknown, Refusal>;

export interface Route {
  readonly method: WireRequest["method"];
  readonly path: string;
  readonly weight: number | ((parameters: Parameters) => number);
  readonly security: Security;
  readonly kind: WireTraits["kind"];
  /** Orders it counts as; 0 where absent. */
  readonly orders?: (parameters: Parameters) => number;
  readonly handle: (call: Call) => Answer;
}

export interface RestOptions {
  readonly world: EmulatorWorld;
  readonly routes: readonly Route[];
  readonly limits: RequestLimits;
  /** Names of all parameters the market knows: others are refused. Null: they are ignored (EMU-11). */
  readonly strict?: ReadonlySet<string> | null;
  /** Our symbol of an exchange's name; null where there is none. */
  readonly symbolOf: (wireName: string) => string | null;
}

/** What is known of a request before it is let in. */
export interface Asked {
  readonly parameters: Parameters;
  readonly credentials: Credentials;
  readonly peer: string;
  /** Who logged on over the same socket: his requests need no key and no signature. */
  readonly session?: EmulatedAccount | null;
}

export interface Performed {
  readonly answer: Answer;
  /** The account whose orders were counted. */
  readonly counted: string | null;
  /** Null: it did not come so far. */
  readonly traits: WireTraits | null;
}

/** Routes that were not served are counted by name, up to so many names. */
const UNSERVED_MAX = 1_000;

export class RestDoor {
  readonly unserved = new Map<string, number>();
  private readonly options: RestOptions;
  private readonly routes: ReadonlyMap<string, Route>;
  /** A request is looked at by the faults first, then done: it is read once. */
  private read: { readonly request: WireRequest; readonly parameters: Parameters } | null = null;

  constructor(options: RestOptions) {
    this.options = options;
    this.routes = new Map(options.routes.map((route) => [`${route.method} ${route.path}`, route]));
  }

  answer(request: WireRequest): WireReply {
    const name = `${request.method} ${request.path}`;
    const parameters = this.parametersOf(request);
    this.read = null;
    const { peer } = request;
    const { answer, counted, traits } = this.perform(name, { parameters, credentials: credentialsOf(request), peer });
    const reply = answer.ok ? this.replyOf(answer.value, traits) : refusalReply(answer.error);
    const headers = this.options.limits.headers(peer, counted, this.options.world.clock.nowMs());
    return { ...reply, headers: { ...reply.headers, ...headers } };
  }

  /** Does what a route does, for a request of either transport. */
  perform(name: string, asked: Asked): Performed {
    const { world, limits } = this.options;
    const { parameters, peer } = asked;
    const nowMs = world.clock.nowMs();
    const route = this.routes.get(name);
    const refused = (error: Refusal, counted: string | null = null): Performed => ({
      answer: { ok: false, error },
      counted,
      traits: null,
    });
    const tooMuch = limits.charge(peer, route === undefined ? 1 : weightOf(route, parameters), nowMs);
    if (tooMuch !== null) return refused(tooMuch);
    if (route === undefined) {
      this.countUnserved(name);
      return refused(refusals.unserved());
    }
    const admitted = admit(world, route.security, asked);
    if (!admitted.ok) return refused(admitted.error);
    const unread = this.unread(parameters);
    if (unread !== null) return refused(unread);
    const account = admitted.value;
    const orders = route.orders?.(parameters) ?? 0;
    const counted = orders > 0 && account !== null ? account.name : null;
    const tooMany = counted === null ? null : limits.countOrders(counted, orders, nowMs);
    if (tooMany !== null) return refused(tooMany, counted);
    const traits = this.traits(route, parameters, account);
    return { answer: route.handle({ route: name, parameters, account, nowMs, traits, peer }), counted, traits };
  }

  traitsOf(request: WireRequest): WireTraits {
    const name = `${request.method} ${request.path}`;
    const route = this.routes.get(name);
    const parameters = this.parametersOf(request);
    const apiKey = request.headers["x-mbx-apikey"];
    const account = apiKey === undefined ? null : this.options.world.accountByKey(apiKey);
    if (route !== undefined) return this.traits(route, parameters, account);
    return { route: name, kind: "read", account: account?.name ?? null, symbol: null, side: null, clientOrderId: null };
  }

  /** Null: there is no such route. */
  traitsOfRoute(name: string, parameters: Parameters, account: EmulatedAccount | null): WireTraits | null {
    const route = this.routes.get(name);
    return route === undefined ? null : this.traits(route, parameters, account);
  }

  /** What a route's parameters say about it. Of a batch: what its first order says. */
  traits(route: Pick<Route, "method" | "path" | "kind">, of: Parameters, account: EmulatedAccount | null): WireTraits {
    const wireName = of.text("symbol");
    const side = of.text("side");
    return {
      route: `${route.method} ${route.path}`,
      kind: route.kind,
      account: account?.name ?? null,
      symbol: wireName === null ? null : this.options.symbolOf(wireName),
      side: side === "BUY" ? "buy" : side === "SELL" ? "sell" : null,
      clientOrderId: of.text("newClientOrderId", "origClientOrderId"),
    };
  }

  countUnserved(name: string): void {
    const known = this.unserved.get(name);
    if (known === undefined && this.unserved.size >= UNSERVED_MAX) return;
    this.unserved.set(name, (known ?? 0) + 1);
  }

  private parametersOf(request: WireRequest): Parameters {
    if (this.read?.request !== request) {
      this.read = { request, parameters: requestParameters(request.query, request.body) };
    }
    return this.read.parameters;
  }

  private unread(parameters: Parameters): Refusal | null {
    const { strict = null } = this.options;
    if (strict === null) return null;
    const names = [...parameters.entries()].map(([name]) => name);
    const known = names.filter((name) => strict.has(name));
    return known.length === names.length ? null : refusals.unread(known.length, names.length);
  }

  private replyOf(value: unknown, traits: WireTraits | null): WireReply {
    const text = JSON.stringify(value);
    const odd = traits !== null && this.options.world.strike("oddNumbers", traits) !== null;
    return { status: 200, headers: { "content-type": "application/json" }, body: odd ? oddNumbers(text) : text };
  }
}

export const weightOf = (route: Route, parameters: Parameters): number =>
  typeof route.weight === "number" ? route.weight : route.weight(parameters);

/** The account of a route that is only reached with one. */
export const accountOf = (call: Call): EmulatedAccount => present(call.account, `account of ${call.route}`);

export function credentialsOf(request: WireRequest): Credentials {
  return { apiKey: request.headers["x-mbx-apikey"] ?? null, ...signedText(request.query, request.body) };
}
