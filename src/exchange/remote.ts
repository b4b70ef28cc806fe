// The exchange port over gRPC (EXCH-01, EXCH-48): an account at an exchange that a connector holds. It translates and
// remembers nothing but instruments; whoever uses it cannot tell it from an exchange in its own process.

import type { Instrument } from "../market/instrument.ts";
import { refusalOf } from "../rpc/refusal.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent } from "../trading/event.ts";
import type {
  AccountResult,
  CancelOutcome,
  CandlesResult,
  ExchangePort,
  FillsResult,
  FundingResult,
  LookupResult,
  OpenOrdersResult,
  PlaceRequest,
  SendOutcome,
  StreamMessage,
  Unavailable,
  Unstamped,
} from "./port.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { RemoteMarket } from "./remote-market.ts";
import { cancelOutcomeOf, unavailable } from "./remote-outcomes.ts";
import { type Placer, RemoteSends } from "./remote-sends.ts";
import { portAccount, portPayment } from "./wire/account-view.ts";
import { portCandle } from "./wire/market-view.ts";
import { portFill, portOrder } from "./wire/order-view.ts";
import { instrumentOf } from "./wire/symbol-info.ts";

export interface RemotePortOptions extends Placer {
  /** What the bot's client order ids carry (DUR-39): the connector cancels by it when the bot falls silent. */
  readonly tag: string;
}

/** A decision that waited longer than this on its way is not sent any more, ms at real speed. */
const WINDOW_MS_MAX = 1_000;
/** API-45. */
const HEARTBEAT_MS = 2_000;

export class RemotePort implements ExchangePort {
  readonly name: string;
  readonly lookupLagMs: number;
  readonly lookupReachMs?: number;
  private readonly connection: RemoteConnection;
  private readonly options: RemotePortOptions;
  private readonly instruments = new Map<string, Instrument>();
  private readonly markets = new Set<RemoteMarket>();
  private readonly sends: RemoteSends;
  private endHeartbeat: (() => void) | null = null;
  private closing: Promise<void> = Promise.resolve();

  constructor(connection: RemoteConnection, options: RemotePortOptions) {
    this.connection = connection;
    this.options = options;
    const { name, lookupLagMs, lookupReachMs } = connection.hello;
    this.name = name;
    this.lookupLagMs = lookupLagMs;
    if (lookupReachMs !== null) this.lookupReachMs = lookupReachMs;
    this.sends = new RemoteSends(connection, options, () => this.windowMs());
  }

  /** The connector may send for a window after the decision, and the exchange may accept for its own after that. */
  get requestExpiryMs(): number {
    return this.windowMs() + this.connection.hello.requestExpiryMs;
  }

  instrument(
    symbol: string,
    done: (result: { readonly result: "ok"; readonly instrument: Instrument } | Unavailable) => void,
  ): void {
    void this.readInstrument(symbol).then((instrument) => done({ result: "ok", instrument }), failing(done));
  }

  place(request: PlaceRequest, done: (outcome: SendOutcome) => void): void {
    const trouble = this.unreachable();
    if (trouble !== null) {
      later(() => done({ result: "not-sent", text: trouble }));
      return;
    }
    const instrument = this.instruments.get(request.order.symbol);
    if (instrument !== undefined) {
      this.sends.place(request, instrument, done);
      return;
    }
    void this.readInstrument(request.order.symbol).then(
      (read) => this.sends.place(request, read, done),
      (error: unknown) => done({ result: "not-sent", text: refusalOf(error).message }),
    );
  }

  cancel(symbol: string, clientOrderId: ClientOrderId, done: (outcome: CancelOutcome) => void): void {
    const trouble = this.unreachable();
    if (trouble !== null) {
      later(() => done({ result: "not-sent", text: trouble }));
      return;
    }
    const { client, exchange } = this.connection;
    void client.cancelOrder({ exchange, symbol, clientOrderId }).then(
      ({ result }) => {
        if (result === "accepted") done({ result: "accepted" });
        else if (result === "not_open") done({ result: "not-open", text: "the exchange says it is not open" });
        else done({ result: "unknown", text: `the connector answered "${result}"` });
      },
      (error: unknown) => done(cancelOutcomeOf(refusalOf(error))),
    );
  }

