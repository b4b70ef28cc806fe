// The public streams of Binance spot: while somebody listens, the market is looked at in the stream's own rhythm and
// what changed is sent. Trades are sent as they print.

import type { PublicTrade } from "../../../../market/public-trade.ts";
import type { FrameTraits } from "../../protocol.ts";
import type { EmulatorWorld } from "../../world.ts";
import type { StreamHub } from "../wire/stream-hub.ts";
import { priceText, quantityText } from "./amounts.ts";
import type { ListedMarket } from "./listed-market.ts";
import type { BookReader, LevelText } from "./market-book.ts";
import { average, candleFrame, fullTicker, miniTicker, sameCandle } from "./market-frames.ts";
import { INTERVALS, type LongCandle, longCandles } from "./market-history.ts";

const QUOTE_MS = 10;
const TICKER_MS = 1_000;

/** What one stream does from time to time while it is listened to. */
interface Rhythm {
  readonly everyMs: number;
  look(nowMs: number): void;
  end(): void;
}

export class MarketStreams {
  private readonly world: EmulatorWorld;
  private readonly markets: readonly ListedMarket[];
  private readonly hub: StreamHub;
  private readonly running = new Map<string, () => void>();
  private readonly tapes: readonly (() => void)[];

  constructor(world: EmulatorWorld, markets: readonly ListedMarket[], hub: StreamHub) {
    this.world = world;
    this.markets = markets;
    this.hub = hub;
    const wish = { trades: true, openCandle: null, depth: 0, intervalUs: 0 };
    this.tapes = markets.map((market) =>
      world.watch(market.symbol, wish, (message) => {
        if (message.kind === "trade") this.traded(market, message);
      }),
    );
  }

  /** Whether there is such a public stream. */
  carries(stream: string): boolean {
    return this.rhythmOf(stream) !== null || this.isTape(stream);
  }

  /** A stream got its first listener, or lost its last. */
  watched(stream: string, listened: boolean): void {
    this.running.get(stream)?.();
    this.running.delete(stream);
    const rhythm = listened ? this.rhythmOf(stream) : null;
    if (rhythm !== null) this.running.set(stream, this.run(rhythm));
  }

  close(): void {
    for (const end of this.running.values()) end();
    this.running.clear();
    for (const end of this.tapes) end();
  }

  private run(rhythm: Rhythm): () => void {
    const { clock } = this.world;
    let cancel = (): void => {};
    const again = (): void => {
      cancel = clock.at(clock.nowMs() + rhythm.everyMs, () => {
        rhythm.look(clock.nowMs());
        again();
      });
    };
    rhythm.look(clock.nowMs());
    again();
    return () => {
      cancel();
      rhythm.end();
    };
  }

  private traded(market: ListedMarket, trade: PublicTrade): void {
    const kept = market.tape.add(trade);
    const { instrument } = market.market;
    const shared = { E: this.world.clock.nowMs(), s: market.wireName };
    const body = {
      p: priceText(instrument, trade.price),
      q: quantityText(instrument, trade.quantity),
      T: trade.exchangeAtMs,
      m: trade.side === "sell",
      M: true,
    };
    const { id } = kept;
    const name = market.wireName.toLowerCase();
    this.publish(`${name}@trade`, market, { e: "trade", ...shared, t: id, ...body });
    this.publish(`${name}@aggTrade`, market, { e: "aggTrade", ...shared, a: id, f: id, l: id, ...body });
  }

  private isTape(stream: string): boolean {
    const [name, what] = stream.split("@");
    return this.marketOf(name ?? "") !== null && (what === "trade" || what === "aggTrade");
  }

  private marketOf(name: string): ListedMarket | null {
    return this.markets.find(({ wireName }) => wireName.toLowerCase() === name) ?? null;
  }

  private rhythmOf(stream: string): Rhythm | null {
    if (stream === "!miniTicker@arr" || stream === "!ticker@arr") return this.allTickers(stream);
    const [name = "", what = "", pace] = stream.split("@");
    const market = this.marketOf(name);
    if (market === null) return null;
    const everyMs = pace === "100ms" ? 100 : 1_000;
    if (what === "depth") return this.depthDiffs(stream, market, everyMs);
    const levels = /^depth(5|10|20)$/.exec(what)?.[1];
    if (levels !== undefined)
      return this.partialDepth(stream, market, { levels: Number.parseInt(levels, 10), everyMs });
    if (what === "bookTicker") return this.bestQuote(stream, market);
    if (what === "ticker") return this.each(stream, market, (nowMs) => fullTicker(market, nowMs));
    if (what === "miniTicker") return this.each(stream, market, (nowMs) => miniTicker(market, nowMs));
    if (what === "avgPrice") return this.each(stream, market, (nowMs) => average(market, nowMs));
    const intervalMs = what.startsWith("kline_") ? INTERVALS[what.slice("kline_".length)] : undefined;
    if (intervalMs === undefined) return null;
    return this.candles(stream, market, { name: what.slice("kline_".length), intervalMs });
  }

