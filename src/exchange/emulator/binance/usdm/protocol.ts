// Binance USDⓈ-M futures on the wire (EMU-13 … EMU-18): puts the parts together. It owns listen keys, sequence numbers,
// request counters and wording; matching, margin and funding are the simulated exchange's.

import type {
  Protocol,
  ProtocolAct,
  SocketTalk,
  WireFailure,
  WireReply,
  WireRequest,
  WireSocket,
} from "../../protocol.ts";
import type { EmulatorWorld } from "../../world.ts";
import { failureReply } from "../wire/failures.ts";
import { type LimitOptions, RequestLimits } from "../wire/limits.ts";
import { refusalReply } from "../wire/refusals.ts";
import { RestDoor } from "../wire/routes.ts";
import { AccountReads } from "./account-reads.ts";
import { type ApiOptions, ApiSocket } from "./api-socket.ts";
import { UsdmCore } from "./core.ts";
import { DeadMan } from "./dead-man.ts";
import { MarketReads } from "./market-reads.ts";
import { MarketStreams } from "./market-streams.ts";
import { OrderReads } from "./order-reads.ts";
import { USDM_PARAMETERS, type UsdmParts, usdmRoutes } from "./routes.ts";
import { type LegacyPaths, openStreams, USDM_SOCKET_LIMITS } from "./sockets.ts";
import { Trading } from "./trading.ts";
import { UserStreams } from "./user-streams.ts";

export interface UsdmOptions {
  readonly limits?: LimitOptions;
  /** Paths of before the split of 2026; served unless told. */
  readonly legacy?: LegacyPaths;
  /** Parameters that no route knows are refused with −1104 instead of ignored. */
  readonly strictParameters?: boolean;
}

/** What the real exchange allows an ordinary account. */
export const USDM_LIMITS: LimitOptions = {
  weightPerMinute: 2_400,
  ordersPer10S: 300,
  ordersPerMinute: 1_200,
  dialsPer5Min: 300,
};

const API_PATH = /^\/ws-fapi\/v1\/?$/;
/** Requests are limited by weight and order counts, not by the second. */
const API_SOCKET_LIMITS = { ...USDM_SOCKET_LIMITS, messagesPerSecond: Number.POSITIVE_INFINITY };

export class UsdmProtocol implements Protocol {
  readonly name = "binance-usdm";
  private readonly world: EmulatorWorld;
  private readonly options: UsdmOptions;
  private readonly door: RestDoor;
  private readonly streams: MarketStreams;
  private readonly parts: UsdmParts;
  private readonly api: Omit<ApiOptions, "forget">;
  private readonly sockets = new Map<SocketTalk, WireSocket>();

  constructor(world: EmulatorWorld, options: UsdmOptions = {}) {
    this.world = world;
    this.options = options;
    const limits = new RequestLimits(options.limits ?? USDM_LIMITS);
    this.streams = new MarketStreams(world);
    const users = new UserStreams(world, this.streams.hub);
    const core = new UsdmCore({
      world,
      limits,
      tell: (account, event, body) => users.tell(account, event, body),
      forced: (order, trade) => this.streams.forced(order, trade),
    });
    this.streams.begin(core);
    const trading = new Trading(core);
    this.parts = {
      core,
      trading,
      users,
      market: new MarketReads(core, this.streams),
      orders: new OrderReads(core),
      accounts: new AccountReads(core),
      deadMan: new DeadMan(core, trading),
    };
    const routes = usdmRoutes(this.parts);
    const symbolOf = (wireName: string): string | null => core.named(wireName)?.instrument.symbol ?? null;
    const strict = options.strictParameters === true ? USDM_PARAMETERS : null;
    this.door = new RestDoor({ world, routes, limits, symbolOf, strict });
    this.api = { world, limits, door: this.door, socketLimits: API_SOCKET_LIMITS };
  }

  get unserved(): ReadonlyMap<string, number> {
    return this.door.unserved;
  }

  http(request: WireRequest, reply: (reply: WireReply) => void): void {
    reply(this.door.answer(request));
  }

  traitsOf(request: WireRequest): ReturnType<Protocol["traitsOf"]> {
    return this.door.traitsOf(request);
  }

  failure(failure: WireFailure): WireReply {
    return failureReply(failure);
  }

  open(socket: WireSocket): SocketTalk | WireReply {
    const tooMany = this.api.limits.countDial(socket.peer, this.world.clock.nowMs());
    if (tooMany !== null) return refusalReply(tooMany);
    const talk = this.talkOf(socket);
    if ("status" in talk) {
      this.door.countUnserved(`WS ${socket.path}`);
      return talk;
    }
    this.sockets.set(talk, socket);
    return talk;
  }

  act(act: ProtocolAct): boolean {
    switch (act.act) {
      case "expire-keys":
        return this.parts.users.expire(act.account, act.announced);
      case "shutdown-notice":
        this.noticeShutdown();
        return true;
      case "restart":
        return false;
    }
  }

  private talkOf(socket: WireSocket): SocketTalk | WireReply {
    const forget = (talk: SocketTalk): void => void this.sockets.delete(talk);
    if (API_PATH.test(socket.path)) return new ApiSocket(socket, { ...this.api, forget });
    const { world } = this;
    const { hub } = this.streams;
    return openStreams(socket, { world, hub, legacy: this.options.legacy ?? "serve", forget });
  }

  /** `serverShutdown` on every open socket, as the exchange sends it ten minutes ahead. */
  private noticeShutdown(): void {
    const notice = { e: "serverShutdown", E: this.world.clock.nowMs() };
    for (const [talk, socket] of this.sockets) {
      const body = talk instanceof ApiSocket ? { event: notice } : notice;
      socket.send(JSON.stringify(body), { kind: "control", event: "serverShutdown", account: null, symbol: null });
    }
  }

  close(): void {
    this.parts.deadMan.close();
    this.parts.users.close();
    this.streams.close();
    this.parts.core.close();
  }
}

export const makeUsdm = (world: EmulatorWorld, options: UsdmOptions = {}): Protocol => new UsdmProtocol(world, options);
