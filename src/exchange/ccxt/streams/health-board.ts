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
  /** The bots were told that it is stale, and not that it is fresh again. */
  readonly stale: boolean;
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

  /** Null: nothing was said of it yet. */
  pulseOf(name: StreamName): Pulse | null {
    return this.said.get(keyOf(name))?.pulse ?? null;
  }

  say(name: StreamName, { pulse, text }: Verdict): void {
    const known = this.said.get(keyOf(name));
    if (known?.pulse === pulse) return;
    const stale = pulse === "stale" || (pulse === "suspect" && known?.stale === true);
    this.said.set(keyOf(name), { pulse, stale });
    const subject = name.symbol === "" ? name.subject : `${name.subject} ${name.symbol}`;
    this.tell({ subject, state: pulse, text });
    const feed = FEEDS[name.subject];
    if (feed === undefined) return;
    // suspect is no word of feeds: one that was stale is fresh again only when the stream lives
    if (stale && known?.stale !== true) this.onFeed(name, feed, "stale");
    else if (pulse === "live" && known?.stale !== false) this.onFeed(name, feed, "fresh");
  }

  /** Feeds of an instrument that a bot has to be told are stale, when it comes. */
  staleFeeds(symbol: string): readonly FeedName[] {
    return Object.entries(FEEDS).flatMap(([subject, feed]) => {
      const own = this.said.get(keyOf({ subject, symbol })) ?? this.said.get(keyOf({ subject, symbol: "" }));
      return own?.stale === true ? feed : [];
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
