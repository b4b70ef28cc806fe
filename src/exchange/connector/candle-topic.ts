// The candles of one instrument and interval, fanned out: an upstream subscription of their own while anybody listens.

import type { Candle } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind, FeedState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { CandleInterval } from "../../trading/event.ts";
import type { StreamMessage } from "../port.ts";
import type { PublicMessage } from "../public-market.ts";
import { wireCandle } from "../wire/market-view.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";

export interface CandleTopicOptions {
  readonly core: ConnectorCore;
  readonly feeds: Feeds;
  readonly metrics: TopicMetrics;
  /** Shortest exchange time between two tellings of the open candle. */
  readonly openCandleMs: number;
}

/** Books nobody needs: a subscription for candles alone. */
const NO_BOOKS_MS = 86_400_000;

export function candleTopic(
  { core, feeds, metrics, openCandleMs }: CandleTopicOptions,
  symbol: string,
  interval: CandleInterval,
): Topic<Candle> {
  let ends: (() => void)[] = [];
  let open: Candle | null = null;
  const hear = (message: StreamMessage | PublicMessage): void => {
    const instrument = core.instruments.find(symbol);
    if (message.kind !== "candle" || instrument === undefined) return;
    const candle = wireCandle(message, instrument);
    open = candle.isClosed ? null : candle;
    topic.publish(candle);
    feeds.heard(FeedKind.CANDLES, symbol);
  };
  const topic: Topic<Candle> = new Topic<Candle>({
    name: `candles ${symbol} ${interval}`,
    // an open candle is replaced by what became of it, before it closes; a closed one never
    conflate: ({ isClosed, openTimeMs }) => (isClosed ? null : String(openTimeMs)),
    snapshot: () => (open === null ? [] : [open]),
    nowMs: core.unixMs,
    metrics,
    onFirst: () => {
      const request = { symbol, candleInterval: interval, bookIntervalMs: NO_BOOKS_MS };
      const wish = { symbol, trades: false, openCandle: interval, depth: 0, intervalMs: openCandleMs };
      const { port } = core.upstream;
      ends = [port.subscribe(request, hear), port.publicMarket?.watch(wish, hear) ?? (() => undefined)];
      topic.setUpstream(FeedState.LIVE);
    },
    onIdle: () => {
      for (const end of ends) end();
      ends = [];
      open = null;
      topic.setUpstream(FeedState.UNSPECIFIED);
    },
  });
  return topic;
}
