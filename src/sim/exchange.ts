// The simulated exchange (BT-13): one implementation for backtest, paper, simulation and emulator. Deterministic from
// its options and the times of the requests. It has a timeline of its own in µs of exchange time, and no clock: a
// driver says how far it may go, and hands over what reaches the clients.

import { assert, present } from "../base/assert.ts";
import { type Timed, TimedHeap } from "../base/timed-heap.ts";
import { CandleMarket } from "./candle-market.ts";
import { Clearing } from "./clearing.ts";
import { FaultPlan } from "./fault-plan.ts";
import { LatencyClock } from "./latency.ts";
import { MarginDesk } from "./margin-desk.ts";
import type { MarketHost, Signal, SimMarket } from "./market.ts";
import { MarketFaults } from "./market-faults.ts";
import type { MarketOptions, SimulationOptions } from "./options.ts";
import { OrderDesk, type RecordBody } from "./order-desk.ts";
import { refuse } from "./order-rules.ts";
import type { RecordEntry } from "./record.ts";
import { restoreExchange, type SavedExchange, saveExchange } from "./saved-exchange.ts";
import { type Mutation, type MutationReply, Session, type SessionHost, type SessionMessage } from "./session.ts";
import { TapeMarket } from "./tape-market.ts";
import type { WatchMessage, WatchWish } from "./watchers.ts";

interface Arrival extends Timed {
  readonly mutation: Mutation | null;
  readonly act: () => void;
}

interface Firing extends Timed {
  readonly fire: () => void;
}

export class SimulatedExchange {
  readonly options: SimulationOptions;
  readonly markets = new Map<string, SimMarket>();
  readonly clearing: Clearing;
  readonly desk: OrderDesk;
  readonly margin: MarginDesk;
  readonly faults: FaultPlan;
  /** Counts every change that a crash must not lose. */
  changes = 0;
  recorded = 0;
  private us = 0;
  private sequence = 0;
  private readonly marketList: readonly SimMarket[];
  private readonly arrivals = new TimedHeap<Arrival>();
  private readonly deliveries = new TimedHeap<Firing>();
  private readonly timers = new TimedHeap<Firing>();
  private readonly sessions = new Set<Session>();
  private readonly signal: Signal = { raised: false };
  private readonly latency: { feed: LatencyClock; entry: LatencyClock; response: LatencyClock };
  private readonly marketFaults: MarketFaults;
  private readonly sessionHost: SessionHost;
  private readonly requests: number[] = [];

  constructor(options: SimulationOptions) {
    this.options = options;
    this.faults = new FaultPlan(options.faults, `${options.seed}/faults`);
    this.latency = {
      feed: new LatencyClock(options.latency.feed, `${options.seed}/feed`),
      entry: new LatencyClock(options.latency.entry, `${options.seed}/entry`),
      response: new LatencyClock(options.latency.response, `${options.seed}/response`),
    };
    const host = this.marketHost();
    for (const market of options.markets) this.addMarket(market, host);
    this.marketList = [...this.markets.values()];
    this.clearing = new Clearing(options.accounts, this.marketList);
    this.desk = new OrderDesk(options, this, {
      nowUs: () => this.us,
      toAccount: (account, message) => this.tell(account, message.symbol, message),
      record: (entry) => this.record(entry),
      changed: (account) => {
        this.changes += 1;
        this.margin.refresh(account);
      },
    });
    this.margin = new MarginDesk(this, {
      tell: (account, symbol, message) => this.tell(account, symbol, message),
      record: (entry) => this.record(entry),
      nowUs: () => this.us,
    });
    this.sessionHost = this.hostForSessions();
    this.marketFaults = new MarketFaults({
      faults: this.faults,
      markets: this.marketList,
      sessions: this.sessions,
      nowUs: () => this.us,
      after: (delayUs, fire) => this.timer(this.us + delayUs, fire),
    });
    this.us = Math.min(...this.marketList.map((market) => market.dueUs()));
    if (!Number.isFinite(this.us)) this.us = 0;
    this.scheduleTimers();
  }

  /** Exchange time, µs. */
  nowUs(): number {
    return this.us;
  }

  /** A connection of an account. Any number may be open. */
  connect(account: string): Session {
    this.clearing.account(account);
    const session = new Session(account, this.sessionHost);
    this.sessions.add(session);
    return session;
  }

