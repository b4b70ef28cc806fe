// The emulated Binance spot market as one protocol (EMU-19…22): REST, streams and the WebSocket API over one world.

import type { Protocol, ProtocolAct, ProtocolMaker, SocketTalk, WireReply, WireSocket } from "../../protocol.ts";
import type { EmulatedAccount, EmulatorWorld } from "../../world.ts";
import { RequestLimits } from "../wire/limits.ts";
import { ListenKeys } from "../wire/listen-keys.ts";
import { refusalReply, refusals } from "../wire/refusals.ts";
import { RestDoor } from "../wire/routes.ts";
import { StreamHub } from "../wire/stream-hub.ts";
import { SubscriptionSocket } from "../wire/subscription-socket.ts";
import { AccountReads } from "./account-reads.ts";
import { AccountView } from "./account-view.ts";
import { apiMethods } from "./api-methods.ts";
import { ApiSocket } from "./api-socket.ts";
import { failureReply } from "./failures.ts";
import { ListedMarket } from "./listed-market.ts";
import { MarketReads } from "./market-reads.ts";
import { MarketStreams } from "./market-streams.ts";
import { SpotDesk } from "./order-desk.ts";
import { OrderRecords } from "./order-records.ts";
import { SPOT_PARAMETERS, spotRoutes } from "./rest-routes.ts";
import { REQUEST_LIMITS, SOCKET_LIMITS } from "./spot-limits.ts";
import { EventIds, type FeedParts, UserFeed } from "./user-feed.ts";

/** The market as clients of all ages find it; without its retired listen keys where old addresses are not served. */
export const binanceSpot: ProtocolMaker = (world) => new BinanceSpot(world);

class BinanceSpot implements Protocol {
  readonly name = "binance-spot";
  private readonly world: EmulatorWorld;
  private readonly door: RestDoor;
  private readonly limits = new RequestLimits(REQUEST_LIMITS);
  private readonly keys: ListenKeys;
  private readonly hub: StreamHub;
  private readonly streams: MarketStreams;
  private readonly methods: ReturnType<typeof apiMethods>;
  private readonly feedParts: FeedParts;
  private readonly feeds = new Map<EmulatedAccount, UserFeed>();
  private readonly keyFeeds = new Map<string, () => void>();
  private readonly apiSockets = new Set<ApiSocket>();
  private readonly streamSockets = new Set<SubscriptionSocket>();
  private readonly accounts = new Map<string, EmulatedAccount>();

  constructor(world: EmulatorWorld) {
    this.world = world;
    const { limits } = this;
    const markets = world.instruments("binance-spot").map((listed) => new ListedMarket(world, listed));
    const records = new OrderRecords(world);
    const ids = new EventIds();
    const accounts = new AccountView(world, records);
    const desk = new SpotDesk(world, records, ids);
    const market = new MarketReads(world, markets);
    const account = new AccountReads({ world, records, accounts, desk, limits });
    this.feedParts = { world, records, accounts, ids };
    this.keys = new ListenKeys({
      seed: world.seed,
      clock: world.clock,
      ended: (key, announced) => this.keyEnded(key.key, key.account, announced),
    });
    this.hub = new StreamHub((stream, listened) => this.watched(stream, listened));
    this.streams = new MarketStreams(world, markets, this.hub);
    this.methods = apiMethods({ market, account, desk });
    const { legacy, strictParameters } = world.habits;
    // the switch legacyListenKey of EMU-19: the exchange of today has no listen keys on spot
    const routes = spotRoutes({ market, account, desk, keys: legacy === "serve" ? this.keys : null });
    const strict = strictParameters ? SPOT_PARAMETERS : null;
    this.door = new RestDoor({ world, routes, limits, strict, symbolOf: (wireName) => this.symbolOf(wireName) });
  }

  get unserved(): ReadonlyMap<string, number> {
    return this.door.unserved;
  }

  http(...[request, reply]: Parameters<Protocol["http"]>): void {
    this.rememberAccount(request.headers["x-mbx-apikey"]);
    reply(this.door.answer(request));
  }

  traitsOf(...[request]: Parameters<Protocol["traitsOf"]>): ReturnType<Protocol["traitsOf"]> {
    return this.door.traitsOf(request);
  }

  readonly failure = failureReply;

  open(socket: WireSocket): SocketTalk | WireReply {
    if (socket.path === "/ws-api/v3") return this.openApi(socket);
    const address = streamsOf(socket);
    if (address === null) {
      this.door.countUnserved(`SOCKET ${socket.path}`);
      return refusalReply(refusals.unserved());
    }
    const talk = new SubscriptionSocket({
      socket,
      hub: this.hub,
      clock: this.world.clock,
      limits: SOCKET_LIMITS,
      ...address,
      carries: (stream) => this.carries(stream),
    });
    this.streamSockets.add(talk);
    return forgetting(talk, () => this.streamSockets.delete(talk));
  }

