// How alive every upstream stream is, by kind and instrument (EXCH-22, API-20): what SubscribeFeeds tells, and what the
// heartbeats of the other streams carry.

import type { Feed } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import type { SymbolInfo } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind, FeedState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { UpstreamHealth } from "../port.ts";
import type { ConnectorCore } from "./core.ts";
import type { StreamWord } from "./observer.ts";

/** What SubscribeFeeds says: a stream's state, or an instrument's new rules. */
export interface FeedItem {
  readonly feed: Feed | undefined;
  readonly symbolInfo: SymbolInfo | undefined;
}

const WORDS = new Map<FeedKind, StreamWord>([
  [FeedKind.BOOK, "book"],
  [FeedKind.TRADES, "trades"],
  [FeedKind.CANDLES, "candles"],
  [FeedKind.FUNDING, "funding"],
  [FeedKind.ORDERS, "orders"],
  [FeedKind.ACCOUNT, "account"],
  [FeedKind.POSITIONS, "positions"],
]);

/** Dead-man timers whose last word is kept. */
const TIMERS_MAX = 1_000;

/** Subjects of health whose last word is kept. */
/** Subject under which a port tells whether its key is taken. */
const CREDENTIALS = "credentials";
const CONDITIONS_MAX = 200;
const STATES: { readonly [state in UpstreamHealth["state"]]: FeedState } = {
  live: FeedState.LIVE,
  suspect: FeedState.SUSPECT,
  stale: FeedState.STALE,
  down: FeedState.DOWN,
};

const SAID: ReadonlyMap<FeedState, string> = new Map([
  [FeedState.SUSPECT, "is suspect"],
  [FeedState.STALE, "is stale"],
  [FeedState.DOWN, "is down"],
]);

const PRIVATE: ReadonlySet<FeedKind> = new Set([FeedKind.ORDERS, FeedKind.ACCOUNT, FeedKind.POSITIONS]);

interface Known {
  state: FeedState;
  evidenceMs: number;
  action: string;
}

/** A topic that hears of changes of its stream. */
type Follower = Pick<Topic<never>, "setUpstream" | "evidence">;

type FeedsCore = Pick<ConnectorCore, "log" | "metrics" | "unixMs">;

export class Feeds {
  readonly topic: Topic<FeedItem>;
  /** Called when a private stream changed: health looks again. */
  onChange: () => void = () => undefined;
  private readonly core: FeedsCore;
  private readonly known = new Map<string, Known & { readonly kind: FeedKind; readonly symbol: string }>();
  /** What was last said of each bot's dead-man timer, for who comes later. */
  private readonly timers = new Map<string, { readonly symbol: string; readonly action: string }>();
  private readonly conditions = new Map<string, Feed>();
  /** What the log knows of each stream that has lived. */
  private readonly logged = new Map<string, "live" | "lost">();
  private readonly followers = new Map<string, Set<Follower>>();

  constructor(core: FeedsCore, metrics: TopicMetrics) {
    this.core = core;
    this.topic = new Topic<FeedItem>({
      name: "feeds",
      snapshot: () => this.all(),
      nowMs: core.unixMs,
      metrics,
    });
    this.topic.setUpstream(FeedState.LIVE);
  }

  /** The topic hears of this stream from now on. */
  follow(kind: FeedKind, symbol: string, topic: Follower): void {
    const key = keyOf(kind, symbol);
    const topics = this.followers.get(key) ?? new Set();
    topics.add(topic);
    this.followers.set(key, topics);
    const known = this.known.get(key);
    if (known !== undefined) topic.setUpstream(known.state, known.evidenceMs);
  }

  stateOf(kind: FeedKind, symbol: string): FeedState {
    return this.known.get(keyOf(kind, symbol))?.state ?? FeedState.UNSPECIFIED;
  }

  /** A message came. It makes a public stream alive; a private one is alive only after a complete read. */
  heard(kind: FeedKind, symbol: string): void {
    const word = WORDS.get(kind);
    if (word !== undefined) this.core.metrics.message(word);
    const key = keyOf(kind, symbol);
    const known = this.known.get(key);
    const nowMs = this.core.unixMs();
    if (known === undefined || known.state !== FeedState.LIVE) {
      if (!PRIVATE.has(kind)) this.say(kind, symbol, { state: FeedState.LIVE, action: "" });
      return;
    }
    known.evidenceMs = nowMs;
  }

  /** States a stream's state; a change is told at once. */
  say(kind: FeedKind, symbol: string, { state, action }: { state: FeedState; action: string }): void {
    const key = keyOf(kind, symbol);
    const before = this.known.get(key);
    const live = state === FeedState.LIVE;
    const evidenceMs = live ? this.core.unixMs() : (before?.evidenceMs ?? 0);
    this.known.set(key, { kind, symbol, state, evidenceMs, action });
    if (before?.state === state) return;
    const word = WORDS.get(kind);
    if (word !== undefined) this.core.metrics.connected(word, live);
    this.tellLog(kind, symbol, { state, action });
    for (const topic of this.followers.get(key) ?? []) topic.setUpstream(state, evidenceMs);
    this.topic.publish(this.itemOf({ kind, symbol, state, evidenceMs, action }));
    this.onChange();
  }

