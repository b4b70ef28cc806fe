// Market data, fanned out (API-15…18): one upstream subscription an instrument whatever the number of subscribers,
// taken by the first and let go less than a second after the last.

import type { Decimal } from "../../rpc/generated/google/type/decimal.ts";
import type { Book, Candle, FundingRate } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind, FeedState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { Topic, TopicMetrics } from "../../rpc/topic.ts";
import type { CandleInterval } from "../../trading/event.ts";
import type { StreamMessage } from "../port.ts";
import { gridOf } from "../wire/grid.ts";
import { lastOf, markDecimal, noRate, rateDecimal, wireBook } from "../wire/market-view.ts";
import { candleTopic } from "./candle-topic.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";
import { type Market, openMarket, type PriceItem, priceOf } from "./market.ts";

export interface MarketStreamsOptions {
  readonly core: ConnectorCore;
  readonly feeds: Feeds;
  readonly metrics: TopicMetrics;
  /** Shortest exchange time between two books of an instrument. */
  readonly bookIntervalMs: number;
  /** Shortest exchange time between two tellings of an open candle. */
  readonly openCandleMs: number;
  /** Messages of the account's own streams: they come over the same subscription. */
  readonly onPrivate: (symbol: string, message: StreamMessage) => void;
  readonly onLetGo: (symbol: string) => void;
}

/** How long an upstream subscription outlives its last user: less than a second (API-15). */
const LINGER_MS = 250;

export class MarketStreams {
  private readonly options: MarketStreamsOptions;
  private readonly markets = new Map<string, Market>();
  private closed = false;

  constructor(options: MarketStreamsOptions) {
    this.options = options;
  }

  book(symbol: string): Topic<Book> {
    return this.market(symbol).book;
  }

  price(symbol: string): Topic<PriceItem> {
    return this.market(symbol).price;
  }

  funding(symbol: string): Topic<FundingRate> {
    return this.market(symbol).funding;
  }

  candles(symbol: string, interval: CandleInterval): Topic<Candle> {
    const market = this.market(symbol);
    let topic = market.candles.get(interval);
    if (topic === undefined) {
      topic = candleTopic(this.options, symbol, interval);
      market.candles.set(interval, topic);
    }
    return topic;
  }

  /** Upstream subscriptions that are open, candles apart. */
  get open(): number {
    let count = 0;
    for (const { end } of this.markets.values()) if (end !== null) count += 1;
    return count;
  }

  /** Somebody needs this instrument's streams. Every take is followed by one release. */
  take(symbol: string): void {
    const market = this.market(symbol);
    market.users += 1;
    market.cancelLinger?.();
    market.cancelLinger = null;
    if (market.end !== null || this.closed) return;
    const request = { symbol, candleInterval: null, bookIntervalMs: this.options.bookIntervalMs };
    market.end = this.options.core.upstream.port.subscribe(request, (message) => this.hear(market, message));
    this.options.feeds.say(FeedKind.FUNDING, symbol, { state: FeedState.LIVE, action: "" });
    void this.readLast(market);
  }

  /** The last trade before anybody listened. */
  private async readLast(market: Market): Promise<void> {
    const { upstream, instruments } = this.options.core;
    const result = await upstream.day(market.symbol);
    const instrument = instruments.find(market.symbol);
    if (result === null || result.result !== "ok" || instrument === undefined) return;
    if (market.end === null || market.last !== undefined) return;
    this.traded(market, lastOf(result.day, instrument));
  }

  private traded(market: Market, last: Decimal | undefined): void {
    market.last = last;
    if (market.newestBook !== null && last !== undefined) market.price.publish(priceOf(market.newestBook, last));
  }

  release(symbol: string): void {
    const market = this.market(symbol);
    market.users -= 1;
    if (market.users > 0) return;
    const { machine } = this.options.core;
    market.cancelLinger?.();
    market.cancelLinger = machine.at(machine.nowMs() + LINGER_MS, () => this.letGo(market));
  }