  /**
   * Goes on until something reaches a client, but not beyond `limitUs`: returns when it does, Infinity if nothing does
   * until then. Rows in between are gone through in one loop. The clients must not act before the time returned.
   */
  advance(limitUs: number): number {
    // each pass takes something off the timeline, which ends at the limit
    for (;;) {
      this.signal.raised = false;
      const due = this.deliveries.nextUs();
      const arrival = this.arrivals.nextUs();
      const timer = this.timers.nextUs();
      // what is settled at an instant comes before the rows of that instant
      const stop = Math.min(limitUs, due, arrival, timer - 1);
      this.runMarkets(stop, due > stop && arrival > stop);
      if (this.signal.raised) continue;
      const next = Math.min(timer, arrival, due);
      if (next > limitUs || next === Number.POSITIVE_INFINITY) {
        if (Number.isFinite(limitUs)) this.us = Math.max(this.us, limitUs);
        return Number.POSITIVE_INFINITY;
      }
      if (timer === next) this.fireTimer();
      else if (arrival === next) this.receive();
      else {
        this.us = Math.max(this.us, due);
        return due;
      }
    }
  }

  /** Hands over everything that reaches clients up to `nowUs`, in order. Clients may send requests while it does. */
  deliver(nowUs: number): void {
    while (this.deliveries.nextUs() <= nowUs) this.deliveries.pop()?.fire();
  }

  /** When something happens next, here or at a client; Infinity when nothing will. */
  nextUs(): number {
    let next = Math.min(this.deliveries.nextUs(), this.arrivals.nextUs(), this.timers.nextUs());
    for (const market of this.marketList) next = Math.min(next, market.dueUs());
    return next;
  }

  /** When the next reply or stream message is due; Infinity when none is. */
  nextDeliveryUs(): number {
    return this.deliveries.nextUs();
  }

  /** Connections that are open, of all accounts. */
  get connections(): number {
    return this.sessions.size;
  }

  /** True when no row is left in any market. */
  ended(): boolean {
    return this.marketList.every((market) => !market.rowsLeft());
  }

  /** True when nothing will happen any more unless somebody sends a request. */
  idle(): boolean {
    const silent = this.marketList.every((market) => market.dueUs() === Number.POSITIVE_INFINITY);
    return this.deliveries.size === 0 && this.arrivals.size === 0 && silent;
  }

  market(symbol: string): SimMarket {
    return present(this.markets.get(symbol), `market ${symbol}`);
  }

  /** Everything the exchange would remember through a crash of its clients: canonical data. */
  save(): SavedExchange {
    const inFlight = this.arrivals
      .sorted()
      .flatMap(({ atUs, mutation }) => (mutation === null ? [] : [{ atUs, mutation }]));
    return saveExchange(this, { inFlight, latency: this.latency });
  }

  /** Puts a fresh exchange of the same options where the saved one was. Its connections are gone. */
  restore(saved: SavedExchange): void {
    assert(this.sessions.size === 0, "an exchange is restored before anyone connects");
    const inFlight = restoreExchange(this, saved, this.latency);
    this.us = saved.nowUs;
    for (const { atUs, mutation } of inFlight) this.arrive(atUs, mutation, () => this.apply(mutation));
    this.timers.clear();
    this.scheduleTimers();
  }

  /** Made-up markets leave out the time up to `us`, after an absence too long to catch up with. */
  skipTo(us: number): void {
    for (const market of this.marketList) market.options.source.skipTo?.(us);
  }

  private addMarket(options: MarketOptions, host: MarketHost): void {
    const { instrument, fill } = options;
    assert(!this.markets.has(instrument.symbol), () => `${instrument.symbol} is given twice`);
    const kept = this.options.candlesKept;
    const market =
      fill.level === "L0"
        ? new CandleMarket(options, fill, host, kept)
        : new TapeMarket(options, host, kept, lotInBase(instrument.lotSize));
    this.markets.set(instrument.symbol, market);
  }

