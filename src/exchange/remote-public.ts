// The public market through a connector: trades, open candles, deep books, the day, settled rates, as the port behind
// tells them. Whoever watches before the instrument is known hears when it is.

import { lots, ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { PublicTrade, TradedDay } from "../market/public-trade.ts";
import type { SubscribeTradesResponse } from "../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { Ticker } from "../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderSide } from "../rpc/generated/opensqt/market_maker/v1/types.ts";
import type {
  BookResult,
  DayResult,
  OpenInterestResult,
  PublicMarket,
  PublicMessage,
  PublicWish,
  RatesResult,
} from "./public-market.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { unavailable } from "./remote-outcomes.ts";
import { RemoteStream } from "./remote-stream.ts";
import { gridOf } from "./wire/grid.ts";
import { markOf, portBook, portCandle, ratePptOf } from "./wire/market-view.ts";
import { moneyOf } from "./wire/money-text.ts";

/** Levels the API's book stream carries a side. */
const DEPTH_MAX = 50;

interface Parts {
  readonly connection: RemoteConnection;
  readonly instrument: (symbol: string) => Promise<Instrument>;
}

type Closable = { close(): Promise<void> };

export class RemotePublicMarket implements PublicMarket {
  readonly openInterest?: NonNullable<PublicMarket["openInterest"]>;
  private readonly parts: Parts;
  private readonly open = new Set<Closable>();
  private closing: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.parts = parts;
    if (parts.connection.hello.words.has("open_interest")) {
      this.openInterest = (symbol, done) => void this.readOpenInterest(symbol).then(done, (e) => done(unavailable(e)));
    }
  }

  watch(wish: PublicWish, listener: (message: PublicMessage) => void): () => void {
    const state: { ended: boolean; streams: Closable[] } = { ended: false, streams: [] };
    void this.parts.instrument(wish.symbol).then(
      (instrument) => {
        if (state.ended) return;
        state.streams = this.streamsOf(wish, instrument, listener);
        for (const stream of state.streams) this.open.add(stream);
      },
      (error: unknown) => this.parts.connection.log.warn("not watched", { why: unavailable(error).text }),
    );
    return () => {
      state.ended = true;
      for (const stream of state.streams.splice(0)) {
        if (this.open.delete(stream)) this.closing = Promise.all([this.closing, stream.close()]).then(() => undefined);
      }
    };
  }

  book(symbol: string, depth: number, done: (result: BookResult) => void): void {
    void this.readBook(symbol, depth).then(done, (error: unknown) => done(unavailable(error)));
  }

  day(symbol: string, done: (result: DayResult) => void): void {
    void this.readDay(symbol).then(done, (error: unknown) => done(unavailable(error)));
  }

  settledRates(symbol: string, sinceMs: number, done: (result: RatesResult) => void): void {
    void this.readRates(symbol, sinceMs).then(done, (error: unknown) => done(unavailable(error)));
  }

  async close(): Promise<void> {
    const open = [...this.open];
    this.open.clear();
    await Promise.all([this.closing, ...open.map((stream) => stream.close())]);
  }

  private streamsOf(wish: PublicWish, instrument: Instrument, listener: (message: PublicMessage) => void): Closable[] {
    const { client, timers, exchange } = this.parts.connection;
    const { trades, openCandle, depth } = wish;
    const asked = { exchange, symbols: [wish.symbol] };
    const say = (message: PublicMessage | null): void => {
      if (message !== null) listener(message);
    };
    const onState = (): void => undefined;
    const streams: Closable[] = [];
    if (trades) {
      const open = (resumeToken: string, signal: AbortSignal) =>
        client.subscribeTrades({ ...asked, resumeToken }, { signal });
      streams.push(new RemoteStream({ timers, onState, open, onItem: (item) => say(tradeOf(item, instrument)) }));
    }
    if (openCandle !== null) {
      const open = (_token: string, signal: AbortSignal) =>
        client.subscribeKlines({ ...asked, interval: openCandle }, { signal });
      const onItem = ({ candle }: { candle?: Parameters<typeof portCandle>[0] | undefined }): void => {
        const event = candle === undefined ? null : portCandle(candle, instrument);
        if (event !== null && !event.closed) listener(event);
      };
      streams.push(new RemoteStream({ timers, onState, open, onItem }));
    }
    if (depth > 0) {
      const open = (_token: string, signal: AbortSignal) =>
        client.subscribeBook({ ...asked, depth: Math.min(DEPTH_MAX, depth) }, { signal });
      streams.push(
        new RemoteStream({
          timers,
          onState,
          open,
          onItem: ({ book }) => say(book === undefined ? null : portBook(book, instrument, 0)),
        }),
      );
    }
    return streams;
  }

  private async readBook(symbol: string, depth: number): Promise<BookResult> {
    const { client, exchange } = this.parts.connection;
    const instrument = await this.parts.instrument(symbol);
    const { book } = await client.getBook({ exchange, symbol, depth });
    const read = book === undefined ? null : portBook(book, instrument, 0);
    return read === null ? { result: "unavailable", text: "the book is unreadable" } : { result: "ok", book: read };
  }

  private async readDay(symbol: string): Promise<DayResult> {
    const { client, exchange } = this.parts.connection;
    const instrument = await this.parts.instrument(symbol);
    const { tickers } = await client.getTickers({ exchange, symbols: [symbol] });
    const [ticker] = tickers;
    if (ticker === undefined) return { result: "unavailable", text: `the connector has no day of ${symbol}` };
    return { result: "ok", day: dayOf(ticker, instrument) };
  }

  private async readRates(symbol: string, sinceMs: number): Promise<RatesResult> {
    const { client, exchange } = this.parts.connection;
    const instrument = await this.parts.instrument(symbol);
    const fromMs = Math.max(0, Math.floor(sinceMs));
    const { rates } = await client.getHistoricalFundingRates({ exchange, symbol, fromMs, limit: 1_000 });
    const read = rates.map(({ rate, markPrice, atMs }) => {
      return { symbol, ratePpt: ratePptOf(rate), mark: markOf(markPrice, instrument), settledAtMs: atMs };
    });
    const whole = read.flatMap(({ ratePpt, mark, ...rest }) =>
      ratePpt === null || mark === null ? [] : [{ ...rest, ratePpt, mark }],
    );
    if (whole.length < read.length) return { result: "unavailable", text: "a settled rate is unreadable" };
    return { result: "ok", rates: whole };
  }

  private async readOpenInterest(symbol: string): Promise<OpenInterestResult> {
    const { client, exchange } = this.parts.connection;
    const instrument = await this.parts.instrument(symbol);
    const { openInterest, atMs } = await client.getOpenInterest({ exchange, symbol });
    const quantity = gridOf(instrument.lotSize).units(openInterest?.value ?? "");
    if (!quantity.ok) return { result: "unavailable", text: "the open interest is unreadable" };
    return { result: "ok", quantity: lots(quantity.value), atMs };
  }
}

