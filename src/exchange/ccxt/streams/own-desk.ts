// The private side of the streams: its socket, what is read after each reconnect (EXCH-44), what is polled while it is
// stale (EXCH-23), what it is held against while it lives (EXCH-22), and its login kept alive (EXCH-45).

import type { Clock } from "../../../base/clock.ts";
import { fail } from "../../../base/result.ts";
import type { Log } from "../../../observe/log.ts";
import type { OrderEvent } from "../../../trading/event.ts";
import type { FundingResult, StreamMessage, Unstamped } from "../../port.ts";
import type { Priority } from "../call.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import type { ExchangeTable } from "../exchanges/exchange-table.ts";
import type { Instruments } from "../instruments.ts";
import { recordOf } from "../raw.ts";
import { AccountWatch } from "./account-watch.ts";
import type { DialGate } from "./dial-gate.ts";
import { FillMemory, OrderMemory } from "./fill-memory.ts";
import type { HealthBoard } from "./health-board.ts";
import { Link } from "./link.ts";
import { judgeAccount, judgeOrders } from "./liveness.ts";
import { OwnFeed } from "./own-feed.ts";
import { readWish } from "./public-feed.ts";
import { StreamSaid } from "./stream-said.ts";
import type { PrivateNews, PrivateTable } from "./stream-table.ts";
import { type Sweep, sweep } from "./sweep.ts";
import type { StreamTimes } from "./times.ts";

export interface OwnDeskOptions {
  readonly instance: CcxtInstance;
  readonly table: ExchangeTable;
  /** Null: the exchange's private stream is not known here; everything is polled. */
  readonly own: PrivateTable | null;
  readonly reads: CcxtReads;
  readonly funding?: (symbol: string, sinceMs: number) => Promise<FundingResult>;
  readonly instruments: Instruments;
  readonly board: HealthBoard;
  readonly gate: DialGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: StreamTimes;
}

type Listener = (message: StreamMessage) => void;

const ORDERS = { subject: "orders", symbol: "" };
const ACCOUNT = { subject: "account", symbol: "" };
/** How long a first login may take before its absence is called stale. */
const START_MS = 10_000;

export class OwnDesk {
  private readonly options: OwnDeskOptions;
  private readonly feed: OwnFeed;
  private readonly account: AccountWatch;
  private readonly fills = new FillMemory();
  private readonly orders = new OrderMemory();
  private readonly said = new StreamSaid();
  private readonly listeners = new Map<string, Set<Listener>>();
  /** Exchange time before which an instrument's fills are not told. */
  private readonly sinceMs = new Map<string, number>();
  private readonly closing = new Set<Promise<unknown>>();
  /** Ends of what waits for the stream to catch up. */
  private readonly graces = new Set<() => void>();
  private link: Link | null = null;
  private missed: string | null = "not connected yet";
  private startedMs = 0;
  private sweeping = false;
  private pollDueMs = 0;
  private accountDueMs = 0;
  private renewDueMs = 0;
  private cancelLinger: (() => void) | null = null;
  private closed = false;

  constructor(options: OwnDeskOptions) {
    this.options = options;
    const { reads, instruments, clock, log, times, instance, funding } = options;
    const tell = (symbol: string, message: StreamMessage): void => this.tell(symbol, message);
    this.account = new AccountWatch({
      reads,
      ...(funding === undefined ? {} : { funding }),
      instruments,
      clock,
      exchangeNowMs: () => instance.nowMs(),
      log,
      times,
      symbols: () => [...this.listeners.keys()],
      tell,
    });
    this.feed = new OwnFeed({
      instance,
      table: options.table,
      reads,
      instruments,
      log,
      fills: this.fills,
      orders: this.orders,
      tell,
      heardOrder: (order) => this.said.order(order),
      heardFill: (fill) => {
        this.said.fill(fill);
        this.account.touched();
      },
      lookUp: (order) => void this.lookUp(order),
    });
  }