  /** A stream that never lived has not been lost; one that is back says so. */
  private tellLog(kind: FeedKind, symbol: string, { state, action }: { state: FeedState; action: string }): void {
    const key = keyOf(kind, symbol);
    const what = `the stream of ${WORDS.get(kind) ?? "an unnamed kind"}${symbol === "" ? "" : ` of ${symbol}`}`;
    const fields = { code: "feed", symbol };
    const before = this.logged.get(key);
    if (state === FeedState.LIVE) {
      if (before === "lost") this.core.log.info(`${what} lives again`, fields);
      this.logged.set(key, "live");
    } else if (before === "live") {
      this.logged.set(key, "lost");
      const words = SAID.get(state) ?? "is not live";
      this.core.log.warn(`${what} ${words}${action === "" ? "" : `: ${action}`}`, fields);
    }
  }

  /** Nobody follows the stream any more: it is not dead, it is not there. */
  drop(kind: FeedKind, symbol: string): void {
    const key = keyOf(kind, symbol);
    if (!this.known.delete(key)) return;
    this.logged.delete(key);
    for (const topic of this.followers.get(key) ?? []) topic.setUpstream(FeedState.UNSPECIFIED);
    const word = WORDS.get(kind);
    if (word !== undefined) this.core.metrics.connected(word, false);
    this.onChange();
  }

  /** What became of a bot's dead-man timer: told beside the state of the orders it is about. */
  deadMan(botId: string, symbol: string, words: string): void {
    const timer = { symbol, action: `${botId}: ${words}` };
    this.timers.set(`${botId} ${symbol}`, timer);
    if (this.timers.size > TIMERS_MAX) for (const oldest of this.timers.keys().take(1)) this.timers.delete(oldest);
    this.topic.publish(this.timerItem(timer));
  }

  /** What the connection lives through beside its streams: the clock, limits, the exchange's dead-man timer, keys. */
  health({ subject, state, text }: UpstreamHealth): void {
    const before = this.conditions.get(subject);
    const live = state === "live";
    const lastEvidenceMs = live ? this.core.unixMs() : (before?.lastEvidenceMs ?? 0);
    const feed = {
      kind: FeedKind.UNSPECIFIED,
      symbol: "",
      state: STATES[state],
      lastEvidenceMs,
      action: text,
      subject,
    };
    this.conditions.set(subject, feed);
    if (this.conditions.size > CONDITIONS_MAX)
      for (const oldest of this.conditions.keys().take(1)) this.conditions.delete(oldest);
    if (!live) this.core.log.warn(text, { code: "health", subject, state });
    else if (before !== undefined && before.state !== FeedState.LIVE)
      this.core.log.info(text, { code: "health", subject });
    this.topic.publish({ feed, symbolInfo: undefined });
    if (subject === CREDENTIALS) this.onChange();
  }

  /** What the exchange says of a key it refuses; empty while it takes the key (RISK-44). */
  get keyRefused(): string {
    const said = this.conditions.get(CREDENTIALS);
    return said?.state === FeedState.DOWN ? said.action : "";
  }

  /** An instrument's rules changed. */
  changed(symbolInfo: SymbolInfo): void {
    this.topic.publish({ feed: undefined, symbolInfo });
  }

  /** Whether a private stream that somebody needs is down. */
  get privateDown(): boolean {
    for (const { kind, state } of this.known.values()) {
      if (kind === FeedKind.ORDERS && state === FeedState.DOWN) return true;
    }
    return false;
  }

  private all(): FeedItem[] {
    const streams = [...this.known.values()].map((known) => this.itemOf(known));
    const conditions = [...this.conditions.values()].map((feed): FeedItem => ({ feed, symbolInfo: undefined }));
    return [...streams, ...conditions, ...[...this.timers.values()].map((timer) => this.timerItem(timer))];
  }

  private timerItem({ symbol, action }: { readonly symbol: string; readonly action: string }): FeedItem {
    const kind = FeedKind.ORDERS;
    const known = this.known.get(keyOf(kind, ""));
    const lastEvidenceMs = known?.evidenceMs ?? this.core.unixMs();
    const feed = { kind, symbol, state: this.stateOf(kind, ""), lastEvidenceMs, action, subject: "" };
    return { feed, symbolInfo: undefined };
  }

  private itemOf(known: Known & { readonly kind: FeedKind; readonly symbol: string }): FeedItem {
    const { kind, symbol, state, evidenceMs, action } = known;
    return { feed: { kind, symbol, state, lastEvidenceMs: evidenceMs, action, subject: "" }, symbolInfo: undefined };
  }
}

const keyOf = (kind: FeedKind, symbol: string): string => `${kind} ${symbol}`;
