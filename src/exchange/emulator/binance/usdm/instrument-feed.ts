// Public streams of one instrument. It looks at the market only for what somebody listens to; trades are kept for REST
// in any case. Each event becomes text once, whoever listens.

import type { WatchMessage } from "../../../../sim/watchers.ts";
import type { CandleInterval } from "../../../../trading/event.ts";
import type { FrameTraits } from "../../protocol.ts";
import type { EmulatedInstrument, EmulatorWorld } from "../../world.ts";
import type { StreamHub } from "../wire/stream-hub.ts";
import { type BookDiff, DepthChain, joined } from "./depth-chain.ts";
import {
  aggTradeEvent,
  type BestQuote,
  bookTickerEvent,
  depthEvent,
  klineEvent,
  type PrintedTrade,
  partialDepthEvent,
  tradeEvent,
} from "./market-shapes.ts";

export interface FeedOptions {
  readonly world: EmulatorWorld;
  readonly hub: StreamHub;
  readonly symbol: string;
  /** As its exchange describes it now. */
  readonly instrument: () => EmulatedInstrument;
}

const TRADES_KEPT = 1_000;
const DEPTH_US = 100_000;
/** Levels a side whose change is told at once; deeper ones go with the next that is. */
const DEPTH_LOOK = 100;
const QUOTE_US = 10_000;
const CANDLE_US = 250_000;
/** Streams of the book: `depth`, `depth@100ms`, `depth20@500ms`, `rpiDepth@500ms`. */
const DEPTH_STREAM = /^(depth|rpiDepth)(5|10|20)?(?:@(100|250|500)ms)?$/;

interface DepthStream {
  readonly name: string;
  readonly levels: number | null;
  readonly everyMs: number;
  waiting: BookDiff | null;
  /** Last update that was sent; null before the first. */
  sent: number | null;
  dueMs: number;
  /** Ends the wait for `dueMs`; null: nothing waits. */
  cancel: (() => void) | null;
}

export class InstrumentFeed {
  readonly chain: DepthChain;
  readonly trades: PrintedTrade[] = [];
  private readonly options: FeedOptions;
  private readonly depths = new Map<string, DepthStream>();
  private readonly watches = new Map<string, () => void>();
  private readonly openCandles = new Map<CandleInterval, number>();
  private readonly endTrades: () => void;
  private tradeCount = 0;
  private lastQuote = "";

  constructor(options: FeedOptions) {
    this.options = options;
    this.chain = new DepthChain(options.world, options.symbol, (diff) => this.bookChanged(diff));
    const wish = { trades: true, openCandle: null, depth: 0, intervalUs: 0 };
    this.endTrades = options.world.watch(options.symbol, wish, (message) => this.printed(message));
  }

  /** A stream of this instrument, without its name, gets its first listener or loses its last. */
  listened(topic: string, on: boolean): void {
    const depth = DEPTH_STREAM.exec(topic);
    if (depth !== null) this.listenToDepth(topic, depth, on);
    else if (topic === "bookTicker") this.look("bookTicker", on, { depth: 1, intervalUs: QUOTE_US });
    else if (topic.startsWith("kline_")) {
      const interval = intervalOf(topic.slice("kline_".length));
      if (interval !== null) this.look(topic, on, { openCandle: interval, intervalUs: CANDLE_US });
    }
  }

  /** Somebody listens to the best quotes of all instruments. */
  quotes(on: boolean): void {
    this.look("!bookTicker", on, { depth: 1, intervalUs: QUOTE_US });
  }

  best(): BestQuote | null {
    const market = this.options.world.exchange.market(this.options.symbol);
    const [bid, ask] = [market.best("buy"), market.best("sell")];
    if (bid === 0 || ask === 0) return null;
    return { bid: [bid, market.shown("buy", bid)], ask: [ask, market.shown("sell", ask)] };
  }

  close(): void {
    this.endTrades();
    this.chain.close();
    for (const end of this.watches.values()) end();
    this.watches.clear();
    for (const topic of this.depths.keys()) this.forgetDepth(topic);
  }

  private look(
    name: string,
    on: boolean,
    wish: { readonly depth?: number; readonly openCandle?: CandleInterval; readonly intervalUs: number },
  ): void {
    if (!on) {
      this.watches.get(name)?.();
      this.watches.delete(name);
      return;
    }
    if (this.watches.has(name)) return;
    this.lastQuote = "";
    // the first look comes while watch() is under way: the listener must not need what it returns
    this.watches.set(name, () => undefined);
    const whole = { trades: false, openCandle: wish.openCandle ?? null, depth: wish.depth ?? 0 };
    const end = this.options.world.watch(this.options.symbol, { ...whole, intervalUs: wish.intervalUs }, (message) =>
      this.seen(name, message),
    );
    this.watches.set(name, end);
  }

