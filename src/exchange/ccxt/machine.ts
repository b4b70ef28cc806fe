// The parts of one ccxt port, wired: instance, budget, calls, clock, reads, streams; and how they end together (OPS-55).

import type { Clock } from "../../base/clock.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { SendOutcome, Unavailable, UpstreamHealth } from "../port.ts";
import { AccountReads } from "./account-reads.ts";
import { PollingHealth } from "./budget/polling.ts";
import { RequestBudget } from "./budget/request-budget.ts";
import { CALL_TIMES, Calls, type CallTimes } from "./calls.ts";
import { CcxtInstance } from "./ccxt-instance.ts";
import type { CcxtPortOptions } from "./ccxt-port.ts";
import type { CcxtReads } from "./ccxt-reads.ts";
import type { ExchangeTable, Meaning } from "./exchanges/exchange-table.ts";
import { InstrumentDesk } from "./instrument-desk.ts";
import { Instruments } from "./instruments.ts";
import { MarketReads } from "./market-reads.ts";
import { CcxtPortError } from "./open.ts";
import { OrderReads, unavailable } from "./order-reads.ts";
import { openStreams, type PortStreams } from "./port-streams.ts";
import { wholeOf } from "./raw.ts";
import { Redactor } from "./redact.ts";
import { SentIds } from "./sent-ids.ts";
import { ServerClock } from "./server-clock.ts";
import { NodeTransport } from "./transport.ts";
import type { Formats } from "./wire-order.ts";

export interface Machine {
  readonly table: ExchangeTable;
  readonly clock: Clock;
  readonly times: CallTimes;
  readonly instance: CcxtInstance;
  readonly calls: Calls;
  readonly budget: RequestBudget;
  readonly serverClock: ServerClock;
  readonly instruments: Instruments;
  readonly desk: InstrumentDesk;
  readonly reads: CcxtReads;
  readonly marketReads: MarketReads;
  readonly streams: PortStreams;
  readonly sent: SentIds;
  readonly redactor: Redactor;
  readonly formats: Formats;
  readonly health: (health: UpstreamHealth) => void;
  /** Kind of account, as the start found it. */
  kind: string | null;
  /** Why nothing may be changed with this key; null: it may. */
  readOnly: string | null;
  objection(): string | null;
  placeObjection(symbol: string): string | null;
  /** What a refusal of an order sets in motion. */
  judged(outcome: SendOutcome): void;
  instrument(symbol: string): Promise<{ readonly result: "ok"; readonly instrument: Instrument } | Unavailable>;
  onInstrument(listener: (instrument: Instrument) => void): () => void;
  onHealth(listener: (health: UpstreamHealth) => void): () => void;
  close(): Promise<void>;
}

/** Reasons that smell of rules which are not those we know. */
const RULES: readonly string[] = ["OFF_GRID", "PRICE_OUT_OF_BAND", "BELOW_MINIMUM", "INSTRUMENT_NOT_TRADING"];

