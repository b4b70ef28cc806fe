// The streams of a real exchange (exchanges.md 1.4 and 5): who wants what, on how few sockets, how alive it is. It
// composes; what each part does stands in its own file.

import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../observe/log.ts";
import type { ExchangePort, FundingResult, StreamMessage, UpstreamHealth } from "../../port.ts";
import type { PublicMessage, PublicWish } from "../../public-market.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import type { ExchangeTable } from "../exchanges/exchange-table.ts";
import type { Instruments } from "../instruments.ts";
import { BINANCE_SPOT_STREAMS, BINANCE_USDM_STREAMS } from "./binance-streams.ts";
import { bitgetFuturesStreams, bitgetSpotStreams } from "./bitget-streams.ts";
import { BYBIT_LINEAR_STREAMS, BYBIT_SPOT_STREAMS } from "./bybit-streams.ts";
import { DialGate } from "./dial-gate.ts";
import { GATE_FUTURES_STREAMS, GATE_SPOT_STREAMS } from "./gate-streams.ts";
import { HealthBoard } from "./health-board.ts";
import { OKX_SPOT_STREAMS, OKX_SWAP_STREAMS } from "./okx-streams.ts";
import { OwnDesk } from "./own-desk.ts";
import { PolledMarket } from "./polled-market.ts";
import { PublicDesk } from "./public-desk.ts";
import type { StreamTable } from "./stream-table.ts";
import { STREAM_TIMES, type StreamTimes } from "./times.ts";

export interface CcxtStreamsOptions {
  readonly instance: CcxtInstance;
  readonly table: ExchangeTable;
  readonly reads: CcxtReads;
  /** Settled funding of an instrument; absent on spot. */
  readonly funding?: (symbol: string, sinceMs: number) => Promise<FundingResult>;
  readonly instruments: Instruments;
  readonly clock: Clock;
  readonly log: Log;
  /** False: no keys, so only what everybody may see. */
  readonly keys: boolean;
  readonly times?: Partial<StreamTimes>;
}

type SubscribeRequest = Parameters<ExchangePort["subscribe"]>[0];

/** Levels a side that reach a bot (DUR-07). */
const BOT_DEPTH = 5;

/** Streams by `exchange market`; an exchange without a row is polled (EXCH-61). */
const STREAMS: Readonly<Record<string, () => StreamTable>> = {
  "binance perpetual": () => BINANCE_USDM_STREAMS,
  "binance spot": () => BINANCE_SPOT_STREAMS,
  "okx perpetual": () => OKX_SWAP_STREAMS,
  "okx spot": () => OKX_SPOT_STREAMS,
  "bybit perpetual": () => BYBIT_LINEAR_STREAMS,
  "bybit spot": () => BYBIT_SPOT_STREAMS,
  "gate perpetual": () => GATE_FUTURES_STREAMS,
  "gate spot": () => GATE_SPOT_STREAMS,
  "bitget perpetual": bitgetFuturesStreams,
  "bitget spot": bitgetSpotStreams,
};

export const streamTableOf = ({ name, market }: Pick<ExchangeTable, "name" | "market">): StreamTable | null =>
  STREAMS[`${name} ${market}`]?.() ?? null;

export class CcxtStreams {
  private readonly options: CcxtStreamsOptions;
  private readonly times: StreamTimes;
  private readonly board = new HealthBoard();
  private readonly gate: DialGate;
  private readonly market: PublicDesk | PolledMarket;
  private readonly own: OwnDesk | null;
  private readonly bots = new Map<string, Set<(message: StreamMessage) => void>>();
  private cancelJudge: () => void = () => undefined;
  private closed = false;

  constructor(options: CcxtStreamsOptions) {
    this.options = options;
    const { instance, table, reads, funding, instruments, clock, log } = options;
    this.times = { ...STREAM_TIMES, ...options.times };
    const { times, board } = this;
    this.gate = new DialGate(clock, times.dialGapMs);
    const streams = streamTableOf(table);
    const instrument = instruments.get.bind(instruments);
    const shared = { instance, reads, board, clock, log, times };
    this.market =
      streams === null
        ? new PolledMarket({ ...shared, instrument })
        : new PublicDesk({ ...shared, streams, instrument }, this.gate);
    this.own = options.keys
      ? new OwnDesk({
          ...shared,
          table,
          own: streams?.own ?? null,
          streams,
          ...(funding === undefined ? {} : { funding }),
          instruments,
          gate: this.gate,
        })
      : null;
    board.onFeed = ({ symbol }, feed, state) => this.tellFeed(symbol, { kind: "feed", feed, state });
    this.judgeLater();
  }

