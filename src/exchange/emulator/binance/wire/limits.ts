// Limits of Binance (EMU-12): weight per IP and minute, orders per account and 10 s or minute, 429 with Retry-After,
// and 418 for who goes on regardless. Counts by the time it is given; windows begin at whole minutes, as the
// exchange's do.

import { type Refusal, refusal } from "./refusals.ts";

export interface LimitOptions {
  readonly weightPerMinute: number;
  readonly ordersPer10S: number;
  readonly ordersPerMinute: number;
  /** WebSockets an IP may open in five minutes; any number where absent. */
  readonly dialsPer5Min?: number;
}

const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;
const FIVE_MINUTES_MS = 300_000;
/** Requests over the limit within a minute that are answered 429 before the ban. */
const WARNINGS = 3;
const FIRST_BAN_S = 120;
const LONGEST_BAN_S = 259_200;
/** Peers and accounts remembered; beyond it the oldest are forgotten. */
const REMEMBERED = 10_000;

interface Window {
  startMs: number;
  used: number;
}

interface Peer {
  readonly weight: Window;
  readonly warned: Window;
  bannedUntilMs: number;
  bans: number;
}

interface Orders {
  readonly tenSeconds: Window;
  readonly minute: Window;
}

export class RequestLimits {
  readonly options: LimitOptions;
  private readonly peers = new Map<string, Peer>();
  private readonly accounts = new Map<string, Orders>();
  private readonly dials = new Map<string, Window>();

  constructor(options: LimitOptions) {
    this.options = options;
  }

  /** Takes the weight of one request; the refusal where the peer is over its limit, or banned. */
  charge(ip: string, weight: number, nowMs: number): Refusal | null {
    const peer = remembered(this.peers, ip, newPeer);
    if (nowMs < peer.bannedUntilMs) return banned(ip, peer, nowMs);
    const used = spend(peer.weight, MINUTE_MS, { by: weight, nowMs });
    if (used <= this.options.weightPerMinute) return null;
    if (spend(peer.warned, MINUTE_MS, { by: 1, nowMs }) > WARNINGS) {
      this.ban(ip, Math.min(FIRST_BAN_S * 2 ** peer.bans, LONGEST_BAN_S), nowMs);
      return banned(ip, peer, nowMs);
    }
    const text =
      `Too many requests; current limit of IP(${ip}) is ${this.options.weightPerMinute} requests per minute. ` +
      "Please use the websocket for live updates to avoid polling the API.";
    const retryAfterS = Math.ceil((peer.weight.startMs + MINUTE_MS - nowMs) / 1000);
    return { ...refusal(-1003, text, 429), retryAfterS };
  }

  /** Counts orders of an account; the refusal where there are too many. */
  countOrders(account: string, orders: number, nowMs: number): Refusal | null {
    const counts = remembered(this.accounts, account, newOrders);
    const inTen = spend(counts.tenSeconds, TEN_SECONDS_MS, { by: orders, nowMs });
    const inMinute = spend(counts.minute, MINUTE_MS, { by: orders, nowMs });
    const { ordersPer10S, ordersPerMinute } = this.options;
    if (inTen > ordersPer10S)
      return tooManyOrders(ordersPer10S, "10 SECONDS", counts.tenSeconds.startMs + 10_000 - nowMs);
    if (inMinute > ordersPerMinute)
      return tooManyOrders(ordersPerMinute, "1 MINUTE", counts.minute.startMs + 60_000 - nowMs);
    return null;
  }

  /** Counts one WebSocket; the refusal where the peer opened too many. */
  countDial(ip: string, nowMs: number): Refusal | null {
    const { dialsPer5Min } = this.options;
    if (dialsPer5Min === undefined) return null;
    const window = remembered(this.dials, ip, empty);
    if (spend(window, FIVE_MINUTES_MS, { by: 1, nowMs }) <= dialsPer5Min) return null;
    const text = `Too many connections; current limit of IP(${ip}) is ${dialsPer5Min} per 5 minutes.`;
    return { ...refusal(-1003, text, 429), retryAfterS: Math.ceil((window.startMs + FIVE_MINUTES_MS - nowMs) / 1000) };
  }

  ban(ip: string, seconds: number, nowMs: number): void {
    const peer = remembered(this.peers, ip, newPeer);
    peer.bannedUntilMs = nowMs + seconds * 1000;
    peer.bans += 1;
  }

  usedWeight(ip: string, nowMs: number): number {
    const peer = this.peers.get(ip);
    return peer === undefined ? 0 : spend(peer.weight, MINUTE_MS, { by: 0, nowMs });
  }

  orderCounts(account: string, nowMs: number): { readonly tenSeconds: number; readonly minute: number } {
    const counts = remembered(this.accounts, account, newOrders);
    return {
      tenSeconds: spend(counts.tenSeconds, TEN_SECONDS_MS, { by: 0, nowMs }),
      minute: spend(counts.minute, MINUTE_MS, { by: 0, nowMs }),
    };
  }

  /** The headers every reply carries; those of orders where orders were counted. */
  headers(ip: string, account: string | null, nowMs: number): Record<string, string> {
    const headers: Record<string, string> = { "x-mbx-used-weight-1m": String(this.usedWeight(ip, nowMs)) };
    if (account === null) return headers;
    const { tenSeconds, minute } = this.orderCounts(account, nowMs);
    headers["x-mbx-order-count-10s"] = String(tenSeconds);
    headers["x-mbx-order-count-1m"] = String(minute);
    return headers;
  }
}

const newPeer = (): Peer => ({ weight: empty(), warned: empty(), bannedUntilMs: 0, bans: 0 });
const newOrders = (): Orders => ({ tenSeconds: empty(), minute: empty() });
const empty = (): Window => ({ startMs: 0, used: 0 });

function spend(window: Window, lengthMs: number, cost: { readonly by: number; readonly nowMs: number }): number {
  const startMs = Math.floor(cost.nowMs / lengthMs) * lengthMs;
  if (window.startMs !== startMs) {
    window.startMs = startMs;
    window.used = 0;
  }
  window.used += cost.by;
  return window.used;
}

function remembered<T>(map: Map<string, T>, name: string, make: () => T): T {
  const known = map.get(name);
  if (known !== undefined) return known;
  if (map.size >= REMEMBERED) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  const made = make();
  map.set(name, made);
  return made;
}

function banned(ip: string, peer: Peer, nowMs: number): Refusal {
  const text =
    `Way too many requests; IP(${ip}) banned until ${peer.bannedUntilMs}. ` +
    "Please use the websocket for live updates to avoid bans.";
  return { ...refusal(-1003, text, 418), retryAfterS: Math.ceil((peer.bannedUntilMs - nowMs) / 1000) };
}

const tooManyOrders = (limit: number, span: string, leftMs: number): Refusal => ({
  ...refusal(-1015, `Too many new orders; current limit is ${limit} orders per ${span}.`, 429),
  retryAfterS: Math.ceil(leftMs / 1000),
});
