// The parts of one ccxt port, wired: instance, budget, calls, clock, reads, streams; and how they end together
// (OPS-55).

import type { Clock } from "../../base/clock.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { SendOutcome, Unavailable, UpstreamHealth } from "../port.ts";
import { AccountReads } from "./account-reads.ts";
import { PollingHealth } from "./budget/polling.ts";
import { RequestBudget } from "./budget/request-budget.ts";
import type { CallFailure } from "./call.ts";
import { CALL_TIMES, Calls, type CallTimes } from "./calls.ts";
import { CcxtInstance } from "./ccxt-instance.ts";
import type { CcxtPortOptions } from "./ccxt-port.ts";
import type { CcxtReads } from "./ccxt-reads.ts";
import type { CcxtCall, ExchangeTable, Meaning } from "./exchanges/exchange-table.ts";
import { InstrumentDesk } from "./instrument-desk.ts";
import { Instruments } from "./instruments.ts";
import { KeyStanding } from "./key-standing.ts";
import { MarketReads } from "./market-reads.ts";
import { CcxtPortError } from "./open.ts";
import { OrderReads, unavailable } from "./order-reads.ts";
import { openStreams, type PortStreams } from "./port-streams.ts";
import { wholeOf } from "./raw.ts";
import { Recorder } from "./recording/recorder.ts";
import { Redactor } from "./redact.ts";
import { SentIds } from "./sent-ids.ts";
import { ServerClock } from "./server-clock.ts";
import { NodeTransport } from "./transport.ts";
import type { Formats } from "./wire-order.ts";

type HealthListener = (health: UpstreamHealth) => void;
type InstrumentListener = (instrument: Instrument) => void;

/** What is made before the rest, since making it may fail. */
interface Foundation {
  readonly instance: CcxtInstance;
  readonly budget: RequestBudget;
  readonly redactor: Redactor;
  readonly healthListeners: Set<HealthListener>;
  readonly timer: { runs: () => boolean };
}

/** Reasons that smell of rules which are not those we know. */
const RULES: readonly string[] = ["OFF_GRID", "PRICE_OUT_OF_BAND", "BELOW_MINIMUM", "INSTRUMENT_NOT_TRADING"];

export class Machine {
  readonly table: ExchangeTable;
  readonly clock: Clock;
  readonly times: CallTimes;
  readonly instance: CcxtInstance;
  readonly calls: Calls;
  readonly budget: RequestBudget;
  readonly serverClock: ServerClock;
  readonly instruments = new Instruments();
  readonly desk: InstrumentDesk;
  readonly reads: CcxtReads;
  readonly marketReads: MarketReads;
  readonly streams: PortStreams;
  readonly key: KeyStanding;
  readonly sent = new SentIds();
  private readonly recorder: Recorder | null;
  readonly redactor: Redactor;
  readonly formats: Formats;
  readonly health: HealthListener;
  /** Whether the exchange's dead-man timer is armed: its desk knows. */
  readonly timer: { runs: () => boolean };
  /** Kind of account, as the start found it. */
  kind: string | null = null;
  /** Why nothing may be changed with this key; null: it may. */
  readOnly: string | null;
  private readonly healthListeners: Set<HealthListener>;
  private readonly instrumentListeners = new Set<InstrumentListener>();
  private readonly endStreamHealth: () => void;
  private endRest = (): void => undefined;

