// Orders, fills, account and positions, fanned out (API-16…20). Lossless: what the exchange said is said once to each
// subscriber, in its order. The snapshot is a complete read, taken before anything is called alive.

import { crashPoint } from "../../base/crash-point.ts";
import type { OrderUpdate } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import type { Account, FundingPayment, Position } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { FeedKind, FeedState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { FillEvent, OrderEvent } from "../../trading/event.ts";
import type { StreamMessage, Unstamped } from "../port.ts";
import { wirePayment } from "../wire/account-view.ts";
import { portFeed, wireFeed } from "../wire/market-view.ts";
import { wireFill } from "../wire/order-view.ts";
import { type AccountDesk, positionKey } from "./account-desk.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";
import { LostStreams } from "./lost-streams.ts";
import type { MarketStreams } from "./market-streams.ts";
import { OpenOrders } from "./open-orders.ts";
import type { Reads } from "./reads.ts";

export interface AccountItem {
  readonly account: Account;
  readonly fundingPayment: FundingPayment | undefined;
}

export interface PrivateStreamsOptions {
  readonly core: ConnectorCore;
  readonly feeds: Feeds;
  readonly markets: MarketStreams;
  readonly reads: Reads;
  readonly accounts: AccountDesk;
  readonly metrics: TopicMetrics;
}

/** Private feeds are one stream each, whatever the instruments: their symbol is empty. */
const ALL = "";
const LOST = { state: FeedState.STALE, action: "waiting for the exchange" } as const;
/** After something happened the account is read again, at most this often; rarely where the exchange counts requests. */
const ACCOUNT_PAUSE_MS = 200;
const COUNTED_PAUSE_MS = 2_000;
/** How soon a read that failed is tried again. */
const AGAIN_MS = 1_000;
/** Funding payments by which one told twice is known. */
const PAYMENTS_MAX = 10_000;

export class PrivateStreams {
  readonly orders: Topic<OrderUpdate>;
  readonly account: Topic<AccountItem>;
  readonly positions: Topic<Position>;
  private readonly options: PrivateStreamsOptions;
  private readonly open = new OpenOrders();
  private readonly told = new Map<string, Position>();
  private readonly paid = new Set<string>();
  private readonly lost = new LostStreams();
  private taken: string[] = [];
  private readonly pauseMs: number;
  private users = 0;
  private closed = false;
  private cancelRead: (() => void) | null = null;
  private readDueMs = Number.NEGATIVE_INFINITY;

  constructor(options: PrivateStreamsOptions) {
    this.options = options;
    const { core, feeds, metrics } = options;
    this.pauseMs = core.upstream.port.budget === undefined ? ACCOUNT_PAUSE_MS : COUNTED_PAUSE_MS;
    const common = {
      nowMs: core.unixMs,
      metrics,
      // with the linger of the instruments' own subscriptions it stays under a second
      bounds: { idleMs: 250 },
      onFirst: () => this.take(),
      onIdle: () => this.release(),
    };
    this.orders = new Topic<OrderUpdate>({
      ...common,
      name: "orders",
      snapshot: () => this.open.list().map((order) => ({ order, lastFill: undefined, cause: "snapshot" })),
    });
    this.account = new Topic<AccountItem>({ ...common, name: "account", snapshot: () => this.accountNow() });
    this.positions = new Topic<Position>({ ...common, name: "positions", snapshot: () => [...this.told.values()] });
    feeds.follow(FeedKind.ORDERS, ALL, this.orders);
    feeds.follow(FeedKind.ACCOUNT, ALL, this.account);
    feeds.follow(FeedKind.POSITIONS, ALL, this.positions);
  }

  /** A message of the account's own streams. */
  hear(symbol: string, message: StreamMessage): void {
    const { core, feeds, accounts } = this.options;
    switch (message.kind) {
      case "order":
        this.hearOrder(message);
        return;
      case "fill":
        this.hearFill(message);
        return;
      case "account": {
        const account = accounts.told(message);
        if (account !== null) this.account.publish({ account, fundingPayment: undefined });
        feeds.heard(FeedKind.ACCOUNT, ALL);
        return;
      }
      case "funding-settled":
        this.hearPayment(symbol, message);
        return;
      case "instrument": {
        const changed = core.instruments.set(message.instrument, core.clock.nowMs());
        const info = core.instruments.info(symbol);
        if (changed && info !== undefined) feeds.changed(info);
        return;
      }
      case "feed":
        this.hearFeed(symbol, message);
        return;
      case "position":
        this.readSoon();
        return;
      case "book":
      case "trades":
      case "mark":
      case "funding-rate":
      case "candle":
        // public
        return;
    }
  }

  /** The instrument's subscription ended: what it said of its own streams is said anew by the next one. */
  forget(symbol: string): void {
    this.lost.forget(symbol);
  }

  close(): void {
    this.closed = true;
    this.cancelRead?.();
    this.orders.close();
    this.account.close();
    this.positions.close();
  }

  private hearOrder(order: Unstamped<OrderEvent>): void {
    const { core, feeds } = this.options;
    feeds.heard(FeedKind.ORDERS, ALL);
    if (!core.orders.told(order, core.clock.nowMs())) return;
    this.publishOrder(order, "order", undefined);
    this.readSoon();
  }

  private hearFill(fill: Unstamped<FillEvent>): void {
    const { core, feeds } = this.options;
    feeds.heard(FeedKind.ORDERS, ALL);
    if (!core.orders.filled(fill)) return;
    crashPoint("connector.stream-middle");
    const instrument = core.instruments.find(fill.symbol);
    if (instrument === undefined) return;
    const lastFill = wireFill(fill, instrument, core.orders.botOf(fill.clientOrderId));
    const known = fill.clientOrderId === null ? null : core.orders.seen(fill.clientOrderId);
    const order = known === null ? null : core.orders.view(known);
    this.orders.publish({ order: order ?? undefined, lastFill, cause: "fill" });
    this.readSoon();
  }

  private publishOrder(order: Unstamped<OrderEvent>, cause: string, lastFill: OrderUpdate["lastFill"]): void {
    const view = this.options.core.orders.view(order);
    if (view === null) return;
    this.open.told(view);
    this.orders.publish({ order: view, lastFill, cause });
  }

  private hearPayment(symbol: string, settled: Extract<StreamMessage, { kind: "funding-settled" }>): void {
    const { core, accounts } = this.options;
    const instrument = core.instruments.find(symbol);
    if (instrument === undefined) return;
    const payment = wirePayment(settled, instrument);
    if (this.paid.has(payment.id)) return;
    this.paid.add(payment.id);
    if (this.paid.size > PAYMENTS_MAX) this.paid.delete([...this.paid][0] ?? "");
    const account = accounts.last;
    if (account !== null) this.account.publish({ account, fundingPayment: payment });
    this.readSoon();
  }

  private hearFeed(symbol: string, message: Extract<StreamMessage, { kind: "feed" }>): void {
    const { feeds } = this.options;
    const kind = wireFeed(message.feed);
    const own = kind === FeedKind.ORDERS || kind === FeedKind.ACCOUNT;
    const at = own ? ALL : symbol;
    if (own) this.judge(kind, symbol, message.state === "stale");
    if (message.state === "stale") {
      if (kind === FeedKind.BOOK) this.options.markets.broken(symbol);
      feeds.say(kind, at, LOST);
      return;
    }
    if (portFeed(kind) === "book") feeds.say(kind, at, { state: FeedState.LIVE, action: "" });
    else if (own) {
      // what was missed is read before the stream is called alive again, whatever it was called before
      feeds.say(kind, at, { state: FeedState.STALE, action: "reading what was missed" });
      void this.begin();
    } else feeds.say(kind, at, { state: FeedState.LIVE, action: "" });
  }

  /** One instrument's own stream is lost or back; a read that is under way when one is lost proves nothing. */
  private judge(kind: FeedKind, symbol: string, stale: boolean): void {
    this.lost.judge(kind, symbol, stale);
    if (stale) this.open.spoil();
  }

  private accountNow(): AccountItem[] {
    const account = this.options.accounts.last;
    return account === null ? [] : [{ account, fundingPayment: undefined }];
  }

  private take(): void {
    this.users += 1;
    if (this.users > 1) return;
    const { core, markets } = this.options;
    this.taken = [...core.instruments.symbols];
    for (const symbol of this.taken) markets.take(symbol);
    void this.begin();
  }

  private release(): void {
    this.users -= 1;
    if (this.users > 0) return;
    const { feeds, markets } = this.options;
    this.cancelRead?.();
    this.cancelRead = null;
    for (const symbol of this.taken) markets.release(symbol);
    this.taken = [];
    this.open.clear();
    this.told.clear();
    for (const kind of [FeedKind.ORDERS, FeedKind.ACCOUNT, FeedKind.POSITIONS]) feeds.drop(kind, ALL);
  }

  /**
   * Reads everything; then the streams are alive. Tried again until it works or nobody needs it any more; while one of
   * them is lost there is nothing to begin, and its return begins it.
   */
  private async begin(): Promise<void> {
    const lost = this.lost.kinds();
    for (const kind of lost) this.options.feeds.say(kind, ALL, LOST);
    if (lost.length > 0) return;
    const { core, feeds, reads } = this.options;
    const reading = this.open.begin();
    try {
      const [orders] = await Promise.all([
        reads.openOrders({ exchange: "", symbol: "", useMargin: false }),
        this.readAccount(),
      ]);
      if (this.users === 0 || this.closed || !this.open.counts(reading)) return;
      this.open.take(reading, orders);
      for (const kind of [FeedKind.ORDERS, FeedKind.ACCOUNT, FeedKind.POSITIONS]) {
        feeds.say(kind, ALL, { state: FeedState.LIVE, action: "" });
      }
    } catch (error) {
      if (this.users === 0 || this.closed || !this.open.counts(reading)) return;
      core.log.warn("private streams: the first read failed", { error: String(error) });
      for (const kind of [FeedKind.ORDERS, FeedKind.ACCOUNT, FeedKind.POSITIONS]) {
        feeds.say(kind, ALL, { state: FeedState.DOWN, action: "reading open orders and account again" });
      }
      this.later(AGAIN_MS, () => void this.begin());
    }
  }

  private async readAccount(): Promise<void> {
    const { accounts } = this.options;
    const account = await accounts.read();
    if (this.closed) return;
    for (const position of account.positions) {
      const before = this.told.get(position.symbol);
      if (before !== undefined && positionKey(before) === positionKey(position)) continue;
      this.told.set(position.symbol, position);
      this.positions.publish(position);
    }
    this.account.publish({ account, fundingPayment: undefined });
  }

  /** Something happened: the account is another one now. */
  private readSoon(): void {
    if (this.users === 0 || this.cancelRead !== null || this.closed) return;
    const nowMs = this.options.core.machine.monotonicMs();
    const waitMs = Math.max(0, this.readDueMs - nowMs);
    this.readDueMs = nowMs + waitMs + this.pauseMs;
    this.later(waitMs, () => {
      this.readAccount().catch(() => this.readSoon());
    });
  }

  private later(waitMs: number, work: () => void): void {
    const { machine } = this.options.core;
    this.cancelRead?.();
    this.cancelRead = machine.at(machine.nowMs() + waitMs, () => {
      this.cancelRead = null;
      work();
    });
  }
}
