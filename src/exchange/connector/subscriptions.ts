// The streams of ExchangeService: fields are checked, topics joined, and each message is worded as the API has it.

import { boundedCount } from "../../rpc/fields.ts";
import type {
  ExchangeServiceSubscribePositionsRequest,
  ExchangeServiceSubscribePositionsResponse,
  SubscribeAccountRequest,
  SubscribeAccountResponse,
  SubscribeBookRequest,
  SubscribeBookResponse,
  SubscribeFeedsRequest,
  SubscribeFeedsResponse,
  SubscribeFundingRateRequest,
  SubscribeFundingRateResponse,
  SubscribeKlinesRequest,
  SubscribeKlinesResponse,
  SubscribeOrdersRequest,
  SubscribeOrdersResponse,
  SubscribePriceRequest,
  SubscribePriceResponse,
  SubscribeTradesRequest,
  SubscribeTradesResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { OrderSide } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { subscribeAll } from "../../rpc/merge.ts";
import { invalidField, RpcRefusal, unimplemented } from "../../rpc/refusal.ts";
import type { Topic } from "../../rpc/topic.ts";
import { cutBook } from "../wire/market-view.ts";
import { ofTag, readTag } from "./cancel-desk.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";
import type { MarketStreams } from "./market-streams.ts";
import type { PrivateStreams } from "./private-streams.ts";
import type { PublicTopics, TradeItem } from "./public-topics.ts";
import { readInterval } from "./reads.ts";

const TOKEN_LENGTH_MAX = 200;
/** Streams one call may join. */
const SYMBOLS_MAX = 50;
/** What the streams of a bot carry; who asks for more hears another stream. */
const BEST_LEVELS = 5;
/** The head of a stream comes alone. */
const NO_TRADE: TradeItem = {
  symbol: "",
  tradeId: "",
  side: OrderSide.UNSPECIFIED,
  price: undefined,
  quantity: undefined,
  atMs: 0,
};

export interface SubscriptionsOptions {
  readonly core: ConnectorCore;
  readonly feeds: Feeds;
  readonly markets: MarketStreams;
  readonly publicTopics: PublicTopics;
  readonly own: PrivateStreams;
}

export class Subscriptions {
  private readonly options: SubscriptionsOptions;

  constructor(options: SubscriptionsOptions) {
    this.options = options;
  }

  price(request: SubscribePriceRequest, signal: AbortSignal): AsyncIterable<SubscribePriceResponse> {
    const topics = this.topics(request, (symbol) => this.options.markets.price(symbol));
    return worded(subscribeAll(topics, { signal }), ({ meta, item }) => {
      const { symbol = "", bid, ask, last, atMs = 0 } = item ?? {};
      return { meta, symbol, bid, ask, last, atMs };
    });
  }

  book(request: SubscribeBookRequest, signal: AbortSignal): AsyncIterable<SubscribeBookResponse> {
    const depth = boundedCount("depth", request.depth, { fallback: 5, max: 50 });
    const { markets, publicTopics } = this.options;
    const topics = this.topics(request, (symbol) => {
      return (depth > BEST_LEVELS ? publicTopics.deepBook(symbol) : null) ?? markets.book(symbol);
    });
    return worded(subscribeAll(topics, { signal }), ({ meta, item }) => ({
      meta,
      book: item === null ? undefined : cutBook(item, depth),
    }));
  }

  trades(request: SubscribeTradesRequest, signal: AbortSignal): AsyncIterable<SubscribeTradesResponse> {
    const resumeToken = readToken(request.resumeToken, SYMBOLS_MAX * TOKEN_LENGTH_MAX);
    const topics = this.chosen(request.symbols).map((symbol) => {
      const topic = this.options.publicTopics.trades(symbol);
      if (topic === null) throw unimplemented("SubscribeTrades");
      return topic;
    });
    return worded(subscribeAll(topics, { signal, resumeToken }), ({ meta, item }) => ({ meta, ...(item ?? NO_TRADE) }));
  }

  candles(request: SubscribeKlinesRequest, signal: AbortSignal): AsyncIterable<SubscribeKlinesResponse> {
    const interval = readInterval(request.interval);
    const topics = this.topics(request, (symbol) => this.options.markets.candles(symbol, interval));
    return worded(subscribeAll(topics, { signal }), ({ meta, item }) => ({ meta, candle: item ?? undefined }));
  }

  funding(request: SubscribeFundingRateRequest, signal: AbortSignal): AsyncIterable<SubscribeFundingRateResponse> {
    const topics = this.topics(request, (symbol) => this.options.markets.funding(symbol));
    return worded(subscribeAll(topics, { signal }), ({ meta, item }) => ({ meta, rate: item ?? undefined }));
  }

  orders(request: SubscribeOrdersRequest, signal: AbortSignal): AsyncIterable<SubscribeOrdersResponse> {
    const wanted = this.wanted(request.symbols);
    const tag = request.tag === "" ? "" : readTag(request.tag);
    const resumeToken = readToken(request.resumeToken);
    const stream = this.options.own.orders.subscribe({
      signal,
      resumeToken,
      filter: ({ order, lastFill }) => {
        const symbol = order?.symbol ?? lastFill?.symbol ?? "";
        const id = order?.clientOrderId ?? lastFill?.clientOrderId ?? "";
        return (wanted === null || wanted.has(symbol)) && (tag === "" || ofTag(id, tag));
      },
    });
    return worded(stream, ({ meta, item }) => ({ meta, update: item ?? undefined }));
  }

  account(request: SubscribeAccountRequest, signal: AbortSignal): AsyncIterable<SubscribeAccountResponse> {
    const stream = this.options.own.account.subscribe({ signal, resumeToken: readToken(request.resumeToken) });
    return worded(stream, ({ meta, item }) => ({
      meta,
      account: item?.account,
      fundingPayment: item?.fundingPayment,
    }));
  }

  positions(
    request: ExchangeServiceSubscribePositionsRequest,
    signal: AbortSignal,
  ): AsyncIterable<ExchangeServiceSubscribePositionsResponse> {
    const wanted = this.wanted(request.symbols);
    const stream = this.options.own.positions.subscribe({
      signal,
      resumeToken: readToken(request.resumeToken),
      filter: ({ symbol }) => wanted === null || wanted.has(symbol),
    });
    return worded(stream, ({ meta, item }) => ({ meta, position: item ?? undefined }));
  }

  feeds(request: SubscribeFeedsRequest, signal: AbortSignal): AsyncIterable<SubscribeFeedsResponse> {
    const stream = this.options.feeds.topic.subscribe({ signal, resumeToken: readToken(request.resumeToken) });
    return worded(stream, ({ meta, item }) => ({ meta, feed: item?.feed, symbolInfo: item?.symbolInfo }));
  }

  private topics<T>(
    request: { readonly symbols: readonly string[]; readonly resumeToken: string },
    topicOf: (symbol: string) => Topic<T>,
  ): Topic<T>[] {
    if (readToken(request.resumeToken) !== "") throw nothingToContinue();
    return this.chosen(request.symbols).map(topicOf);
  }

  private chosen(symbols: readonly string[]): readonly string[] {
    const chosen = this.options.core.instruments.chosen("symbols", symbols);
    if (chosen.length > SYMBOLS_MAX) {
      throw invalidField("symbols", `means ${chosen.length} instruments, at most ${SYMBOLS_MAX}: name fewer`);
    }
    return chosen.map(({ symbol }) => symbol);
  }

  /** Null: all. */
  private wanted(symbols: readonly string[]): ReadonlySet<string> | null {
    if (symbols.length === 0) return null;
    return new Set(this.options.core.instruments.chosen("symbols", symbols).map(({ symbol }) => symbol));
  }
}

/** Each message as the API words it: one step of the source is one step here. */
function worded<T, R>(source: AsyncIterableIterator<T>, word: (item: T) => R): AsyncIterableIterator<R> {
  const step = (result: IteratorResult<T>): IteratorResult<R, undefined> =>
    result.done === true ? { done: true, value: undefined } : { done: false, value: word(result.value) };
  return {
    next: () => source.next().then(step),
    return: () => {
      const ended: Promise<IteratorResult<R, undefined>> = Promise.resolve({ done: true, value: undefined });
      return source.return === undefined ? ended : source.return().then(() => ended);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function readToken(token: string, lengthMax = TOKEN_LENGTH_MAX): string {
  if (token.length > lengthMax) throw invalidField("resume_token", "is none that this connector gave");
  return token;
}

/** Market data starts with the newest and gives no tokens (0017). */
function nothingToContinue(): RpcRefusal {
  const message = "this stream has nothing to continue from; subscribe without a token for the newest";
  return new RpcRefusal({ status: "OUT_OF_RANGE", reason: "OVERRUN", message });
}
