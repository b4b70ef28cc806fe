// Everything the page knows, as one immutable value. Only apply.ts makes a new one; panels read slices of it.

import type {
  Alert,
  Bot,
  ClassicAccount,
  ClassicKline,
  ClassicPosition,
  ConsoleOrder,
  Explain,
  Feeds,
  Fill,
  Hello,
  LogLine,
  Of,
  Pnl,
  PnlPoint,
  Risk,
  Slots,
  System,
} from "../../../src/live/messages.ts";

export type LinkState = "connecting" | "open" | "lost" | "login";

/** The connection to live-server. Times are of the page's monotonic clock. */
export interface Link {
  readonly state: LinkState;
  readonly since: number;
  /** When the next try is due, 0 when none is waiting. */
  readonly nextTryAt: number;
  readonly tries: number;
  /** Round trip of the last probe, null before the first. */
  readonly latencyMs: number | null;
  readonly why: string;
}

/** An account, and whose it is. */
export interface Account extends ClassicAccount {
  readonly exchange: string;
}

export type Explained = { readonly state: "asked"; readonly since: number } | Explain;

/** A log line with a number of its own, for lists. */
export interface NumberedLine extends LogLine {
  readonly number: number;
}

export interface Picture {
  readonly link: Link;
  readonly hello: Hello | null;
  /** Release of the server this page was loaded from; another one later asks for a reload (UI-11). */
  readonly firstRelease: string | null;
  /** The first whole picture of this connection has arrived. */
  readonly ready: boolean;
  /** By `candleKey`, oldest first. */
  readonly candles: ReadonlyMap<string, readonly ClassicKline[]>;
  /** Series whose oldest candle is the oldest there is. */
  readonly candlesEnd: ReadonlySet<string>;
  /** By exchange and asset: two exchanges may hold the same one. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** By `instrumentKey`. */
  readonly positions: ReadonlyMap<string, ClassicPosition>;
  /** By `orderKey`. */
  readonly orders: ReadonlyMap<string, ConsoleOrder>;
  /** When each open order was first heard of, by `orderKey`, on the page's monotonic clock. */
  readonly seenOrders: ReadonlyMap<string, number>;
  readonly bots: ReadonlyMap<string, Bot>;
  readonly slots: ReadonlyMap<string, Slots>;
  /** Newest first. */
  readonly fills: readonly Fill[];
  /** Fills that happened while this page was not connected (UI-10). */
  readonly away: ReadonlySet<string>;
  readonly pnl: ReadonlyMap<string, Pnl>;
  readonly curves: ReadonlyMap<string, readonly PnlPoint[]>;
  readonly risks: ReadonlyMap<string, Risk>;
  readonly feeds: ReadonlyMap<string, Feeds>;
  readonly system: System | null;
  /** Newest first. */
  readonly alerts: readonly Alert[];
  readonly log: readonly NumberedLine[];
  readonly logDropped: number;
  /** By the id asked for. */
  readonly explained: ReadonlyMap<string, Explained>;
  /** When each topic and key last arrived, on the page's monotonic clock (UI-04). */
  readonly receipts: ReadonlyMap<string, number>;
  /** Messages lost between two numbers: a bug, shown as one. */
  readonly holes: number;
  readonly fault: string;
  /** The server's wall clock as it was told last, and when that was by the page's monotonic clock. */
  readonly serverClock: { readonly wallMs: number; readonly heardMs: number } | null;
}

export const emptyPicture = (nowMs: number): Picture => ({
  link: { state: "connecting", since: nowMs, nextTryAt: 0, tries: 0, latencyMs: null, why: "" },
  hello: null,
  firstRelease: null,
  ready: false,
  candles: new Map(),
  candlesEnd: new Set(),
  accounts: new Map(),
  positions: new Map(),
  orders: new Map(),
  seenOrders: new Map(),
  bots: new Map(),
  slots: new Map(),
  fills: [],
  away: new Set(),
  pnl: new Map(),
  curves: new Map(),
  risks: new Map(),
  feeds: new Map(),
  system: null,
  alerts: [],
  log: [],
  logDropped: 0,
  explained: new Map(),
  receipts: new Map(),
  holes: 0,
  fault: "",
  serverClock: null,
});

export const instrumentKey = (of: Of): string => `${of.exchange ?? ""}|${of.symbol ?? ""}`;
export const candleKey = (of: Of): string => `${instrumentKey(of)}|${of.interval ?? "1m"}`;

/** While the exchange has given an order no id its own name is all there is, and that stays when the id comes. */
export const orderKey = (order: Pick<ConsoleOrder, "exchange" | "clientOrder" | "id">): string =>
  `${order.exchange}|${order.clientOrder || order.id}`;

/** What one kind of message about one thing is called among the receipts. */
export const topicKey = (type: string, of: Of): string =>
  `${type}/${of.bot ?? [of.exchange, of.symbol, of.interval].filter((part) => part !== undefined).join("|")}`;

/** Ms of the server's wall clock now; the page's own may be wrong, or may have been set. */
export const serverNow = ({ serverClock }: Pick<Picture, "serverClock">, nowMs: number): number =>
  serverClock === null ? Date.now() : serverClock.wallMs + Math.max(0, nowMs - serverClock.heardMs);

const EXPLAINED_MAX = 200;

/** The explanations with this one as the newest; the oldest are let go of, and asked for again when they are looked at. */
export function withExplained(known: Picture["explained"], id: string, told: Explained): Picture["explained"] {
  const others = [...known].filter(([each]) => each !== id);
  return new Map([...others, [id, told] as const].slice(-EXPLAINED_MAX));
}