  act(act: ProtocolAct): boolean {
    switch (act.act) {
      case "expire-keys":
        return this.expireKeys(act.account, act.announced);
      case "shutdown-notice":
        for (const socket of this.apiSockets) socket.shuttingDown();
        for (const socket of this.streamSockets) {
          const frame = JSON.stringify({ e: "serverShutdown", E: this.world.clock.nowMs() });
          socket.send(frame, { kind: "control", event: "serverShutdown", account: null, symbol: null });
        }
        return true;
      case "restart":
        return false;
    }
  }

  close(): void {
    this.streams.close();
    this.keys.close();
    for (const feed of this.feeds.values()) feed.end();
    this.feeds.clear();
  }

  private openApi(socket: WireSocket): SocketTalk {
    const talk = new ApiSocket({
      socket,
      world: this.world,
      limits: this.limits,
      methods: this.methods,
      feedOf: (account) => this.feedOf(account),
      symbolOf: (wireName) => this.symbolOf(wireName),
      unserved: (method) => this.door.countUnserved(method),
    });
    this.apiSockets.add(talk);
    return forgetting(talk, () => this.apiSockets.delete(talk));
  }

  private carries(stream: string): boolean {
    const asked = { kind: "stream", account: null, symbol: null, side: null, clientOrderId: null } as const;
    if (this.world.strike("wrongRouteSilent", { route: stream, ...asked }) !== null) return false;
    return this.keys.find(stream) !== null || this.streams.carries(stream);
  }

  /** A stream got its first listener, or lost its last. */
  private watched(stream: string, listened: boolean): void {
    const key = this.keys.find(stream);
    if (key === null && !this.keyFeeds.has(stream)) {
      this.streams.watched(stream, listened);
      return;
    }
    this.keyFeeds.get(stream)?.();
    this.keyFeeds.delete(stream);
    const account = key === null ? undefined : this.accounts.get(key.account);
    if (!listened || account === undefined) return;
    const end = this.feedOf(account).add((event, symbol) => {
      const traits = { kind: "user", event: String(event["e"]), account: account.name, symbol } as const;
      this.hub.publish(stream, traits, () => JSON.stringify(event));
    });
    this.keyFeeds.set(stream, end);
  }

  private keyEnded(key: string, account: string, announced: boolean): void {
    if (announced) {
      const event = { e: "listenKeyExpired", E: this.world.clock.nowMs(), listenKey: key };
      const traits = { kind: "user", event: event.e, account, symbol: null } as const;
      this.hub.publish(key, traits, () => JSON.stringify(event));
    }
    this.keyFeeds.get(key)?.();
    this.keyFeeds.set(key, () => undefined);
  }

  private expireKeys(account: string | null, announced: boolean): boolean {
    let ended = false;
    for (const key of this.keys.all()) {
      if (account !== null && key.account !== account) continue;
      ended = true;
      this.keys.end(key, announced);
    }
    for (const socket of this.apiSockets) ended = socket.terminate(account, announced) || ended;
    return ended;
  }

  private feedOf(account: EmulatedAccount): UserFeed {
    let feed = this.feeds.get(account);
    if (feed === undefined) {
      feed = new UserFeed(account, this.feedParts);
      this.feeds.set(account, feed);
    }
    return feed;
  }

  /** Listen keys know their account by name only. */
  private rememberAccount(apiKey: string | undefined): void {
    const account = apiKey === undefined ? null : this.world.accountByKey(apiKey);
    if (account !== null) this.accounts.set(account.name, account);
  }

  private symbolOf(wireName: string): string | null {
    const found = this.world.instruments("binance-spot").find((listed) => listed.wireName === wireName);
    return found?.instrument.symbol ?? null;
  }
}

/** The talk, telling one more when its socket is gone. */
function forgetting<T extends SocketTalk>(talk: T, forget: () => void): T {
  const closed = talk.closed.bind(talk);
  talk.closed = () => {
    closed();
    forget();
  };
  return talk;
}

/** Which streams an address names, and whether they come wrapped; null: there is no such address. */
function streamsOf(socket: WireSocket): { readonly wrapped: boolean; readonly streams: readonly string[] } | null {
  const [, first = "", second, ...rest] = socket.path.split("/");
  if (first === "stream" && second === "ws") return { wrapped: false, streams: namedIn(rest) };
  if (first === "ws") return { wrapped: false, streams: namedIn(second === undefined ? [] : [second, ...rest]) };
  if (first !== "stream" || (second !== undefined && second !== "")) return null;
  const streams = new URLSearchParams(socket.query).get("streams") ?? "";
  return { wrapped: true, streams: streams.split("/").filter((stream) => stream !== "") };
}

/** ccxt numbers its sockets at the end of the path: a number names no stream. */
const namedIn = (parts: readonly string[]): readonly string[] =>
  parts.filter((part) => part !== "" && !/^\d+$/.test(part));