function tradeOf(item: SubscribeTradesResponse, instrument: Instrument): PublicTrade | null {
  const price = gridOf(instrument.tickSize).units(item.price?.value ?? "");
  const quantity = gridOf(instrument.lotSize).units(item.quantity?.value ?? "");
  if (!price.ok || !quantity.ok) return null;
  return {
    kind: "trade",
    symbol: item.symbol,
    tradeId: item.tradeId,
    side: item.side === OrderSide.BUY ? "buy" : "sell",
    price: ticks(price.value),
    quantity: lots(quantity.value),
    exchangeAtMs: item.atMs,
  };
}

function dayOf(ticker: Ticker, { tickSize, lotSize }: Instrument): TradedDay {
  const at = (text: string | undefined): number | null => {
    const read = gridOf(tickSize).units(text ?? "");
    return read.ok ? read.value : null;
  };
  const last = at(ticker.lastPrice?.value);
  const change = at(ticker.priceChange?.value);
  const volume = gridOf(lotSize).units(ticker.volume?.value ?? "0");
  return {
    first: last === null || change === null ? null : ticks(last - change),
    last: last === null ? null : ticks(last),
    volume: lots(volume.ok ? volume.value : 0),
    ...(ticker.quoteVolume === undefined ? {} : { quoteVolume: moneyOf(ticker.quoteVolume, "down") }),
  };
}
