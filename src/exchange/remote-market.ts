// The streams of one instrument through a connector, as one subscription of the port: books, rates, candles, orders,
// fills, account, feeds and rules. What may have been missed is said as stale and then fresh, so that the host reads
// everything again; nothing is made up.

import type { Instrument } from "../market/instrument.ts";
import type { OrderUpdate } from "../rpc/generated/opensqt/market_maker/v1/events.ts";
import type { FundingPayment, FundingRate } from "../rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { FeedName } from "../trading/event.ts";
import type { ExchangePort, StreamMessage } from "./port.ts";
import { RemoteCandles } from "./remote-candles.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { unavailable } from "./remote-outcomes.ts";
import { RemoteStream } from "./remote-stream.ts";
import { portMargin, portPayment } from "./wire/account-view.ts";
import { markOf, portBook, ratePptOf } from "./wire/market-view.ts";
import { portFill, portOrder } from "./wire/order-view.ts";
import { instrumentOf } from "./wire/symbol-info.ts";

type Request = Parameters<ExchangePort["subscribe"]>[0];

export interface RemoteMarketOptions {
  readonly connection: RemoteConnection;
  readonly request: Request;
  readonly listener: (message: StreamMessage) => void;
  /** The instrument as it is known; null before it was read. */
  readonly instrument: () => Instrument | null;
  readonly onInstrument: (instrument: Instrument) => void;
}

/** Trade ids by which a fill told twice is known (EXCH-19). */
const TRADES_MAX = 20_000;
/** Shortest time between two looks of the account that reach the bot: each becomes a line of its journal. */
const ACCOUNT_EVERY_MS = 1_000;
/** How far back payments are asked for after a loss. */
const PAYMENTS_BACK_MS = 60_000;

export class RemoteMarket {
  private readonly options: RemoteMarketOptions;
  private readonly streams: { again(): void; close(): Promise<void> }[] = [];
  private readonly why = new Map<FeedName, Set<string>>();
  private readonly trades = new Set<string>();
  private readonly paid = new Set<string>();
  private readonly sinceMs: number;
  private mark: string | null = null;
  private rate = "";
  private accountText = "";
  private accountDueMs = Number.NEGATIVE_INFINITY;
  private closed = false;
  private readonly endHealth: () => void;

