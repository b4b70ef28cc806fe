// The public tape and deep books, fanned out: upstream looks closer while somebody asks for it, and no longer. Trades
// are lossless and can be continued; books are conflated.

import type { Lots, Ticks } from "../../market/amounts.ts";
import type { PublicTrade } from "../../market/public-trade.ts";
import type { SubscribeTradesResponse } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { Book } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind, FeedState, OrderSide } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { PublicMarket } from "../public-market.ts";
import { gridOf } from "../wire/grid.ts";
import { wireBook } from "../wire/market-view.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";
import type { MarketStreams } from "./market-streams.ts";

export type TradeItem = Omit<SubscribeTradesResponse, "meta">;

export interface PublicTopicsOptions {
  readonly core: ConnectorCore;
  readonly feeds: Feeds;
  readonly markets: MarketStreams;
  readonly metrics: TopicMetrics;
  /** Shortest exchange time between two deep books. */
  readonly bookIntervalMs: number;
}

/** Levels a side of a deep book. */
const DEEP_LEVELS = 50;
/** A deep book holds its instrument's streams too, which linger: together less than a second (API-15). */
const IDLE_MS = 250;

export class PublicTopics {
  private readonly options: PublicTopicsOptions;
  private readonly tapes = new Map<string, Topic<TradeItem>>();
  private readonly deep = new Map<string, Topic<Book>>();

  constructor(options: PublicTopicsOptions) {
    this.options = options;
  }

  /** Null where the exchange does not tell single trades. */
  trades(symbol: string): Topic<TradeItem> | null {
    const { publicMarket } = this.options.core.upstream.port;
    if (publicMarket === undefined) return null;
    return kept(this.tapes, symbol, () => this.tradeTopic(symbol, publicMarket));
  }

  /** Books of {@link DEEP_LEVELS} levels a side; null where the exchange tells only the best. */
  deepBook(symbol: string): Topic<Book> | null {
    const { publicMarket } = this.options.core.upstream.port;
    if (publicMarket === undefined) return null;
    return kept(this.deep, symbol, () => this.deepTopic(symbol, publicMarket));
  }

  close(): void {
    for (const topic of [...this.tapes.values(), ...this.deep.values()]) topic.close();
  }

  private tradeTopic(symbol: string, upstream: PublicMarket): Topic<TradeItem> {
    const { core, feeds, metrics } = this.options;
    const wish = { symbol, trades: true, openCandle: null, depth: 0, intervalMs: 0 };
    let end: (() => void) | null = null;
    const topic: Topic<TradeItem> = new Topic<TradeItem>({
      name: `trades ${symbol}`,
      nowMs: core.unixMs,
      metrics,
      onFirst: () => {
        end = upstream.watch(wish, (message) => {
          const item = message.kind === "trade" ? this.wireTrade(message) : null;
          if (item === null) return;
          topic.publish(item);
          feeds.heard(FeedKind.TRADES, symbol);
        });
        feeds.say(FeedKind.TRADES, symbol, { state: FeedState.LIVE, action: "" });
      },
      onIdle: () => {
        end?.();
        end = null;
        topic.cut();
        feeds.drop(FeedKind.TRADES, symbol);
      },
    });
    feeds.follow(FeedKind.TRADES, symbol, topic);
    return topic;
  }

  private wireTrade({ symbol, tradeId, side, price, quantity, exchangeAtMs }: PublicTrade): TradeItem | null {
    const instrument = this.options.core.instruments.find(symbol);
    if (instrument === undefined) return null;
    const at = (ticks: Ticks) => ({ value: gridOf(instrument.tickSize).text(ticks) });
    const size = (lots: Lots) => ({ value: gridOf(instrument.lotSize).text(lots) });
    const taker = side === "buy" ? OrderSide.BUY : OrderSide.SELL;
    return { symbol, tradeId, side: taker, price: at(price), quantity: size(quantity), atMs: exchangeAtMs };
  }

  private deepTopic(symbol: string, upstream: PublicMarket): Topic<Book> {
    const { core, feeds, markets, metrics, bookIntervalMs: intervalMs } = this.options;
    const wish = { symbol, trades: false, openCandle: null, depth: DEEP_LEVELS, intervalMs };
    let end: (() => void) | null = null;
    let newest: Book | null = null;
    const topic: Topic<Book> = new Topic<Book>({
      name: `deep book ${symbol}`,
      conflate: () => symbol,
      snapshot: () => (newest === null ? [] : [newest]),
      nowMs: core.unixMs,
      metrics,
      bounds: { idleMs: IDLE_MS },
      onFirst: () => {
        // the instrument's own streams say whether the chain is whole
        markets.take(symbol);
        end = upstream.watch(wish, (message) => {
          const instrument = core.instruments.find(symbol);
          if (message.kind !== "book" || instrument === undefined) return;
          newest = wireBook(message, instrument, topic.last + 1);
          // the first after a silence is the snapshot everybody gets
          if (topic.feed.state === FeedState.LIVE) topic.publish(newest);
          else topic.setUpstream(FeedState.LIVE);
        });
      },
      onIdle: () => {
        end?.();
        end = null;
        newest = null;
        topic.setUpstream(FeedState.UNSPECIFIED);
        markets.release(symbol);
      },
    });
    feeds.follow(FeedKind.BOOK, symbol, {
      setUpstream: (state, atMs) => {
        // alive again is what the next deep book says
        if (state === FeedState.LIVE) return;
        newest = null;
        topic.setUpstream(state, atMs);
      },
      evidence: (atMs) => topic.evidence(atMs),
    });
    return topic;
  }
}

function kept<T>(topics: Map<string, Topic<T>>, symbol: string, make: () => Topic<T>): Topic<T> {
  const known = topics.get(symbol);
  if (known !== undefined) return known;
  const topic = make();
  topics.set(symbol, topic);
  return topic;
}
