// Public streams, shared: one feed a topic whatever the number of its viewers, on as few sockets as the exchange
// allows (EXCH-49). A feed comes with its first viewer and goes a moment after the last one (EXCH-20).

import type { CandleInterval } from "../../../trading/event.ts";
import { BookFeed, type BookViewer } from "./book-feed.ts";
import { CandleFeed, type CandleViewer } from "./candle-feed.ts";
import type { DialGate } from "./dial-gate.ts";
import { seconds } from "./liveness.ts";
import { MarkFeed, type MarkViewer } from "./mark-feed.ts";
import type { FeedParts, PublicFeed } from "./public-feed.ts";
import { PublicLink, topicKey } from "./public-link.ts";
import type { PublicNews, Topic, TopicKind } from "./stream-table.ts";
import { TradesFeed, type TradesViewer } from "./trades-feed.ts";

interface Shared {
  readonly feed: PublicFeed;
  readonly link: PublicLink;
  users: number;
  cancelLinger: (() => void) | null;
}

const NOTHING = (): void => undefined;

export class PublicDesk {
  private readonly parts: FeedParts;
  private readonly gate: DialGate;
  private readonly links = new Map<string, PublicLink>();
  private readonly shared = new Map<string, Shared>();
  /** By kind, the exchange's own name and interval: how news find their feed. */
  private readonly byNews = new Map<string, PublicFeed>();
  private closed = false;

  constructor(parts: Omit<FeedParts, "again">, gate: DialGate) {
    this.parts = { ...parts, again: (topic) => this.shared.get(topicKey(topic))?.link.again(topic) };
    this.gate = gate;
  }

  book(symbol: string, viewer: BookViewer): () => void {
    return this.use({ kind: "book", symbol, interval: null }, (feed) => {
      if (!(feed instanceof BookFeed)) return NOTHING;
      feed.add(viewer);
      return () => feed.remove(viewer);
    });
  }

  trades(symbol: string, viewer: TradesViewer): () => void {
    return this.use({ kind: "trades", symbol, interval: null }, (feed) => {
      if (!(feed instanceof TradesFeed)) return NOTHING;
      feed.add(viewer);
      return () => feed.remove(viewer);
    });
  }

  candles(symbol: string, interval: CandleInterval, viewer: CandleViewer): () => void {
    return this.use({ kind: "candle", symbol, interval }, (feed) => {
      if (!(feed instanceof CandleFeed)) return NOTHING;
      feed.add(viewer);
      return () => feed.remove(viewer);
    });
  }

  marks(symbol: string, viewer: MarkViewer): () => void {
    return this.use({ kind: "mark", symbol, interval: null }, (feed) => {
      if (!(feed instanceof MarkFeed)) return NOTHING;
      feed.add(viewer);
      return () => feed.remove(viewer);
    });
  }

  /** The book that is kept for somebody; null: none is, or it does not stand. */
  bookFeed(symbol: string): BookFeed | null {
    const feed = this.shared.get(topicKey({ kind: "book", symbol, wireName: "", interval: null }))?.feed;
    return feed instanceof BookFeed ? feed : null;
  }

  judge(nowMs: number): void {
    for (const { feed } of this.shared.values()) feed.judge(nowMs);
    for (const link of this.links.values()) {
      // nothing at all comes, though something was asked for: the socket is dead, whatever it says of itself
      if (!link.isUp || nowMs - link.heardMs < this.silenceMs(link)) continue;
      link.lost(`nothing was heard for ${seconds(nowMs - link.heardMs)}`);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { feed, cancelLinger } of this.shared.values()) {
      cancelLinger?.();
      feed.close();
    }
    this.shared.clear();
    this.byNews.clear();
    await Promise.all([...this.links.values()].map((link) => link.close()));
  }