  constructor(options: RemoteMarketOptions) {
    this.options = options;
    const { connection } = options;
    this.sinceMs = connection.clock.nowMs();
    this.endHealth = connection.onHealth((health) => {
      this.judge("orders", "health", health !== "serving");
      if (health === "serving") for (const stream of this.streams) stream.again();
    });
    this.judge("orders", "health", connection.health !== "serving");
    this.openBook();
    this.openFunding();
    this.openOrders();
    this.openAccount();
    this.openFeeds();
    const { candleInterval } = options.request;
    if (candleInterval === null) return;
    this.streams.push(
      new RemoteCandles({
        connection,
        symbol: this.symbol,
        interval: candleInterval,
        instrument: options.instrument,
        onCandle: (candle) => this.say(candle),
        onState: this.stateOf("candles"),
      }),
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    this.endHealth();
    await Promise.all(this.streams.map((stream) => stream.close()));
  }

  private get symbol(): string {
    return this.options.request.symbol;
  }

  private get asked(): { readonly exchange: string; readonly symbols: string[] } {
    return { exchange: this.options.connection.exchange, symbols: [this.symbol] };
  }

  private say(message: StreamMessage): void {
    if (!this.closed) this.options.listener(message);
  }

  /** A feed is stale while anybody says so, and fresh when nobody does any more. */
  private judge(feed: FeedName, who: string, stale: boolean): void {
    const reasons = this.why.get(feed) ?? new Set();
    this.why.set(feed, reasons);
    const before = reasons.size > 0;
    if (stale) reasons.add(who);
    else reasons.delete(who);
    const after = reasons.size > 0;
    if (before !== after) this.say({ kind: "feed", feed, state: after ? "stale" : "fresh" });
  }

  private stateOf(feed: FeedName): (state: "stale" | "fresh", why: string) => void {
    return (state, why) => {
      if (state === "stale") this.options.connection.log.warn("feed is stale", { feed, symbol: this.symbol, why });
      this.judge(feed, "stream", state === "stale");
    };
  }

  private openBook(): void {
    const { connection, instrument } = this.options;
    this.streams.push(
      new RemoteStream({
        timers: connection.timers,
        open: (_token, signal) => connection.client.subscribeBook({ ...this.asked, depth: 5 }, { signal }),
        onState: this.stateOf("book"),
        onItem: ({ book }, { conflated }) => {
          const known = instrument();
          const event = book === undefined || known === null ? null : portBook(book, known, conflated);
          if (event !== null && event.bids.length > 0 && event.asks.length > 0) this.say(event);
        },
      }),
    );
  }

  private openFunding(): void {
    const { connection } = this.options;
    this.streams.push(
      new RemoteStream({
        timers: connection.timers,
        open: (_token, signal) => connection.client.subscribeFundingRate(this.asked, { signal }),
        onState: this.stateOf("funding"),
        onItem: ({ rate }) => {
          if (rate !== undefined) this.hearRate(rate);
        },
      }),
    );
  }

  private hearRate(rate: FundingRate): void {
    const instrument = this.options.instrument();
    if (instrument === null) return;
    const mark = markOf(rate.markPrice, instrument);
    const text = rate.markPrice?.value ?? null;
    if (mark !== null && text !== this.mark) {
      this.mark = text;
      this.say({ kind: "mark", symbol: this.symbol, mark });
    }
    const ratePpt = ratePptOf(rate.rate);
    const told = `${rate.rate?.value ?? ""} ${rate.nextFundingTimeMs}`;
    if (ratePpt === null || rate.nextFundingTimeMs === 0 || told === this.rate) return;
    this.rate = told;
    this.say({ kind: "funding-rate", symbol: this.symbol, ratePpt, nextAtMs: rate.nextFundingTimeMs });
  }

  private openOrders(): void {
    const { connection } = this.options;
    // what happened before the state was whole is told to nobody: the host reads it all when it is
    this.judge("orders", "missed", true);
    this.streams.push(
      new RemoteStream({
        timers: connection.timers,
        open: (resumeToken, signal) =>
          connection.client.subscribeOrders({ ...this.asked, tag: "", resumeToken }, { signal }),
        lostIsStale: true,
        onState: this.stateOf("orders"),
        onItem: ({ update }) => {
          if (update === undefined) this.unreadable("update", "");
          else this.hearOrder(update);
        },
        onWhole: () => {
          this.judge("orders", "missed", true);
          this.judge("orders", "missed", false);
        },
      }),
    );
  }

  private hearOrder({ order, lastFill, cause }: OrderUpdate): void {
    const instrument = this.options.instrument();
    if (instrument === null) return;
    if (lastFill !== undefined) {
      const fill = portFill(lastFill, instrument);
      if (fill === null) this.unreadable("fill", lastFill.tradeId);
      else if (!this.trades.has(`${fill.tradeId} ${fill.side}`)) {
        this.remember(`${fill.tradeId} ${fill.side}`);
        this.say(fill);
      }
    }
    // our connectors tell an order's change by itself; an update for a fill repeats what is known
    if (order === undefined || (lastFill !== undefined && cause === "fill")) return;
    const event = portOrder(order, instrument, "stream");
    if (event === null) this.unreadable("order", order.clientOrderId);
    else this.say(event);
  }

  /** By id and side: both sides of a trade with oneself carry one id (DUR-06). */
  private remember(trade: string): void {
    this.trades.add(trade);
    if (this.trades.size <= TRADES_MAX) return;
    for (const oldest of this.trades) {
      this.trades.delete(oldest);
      return;
    }
  }

  /** Something about our money that cannot be held exactly: nothing is assumed, everything is read again. */
  private unreadable(what: string, id: string): void {
    this.options.connection.log.error(`an unreadable ${what} came`, { symbol: this.symbol, id });
    this.judge("orders", "unreadable", true);
    this.judge("orders", "unreadable", false);
  }

  private openAccount(): void {
    const { connection } = this.options;
    const { exchange } = connection;
    // at a subscription, so that a start waits for it instead of losing it a moment later
    this.judge("account", "stream", true);
    this.streams.push(
      new RemoteStream({
        timers: connection.timers,
        open: (resumeToken, signal) => connection.client.subscribeAccount({ exchange, resumeToken }, { signal }),
        beginsStale: true,
        onState: this.stateOf("account"),
        onWhole: (again) => {
          if (again) void this.readPayments();
        },
        onItem: ({ account, fundingPayment }) => {
          if (fundingPayment !== undefined) this.hearPayment(fundingPayment);
          const instrument = this.options.instrument();
          const event = account === undefined || instrument === null ? null : portMargin(account, instrument);
          if (event === null) return;
          const text = `${event.equity} ${event.quoteAvailable} ${event.maintenanceMargin}`;
          const nowMs = connection.timers.monotonicMs();
          if (text === this.accountText || nowMs < this.accountDueMs) return;
          this.accountText = text;
          this.accountDueMs = nowMs + ACCOUNT_EVERY_MS;
          this.say(event);
        },
      }),
    );
  }

  private hearPayment(payment: FundingPayment): void {
    const instrument = this.options.instrument();
    if (instrument === null || payment.symbol !== this.symbol || this.paid.has(payment.id)) return;
    if (payment.atMs < this.sinceMs - PAYMENTS_BACK_MS) return;
    const event = portPayment(payment, instrument);
    this.paid.add(payment.id);
    this.say(event);
  }

  /** Payments between the loss of the stream and its return. */
  private async readPayments(): Promise<void> {
    const { connection } = this.options;
    const fromMs = Math.max(0, this.sinceMs - PAYMENTS_BACK_MS);
    try {
      const { payments } = await connection.client.getFundingPayments({ exchange: connection.exchange, fromMs });
      for (const payment of payments) this.hearPayment(payment);
    } catch (error) {
      if (!this.closed) connection.log.warn("funding payments were not read", { why: unavailable(error).text });
    }
  }

  private openFeeds(): void {
    const { connection, onInstrument } = this.options;
    const { exchange } = connection;
    this.streams.push(
      new RemoteStream({
        timers: connection.timers,
        open: (resumeToken, signal) => connection.client.subscribeFeeds({ exchange, resumeToken }, { signal }),
        // the liveness of the liveness stream is that of the connector, whose health is watched
        onState: () => undefined,
        onItem: ({ symbolInfo }) => {
          if (symbolInfo?.symbol !== this.symbol) return;
          const read = instrumentOf(symbolInfo);
          if (!read.ok) {
            connection.log.error("an instrument changed into one that cannot be held", { why: read.error });
            return;
          }
          onInstrument(read.value);
          this.say({ kind: "instrument", instrument: read.value });
        },
      }),
    );
  }
}