/** Makes the parts; opens no connection. Throws {@link CcxtPortError} for an exchange ccxt does not know. */
export async function buildMachine(table: ExchangeTable, options: CcxtPortOptions): Promise<Machine> {
  const { clock, log, credentials } = options;
  const redactor = new Redactor();
  const told = new Set<(health: UpstreamHealth) => void>();
  const changed = new Set<(instrument: Instrument) => void>();
  const health = (news: UpstreamHealth): void => {
    const fields = { code: "exchange.health", subject: news.subject, state: news.state };
    if (news.state === "live") log.info(news.text, fields);
    else log.warn(news.text, fields);
    for (const listener of told) listener(news);
  };
  const budget = new RequestBudget({ clock, table, health });
  const transport = options.transport ?? new NodeTransport({ clock });
  const instance = await openInstance(table, options, { budget, transport, redactor });
  const times = { ...CALL_TIMES, ...options.times };
  const failed = (meaning: Meaning, failure: { readonly text: string }): void => {
    if (meaning.means === "clock") void serverClock.measure();
    else if (meaning.means === "rate" && budget.silentUntilMs() === null) budget.slowDown();
    else if (meaning.means === "credentials") health({ subject: "credentials", state: "down", text: failure.text });
    else if (meaning.means === "maintenance") health({ subject: "maintenance", state: "down", text: failure.text });
  };
  const calls = new Calls({ instance, table, clock, times, failed });
  const serverClock = new ServerClock({
    clock,
    ask: async () => {
      const reply = await calls.read({ method: "fetchTime", args: [] }, 1);
      return reply.ok ? wholeOf(reply.value) : null;
    },
    set: (offsetMs) => instance.setOffset(offsetMs),
    health,
  });
  const instruments = new Instruments();
  const tell = (instrument: Instrument): void => {
    for (const listener of changed) listener(instrument);
  };
  const signed = credentials !== null;
  const desk = new InstrumentDesk({ table, instance, calls, instruments, clock, signed, health, changed: tell });
  const sent = new SentIds();
  const exchangeNowMs = (): number => instance.nowMs();
  const polling = new PollingHealth(clock, (forMs, text) => {
    budget.rest(forMs);
    health({ subject: "polling", state: "suspect", text });
  });
  const orderReads = new OrderReads({ table, calls, instruments, sent, exchangeNowMs });
  const marketReads = new MarketReads({ table, calls, instruments, exchangeNowMs });
  const accountReads = new AccountReads({
    table,
    calls,
    instruments,
    clock,
    polling,
    kind: () => machine.kind,
    oneWay: () => true,
  });
  const reads: CcxtReads = {
    lookup: (symbol, clientOrderId, priority) => orderReads.lookup(symbol, clientOrderId, priority),
    openOrders: (symbol, priority) => orderReads.openOrders(symbol, priority),
    fills: (symbol, since, priority) => orderReads.fills(symbol, since, priority),
    account: (symbol, priority) => accountReads.account(symbol, priority),
    book: (symbol, depth, priority) => marketReads.book(symbol, depth, priority),
    clientOrderIdOf: (exchangeOrderId) => sent.clientOrderIdOf(exchangeOrderId),
    remember: (exchangeOrderId, clientOrderId) => sent.known(clientOrderId, exchangeOrderId),
  };
  const streams = openStreams({ instance, table, reads, clock, log, instruments, signed });
  const endStreamHealth = streams.watchHealth(health);
  const machine: Machine = {
    ...{ table, clock, times, instance, calls, budget, serverClock, instruments, desk, reads, marketReads, streams },
    ...{ sent, redactor, health },
    formats: {
      price: (symbol, text) => instance.parse("priceToPrecision", symbol, text),
      amount: (symbol, text) => instance.parse("amountToPrecision", symbol, text),
    },
    kind: null,
    readOnly: signed ? null : "this connection has no API key: market data only",
    objection: () => machine.readOnly,
    placeObjection: (symbol) => {
      const unfindable = "orders cannot be found by our id on this exchange: market data only";
      if (!table.lookupByClientId) return machine.readOnly ?? unfindable;
      return machine.readOnly ?? serverClock.objection() ?? desk.objection(symbol);
    },
    judged: (outcome) => {
      if (outcome.result === "rejected" && RULES.includes(outcome.reason)) desk.suspect();
    },
    instrument: async (symbol) => {
      const trouble = instruments.get(symbol) === null ? await desk.open(symbol) : null;
      const found = instruments.get(symbol);
      return trouble !== null || found === null
        ? unavailable(trouble ?? `${symbol} could not be read`)
        : { result: "ok", instrument: found.instrument };
    },
    onInstrument: (listener) => {
      changed.add(listener);
      return () => changed.delete(listener);
    },
    onHealth: (listener) => {
      told.add(listener);
      return () => told.delete(listener);
    },
    close: async () => {
      endStreamHealth();
      told.clear();
      changed.clear();
      desk.close();
      serverClock.close();
      calls.close();
      budget.close();
      await streams.close();
      await instance.close();
    },
  };
  return machine;
}

async function openInstance(
  table: ExchangeTable,
  { credentials, environment, endpoints, clock }: CcxtPortOptions,
  parts: {
    readonly budget: RequestBudget;
    readonly transport: NodeTransport | NonNullable<CcxtPortOptions["transport"]>;
    readonly redactor: Redactor;
  },
): Promise<CcxtInstance> {
  const { budget, transport, redactor } = parts;
  if (environment === "emulator" && (endpoints ?? null) === null) {
    transport.close();
    throw new CcxtPortError(
      "UNSUPPORTED",
      "an emulator needs its addresses: set endpoints.rest and endpoints.websocket",
    );
  }
  const keys =
    credentials === null
      ? null
      : {
          apiKey: credentials.apiKey,
          secret: credentials.secret,
          ...(credentials.passphrase == null ? {} : { passphrase: credentials.passphrase }),
        };
  try {
    const gate = budget;
    return await CcxtInstance.open({
      table,
      credentials: keys,
      environment,
      urls: endpoints ?? null,
      clock,
      gate,
      transport,
      redactor,
    });
  } catch (error) {
    transport.close();
    throw new CcxtPortError("UNSUPPORTED", error instanceof Error ? error.message : String(error));
  }
}
