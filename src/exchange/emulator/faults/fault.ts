// What a fault is (EMU-28): a name of the catalogue, its parameters, what it may touch, and how often. Plain data, so
// that it can be sent, logged, saved and drawn by a seed.

import type { FrameTraits, ProtocolName, WireTraits } from "../protocol.ts";

export type ParameterValue = number | string | boolean | readonly number[] | null;
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** `http` and `api` carry requests, `user` and `public` carry streams. */
export type SocketKind = "http" | "api" | "user" | "public";

/** Everything given must hold; `route` and `clientOrderId` are patterns in which `*` stands for any text. */
export interface FaultFilter {
  readonly protocol?: string;
  readonly route?: string;
  readonly account?: string;
  readonly instrument?: string;
  readonly side?: "buy" | "sell";
  readonly clientOrderId?: string;
  readonly socket?: SocketKind;
}

export interface FaultSpec {
  readonly name: string;
  readonly parameters: Parameters;
  readonly filter: FaultFilter;
  /** Matches let pass before the first strike. */
  readonly after: number;
  /** Strikes at most; null: without end. */
  readonly times: number | null;
  /** Chance of each match, 0 … 1, drawn from the emulator's seed. */
  readonly probability: number;
  /** Emulator time from which it is there; null: at once. */
  readonly atMs: number | null;
  /** How long it is there; null: until it is removed. */
  readonly forMs: number | null;
}

/** What a fault might touch: null where that is not known or does not apply. */
export interface FaultMatter {
  readonly protocol: ProtocolName | null;
  readonly route: string | null;
  readonly kind: WireTraits["kind"] | null;
  readonly account: string | null;
  readonly symbol: string | null;
  readonly side: "buy" | "sell" | null;
  readonly clientOrderId: string | null;
  readonly socket: SocketKind | null;
  readonly event: string | null;
}

/** One firing: which fault, when, and what it touched. */
export interface FaultFiring {
  readonly n: number;
  readonly atMs: number;
  readonly id: string;
  readonly fault: string;
  readonly touched: FaultMatter;
}

export const NOTHING: FaultMatter = {
  protocol: null,
  route: null,
  kind: null,
  account: null,
  symbol: null,
  side: null,
  clientOrderId: null,
  socket: null,
  event: null,
};

const SOCKET_OF: { readonly [kind in FrameTraits["kind"]]: SocketKind | null } = {
  user: "user",
  public: "public",
  reply: "api",
  // acknowledgements belong to whichever socket they are sent on
  control: null,
};

export const requestMatter = (
  protocol: ProtocolName | null,
  traits: WireTraits | null,
  socket: "http" | "api" | null,
): FaultMatter => ({ ...NOTHING, ...traits, protocol, socket });

export const frameMatter = (protocol: ProtocolName, traits: FrameTraits): FaultMatter => ({
  ...NOTHING,
  protocol,
  account: traits.account,
  symbol: traits.symbol,
  event: traits.event,
  socket: SOCKET_OF[traits.kind],
});

/** Whether everything the filter names holds; `meant` says what is meant where it names no route and no socket. */
export function touches(
  filter: FaultFilter,
  matter: FaultMatter,
  meant: { readonly kinds: readonly string[] | null; readonly sockets: readonly string[] | null },
): boolean {
  if (filter.protocol !== undefined && filter.protocol !== matter.protocol) return false;
  if (filter.account !== undefined && filter.account !== matter.account) return false;
  if (filter.instrument !== undefined && filter.instrument !== matter.symbol) return false;
  if (filter.side !== undefined && filter.side !== matter.side) return false;
  if (filter.socket !== undefined) {
    if (filter.socket !== matter.socket) return false;
  } else if (meant.sockets !== null && matter.socket !== null && !meant.sockets.includes(matter.socket)) return false;
  if (filter.clientOrderId !== undefined && !like(filter.clientOrderId, matter.clientOrderId)) return false;
  if (filter.route !== undefined) return like(filter.route, matter.route);
  return meant.kinds === null || matter.kind === null || meant.kinds.includes(matter.kind);
}

/** Text against a pattern whose `*` stands for any text: one pass, whatever the pattern. */
export function like(pattern: string, text: string | null): boolean {
  if (text === null) return false;
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}