  private depthDiffs(stream: string, market: ListedMarket, everyMs: number): Rhythm {
    const { book } = market;
    let reader: BookReader | null = null;
    return {
      everyMs,
      look: (nowMs) => {
        if (reader === null) reader = book.reader();
        if (!book.look()) return;
        book.remember(nowMs);
        const diff = book.take(reader);
        const crossing = this.crossing(market);
        if (crossing === null) {
          if (diff === null) return;
          const { first, last, bids, asks } = diff;
          this.publishDepth(stream, market, { E: nowMs, U: first, u: last, b: bids, a: asks });
          return;
        }
        const id = book.showOnly(reader);
        book.doubt("buy", crossing.price);
        const b = [crossing.level, ...(diff?.bids ?? [])];
        this.publishDepth(stream, market, { E: nowMs, U: diff?.first ?? id, u: id, b, a: diff?.asks ?? [] });
      },
      end: () => {
        if (reader !== null) book.forget(reader);
        reader = null;
      },
    };
  }

  private publishDepth(
    stream: string,
    market: ListedMarket,
    frame: { E: number; U: number; u: number; b: readonly LevelText[]; a: readonly LevelText[] },
  ): void {
    const { E, ...rest } = frame;
    this.publish(stream, market, { e: "depthUpdate", E, s: market.wireName, ...rest });
  }

  /** The fault by which one frame shows a bid above the best ask. */
  private crossing(market: ListedMarket): { readonly price: number; readonly level: LevelText } | null {
    const { symbol } = market.market;
    const traits = {
      route: "depthUpdate",
      kind: "stream",
      account: null,
      symbol,
      side: null,
      clientOrderId: null,
    } as const;
    if (this.world.strike("crossedBook", traits) === null) return null;
    const price = market.market.best("sell") + 1;
    const { instrument } = market.market;
    return { price, level: [priceText(instrument, price), quantityText(instrument, instrument.minLots)] };
  }

  private partialDepth(
    stream: string,
    market: ListedMarket,
    of: { readonly levels: number; readonly everyMs: number },
  ): Rhythm {
    let last = -1;
    return {
      everyMs: of.everyMs,
      look: () => {
        const snapshot = market.book.snapshot(of.levels);
        if (snapshot.lastUpdateId === last) return;
        last = snapshot.lastUpdateId;
        this.publish(stream, market, snapshot);
      },
      end: () => undefined,
    };
  }

  private bestQuote(stream: string, market: ListedMarket): Rhythm {
    let last = "";
    return {
      everyMs: QUOTE_MS,
      look: () => {
        if (!market.market.usable()) return;
        const [b, B] = market.best("buy");
        const [a, A] = market.best("sell");
        const key = `${b} ${B} ${a} ${A}`;
        if (key === last) return;
        last = key;
        this.publish(stream, market, { u: market.book.count(), s: market.wireName, b, B, a, A });
      },
      end: () => undefined,
    };
  }

  private candles(stream: string, market: ListedMarket, of: { name: string; intervalMs: number }): Rhythm {
    let last: LongCandle | null = null;
    return {
      everyMs: TICKER_MS,
      look: (nowMs) => {
        const question = { intervalMs: of.intervalMs, limit: 2, startMs: null, endMs: null };
        for (const candle of longCandles(market.market, question)) {
          const before: LongCandle | null = last;
          const closed = candle.closeAtMs < nowMs;
          if (before !== null && candle.openAtMs < before.openAtMs) continue;
          if (before === null && closed) continue;
          if (before !== null && sameCandle(before, candle) && !closed) continue;
          this.publish(stream, market, candleFrame(market, { candle, nowMs, closed, interval: of.name }));
          // what is closed is told once
          last = closed ? { ...candle, openAtMs: candle.openAtMs + 1 } : candle;
        }
      },
      end: () => undefined,
    };
  }

  private each(stream: string, market: ListedMarket, frame: (nowMs: number) => unknown): Rhythm {
    const look = (nowMs: number): void => this.publish(stream, market, frame(nowMs));
    return { everyMs: TICKER_MS, look, end: () => undefined };
  }

  private allTickers(stream: string): Rhythm {
    const frame = stream === "!ticker@arr" ? fullTicker : miniTicker;
    const traits: FrameTraits = { kind: "public", event: stream, account: null, symbol: null };
    return {
      everyMs: TICKER_MS,
      look: (nowMs) => {
        this.hub.publish(stream, traits, () => JSON.stringify(this.markets.map((market) => frame(market, nowMs))));
      },
      end: () => undefined,
    };
  }

  private publish(stream: string, market: ListedMarket, frame: unknown): void {
    const { e } = frame as { e?: string };
    const event = e ?? stream.split("@")[1] ?? "";
    const traits: FrameTraits = { kind: "public", event, account: null, symbol: market.symbol };
    this.hub.publish(stream, traits, () => JSON.stringify(frame));
  }
}
