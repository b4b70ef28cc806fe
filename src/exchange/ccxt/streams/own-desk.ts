// The private side of the streams: its socket, what is read after each reconnect (EXCH-44), what is polled while it
// is stale (EXCH-23), what it is held against while it lives (EXCH-22), and its login kept alive (EXCH-45).

import type { StreamMessage } from "../../port.ts";
import { isRecord } from "../raw.ts";
import type { DialGate } from "./dial-gate.ts";
import type { HealthBoard } from "./health-board.ts";
import { Link } from "./link.ts";
import { judgeAccount, judgeOrders } from "./liveness.ts";
import { OwnEvents, type OwnEventsOptions } from "./own-events.ts";
import { readWish } from "./public-feed.ts";
import type { PrivateNews, PrivateTable, StreamTable } from "./stream-table.ts";

export interface OwnDeskOptions extends Omit<OwnEventsOptions, "unreadable"> {
  /** Null: the exchange's private stream is not known here; everything is polled. */
  readonly own: PrivateTable | null;
  readonly streams: Pick<StreamTable, "passes" | "socketsEnd"> | null;
  readonly board: HealthBoard;
  readonly gate: DialGate;
}

const ORDERS = { subject: "orders", symbol: "" };
const ACCOUNT = { subject: "account", symbol: "" };
/** How long a first login may take before its absence is called stale. */
const START_MS = 10_000;

export class OwnDesk {
  private readonly options: OwnDeskOptions;
  private readonly events: OwnEvents;
  private readonly closing = new Set<Promise<unknown>>();
  private link: Link | null = null;
  /** Why what is told is not everything; null: it is. */
  private missed: string | null = null;
  /** Counts what was missed: a read that began before the newest of it proves nothing. */
  private misses = 0;
  private startedMs: number | null = null;
  private reading = false;
  private pollDueMs = 0;
  private accountDueMs = 0;
  private renewDueMs = 0;
  private cancelLinger: (() => void) | null = null;
  private closed = false;

  constructor(options: OwnDeskOptions) {
    this.options = options;
    this.events = new OwnEvents({ ...options, unreadable: (text) => this.lost(text) });
  }

  add(symbol: string, listener: (message: StreamMessage) => void): () => void {
    const isNew = this.events.add(symbol, listener);
    this.cancelLinger?.();
    this.cancelLinger = null;
    if (this.startedMs === null) this.start();
    // its orders and fills were not followed until now; where something is missed all is read anyway
    else if (isNew && this.missed === null) void this.events.recover();
    return () => {
      this.events.remove(symbol, listener);
      if (this.events.isEmpty && !this.closed) this.letGoSoon();
    };
  }

  /** Its socket was not yet open with all read since, nor given up: the first word of it is still to come. */
  get isStarting(): boolean {
    return this.startedMs !== null && !this.options.board.isJudged(ORDERS);
  }

  /** The exchange took an order: its stream has to speak of it. */
  acknowledged(order: { readonly symbol: string; readonly clientOrderId: string }): void {
    if (this.options.own === null || !this.events.follows(order.symbol)) return;
    this.events.said.acknowledged(order, this.options.clock.nowMs());
  }

  /** By a socket with the keys of now; the old one goes on until that works. */
  loginAgain(): void {
    this.link?.replace();
  }

  /** Stale until everything was read again, whatever the socket says. */
  distrust(text: string): void {
    if (this.startedMs !== null) this.lost(text);
  }

  judge(nowMs: number): void {
    if (this.startedMs === null) return;
    const { board, times } = this.options;
    const { said, account } = this.events;
    const starting = board.pulseOf(ORDERS) === null && nowMs - this.startedMs < START_MS;
    const verdict = judgeOrders({ unheardMs: said.unheardMs, missed: this.missed }, times, nowMs);
    if (this.missed === null || !starting) {
      board.say(ORDERS, verdict);
      board.say(ACCOUNT, this.missed === null ? judgeAccount(account.off) : verdict);
    }
    // the socket stands and says nothing: it is given up, and what it left out is read
    if (verdict.pulse === "stale" && this.missed === null) this.giveUp(verdict.text);
    if (nowMs >= this.pollDueMs && !this.reading) this.poll(nowMs);
    if (nowMs >= this.accountDueMs) {
      this.accountDueMs = nowMs + times.accountProbeMs;
      if (this.missed === null) void account.probe();
    }
    if (nowMs >= this.renewDueMs) this.renew(nowMs);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelLinger?.();
    this.events.close();
    await this.link?.close();
    await Promise.all(this.closing);
  }

  private start(): void {
    const { own, clock, times } = this.options;
    const nowMs = clock.nowMs();
    this.startedMs = nowMs;
    this.accountDueMs = nowMs + times.accountProbeMs;
    this.renewDueMs = nowMs + times.keyRenewMs;
    if (own === null) {
      this.readSoon("orders are polled");
      return;
    }
    this.missed = "not connected yet";
    this.pollDueMs = nowMs + times.ordersPollMs;
    this.link = this.makeLink(own);
    this.link.open();
  }

