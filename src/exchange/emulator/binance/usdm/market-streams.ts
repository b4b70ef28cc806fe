// All public streams of the emulated USDⓈ-M market: one feed an instrument, and what comes by the second: marks and day
// tickers. It knows which of the two public routes carries a stream (EMU-14).

import { BugError } from "../../../../base/assert.ts";
import type { FrameTraits } from "../../protocol.ts";
import type { EmulatedInstrument, EmulatorWorld } from "../../world.ts";
import { StreamHub } from "../wire/stream-hub.ts";
import type { UsdmCore } from "./core.ts";
import { InstrumentFeed } from "./instrument-feed.ts";
import { type FundingFacts, type MarkFacts, markEvent, miniTickerEvent, tickerEvent } from "./market-shapes.ts";
import type { UsdmOrder, UsdmTrade } from "./order-memory.ts";
import { priceText, quantityText } from "./shapes.ts";

/** Which of the public routes carries it; null: it is no public stream. */
export function routeOf(stream: string): "public" | "market" | null {
  if (/@(depth|rpiDepth|bookTicker|trade$)/.test(stream) || stream === "!bookTicker") return "public";
  if (
    /@(aggTrade|markPrice|kline_|continuousKline|ticker|miniTicker|forceOrder|compositeIndex|assetIndex)/.test(stream)
  )
    return "market";
  return stream.startsWith("!") ? "market" : null;
}

type Secondly = (of: EmulatedInstrument, nowMs: number) => Record<string, unknown>;

/** Streams told by the clock: how often, the event of one instrument, and whether it is a list of all. */
interface TimedStream {
  readonly everyMs: number;
  readonly event: string;
  readonly body: Secondly;
  readonly symbol: string | null;
}

export class MarketStreams {
  readonly hub: StreamHub;
  private readonly world: EmulatorWorld;
  private readonly feeds = new Map<string, InstrumentFeed>();
  private readonly timers = new Map<string, () => void>();
  private core: UsdmCore | null = null;

  constructor(world: EmulatorWorld) {
    this.world = world;
    this.hub = new StreamHub((stream, on) => this.listened(stream, on));
  }

  /** Feeds need the instruments, which the core knows. */
  begin(core: UsdmCore): void {
    this.core = core;
    for (const { instrument } of core.instruments()) {
      const { symbol } = instrument;
      const of = (): EmulatedInstrument => core.ofSymbol(symbol) ?? core.instruments()[0] ?? missing(symbol);
      this.feeds.set(symbol, new InstrumentFeed({ world: this.world, hub: this.hub, symbol, instrument: of }));
    }
  }

  feed(symbol: string): InstrumentFeed {
    return this.feeds.get(symbol) ?? missing(symbol);
  }

  /** The rate that holds, and when it is settled next. */
  funding({ instrument }: EmulatedInstrument): FundingFacts {
    const nowMs = this.world.clock.nowMs();
    const interval = Math.max(1, instrument.fundingIntervalMs);
    const ratePpt = this.world.exchange.margin.rates.get(instrument.symbol) ?? 100_000_000;
    return { ratePpt, nextAtMs: (Math.floor(nowMs / interval) + 1) * interval };
  }

  marks(of: EmulatedInstrument): MarkFacts {
    const { symbol } = of.instrument;
    return {
      mark: this.world.exchange.market(symbol).mark(),
      index: this.world.index(symbol),
      funding: this.funding(of),
    };
  }

  /** Somebody was liquidated. */
  forced(order: UsdmOrder, trade: UsdmTrade): void {
    const { instrument, wireName } = order;
    const nowMs = this.world.clock.nowMs();
    const body = {
      e: "forceOrder",
      E: nowMs,
      o: {
        s: wireName,
        S: order.side === "buy" ? "BUY" : "SELL",
        o: "LIMIT",
        f: "IOC",
        q: quantityText(instrument, order.quantity),
        p: priceText(instrument, order.price),
        ap: priceText(instrument, trade.fill.price),
        X: order.status,
        l: quantityText(instrument, trade.fill.quantity),
        z: quantityText(instrument, order.filled),
        T: trade.atMs,
      },
    };
    const traits = publicTraits("forceOrder", instrument.symbol);
    for (const stream of [`${wireName.toLowerCase()}@forceOrder`, "!forceOrder@arr"]) {
      this.hub.publish(stream, traits, () => JSON.stringify(body));
    }
  }

