// What is known of the account's own orders, fills and balances, from the private stream and from reads, and what of
// it was told already. It neither dials nor judges: when to read is its owner's business.

import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../observe/log.ts";
import type { FillEvent, OrderEvent } from "../../../trading/event.ts";
import type { FundingResult, StreamMessage, Unstamped } from "../../port.ts";
import type { Priority } from "../call.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import type { ExchangeTable } from "../exchanges/exchange-table.ts";
import type { Instruments } from "../instruments.ts";
import { AccountWatch } from "./account-watch.ts";
import { FillMemory, OrderMemory } from "./fill-memory.ts";
import { OwnFeed } from "./own-feed.ts";
import { StreamSaid } from "./stream-said.ts";
import type { PrivateNews } from "./stream-table.ts";
import { type Sweep, sweep } from "./sweep.ts";
import type { StreamTimes } from "./times.ts";

export interface OwnEventsOptions {
  readonly instance: CcxtInstance;
  readonly table: ExchangeTable;
  readonly reads: CcxtReads;
  /** Settlements of funding; absent on spot. */
  readonly funding?: (symbol: string, sinceMs: number) => Promise<FundingResult>;
  readonly instruments: Instruments;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: StreamTimes;
  /** Something the stream said cannot be read: it is not everything any more. */
  unreadable(text: string): void;
}

type Listener = (message: StreamMessage) => void;
type Complete = Extract<Sweep, { result: "complete" }>;

export class OwnEvents {
  readonly account: AccountWatch;
  readonly said = new StreamSaid();
  private readonly options: OwnEventsOptions;
  private readonly feed: OwnFeed;
  private readonly fills = new FillMemory();
  private readonly orders = new OrderMemory();
  private readonly listeners = new Map<string, Set<Listener>>();
  /** Exchange time before which an instrument's fills are not told. */
  private readonly sinceMs = new Map<string, number>();
  /** Ends of what waits for the stream to catch up. */
  private readonly graces = new Set<() => void>();
  private closed = false;

  constructor(options: OwnEventsOptions) {
    this.options = options;
    const { reads, instruments, clock, log, times, instance, funding, table } = options;
    const tell = (symbol: string, message: StreamMessage): void => this.tell(symbol, message);
    this.account = new AccountWatch({
      reads,
      instruments,
      clock,
      log,
      times,
      tell,
      ...(funding === undefined ? {} : { funding }),
      exchangeNowMs: () => instance.nowMs(),
      symbols: () => [...this.listeners.keys()],
    });
    this.feed = new OwnFeed({
      instance,
      table,
      reads,
      instruments,
      log,
      tell,
      fills: this.fills,
      orders: this.orders,
      heardOrder: (order) => this.said.order(order),
      heardFill: (fill) => {
        this.said.fill(fill);
        this.account.touched();
      },
      unreadable: (text) => options.unreadable(text),
      lookUp: (order) => void this.lookUp(order),
    });
  }

  get isEmpty(): boolean {
    return this.listeners.size === 0;
  }

  follows(symbol: string): boolean {
    return this.listeners.has(symbol);
  }

  /** True: nobody followed the instrument before. */
  add(symbol: string, listener: Listener): boolean {
    const known = this.listeners.get(symbol);
    this.listeners.set(symbol, (known ?? new Set()).add(listener));
    if (known !== undefined) return false;
    this.sinceMs.set(symbol, this.options.instance.nowMs() - this.options.times.fillOverlapMs);
    return true;
  }

  remove(symbol: string, listener: Listener): void {
    const listeners = this.listeners.get(symbol);
    listeners?.delete(listener);
    if (listeners?.size !== 0) return;
    this.listeners.delete(symbol);
    this.said.forget(symbol);
  }

  hear(news: Exclude<PrivateNews, { kind: "unreadable" | "say" | "ready" | "over" | "closing" }>): void {
    switch (news.kind) {
      case "order":
      case "fill":
        this.feed.hear(news);
        return;
      case "position":
        this.account.position(news.wireName, news.amount);
        return;
      case "balances":
        this.account.touched();
        return;
      case "funding":
        this.account.fundingBooked();
    }
  }

  /** Account, positions, open orders, fills, each difference by look-up (EXCH-44); false: not all was to be had. */
  async recover(): Promise<boolean> {
    const accountRead = await this.account.readAll(1);
    const swept = await this.sweepAll(1, true);
    return accountRead && swept !== null && !this.closed;
  }

  /** What the exchange knows and the stream did not say, though it had a moment to; null: nothing. */
  async missing(): Promise<string | null> {
    const { clock, times } = this.options;
    const swept = await this.sweepAll(3, false);
    if (swept === null || (swept.orders.length === 0 && swept.fills.length === 0)) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.graces.add(resolve);
    const cancel = clock.at(clock.nowMs() + times.probeGraceMs, resolve);
    await promise;
    cancel();
    this.graces.delete(resolve);
    return this.closed ? null : this.said.missing(swept.orders, swept.fills);
  }

  close(): void {
    this.closed = true;
    this.account.close();
    for (const end of this.graces) end();
  }

  /** Null: something was not to be had. */
  private async sweepAll(priority: Priority, recovering: boolean): Promise<Complete | null> {
    const { reads, times, log, instance } = this.options;
    const { said, feed } = this;
    const parts = {
      reads,
      fills: this.fills,
      orders: this.orders,
      overlapMs: times.fillOverlapMs,
      exchangeNowMs: () => instance.nowMs(),
      tellOrder: (order: Unstamped<OrderEvent>) => feed.tellOrder(order),
      tellFill: (fill: Unstamped<FillEvent>) => feed.tellFill(fill),
      unheard: (symbol: string) => (recovering ? said.unheardOf(symbol) : []),
      settled: (clientOrderId: string) => said.settled(clientOrderId),
    };
    const swept: Complete[] = [];
    for (const symbol of this.listeners.keys()) {
      const found = await sweep(parts, { symbol, sinceMs: this.sinceMs.get(symbol) ?? 0 }, priority);
      if (this.closed) return null;
      if (found.result === "unavailable") {
        log.warn("orders and fills could not be read", { symbol, why: found.text });
        return null;
      }
      swept.push(found);
    }
    return {
      result: "complete",
      orders: swept.flatMap(({ orders }) => orders),
      fills: swept.flatMap(({ fills }) => fills),
    };
  }

  private async lookUp({ symbol, clientOrderId }: Unstamped<OrderEvent>): Promise<void> {
    const answer = await this.options.reads.lookup(symbol, clientOrderId, 1);
    if (!this.closed && answer.result === "found") this.feed.tellOrder(answer.order);
  }

  private tell(symbol: string, message: StreamMessage): void {
    for (const listener of this.listeners.get(symbol) ?? []) listener(message);
  }
}
