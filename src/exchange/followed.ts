// A real exchange followed by a paper one: its public market feeds the made-up matching, no order ever goes there. What
// it knows of the past comes first, so that strategies find their candles.

import type { Instrument } from "../market/instrument.ts";
import type { SimulatedExchange } from "../sim/exchange.ts";
import { FollowedMarket } from "./followed-market.ts";
import type { ExchangePort, StreamMessage } from "./port.ts";

export interface FollowedMarkets {
  readonly markets: readonly { readonly instrument: Instrument; readonly source: FollowedMarket }[];
  /** Subscribes, and reads the candles there were. Resolves with the first book of each, or after a few seconds. */
  readonly begin: (exchange: SimulatedExchange) => Promise<void>;
  /** Ends the streams and the connection. */
  readonly end: () => void;
}

/** Levels a side that are followed: beyond them an order waits behind nobody, and fills when the price goes through. */
const DEPTH = 20;
const BOOK_MS = 100;
const CANDLES = 1_000;

export function followedMarkets(
  port: ExchangePort,
  { instruments, nowUs }: { readonly instruments: readonly Instrument[]; readonly nowUs: () => number },
): FollowedMarkets {
  const markets = instruments.map((instrument) => ({ instrument, source: new FollowedMarket(nowUs) }));
  const ends: (() => void)[] = [];
  return {
    markets,
    begin: async (exchange) => {
      for (const { instrument, source } of markets) ends.push(...follow(port, instrument.symbol, source));
      await Promise.all(markets.map(({ instrument }) => pastOf(port, instrument.symbol, exchange)));
    },
    end: () => {
      for (const end of ends) end();
      port.close();
    },
  };
}

function follow(port: ExchangePort, symbol: string, source: FollowedMarket): readonly (() => void)[] {
  const { publicMarket } = port;
  const deep = { symbol, trades: true, openCandle: null, depth: DEPTH, intervalMs: BOOK_MS };
  const hear = (message: StreamMessage): void => {
    // books come from the closer look, where there is one
    if (message.kind === "book" && publicMarket !== undefined) return;
    if (message.kind === "book" || message.kind === "mark" || message.kind === "funding-rate") source.hear(message);
    else if (message.kind === "feed") source.hear(message);
  };
  const ends = [port.subscribe({ symbol, candleInterval: null, bookIntervalMs: BOOK_MS }, hear)];
  if (publicMarket !== undefined) {
    ends.push(
      publicMarket.watch(deep, (message) => {
        if (message.kind !== "candle") source.hear(message);
      }),
    );
  }
  return ends;
}

/** Closed minutes as the exchange knows them; without an answer the market begins without a past. */
function pastOf(port: ExchangePort, symbol: string, exchange: SimulatedExchange): Promise<void> {
  const { candles } = exchange.market(symbol);
  return new Promise((resolve) => {
    port.candles({ symbol, interval: "1m", count: CANDLES }, (result) => {
      const newestMs = candles.closed.at(-1)?.openAtMs ?? Number.NEGATIVE_INFINITY;
      for (const candle of result.result === "ok" ? result.candles : []) {
        const { openAtMs, open, high, low, close, volume } = candle;
        if (openAtMs > newestMs) candles.push({ openAtMs, open, high, low, close, volume });
      }
      resolve();
    });
  });
}