  /** Says nothing to anybody: what is left is only taken back. */
  close(): void {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
  }

  private listened(stream: string, on: boolean): void {
    if (stream === "!bookTicker") {
      for (const feed of this.feeds.values()) feed.quotes(on);
      return;
    }
    const timed = this.timedOf(stream);
    if (timed !== null) {
      this.tick(stream, timed, on);
      return;
    }
    const at = stream.indexOf("@");
    const instrument = at > 0 ? this.core?.named(stream.slice(0, at).toUpperCase()) : null;
    if (instrument !== null && instrument !== undefined) {
      this.feeds.get(instrument.instrument.symbol)?.listened(stream.slice(at + 1), on);
    }
  }

  private timedOf(stream: string): TimedStream | null {
    const all = /^!(markPrice|ticker|miniTicker)@arr(?:@(1)s)?$/.exec(stream);
    const one = /^([a-z0-9_]+)@(markPrice|ticker|miniTicker)(?:@(1)s)?$/.exec(stream);
    const topic = all?.[1] ?? one?.[2];
    if (topic === undefined) return null;
    const instrument = one === null ? null : this.core?.named((one[1] ?? "").toUpperCase());
    if (one !== null && (instrument === null || instrument === undefined)) return null;
    const fast = (all?.[2] ?? one?.[3]) !== undefined || topic !== "markPrice";
    const { event, body } = this.secondly(topic);
    return { everyMs: fast ? 1_000 : 3_000, event, body, symbol: instrument?.instrument.symbol ?? null };
  }

  private secondly(topic: string): { readonly event: string; readonly body: Secondly } {
    const market = (of: EmulatedInstrument) => this.world.exchange.market(of.instrument.symbol);
    switch (topic) {
      case "markPrice":
        return {
          event: "markPriceUpdate",
          body: (of, nowMs) => markEvent(of, this.marks(of), nowMs),
        };
      case "ticker":
        return { event: "24hrTicker", body: (of, nowMs) => tickerEvent(of, market(of).day(nowMs), nowMs) };
      default:
        return { event: "24hrMiniTicker", body: (of, nowMs) => miniTickerEvent(of, market(of).day(nowMs), nowMs) };
    }
  }

  private tick(stream: string, timed: TimedStream, on: boolean): void {
    this.timers.get(stream)?.();
    this.timers.delete(stream);
    if (!on) return;
    const { clock } = this.world;
    const next = Math.floor(clock.nowMs() / timed.everyMs + 1) * timed.everyMs;
    const cancel = clock.at(next, () => {
      this.tick(stream, timed, true);
      this.tell(stream, timed);
    });
    this.timers.set(stream, cancel);
  }

  private tell(stream: string, { symbol, event, body }: TimedStream): void {
    const nowMs = this.world.clock.nowMs();
    const known = this.core?.instruments().filter((each) => symbol === null || each.instrument.symbol === symbol) ?? [];
    const marked = known.filter(({ instrument }) => this.world.exchange.market(instrument.symbol).markMilli > 0);
    const bodies = (): unknown =>
      symbol === null ? marked.map((of) => body(of, nowMs)) : marked.map((of) => body(of, nowMs))[0];
    if (marked.length > 0) this.hub.publish(stream, publicTraits(event, symbol), () => JSON.stringify(bodies()));
  }
}

const publicTraits = (event: string, symbol: string | null): FrameTraits => ({
  kind: "public",
  event,
  account: null,
  symbol,
});

function missing(symbol: string): never {
  throw new BugError(`instrument ${symbol} is not listed`);
}