  /** The exchange's book chain broke: nothing heard so far is shown to anybody any more. */
  broken(symbol: string): void {
    this.market(symbol).newestBook = null;
  }

  /** The newest book; waits for the first where nobody followed it so far. Null when none came by the deadline. */
  async newestBook(symbol: string, waitMs: number): Promise<Book | null> {
    return this.awaited(symbol, waitMs, (market) => market.newestBook);
  }

  /** Newest rate and mark as heard; null before the first. */
  rateOf(symbol: string): FundingRate | null {
    return this.market(symbol).rate;
  }

  lastPriceOf(symbol: string): Decimal | undefined {
    return this.market(symbol).last;
  }

  close(): void {
    this.closed = true;
    for (const market of this.markets.values()) {
      market.cancelLinger?.();
      for (const topic of [market.book, market.price, market.funding, ...market.candles.values()]) topic.close();
      market.end?.();
      market.end = null;
      for (const look of market.waiting) look();
    }
  }

  private async awaited<T>(symbol: string, waitMs: number, look: (market: Market) => T | null): Promise<T | null> {
    const market = this.market(symbol);
    const found = look(market);
    if (found !== null) return found;
    const { machine } = this.options.core;
    this.take(symbol);
    const { promise, resolve } = Promise.withResolvers<T | null>();
    const wake = (): void => {
      const now = look(market);
      if (now !== null || this.closed) resolve(now);
    };
    market.waiting.add(wake);
    const cancel = machine.at(machine.nowMs() + waitMs, () => resolve(null));
    return promise.finally(() => {
      cancel();
      market.waiting.delete(wake);
      this.release(symbol);
    });
  }

  private market(symbol: string): Market {
    let market = this.markets.get(symbol);
    if (market === undefined) {
      market = openMarket(symbol, this.options, {
        find: () => this.markets.get(symbol),
        take: () => this.take(symbol),
        release: () => this.release(symbol),
      });
      this.markets.set(symbol, market);
    }
    return market;
  }

  private letGo(market: Market): void {
    market.cancelLinger = null;
    if (market.users > 0 || market.end === null) return;
    market.end();
    market.end = null;
    market.newestBook = null;
    market.rate = null;
    market.last = undefined;
    this.options.onLetGo(market.symbol);
    this.options.feeds.drop(FeedKind.BOOK, market.symbol);
    this.options.feeds.drop(FeedKind.FUNDING, market.symbol);
  }

  private hear(market: Market, message: StreamMessage): void {
    const { core, feeds } = this.options;
    const { symbol } = market;
    const instrument = core.instruments.find(symbol);
    if (instrument === undefined) return;
    switch (message.kind) {
      case "book": {
        const book = wireBook(message, instrument, market.book.last + 1);
        market.newestBook = book;
        market.book.publish(book);
        market.price.publish(priceOf(book, market.last));
        feeds.heard(FeedKind.BOOK, symbol);
        for (const look of market.waiting) look();
        return;
      }
      case "trades":
        this.traded(market, { value: gridOf(instrument.tickSize).text(message.last) });
        return;
      case "mark":
        this.rate(market, { markPrice: markDecimal(instrument, message.mark) });
        return;
      case "funding-rate": {
        const rate = rateDecimal(message.ratePpt);
        this.rate(market, { rate, predictedRate: rate, nextFundingTimeMs: message.nextAtMs });
        return;
      }
      case "candle":
        // of this subscription nobody asked for any
        return;
      case "order":
      case "fill":
      case "account":
      case "funding-settled":
      case "feed":
      case "instrument":
      case "position":
        this.options.onPrivate(symbol, message);
    }
  }

  private rate(market: Market, change: Partial<FundingRate>): void {
    const { core, feeds } = this.options;
    const instrument = core.instruments.find(market.symbol);
    if (instrument === undefined) return;
    const atMs = core.clock.nowMs();
    market.rate = { ...(market.rate ?? noRate(instrument, atMs)), ...change, atMs };
    market.funding.publish(market.rate);
    feeds.heard(FeedKind.FUNDING, market.symbol);
  }
}
