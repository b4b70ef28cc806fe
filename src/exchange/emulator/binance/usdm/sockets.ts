// The WebSocket addresses of the emulated USDⓈ-M market (EMU-14): the 2026 split into public, market and private, and
// the old paths. A stream on the wrong route is acknowledged and stays silent (EMU-15).

import type { SocketTalk, WireReply, WireSocket } from "../../protocol.ts";
import type { EmulatorWorld } from "../../world.ts";
import type { SocketLimits } from "../wire/keep-alive.ts";
import { refusalReply, refusals } from "../wire/refusals.ts";
import type { StreamHub } from "../wire/stream-hub.ts";
import { SubscriptionSocket } from "../wire/subscription-socket.ts";
import { routeOf } from "./market-streams.ts";

/** What becomes of the paths of before the split. */
export type LegacyPaths = "serve" | "silent" | "close";

export interface SocketOptions {
  readonly world: EmulatorWorld;
  readonly hub: StreamHub;
  readonly legacy: LegacyPaths;
  /** It is gone. */
  readonly forget: (talk: SocketTalk) => void;
}

export const USDM_SOCKET_LIMITS: SocketLimits = {
  messagesPerSecond: 10,
  streamsMax: 1_024,
  pingEveryMs: 180_000,
  pongWithinMs: 600_000,
};

type Side = "public" | "market" | "private" | "legacy";

interface Address {
  readonly side: Side;
  readonly wrapped: boolean;
  readonly streams: readonly string[];
}

export function openStreams(socket: WireSocket, options: SocketOptions): SocketTalk | WireReply {
  const address = addressOf(socket);
  if (address === null) return refusalReply(refusals.unserved());
  const { side } = address;
  if (side === "legacy" && options.legacy === "close") return refusalReply(refusals.unserved());
  const { world, hub } = options;
  return new SubscriptionSocket({
    socket,
    hub,
    clock: world.clock,
    limits: USDM_SOCKET_LIMITS,
    wrapped: address.wrapped,
    streams: address.streams,
    carries: (stream) => carries(side, stream, options) && !silenced(world, stream),
    forget: options.forget,
  });
}

function carries(side: Side, stream: string, { legacy }: SocketOptions): boolean {
  const route = routeOf(stream);
  if (side === "legacy") return legacy !== "silent" || route !== "market";
  return route === null ? side === "private" : side === route;
}

function silenced(world: EmulatorWorld, stream: string): boolean {
  const traits = {
    route: stream,
    kind: "stream",
    account: null,
    symbol: null,
    side: null,
    clientOrderId: null,
  } as const;
  return world.strike("wrongRouteSilent", traits) !== null;
}

const PATH = /^(?:\/(public|market|private))?\/(ws|stream)(?:\/(.*))?$/;

/** Null: no such address. `/public/ws/3` is one of ccxt's numbered sockets, no stream. */
function addressOf({ path, query }: Pick<WireSocket, "path" | "query">): Address | null {
  const match = PATH.exec(path);
  if (match === null) return null;
  const [, side, kind, rest = ""] = match;
  const asked = new URLSearchParams(query);
  const named = [...listOf(asked.get("streams")), ...listOf(asked.get("listenKey"))];
  const inPath = /^\d*$/.test(rest) ? [] : rest.split("/").filter((name) => name !== "" && !/^\d+$/.test(name));
  return {
    side: sideOf(side),
    wrapped: kind === "stream",
    streams: [...inPath, ...named],
  };
}

const sideOf = (text: string | undefined): Side =>
  text === "public" || text === "market" || text === "private" ? text : "legacy";

const listOf = (text: string | null): string[] => text?.split("/").filter((name) => name !== "") ?? [];
