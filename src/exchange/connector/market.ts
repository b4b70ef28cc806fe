// One instrument's market data of the connector: its topics and the newest that was heard. Who subscribes upstream, and
// when, stands in market-streams.ts.

import type { Decimal } from "../../rpc/generated/google/type/decimal.ts";
import type { Book, Candle, FundingRate } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { CandleInterval } from "../../trading/event.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";

export interface PriceItem {
  readonly symbol: string;
  readonly bid: Decimal | undefined;
  readonly ask: Decimal | undefined;
  readonly last: Decimal | undefined;
  readonly atMs: number;
}

export interface Market {
  readonly symbol: string;
  readonly book: Topic<Book>;
  readonly price: Topic<PriceItem>;
  readonly funding: Topic<FundingRate>;
  readonly candles: Map<CandleInterval, Topic<Candle>>;
  users: number;
  end: (() => void) | null;
  cancelLinger: (() => void) | null;
  newestBook: Book | null;
  rate: FundingRate | null;
  last: Decimal | undefined;
  readonly waiting: Set<() => void>;
}

interface Surroundings {
  readonly core: ConnectorCore;
  readonly feeds: Feeds;
  readonly metrics: TopicMetrics;
}

/** What its topics do when somebody comes and when the last goes, and where it is found once it is open. */
interface Keeper {
  readonly find: () => Market | undefined;
  readonly take: () => void;
  readonly release: () => void;
}

/** Its topics, silent: nothing is subscribed upstream yet. */
export function openMarket(symbol: string, { core, feeds, metrics }: Surroundings, keeper: Keeper): Market {
  const some = <T>(item: T | null | undefined): T[] => (item === null || item === undefined ? [] : [item]);
  const topic = <T>(name: string, snapshot: () => T[]): Topic<T> =>
    new Topic<T>({
      name: `${name} ${symbol}`,
      conflate: () => symbol,
      snapshot,
      nowMs: core.unixMs,
      metrics,
      bounds: { idleMs: 0 },
      onFirst: keeper.take,
      onIdle: keeper.release,
    });
  const book = topic<Book>("book", () => some(keeper.find()?.newestBook));
  const price = topic<PriceItem>("price", () => {
    const market = keeper.find();
    return some(market?.newestBook).map((newest) => priceOf(newest, market?.last));
  });
  const funding = topic<FundingRate>("funding", () => some(keeper.find()?.rate));
  feeds.follow(FeedKind.BOOK, symbol, book);
  feeds.follow(FeedKind.BOOK, symbol, price);
  feeds.follow(FeedKind.FUNDING, symbol, funding);
  return {
    symbol,
    book,
    price,
    funding,
    candles: new Map(),
    users: 0,
    end: null,
    cancelLinger: null,
    newestBook: null,
    rate: null,
    last: undefined,
    waiting: new Set(),
  };
}

export const priceOf = ({ symbol, bids, asks, atMs }: Book, last: Decimal | undefined): PriceItem => ({
  symbol,
  bid: bids[0]?.price,
  ask: asks[0]?.price,
  last,
  atMs,
});