  private use(asked: Omit<Topic, "wireName">, enter: (feed: PublicFeed) => () => void): () => void {
    const shared = this.take(asked);
    if (shared === null) return NOTHING;
    shared.users += 1;
    shared.cancelLinger?.();
    shared.cancelLinger = null;
    const leave = enter(shared.feed);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
      shared.users -= 1;
      if (shared.users === 0) this.letGoSoon(shared);
    };
  }

  private take(asked: Omit<Topic, "wireName">): Shared | null {
    const wireName = this.parts.instrument(asked.symbol)?.wireName;
    const name = this.parts.streams.links[asked.kind];
    if (wireName === undefined || name === null || this.closed) return null;
    const topic: Topic = { ...asked, wireName };
    const key = topicKey(topic);
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const feed = this.make(topic);
    const link = this.linkOf(name);
    const shared = { feed, link, users: 0, cancelLinger: null };
    this.shared.set(key, shared);
    this.byNews.set(newsKey(topic.kind, wireName, topic.interval), feed);
    if (link.isUp) feed.up(false);
    link.want(topic);
    return shared;
  }

  private make(topic: Topic): PublicFeed {
    switch (topic.kind) {
      case "book": {
        const feed = new BookFeed(this.parts, topic);
        feed.onChange = () => this.moved(feed);
        return feed;
      }
      case "trades":
        return new TradesFeed(this.parts, topic);
      case "candle":
        return new CandleFeed(this.parts, topic);
      case "mark":
        return new MarkFeed(this.parts, topic);
    }
  }

  private moved(book: BookFeed): void {
    const trades = this.byNews.get(newsKey("trades", book.topic.wireName, null));
    const best = book.best();
    if (trades instanceof TradesFeed && best !== null) trades.bookMoved(best[0], best[1]);
  }

  private letGoSoon(shared: Shared): void {
    const { clock, times } = this.parts;
    shared.cancelLinger = clock.at(clock.nowMs() + times.lingerMs, () => {
      if (shared.users > 0 || this.closed) return;
      const { feed, link } = shared;
      const { topic } = feed;
      this.shared.delete(topicKey(topic));
      this.byNews.delete(newsKey(topic.kind, topic.wireName, topic.interval));
      feed.close();
      link.drop(topic);
    });
  }

  private linkOf(name: string): PublicLink {
    const known = this.links.get(name);
    if (known !== undefined) return known;
    const { instance, streams, clock, log, times, board } = this.parts;
    const feeds = (): PublicFeed[] =>
      [...this.shared.values()].flatMap((each) => (each.link === link ? each.feed : []));
    const link: PublicLink = new PublicLink({
      name,
      instance,
      streams,
      gate: this.gate,
      clock,
      log,
      times,
      news: (news) => this.byNews.get(keyOfNews(news))?.news(news),
      up: (planned) => {
        board.tell({ subject: `socket ${name}`, state: "live", text: planned ? "replaced before its end" : "open" });
        for (const feed of feeds()) feed.up(planned);
      },
      down: (text) => {
        board.tell({ subject: `socket ${name}`, state: "down", text });
        for (const feed of feeds()) feed.down(text);
      },
    });
    this.links.set(name, link);
    return link;
  }

  /** The shortest silence that no stream of the socket can explain. */
  private silenceMs(link: PublicLink): number {
    const { bookStaleMs, fundingSuspectMs, fundingStaleMs } = this.parts.times;
    const kinds = [...this.shared.values()].flatMap((each) => (each.link === link ? each.feed.topic.kind : []));
    if (kinds.length === 0) return Number.POSITIVE_INFINITY;
    if (kinds.includes("book")) return 2 * bookStaleMs;
    // marks come every few seconds: asked for anew in vain, it is the socket
    return kinds.includes("mark") ? 2 * fundingSuspectMs : fundingStaleMs;
  }
}

const newsKey = (kind: TopicKind, wireName: string, interval: string | null): string =>
  `${kind} ${wireName} ${interval ?? ""}`;

function keyOfNews(news: PublicNews): string {
  switch (news.kind) {
    case "depth":
      return newsKey("book", news.wireName, null);
    case "trade":
      return newsKey("trades", news.wireName, null);
    case "candle":
      return newsKey("candle", news.wireName, news.interval);
    case "mark":
      return newsKey("mark", news.wireName, null);
  }
}