  private runMarkets(stop: number, inclusive: boolean): void {
    const markets = this.marketList;
    if (markets.length === 1) {
      const market = markets[0];
      if (market === undefined) return;
      market.run(stop, inclusive);
      if (market.nowUs > this.us) this.us = market.nowUs;
      return;
    }
    while (!this.signal.raised) {
      let first: SimMarket | undefined;
      let firstUs = Number.POSITIVE_INFINITY;
      let secondUs = Number.POSITIVE_INFINITY;
      for (const market of markets) {
        const due = market.dueUs();
        if (due < firstUs) {
          secondUs = firstUs;
          firstUs = due;
          first = market;
        } else if (due < secondUs) secondUs = due;
      }
      if (first === undefined || (inclusive ? firstUs > stop : firstUs >= stop)) return;
      const before = first.nowUs;
      first.run(Math.min(stop, secondUs), inclusive || secondUs < stop);
      if (first.nowUs > this.us) this.us = first.nowUs;
      if (first.dueUs() === firstUs && first.nowUs === before) return;
    }
  }

  private fireTimer(): void {
    const timer = this.timers.pop();
    if (timer === undefined) return;
    this.us = Math.max(this.us, timer.atUs);
    timer.fire();
  }

  private receive(): void {
    const arrival = this.arrivals.pop();
    if (arrival === undefined) return;
    this.us = Math.max(this.us, arrival.atUs);
    arrival.act();
  }

  private arrive(atUs: number, mutation: Mutation | null, act: () => void): void {
    this.sequence += 1;
    this.arrivals.push({ atUs: Math.max(atUs, this.us), rank: 0, order: this.sequence, mutation, act });
    this.signal.raised = true;
  }

  private timer(atUs: number, fire: () => void): void {
    this.sequence += 1;
    this.timers.push({ atUs, rank: 0, order: this.sequence, fire });
    this.signal.raised = true;
  }

  private apply(mutation: Mutation): MutationReply {
    this.changes += 1;
    if (this.options.record !== null) this.recordRequest(mutation);
    if (this.marketFaults.maintenance()) return { result: "unknown", text: "503 under maintenance" };
    if (this.us > mutation.sentUs + this.options.requestExpiryMs * 1000) {
      return this.refusal(mutation, "the request arrived after its expiry");
    }
    if (this.tooMany()) {
      this.refusal(mutation, "too many requests");
      return { result: "rejected", reason: "RATE_LIMITED", text: "too many requests" };
    }
    switch (mutation.kind) {
      case "place":
        return this.desk.place(mutation.account, mutation.order);
      case "cancel":
        return this.desk.cancel(mutation.account, mutation.symbol, mutation.clientOrderId);
      case "amend":
        return this.desk.amend(mutation.account, mutation.clientOrderId, mutation);
    }
  }

  private refusal(mutation: Mutation, text: string): MutationReply {
    const refusal = refuse("OTHER", text);
    const { account } = mutation;
    const { symbol, clientOrderId } = mutation.kind === "place" ? mutation.order : mutation;
    if (this.options.record !== null) this.record({ kind: "refused", account, symbol, clientOrderId, ...refusal });
    return { result: "rejected", ...refusal };
  }

  private tooMany(): boolean {
    const max = this.options.profile.requestsPerSecondMax;
    if (max === null) return false;
    const { requests } = this;
    while (requests.length > 0 && (requests[0] ?? 0) <= this.us - 1_000_000) requests.shift();
    if (requests.length >= max) return true;
    requests.push(this.us);
    return false;
  }

  private tell(account: string, symbol: string, message: SessionMessage): void {
    for (const session of this.sessions) if (session.account === account) session.tell(symbol, message);
  }

  private recordRequest(mutation: Mutation): void {
    const { kind: request, account, sentUs } = mutation;
    if (mutation.kind === "place") {
      const { symbol, clientOrderId, side, price, quantity, timeInForce, postOnly, reduceOnly } = mutation.order;
      const flags = `${timeInForce}${postOnly ? " post-only" : ""}${reduceOnly ? " reduce-only" : ""}`;
      this.record({ kind: "request", request, account, symbol, clientOrderId, side, price, quantity, flags, sentUs });
      return;
    }
    const { symbol, clientOrderId } = mutation;
    const price = mutation.kind === "amend" ? mutation.price : 0;
    const quantity = mutation.kind === "amend" ? mutation.quantity : 0;
    this.record({
      kind: "request",
      request,
      account,
      symbol,
      clientOrderId,
      side: null,
      price,
      quantity,
      flags: "",
      sentUs,
    });
  }