  private makeLink(own: PrivateTable): Link {
    const { instance, gate, clock, log, times, board } = this.options;
    return new Link({
      name: "own events",
      instance,
      gate,
      clock,
      log,
      times,
      proof: own.proof,
      passes: (frame) => this.options.streams?.passes(frame) ?? false,
      socketsEnd: this.options.streams?.socketsEnd ?? false,
      plan: (generation) => own.plan(instance, generation, readWish(clock, 1)),
      heard: (frame) => {
        if (!isRecord(frame)) this.lost("a frame of the account's events cannot be read");
        else for (const news of own.read(frame)) this.hear(news);
      },
      up: (planned) => {
        board.tell({ subject: "socket own", state: "live", text: planned ? "replaced before its end" : "open" });
        this.renewDueMs = clock.nowMs() + times.keyRenewMs;
        if (!planned) this.readSoon("reading what was missed");
      },
      down: (text) => {
        board.tell({ subject: "socket own", state: "down", text });
        this.lost(`the socket of the account's events was lost: ${text}`);
      },
    });
  }

  private hear(news: PrivateNews): void {
    switch (news.kind) {
      case "unreadable":
        this.options.log.error("an event of the account cannot be read", { why: news.text });
        this.lost(news.text);
        return;
      case "say":
        this.link?.goOn(news.messages);
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
      case "order":
      case "fill":
      case "position":
      case "balances":
      case "funding":
        this.events.hear(news);
    }
  }

  /** Stale from now on; everything is read every two seconds until it is whole again. */
  private lost(text: string): void {
    const { clock, times } = this.options;
    this.missed = text;
    this.misses += 1;
    this.pollDueMs = Math.min(this.pollDueMs, clock.nowMs() + times.ordersPollMs);
    this.judge(clock.nowMs());
  }

  private giveUp(text: string): void {
    this.lost(text);
    this.link?.drop(text);
  }

  private readSoon(text: string): void {
    const nowMs = this.options.clock.nowMs();
    this.missed = text;
    this.misses += 1;
    this.pollDueMs = nowMs;
    this.judge(nowMs);
  }

  private poll(nowMs: number): void {
    const { times, own } = this.options;
    const stale = this.missed !== null;
    this.pollDueMs = nowMs + (stale || own === null ? times.ordersPollMs : times.ordersProbeMs);
    this.reading = true;
    void (stale || own === null ? this.recover() : this.probe()).finally(() => {
      this.reading = false;
    });
  }

  /** Only when everything was read over a socket that stood all the while, the stream lives again (EXCH-44). */
  private async recover(): Promise<void> {
    const { misses } = this;
    const connected = this.isConnected;
    const complete = await this.events.recover();
    if (this.closed) return;
    if (!complete) {
      // where nothing but reads tells of orders, a read that failed is what was missed
      if (this.options.own === null) this.lost("orders and fills could not be read");
      return;
    }
    // lost again meanwhile, or not connected: it stays stale and is polled
    if (!connected || !this.isConnected || this.misses !== misses || this.missed === null) return;
    // funding may have been booked while nobody listened
    this.events.account.fundingBooked();
    this.events.account.forgive();
    this.missed = null;
    this.pollDueMs = this.options.clock.nowMs() + this.options.times.ordersProbeMs;
    this.judge(this.options.clock.nowMs());
  }

  private async probe(): Promise<void> {
    const missing = await this.events.missing();
    if (missing !== null && this.missed === null && !this.closed) this.giveUp(missing);
  }

  private get isConnected(): boolean {
    return this.options.own === null || this.link?.isUp === true;
  }

  private renew(nowMs: number): void {
    const { own, times, instance, clock, log } = this.options;
    const renewal = own?.renew ?? null;
    this.renewDueMs = nowMs + times.keyRenewMs;
    if (renewal === null || !this.isConnected) return;
    void instance.call(renewal, readWish(clock, 1)).then((reply) => {
      if (reply.ok || this.closed) return;
      log.warn("the login of the account's events could not be renewed", { why: reply.text });
      this.link?.drop("its login could not be renewed", true);
    });
  }

  private letGoSoon(): void {
    const { clock, times, board } = this.options;
    this.cancelLinger?.();
    this.cancelLinger = clock.at(clock.nowMs() + times.lingerMs, () => {
      this.cancelLinger = null;
      if (!this.events.isEmpty || this.closed) return;
      const { link } = this;
      this.link = null;
      this.startedMs = null;
      board.drop(ORDERS);
      board.drop(ACCOUNT);
      if (link === null) return;
      const closing = link.close().finally(() => this.closing.delete(closing));
      this.closing.add(closing);
    });
  }
}