  lookup(symbol: string, clientOrderId: ClientOrderId, done: (result: LookupResult) => void): void {
    void this.lookupNow(symbol, clientOrderId).then(done, failing(done));
  }

  openOrders(symbol: string, done: (result: OpenOrdersResult) => void): void {
    void this.openOrdersNow(symbol).then(done, failing(done));
  }

  fills(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
    done: (result: FillsResult) => void,
  ): void {
    void this.fillsNow(symbol, since).then(done, failing(done));
  }

  account(symbol: string, done: (result: AccountResult) => void): void {
    void this.accountNow(symbol).then(done, failing(done));
  }

  funding(symbol: string, sinceMs: number, done: (result: FundingResult) => void): void {
    void this.fundingNow(symbol, sinceMs).then(done, failing(done));
  }

  candles(request: Parameters<ExchangePort["candles"]>[0], done: (result: CandlesResult) => void): void {
    void this.candlesNow(request).then(done, failing(done));
  }

  subscribe(request: Parameters<ExchangePort["subscribe"]>[0], listener: (message: StreamMessage) => void): () => void {
    if (!this.instruments.has(request.symbol)) this.instrument(request.symbol, () => undefined);
    const market = new RemoteMarket({
      connection: this.connection,
      request,
      listener,
      instrument: () => this.instruments.get(request.symbol) ?? null,
      onInstrument: (instrument) => this.instruments.set(instrument.symbol, instrument),
    });
    this.markets.add(market);
    return () => {
      if (this.markets.delete(market)) this.closing = Promise.all([this.closing, market.close()]).then(() => undefined);
    };
  }

  /**
   * Keeps the connector's dead-man timer armed every 2 s while `turns` says that the loop does (API-45). The function it
   * gives disarms it: only after it was proven that no order is left.
   */
  heartbeat(ttlMs: number, turns: () => boolean): () => void {
    this.endHeartbeat?.();
    const { timers } = this.connection;
    const state = { ended: false, cancel: (): void => undefined };
    const beat = (): void => {
      if (turns()) this.arm(ttlMs);
      state.cancel = timers.after(HEARTBEAT_MS, beat);
    };
    beat();
    const stop = (): void => {
      state.ended = true;
      state.cancel();
    };
    this.endHeartbeat = stop;
    return () => {
      if (state.ended) return;
      stop();
      this.arm(0);
    };
  }

  /** Ends streams and heartbeats; the connection is whoever's made it. The dead-man timer is left as it is. */
  close(): void {
    this.endHeartbeat?.();
    for (const market of this.markets) this.closing = Promise.all([this.closing, market.close()]).then(() => undefined);
    this.markets.clear();
  }

  /** Resolves when everything closed so far is gone (OPS-55). */
  async closed(): Promise<void> {
    this.close();
    await this.closing;
  }

  private arm(ttlMs: number): void {
    const { client, exchange, log } = this.connection;
    const { botId, epoch, tag } = this.options;
    client
      .armDeadMan({ exchange, symbol: "", ttlMs, botId, epoch: epoch(), tag })
      .catch((error: unknown) =>
        log.warn("dead-man timer was not armed", { bot: botId, why: refusalOf(error).message }),
      );
  }

  /** At a faster market the same real time is more of its time. */
  private windowMs(): number {
    const { clock, hello } = this.connection;
    const rate = Math.max(1, clock.ratePpm / 1_000_000);
    return Math.ceil(Math.min(WINDOW_MS_MAX, hello.requestExpiryMs) * rate);
  }

  /** Why nothing may be sent: provably no byte leaves while nobody is there to take it. Null: somebody is. */
  private unreachable(): string | null {
    const { connection } = this;
    return connection.health === "unknown" ? `the connector is not there: ${connection.trouble}` : null;
  }