  private constructor(table: ExchangeTable, options: CcxtPortOptions, on: Foundation) {
    const { clock, log, credentials } = options;
    const { instance, budget, redactor } = on;
    const { instruments, sent } = this;
    const signed = credentials !== null;
    this.table = table;
    this.clock = clock;
    this.times = { ...CALL_TIMES, ...options.times };
    this.instance = instance;
    this.budget = budget;
    this.redactor = redactor;
    this.healthListeners = on.healthListeners;
    this.timer = on.timer;
    this.health = tellHealth(options, on.healthListeners);
    this.readOnly = signed ? null : "this connection has no API key: market data only";
    const failed = (meaning: Meaning, failure: CallFailure, { method }: CcxtCall): void =>
      this.failed(meaning, failure, method);
    const refused = (text: string): void => this.streams.lost(text);
    this.key = new KeyStanding({ clock, exchange: table.name, health: this.health, refused });
    const calls = new Calls({ instance, table, clock, times: this.times, failed });
    this.calls = calls;
    const exchangeNowMs = (): number => instance.nowMs();
    const { health } = this;
    this.serverClock = new ServerClock({
      clock,
      ask: () => this.askTime(),
      set: (offsetMs) => instance.setOffset(offsetMs),
      health,
    });
    const changed: InstrumentListener = (instrument) => {
      for (const listener of this.instrumentListeners) listener(instrument);
    };
    this.desk = new InstrumentDesk({ table, instance, calls, instruments, clock, signed, health, changed });
    this.marketReads = new MarketReads({ table, calls, instruments, exchangeNowMs });
    this.reads = this.makeReads(new OrderReads({ table, calls, instruments, sent, exchangeNowMs }));
    const { reads, marketReads } = this;
    const funding = (symbol: string, sinceMs: number) => marketReads.funding(symbol, sinceMs, 3);
    const streamTimes = { times: options.streamTimes ?? {} };
    this.streams = openStreams({ instance, table, reads, clock, log, instruments, signed, funding, ...streamTimes });
    this.endStreamHealth = this.streams.watchHealth(health);
    const parts = { instance, table, instruments, redactor, clock, log };
    this.recorder = options.record == null ? null : new Recorder(options.record, parts);
    this.formats = {
      price: (symbol, text) => instance.parse("priceToPrecision", symbol, text),
      amount: (symbol, text) => instance.parse("amountToPrecision", symbol, text),
    };
  }

  /** Makes the parts; opens no connection. Throws {@link CcxtPortError} for an exchange ccxt does not know. */
  static async build(table: ExchangeTable, options: CcxtPortOptions): Promise<Machine> {
    const { clock, credentials, environment } = options;
    const endpoints = options.endpoints ?? null;
    if (environment === "emulator" && endpoints === null) {
      const text = "an emulator needs its addresses: set endpoints.rest and endpoints.websocket";
      throw new CcxtPortError("UNSUPPORTED", text);
    }
    const healthListeners = new Set<HealthListener>();
    const redactor = new Redactor();
    const timer = { runs: () => false };
    const health = tellHealth(options, healthListeners);
    const gate = new RequestBudget({ clock, table, health, timerRuns: () => timer.runs() });
    const transport = options.transport ?? new NodeTransport({ clock });
    const keys = credentials === null ? null : keysOf(credentials);
    const instanceOptions = {
      table,
      credentials: keys,
      environment,
      urls: endpoints,
      clock,
      gate,
      transport,
      redactor,
      log: options.log,
    };
    try {
      const instance = await CcxtInstance.open(instanceOptions);
      return new Machine(table, options, { instance, budget: gate, redactor, healthListeners, timer });
    } catch (error) {
      transport.close();
      throw new CcxtPortError("UNSUPPORTED", error instanceof Error ? error.message : String(error));
    }
  }

  /** A start waits for the request budget, however long, and says so. Gives what ends that. */
  start(signal: AbortSignal | undefined): () => void {
    const { calls, budget, health } = this;
    calls.starting = (waits) => {
      const text = `the start waits for the request budget, up to ${this.budgetWaitS()} s more: ${waits}`;
      if (waits === null) health({ subject: "limits", state: "live", text: "requests are sent again" });
      else health({ subject: "limits", state: "suspect", text });
    };
    const end = (): void => {
      calls.close();
      budget.close();
    };
    if (signal?.aborted === true) end();
    signal?.addEventListener("abort", end, { once: true });
    return () => {
      calls.starting = null;
      signal?.removeEventListener("abort", end);
    };
  }

  private budgetWaitS(): number {
    const { budget, clock } = this;
    const untilMs = budget.silentUntilMs() ?? Math.max(0, ...budget.view().map(({ resetAtMs }) => resetAtMs));
    return Math.max(0, Math.ceil((untilMs - clock.nowMs()) / 1000));
  }

  /** Why nothing may be changed now; null: it may. */
  objection(): string | null {
    return this.readOnly;
  }