  private record(body: RecordBody): void {
    this.changes += 1;
    const sink = this.options.record;
    if (sink === null) return;
    this.recorded += 1;
    const entry: RecordEntry = { n: this.recorded, atUs: this.us, ...body };
    sink(entry);
  }

  private scheduleTimers(): void {
    for (const market of this.marketList) this.scheduleFunding(market, 0);
    if (this.options.accountIntervalMs > 0)
      this.timer(this.us + this.options.accountIntervalMs * 1000, () => this.tellAccounts());
    this.marketFaults.schedule();
  }

  private scheduleFunding(market: SimMarket, from: number): void {
    const settlements = market.options.funding ?? [];
    let i = from;
    while (i < settlements.length && (settlements[i]?.atUs ?? 0) <= this.us) i += 1;
    const next = settlements[i];
    if (next === undefined) return;
    this.timer(next.atUs, () => {
      this.margin.settle(market, next.ratePpt, next.atUs);
      this.scheduleFunding(market, i + 1);
    });
  }

  private tellAccounts(): void {
    for (const session of this.sessions) {
      if (session.subscribed)
        this.margin.tellAccount(session.account, (symbol, message) => session.tell(symbol, message));
    }
    if (!this.ended()) this.timer(this.us + this.options.accountIntervalMs * 1000, () => this.tellAccounts());
  }

  private marketHost(): MarketHost {
    const at = (market: SimMarket): void => {
      if (market.nowUs > this.us) this.us = market.nowUs;
    };
    return {
      signal: this.signal,
      fillResting: (market, order, quantity, price) => {
        at(market);
        this.signal.raised = true;
        this.desk.fillResting(market, order, quantity, price);
      },
      markAlarm: (market) => {
        at(market);
        this.signal.raised = true;
        this.margin.liquidateAt(market);
      },
      settleFunding: (market, ratePpt, atUs) => {
        at(market);
        this.margin.settle(market, ratePpt, atUs);
      },
    };
  }

  private hostForSessions(): SessionHost {
    return {
      faults: this.faults,
      entry: this.latency.entry,
      response: this.latency.response,
      feed: this.latency.feed,
      loadFactorPpm: this.options.latency.loadFactorPpm ?? 0,
      requestExpiryUs: this.options.requestExpiryMs * 1000,
      nowUs: () => this.us,
      arrive: (atUs, mutation, act) => this.arrive(atUs, mutation, act),
      deliver: (atUs, rank, fire) => {
        this.sequence += 1;
        this.deliveries.push({ atUs, rank, order: this.sequence, fire });
        this.signal.raised = true;
      },
      apply: (mutation) => this.apply(mutation),
      underMaintenance: () => this.marketFaults.maintenance(),
      follow: (symbol, wish, send) => {
        const market = this.market(symbol);
        const subscriber = market.publisher.add(wish, (message) => {
          if (market.nowUs > this.us) this.us = market.nowUs;
          send(message, market.recordedLatencyUs());
        });
        this.margin.tellRate(market, (message) => subscriber.send(message));
        return () => market.publisher.remove(subscriber);
      },
      watch: (symbol, wish, send) => this.watch(this.market(symbol), wish, send),
      closed: (session) => this.sessions.delete(session),
    };
  }

  private watch(
    market: SimMarket,
    wish: WatchWish,
    send: (message: WatchMessage, recordedUs: number) => void,
  ): () => void {
    const watcher = market.watchers.add(wish, (message) => {
      if (market.nowUs > this.us) this.us = market.nowUs;
      send(message, market.recordedLatencyUs());
    });
    assert(!watcher.looks || wish.intervalUs > 0, "who looks from time to time says how often");
    const look = (): void => {
      if (watcher.ended) return;
      watcher.look(market, this.us);
      this.timer(this.us + wish.intervalUs, look);
    };
    if (watcher.looks) look();
    return () => market.watchers.remove(watcher);
  }
}

/** One lot in base units, as the float the `log` queue model counts in. */
function lotInBase(lotSize: string): number {
  const [whole, fraction = ""] = lotSize.split(".");
  return Number.parseInt(`${whole}${fraction}`, 10) / 10 ** fraction.length;
}
