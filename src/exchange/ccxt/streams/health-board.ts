// What is said of each stream, and to whom: to bots as feeds that are stale or fresh, to whoever watches the
// connection as words (EXCH-22, EXCH-23). Only changes are told, each at once.

import type { FeedName } from "../../../trading/event.ts";
import type { UpstreamHealth } from "../../port.ts";
import type { Pulse, Verdict } from "./liveness.ts";

export interface StreamName {
  /** `book`, `trades`, `orders`, `candles`, `funding`, `account`. */
  readonly subject: string;
  /** Empty: of the whole account. */
  readonly symbol: string;
}

const FEEDS: Readonly<Record<string, FeedName>> = {
  book: "book",
  orders: "orders",
  candles: "candles",
  account: "account",
  funding: "funding",
};

interface Said {
  readonly pulse: Pulse;
  /** What bots were told last; null: nothing yet, and it is not fresh before it was once told so. */
  readonly told: "stale" | "fresh" | null;
}

export class HealthBoard {
  /** Told when a bot's feed turned: stale or fresh again. */
  onFeed: (name: StreamName, feed: FeedName, state: "stale" | "fresh") => void = () => undefined;
  private readonly watchers = new Set<(health: UpstreamHealth) => void>();
  private readonly said = new Map<string, Said>();

  watch(listener: (health: UpstreamHealth) => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  /** Whether it was once alive, or judged dead: until then nobody was told anything of it. */
  isJudged(name: StreamName): boolean {
    return (this.said.get(keyOf(name))?.told ?? null) !== null;
  }

  /** Null: nothing was said of it yet. */
  pulseOf(name: StreamName): Pulse | null {
    return this.said.get(keyOf(name))?.pulse ?? null;
  }

  say(name: StreamName, { pulse, text }: Verdict): void {
    const known = this.said.get(keyOf(name));
    if (known?.pulse === pulse) return;
    // suspect is no word of feeds: what was told stays until the stream lives, or is stale
    const before = known?.told ?? null;
    const told = pulse === "suspect" ? before : pulse === "stale" ? "stale" : "fresh";
    this.said.set(keyOf(name), { pulse, told });
    const subject = name.symbol === "" ? name.subject : `${name.subject} ${name.symbol}`;
    this.tell({ subject, state: pulse, text });
    const feed = FEEDS[name.subject];
    if (feed !== undefined && told !== null && told !== before) this.onFeed(name, feed, told);
  }

  /** Feeds of an instrument that a bot has to be told are stale, when it comes. */
  staleFeeds(symbol: string): readonly FeedName[] {
    return Object.entries(FEEDS).flatMap(([subject, feed]) => {
      const own = this.said.get(keyOf({ subject, symbol })) ?? this.said.get(keyOf({ subject, symbol: "" }));
      return own?.told === "stale" ? feed : [];
    });
  }

  /** Something of the connection itself: a socket, the login. */
  tell(health: UpstreamHealth): void {
    for (const watcher of this.watchers) watcher(health);
  }

  /** Nobody needs the stream any more. */
  drop(name: StreamName): void {
    this.said.delete(keyOf(name));
  }
}

const keyOf = ({ subject, symbol }: StreamName): string => `${subject} ${symbol}`;
