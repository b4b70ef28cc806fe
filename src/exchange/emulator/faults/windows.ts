// Times in which an exchange answers nobody or one address: bans, rate limits, maintenance. Each ends by the clock,
// or with the fault that began it.

import type { ProtocolName, WireFailure, WireTraits } from "../protocol.ts";

/** Who asks, and for what; null: a dial. */
export interface Asking {
  readonly protocol: ProtocolName;
  readonly peer: string;
  readonly kind: WireTraits["kind"] | null;
}

interface Window {
  readonly id: string;
  /** Null: all of them. */
  readonly protocol: string | null;
  /** Null: everybody. */
  readonly peer: string | null;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly cause: "ban" | "rate-limit" | "maintenance";
  readonly cancelOnly: boolean;
}

interface Disobedience {
  readonly id: string;
  readonly atMs: number[];
  bans: number;
}

/** Binance, "IP limits": a 429 that is ignored again and again becomes a ban, from 2 minutes up to 3 days. */
const IGNORED_MAX = 3;
/** What comes so soon on a clock that runs was on its way before anybody could know of the limit. */
export const ON_ITS_WAY_MS = 500;
const BAN_S = 120;
const BAN_S_MAX = 259_200;

export class RefusalWindows {
  private readonly nowMs: () => number;
  private readonly onItsWayMs: () => number;
  private windows: Window[] = [];
  private readonly ignored = new Map<string, Disobedience>();

  constructor(nowMs: () => number, onItsWayMs: () => number = () => 0) {
    this.nowMs = nowMs;
    this.onItsWayMs = onItsWayMs;
  }

  get any(): boolean {
    return this.windows.length > 0;
  }

  begin(
    window: Omit<Window, "sinceMs" | "untilMs" | "cancelOnly"> & {
      readonly seconds: number;
      readonly cancelOnly?: boolean;
    },
  ) {
    const { seconds, cancelOnly = false, ...rest } = window;
    const sinceMs = this.nowMs();
    this.windows.push({ ...rest, cancelOnly, sinceMs, untilMs: sinceMs + seconds * 1000 });
  }

  /** Whether a ban or a limit holds for it already; nothing is counted. */
  limits(asking: Asking): boolean {
    const nowMs = this.nowMs();
    return this.windows.some((each) => each.untilMs > nowMs && each.cause !== "maintenance" && meant(each, asking));
  }

  /** How this is refused now; null: it is not. Asking again within a rate limit counts against who asks. */
  refusal(asking: Asking): WireFailure | null {
    if (this.windows.length === 0) return null;
    const nowMs = this.nowMs();
    this.windows = this.windows.filter(({ untilMs }) => untilMs > nowMs);
    const found = ORDER.map((cause) => this.windows.find((each) => each.cause === cause && meant(each, asking)));
    const window = found.find((each) => each !== undefined);
    if (window === undefined) return null;
    if (window.cause === "maintenance") return { cause: "maintenance" };
    if (window.cause === "rate-limit" && asking.kind !== null && this.disobeys(window, asking)) {
      return this.refusal(asking);
    }
    return { cause: window.cause, retryAfterS: Math.max(1, Math.ceil((window.untilMs - nowMs) / 1000)) };
  }

  /** Ends what a fault began; without an id, everything. */
  end(id?: string): void {
    this.windows = this.windows.filter((each) => id !== undefined && each.id !== id);
    for (const [key, each] of this.ignored) if (id === undefined || each.id === id) this.ignored.delete(key);
  }

  /** Counts an ignored 429; true when it became a ban. */
  private disobeys({ id, sinceMs }: Window, { protocol, peer }: Asking): boolean {
    const key = `${protocol} ${peer}`;
    const nowMs = this.nowMs();
    if (nowMs - sinceMs < this.onItsWayMs()) return false;
    const of = this.ignored.get(key) ?? { id, atMs: [], bans: 0 };
    this.ignored.set(key, of);
    while (of.atMs.length > 0 && (of.atMs[0] ?? 0) <= nowMs - 60_000) of.atMs.shift();
    of.atMs.push(nowMs);
    if (of.atMs.length < IGNORED_MAX) return false;
    of.atMs.length = 0;
    const seconds = Math.min(BAN_S * 2 ** of.bans, BAN_S_MAX);
    of.bans += 1;
    this.begin({ id, protocol, peer, cause: "ban", seconds });
    return true;
  }
}

const ORDER = ["ban", "maintenance", "rate-limit"] as const;

const meant = (window: Window, { protocol, peer, kind }: Asking): boolean =>
  (window.protocol === null || window.protocol === protocol) &&
  (window.peer === null || window.peer === peer) &&
  !(window.cancelOnly && kind === "cancel") &&
  // a dial is not counted by the limit of requests
  !(window.cause === "rate-limit" && kind === null);
