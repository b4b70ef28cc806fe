// The candles of one instrument and interval, fanned out: an upstream subscription of their own while anybody listens.

import type { Candle } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind, FeedState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { CandleInterval } from "../../trading/event.ts";
import { wireCandle } from "../wire/market-view.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";

export interface CandleTopicOptions {
  readonly core: ConnectorCore;
  readonly feeds: Feeds;
  readonly metrics: TopicMetrics;
}

/** Books nobody needs: a subscription for candles alone. */
const NO_BOOKS_MS = 86_400_000;

export function candleTopic(
  { core, feeds, metrics }: CandleTopicOptions,
  symbol: string,
  interval: CandleInterval,
): Topic<Candle> {
  let end: (() => void) | null = null;
  const topic: Topic<Candle> = new Topic<Candle>({
    name: `candles ${symbol} ${interval}`,
    // an open candle is replaced by its successor, a closed one never
    conflate: ({ isClosed }) => (isClosed ? null : "open"),
    nowMs: core.unixMs,
    metrics,
    onFirst: () => {
      const request = { symbol, candleInterval: interval, bookIntervalMs: NO_BOOKS_MS };
      end = core.upstream.port.subscribe(request, (message) => {
        const instrument = core.instruments.find(symbol);
        if (message.kind !== "candle" || instrument === undefined) return;
        topic.publish(wireCandle(message, instrument));
        feeds.heard(FeedKind.CANDLES, symbol);
      });
      topic.setUpstream(FeedState.LIVE);
    },
    onIdle: () => {
      end?.();
      end = null;
      topic.setUpstream(FeedState.UNSPECIFIED);
    },
  });
  return topic;
}