  /** Why no order of this instrument may be placed now; null: it may. */
  placeObjection(symbol: string): string | null {
    const objection = this.readOnly ?? this.key.objection();
    if (objection !== null) return objection;
    if (!this.table.lookupByClientId) return "orders cannot be found by our id on this exchange: market data only";
    return this.serverClock.objection() ?? this.desk.objection(symbol);
  }

  /** What the end of a send sets in motion. */
  judged(order: { readonly symbol: string; readonly clientOrderId: string }, outcome: SendOutcome): void {
    if (outcome.result === "accepted") this.streams.acknowledged(order);
    else if (outcome.result === "rejected" && RULES.includes(outcome.reason)) this.desk.suspect();
  }

  async instrument(symbol: string): Promise<{ readonly result: "ok"; readonly instrument: Instrument } | Unavailable> {
    const trouble = this.instruments.get(symbol) === null ? await this.desk.open(symbol) : null;
    const found = this.instruments.get(symbol);
    if (trouble !== null || found === null) return unavailable(trouble ?? `${symbol} could not be read`);
    return { result: "ok", instrument: found.instrument };
  }

  onInstrument(listener: InstrumentListener): () => void {
    this.instrumentListeners.add(listener);
    return () => this.instrumentListeners.delete(listener);
  }

  onHealth(listener: HealthListener): () => void {
    this.healthListeners.add(listener);
    return () => this.healthListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.endStreamHealth();
    this.endRest();
    this.healthListeners.clear();
    this.instrumentListeners.clear();
    this.desk.close();
    this.serverClock.close();
    this.calls.close();
    this.budget.close();
    await this.streams.close();
    await this.recorder?.close();
    await this.instance.close();
  }

  private makeReads(orders: OrderReads): CcxtReads {
    const { table, calls, instruments, clock, budget, sent, health, marketReads } = this;
    const polling = new PollingHealth(clock, (forMs, text) => {
      budget.rest(forMs);
      health({ subject: "polling", state: "suspect", text });
      this.endRest();
      const back = (): void => health({ subject: "polling", state: "live", text: "polling goes on" });
      this.endRest = clock.at(clock.nowMs() + forMs, back);
    });
    const kind = (): string | null => this.kind;
    const accounts = new AccountReads({ table, calls, instruments, clock, polling, kind });
    return {
      lookup: (symbol, clientOrderId, priority) => orders.lookup(symbol, clientOrderId, priority),
      openOrders: async (symbol, priority) => {
        const answer = await orders.openOrders(symbol, priority);
        if (answer.result === "ok") this.key.works();
        return answer;
      },
      fills: (symbol, since, priority) => orders.fills(symbol, since, priority),
      account: (symbol, priority) => accounts.account(symbol, priority),
      book: (symbol, depth, priority) => marketReads.book(symbol, depth, priority),
      clientOrderIdOf: (exchangeOrderId) => sent.clientOrderIdOf(exchangeOrderId),
      remember: (exchangeOrderId, clientOrderId) => sent.known(clientOrderId, exchangeOrderId),
    };
  }

  private async askTime(): Promise<number | null> {
    const reply = await this.calls.read({ method: "fetchTime", args: [] }, 1);
    return reply.ok ? wholeOf(reply.value) : null;
  }

  private failed({ means }: Meaning, { text }: CallFailure, method: string): void {
    if (means === "clock") void this.serverClock.measure();
    else if (means === "rate" && this.budget.silentUntilMs() === null) this.budget.slowDown();
    else if (means === "credentials") this.key.refuse(text, /^(?:create|edit)/.test(method));
    else if (means === "maintenance") this.health({ subject: "maintenance", state: "down", text });
  }
}

function tellHealth({ log }: CcxtPortOptions, listeners: ReadonlySet<HealthListener>): HealthListener {
  return (news) => {
    const fields = { code: "exchange.health", subject: news.subject, state: news.state };
    if (news.state === "live") log.info(news.text, fields);
    else log.warn(news.text, fields);
    for (const listener of listeners) listener(news);
  };
}

const keysOf = ({ apiKey, secret, passphrase }: NonNullable<CcxtPortOptions["credentials"]>) => ({
  apiKey,
  secret,
  ...(passphrase === null || passphrase === undefined ? {} : { passphrase }),
});