  add(symbol: string, listener: Listener): () => void {
    const listeners = this.listeners.get(symbol) ?? new Set();
    const isNew = listeners.size === 0;
    this.listeners.set(symbol, listeners.add(listener));
    this.cancelLinger?.();
    this.cancelLinger = null;
    if (isNew) {
      this.sinceMs.set(symbol, this.options.instance.nowMs() - this.options.times.fillOverlapMs);
      // its orders and fills were not followed until now
      if (this.link !== null) this.recoverSoon("a new instrument is read");
    }
    if (this.startedMs === 0) this.start();
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.listeners.delete(symbol);
      if (this.listeners.size === 0) this.letGoSoon();
    };
  }

  /** The exchange took an order: its stream has to speak of it. */
  acknowledged(order: { readonly symbol: string; readonly clientOrderId: string }): void {
    if (this.listeners.has(order.symbol)) this.said.acknowledged(order, this.options.clock.nowMs());
  }

  judge(nowMs: number): void {
    if (this.startedMs === 0) return;
    const { board, times } = this.options;
    const pulse = board.pulseOf(ORDERS);
    const starting = pulse === null && this.missed !== null && nowMs - this.startedMs < START_MS;
    const verdict = judgeOrders({ unheardMs: this.said.unheardMs, missed: this.missed }, times, nowMs);
    if (!starting) {
      board.say(ORDERS, verdict);
      board.say(ACCOUNT, this.missed === null ? judgeAccount(this.account.off) : verdict);
    }
    if (verdict.pulse === "stale" && this.missed === null) {
      // the socket stands and says nothing: it is given up, and what it left out is read
      this.lost(verdict.text);
      this.link?.drop(verdict.text);
    }
    if (nowMs >= this.pollDueMs && !this.sweeping) this.poll(nowMs);
    if (nowMs >= this.accountDueMs) {
      this.accountDueMs = nowMs + times.accountProbeMs;
      if (this.missed === null) void this.account.probe();
    }
    if (nowMs >= this.renewDueMs) this.renew(nowMs);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelLinger?.();
    this.account.close();
    for (const end of this.graces) end();
    await this.link?.close();
    await Promise.all(this.closing);
  }

  private start(): void {
    const { own, instance, gate, clock, log, times } = this.options;
    this.startedMs = clock.nowMs();
    this.missed = "not connected yet";
    this.renewDueMs = this.startedMs + times.keyRenewMs;
    if (own === null) {
      this.recoverSoon("the exchange's own stream is not known: orders are polled");
      return;
    }
    this.pollDueMs = this.startedMs + times.ordersPollMs;
    this.link = new Link({
      name: "own events",
      instance,
      gate,
      clock,
      log,
      times,
      proof: own.proof,
      plan: (generation) => this.plan(own, generation),
      heard: (frame) => {
        for (const news of own.read(recordOf(frame))) this.hear(news);
      },
      up: (planned) => this.up(planned),
      down: (text) => this.lost(`the socket of the account's events was lost: ${text}`),
    });
    this.link.open();
  }

  private async plan(own: PrivateTable, generation: number): ReturnType<PrivateTable["plan"]> {
    try {
      return await own.plan(this.options.instance, generation, readWish(this.options.clock, 1));
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
  }

  private hear(news: PrivateNews): void {
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
        return;
      case "ready":
        this.link?.prove();
        return;
      case "over":
        this.link?.drop(news.text, true);
        return;
      case "closing":
        this.link?.replace();
        return;
    }
  }

  private up(planned: boolean): void {
    const { board, clock, times } = this.options;
    board.tell({ subject: "socket own", state: "live", text: planned ? "replaced before its end" : "open" });
    this.renewDueMs = clock.nowMs() + times.keyRenewMs;
    if (!planned) this.recoverSoon("reading what was missed");
  }

  private lost(text: string): void {
    this.missed = text;
    this.pollDueMs = Math.min(this.pollDueMs, this.options.clock.nowMs() + this.options.times.ordersPollMs);
    this.judge(this.options.clock.nowMs());
  }

  private recoverSoon(text: string): void {
    this.missed = text;
    this.pollDueMs = this.options.clock.nowMs();
    this.judge(this.options.clock.nowMs());
  }

  /** While stale: reads everything every two seconds and lives again after the first complete one over a socket. */
  private poll(nowMs: number): void {
    const { times, own } = this.options;
    const stale = this.missed !== null;
    this.pollDueMs = nowMs + (stale || own === null ? times.ordersPollMs : times.ordersProbeMs);
    this.sweeping = true;
    void (stale ? this.recover() : this.probe()).finally(() => (this.sweeping = false));
  }

  /** Account, positions, open orders, fills, each difference by look-up; only then live (EXCH-44). */
  private async recover(): Promise<void> {
    const why = this.missed;
    const overSocket = this.isConnected;
    const accountRead = await this.account.readAll(1);
    const swept = await this.sweepAll(1, true);
    if (this.closed || !accountRead || swept === null) return;
    // lost again meanwhile, or never connected: it stays stale and is polled
    if (!overSocket || !this.isConnected || this.missed !== why) return;
    if (this.options.board.pulseOf(ORDERS) !== null) this.account.fundingBooked();
    this.missed = null;
    this.account.forgive();
    this.judge(this.options.clock.nowMs());
  }

  /** What the exchange knows against what the stream said; it may take a moment to say it. */
  private async probe(): Promise<void> {
    const { clock, times, own } = this.options;
    const swept = await this.sweepAll(3, false);
    if (swept === null || own === null || (swept.orders.length === 0 && swept.fills.length === 0)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.graces.add(resolve);
    const cancel = clock.at(clock.nowMs() + times.probeGraceMs, resolve);
    await promise;
    cancel();
    this.graces.delete(resolve);
    const missing = this.said.missing(swept.orders, swept.fills);
    if (this.closed || missing === null || this.missed !== null) return;
    this.lost(missing);
    this.link?.drop(missing);
  }

  private get isConnected(): boolean {
    return this.options.own === null || this.link?.isUp === true;
  }

  /** Null: something was not to be had. */
  private async sweepAll(
    priority: Priority,
    recovering: boolean,
  ): Promise<Extract<Sweep, { result: "complete" }> | null> {
    const { said } = this;
    const { reads, times, log } = this.options;
    const parts = {
      reads,
      fills: this.fills,
      orders: this.orders,
      overlapMs: times.fillOverlapMs,
      tellOrder: (order: Unstamped<OrderEvent>) => this.feed.tellOrder(order),
      tellFill: (fill: Parameters<OwnFeed["tellFill"]>[0]) => this.feed.tellFill(fill),
      unheard: (symbol: string) => (recovering ? said.unheardOf(symbol) : []),
      settled: (clientOrderId: string) => said.settled(clientOrderId),
    };
    const swept: Extract<Sweep, { result: "complete" }>[] = [];
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

  private renew(nowMs: number): void {
    const { own, times, instance, clock, log } = this.options;
    this.renewDueMs = nowMs + times.keyRenewMs;
    if (own === null || own.renew === null || !this.isConnected) return;
    void instance.call(own.renew, readWish(clock, 1)).then((reply) => {
      if (reply.ok || this.closed) return;
      log.warn("the login of the account's events could not be renewed", { why: reply.text });
      this.link?.drop("its login could not be renewed", true);
    });
  }

  private async lookUp({ symbol, clientOrderId }: Unstamped<OrderEvent>): Promise<void> {
    const answer = await this.options.reads.lookup(symbol, clientOrderId, 1);
    if (!this.closed && answer.result === "found") this.feed.tellOrder(answer.order);
  }

  private letGoSoon(): void {
    const { clock, times } = this.options;
    this.cancelLinger = clock.at(clock.nowMs() + times.lingerMs, () => {
      if (this.listeners.size > 0 || this.closed) return;
      const { link } = this;
      this.link = null;
      this.startedMs = 0;
      this.options.board.drop(ORDERS);
      this.options.board.drop(ACCOUNT);
      if (link === null) return;
      const closing = link.close().finally(() => this.closing.delete(closing));
      this.closing.add(closing);
    });
  }

  private tell(symbol: string, message: StreamMessage): void {
    for (const listener of this.listeners.get(symbol) ?? []) listener(message);
  }
}