  private async readInstrument(symbol: string): Promise<Instrument> {
    const { client, exchange } = this.connection;
    const { info } = await client.getSymbolInfo({ exchange, symbol });
    if (info === undefined) throw new Error(`the connector does not describe ${symbol}`);
    const read = instrumentOf(info);
    if (!read.ok) throw new Error(read.error);
    this.instruments.set(symbol, read.value);
    return read.value;
  }

  private async known(symbol: string): Promise<Instrument> {
    return this.instruments.get(symbol) ?? (await this.readInstrument(symbol));
  }

  private async lookupNow(symbol: string, clientOrderId: ClientOrderId): Promise<LookupResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    try {
      const { order } = await client.getOrder({ exchange, symbol, clientOrderId });
      const event = order === undefined ? null : portOrder(order, instrument, "lookup");
      if (event === null)
        return { result: "unavailable", text: `the connector's word about ${clientOrderId} is unreadable` };
      return { result: "found", order: event };
    } catch (error) {
      const refusal = refusalOf(error);
      // only the connector's own word is absence: a proxy's NOT_FOUND is not
      if (refusal.status === "NOT_FOUND" && refusal.reason === "ABSENT" && "asked_at_ms" in refusal.metadata) {
        return { result: "absent" };
      }
      throw refusal;
    }
  }

  private async openOrdersNow(symbol: string): Promise<OpenOrdersResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const { orders } = await client.getOpenOrders({ exchange, symbol });
    const read = orders.map((order) => portOrder(order, instrument, "open-orders"));
    // a list with a hole says that what is missing is not there
    if (read.includes(null)) return { result: "unavailable", text: "an open order is unreadable" };
    return { result: "ok", orders: read.flatMap((order) => order ?? []) };
  }

  private async fillsNow(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
  ): Promise<FillsResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const cursor = since.cursor ?? "";
    const fromMs = cursor === "" ? Math.max(0, Math.floor(since.sinceMs)) : 0;
    const { fills, nextCursor } = await client.getFills({ exchange, symbol, cursor, fromMs });
    const read: Unstamped<FillEvent>[] = [];
    for (const fill of fills) {
      const event = portFill(fill, instrument);
      if (event === null) return { result: "unavailable", text: `fill ${fill.tradeId} is unreadable` };
      read.push(event);
    }
    return { result: "ok", fills: read, cursor: nextCursor };
  }

  private async accountNow(symbol: string): Promise<AccountResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const { account } = await client.getAccount({ exchange });
    if (account === undefined) return { result: "unavailable", text: "the connector's answer names no account" };
    return portAccount(account, instrument);
  }

  private async fundingNow(symbol: string, sinceMs: number): Promise<FundingResult> {
    const { client, exchange } = this.connection;
    const instrument = await this.known(symbol);
    const { payments } = await client.getFundingPayments({ exchange, fromMs: Math.max(0, Math.floor(sinceMs)) });
    const own = payments.filter((payment) => payment.symbol === symbol);
    return { result: "ok", settlements: own.map((payment) => portPayment(payment, instrument)) };
  }

  private async candlesNow(request: Parameters<ExchangePort["candles"]>[0]): Promise<CandlesResult> {
    const { client, exchange } = this.connection;
    const { symbol, interval, count } = request;
    const instrument = await this.known(symbol);
    const limit = Math.min(1_500, Math.max(1, count));
    const { candles } = await client.getHistoricalKlines({ exchange, symbol, interval, limit });
    const read = candles.map((candle) => portCandle(candle, instrument));
    if (read.includes(null)) return { result: "unavailable", text: "a candle is unreadable" };
    return { result: "ok", candles: read.flatMap((candle) => candle ?? []) };
  }
}

const failing =
  (done: (result: Unavailable) => void) =>
  (error: unknown): void =>
    done(unavailable(error));

/** A call never ends inside itself. */
const later = (work: () => void): void => queueMicrotask(work);