  private seen(name: string, message: WatchMessage): void {
    if (message.kind === "candle") this.candle(message.interval, name);
    else if (name === "depth") this.chain.sync();
    else this.quoted();
  }

  private listenToDepth(topic: string, match: RegExpExecArray, on: boolean): void {
    if (!on) {
      this.forgetDepth(topic);
      if (this.depths.size === 0) this.look("depth", false, { intervalUs: DEPTH_US });
      return;
    }
    const levels = match[2] === undefined ? null : Number.parseInt(match[2], 10);
    const everyMs = match[1] === "rpiDepth" ? 500 : Number.parseInt(match[3] ?? "250", 10);
    // where the chain stands is where this stream begins
    this.chain.sync();
    this.depths.set(topic, { name: topic, levels, everyMs, waiting: null, sent: null, dueMs: 0, cancel: null });
    this.look("depth", true, { depth: DEPTH_LOOK, intervalUs: DEPTH_US });
  }

  private forgetDepth(topic: string): void {
    this.depths.get(topic)?.cancel?.();
    this.depths.delete(topic);
  }

  private bookChanged(diff: BookDiff): void {
    for (const stream of this.depths.values()) {
      stream.waiting = joined(stream.waiting, diff);
      this.flush(stream, diff.atMs);
    }
  }

  private flush(stream: DepthStream, nowMs: number): void {
    if (stream.waiting === null) return;
    if (nowMs < stream.dueMs) {
      const { clock } = this.options.world;
      stream.cancel ??= clock.at(stream.dueMs, () => {
        stream.cancel = null;
        this.flush(stream, clock.nowMs());
      });
      return;
    }
    const diff = stream.sent === null ? stream.waiting : { ...stream.waiting, previous: stream.sent };
    stream.sent = diff.last;
    stream.waiting = null;
    stream.dueMs = nowMs + stream.everyMs;
    const instrument = this.options.instrument();
    const { levels } = stream;
    this.publish(stream.name, "depthUpdate", () =>
      levels === null
        ? depthEvent(instrument, diff)
        : partialDepthEvent(instrument, diff, { book: this.chain.now(), levels }),
    );
  }

  private printed(message: WatchMessage): void {
    if (message.kind !== "trade") return;
    this.tradeCount += 1;
    const trade = {
      id: this.tradeCount,
      price: message.price,
      quantity: message.quantity,
      buyerRested: message.side === "sell",
      atMs: message.exchangeAtMs,
    };
    this.trades.push(trade);
    if (this.trades.length > 2 * TRADES_KEPT) this.trades.splice(0, TRADES_KEPT);
    const { hub } = this.options;
    const instrument = this.options.instrument();
    const name = instrument.wireName.toLowerCase();
    if (hub.listened(`${name}@trade`)) this.publish("trade", "trade", () => tradeEvent(instrument, trade));
    if (hub.listened(`${name}@aggTrade`)) this.publish("aggTrade", "aggTrade", () => aggTradeEvent(instrument, trade));
  }

  private quoted(): void {
    const best = this.best();
    if (best === null) return;
    const key = `${best.bid.join("x")} ${best.ask.join("x")}`;
    if (key === this.lastQuote) return;
    this.lastQuote = key;
    const { world, hub } = this.options;
    const at = { last: this.chain.last, nowMs: world.clock.nowMs() };
    const instrument = this.options.instrument();
    const event = (): Record<string, unknown> => bookTickerEvent(instrument, best, at);
    this.publish("bookTicker", "bookTicker", event);
    hub.publish("!bookTicker", this.traits("bookTicker"), () => JSON.stringify(event()));
  }

  private candle(interval: CandleInterval, topic: string): void {
    const { world } = this.options;
    const market = world.exchange.market(this.options.symbol);
    const open = market.openCandle(interval);
    if (open === null) return;
    const instrument = this.options.instrument();
    const before = this.openCandles.get(interval);
    const send = (candle: NonNullable<typeof open>): void =>
      this.publish(topic, "kline", () => klineEvent(instrument, candle, world.clock.nowMs()));
    if (before !== undefined && before !== open.openAtMs) {
      const [closed] = market.candles.history(interval, 1);
      if (closed?.openAtMs === before) send(closed);
    }
    this.openCandles.set(interval, open.openAtMs);
    send(open);
  }

  private publish(topic: string, event: string, body: () => Record<string, unknown>): void {
    const name = this.options.instrument().wireName.toLowerCase();
    this.options.hub.publish(`${name}@${topic}`, this.traits(event), () => JSON.stringify(body()));
  }

  private traits(event: string): FrameTraits {
    return { kind: "public", event, account: null, symbol: this.options.symbol };
  }
}

export const intervalOf = (text: string): CandleInterval | null =>
  (["1m", "3m", "5m", "15m", "1h"] as const).find((each) => each === text) ?? null;