  /** As {@link ExchangePort.subscribe}. Nothing is told inside this call. */
  subscribe(request: SubscribeRequest, listener: (message: StreamMessage) => void): () => void {
    const { symbol, candleInterval, bookIntervalMs } = request;
    // two subscriptions of one listener are two: each ends for itself
    const tell = (message: StreamMessage): void => listener(message);
    const bots = this.bots.get(symbol) ?? new Set();
    this.bots.set(symbol, bots.add(tell));
    const { clock } = this.options;
    const late = clock.at(clock.nowMs(), () => {
      const feeds = new Set(this.board.staleFeeds(symbol));
      // no risk before the own stream has proven itself: what happens until then is only read later (EXCH-23)
      if (this.own?.isStarting === true) feeds.add("orders").add("account");
      for (const feed of feeds) tell({ kind: "feed", feed, state: "stale" });
    });
    const ends: (() => void)[] = [() => bots.delete(tell), late];
    if (this.own !== null) ends.push(this.own.add(symbol, tell));
    ends.push(this.market.book(symbol, { depth: BOT_DEPTH, intervalMs: bookIntervalMs, tell }));
    ends.push(this.market.trades(symbol, { form: "sums", intervalMs: bookIntervalMs, tell }));
    ends.push(this.market.marks(symbol, { tell }));
    if (candleInterval !== null) ends.push(this.market.candles(symbol, candleInterval, { form: "closed", tell }));
    return () => {
      for (const end of ends.splice(0)) end();
    };
  }

  /** As `PublicMarket.watch`. */
  watchPublic(wish: PublicWish, listener: (message: PublicMessage) => void): () => void {
    const { symbol, intervalMs, depth, openCandle } = wish;
    const { market } = this;
    const tell = (message: PublicMessage): void => listener(message);
    const ends: (() => void)[] = [];
    if (wish.trades) ends.push(market.trades(symbol, { form: "single", tell }));
    if (depth > 0) ends.push(market.book(symbol, { depth, intervalMs, tell }));
    if (openCandle !== null) ends.push(market.candles(symbol, openCandle, { form: "open", intervalMs, tell }));
    return () => {
      for (const end of ends.splice(0)) end();
    };
  }

  watchHealth(listener: (health: UpstreamHealth) => void): () => void {
    return this.board.watch(listener);
  }

  /** The exchange acknowledged an order: the private stream has to speak of it (EXCH-22). */
  acknowledged(order: { readonly symbol: string; readonly clientOrderId: string }): void {
    this.own?.acknowledged(order);
  }

  /** The keys changed: the private socket is replaced by one that logs in with the new ones (EXCH-52). */
  loginAgain(): void {
    this.own?.loginAgain();
  }

  /** What the account's streams say is not everything any more: they are stale until all was read again. */
  lost(text: string): void {
    this.own?.distrust(text);
  }

  /** Resolves when every socket and timer is gone. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.cancelJudge();
    this.gate.close();
    this.bots.clear();
    await Promise.all([this.market.close(), this.own?.close()]);
  }

  private tellFeed(symbol: string, message: Extract<StreamMessage, { kind: "feed" }>): void {
    const listeners = symbol === "" ? [...this.bots.values()] : [this.bots.get(symbol) ?? new Set()];
    for (const each of listeners) for (const tell of each) tell(message);
  }

  private judgeLater(): void {
    const { clock } = this.options;
    this.cancelJudge = clock.at(clock.nowMs() + this.times.judgeMs, () => {
      if (this.closed) return;
      const nowMs = clock.nowMs();
      this.market.judge(nowMs);
      this.own?.judge(nowMs);
      this.judgeLater();
    });
  }
}
