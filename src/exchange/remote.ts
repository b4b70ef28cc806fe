// The exchange port over gRPC (EXCH-01, EXCH-48): an account at an exchange that a connector holds. It translates and
// remembers nothing but instruments; whoever uses it cannot tell it from an exchange in its own process.

import type { Instrument } from "../market/instrument.ts";
import { resubscribeWaitMs } from "../rpc/backoff.ts";
import { refusalOf } from "../rpc/refusal.ts";
import { pause } from "../rpc/timers.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type {
  AccountResult,
  AccountSettings,
  CancelOutcome,
  CandlesResult,
  ExchangePort,
  FillsResult,
  FundingResult,
  LookupResult,
  OpenOrdersResult,
  PlaceRequest,
  PortCapabilities,
  RequestBucket,
  SendOutcome,
  StreamMessage,
  Unavailable,
} from "./port.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { RemoteFacets } from "./remote-facets.ts";
import { RemoteMarket } from "./remote-market.ts";
import { cancelOutcomeOf, unavailable } from "./remote-outcomes.ts";
import { RemotePublicMarket } from "./remote-public.ts";
import { RemoteReads } from "./remote-reads.ts";
import { type Placer, RemoteSends } from "./remote-sends.ts";

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
  readonly capabilities: PortCapabilities;
  readonly settings?: AccountSettings;
  readonly budget?: () => readonly RequestBucket[];
  readonly cancelEverything?: NonNullable<ExchangePort["cancelEverything"]>;
  readonly watchHealth?: NonNullable<ExchangePort["watchHealth"]>;
  readonly publicMarket?: RemotePublicMarket;
  readonly lookupLagMs: number;
  readonly lookupReachMs?: number;
  private readonly connection: RemoteConnection;
  private readonly options: RemotePortOptions;
  private readonly reads: RemoteReads;
  private readonly subscriptions = new Set<() => void>();
  private readonly sends: RemoteSends;
  private readonly facets: RemoteFacets;
  private endHeartbeat: (() => void) | null = null;
  private closing: Promise<void> = Promise.resolve();

  constructor(connection: RemoteConnection, options: RemotePortOptions) {
    this.connection = connection;
    this.options = options;
    const { name, lookupLagMs, lookupReachMs } = connection.hello;
    this.name = name;
    this.capabilities = connection.hello.capabilities;
    this.lookupLagMs = lookupLagMs;
    if (lookupReachMs !== null) this.lookupReachMs = lookupReachMs;
    this.reads = new RemoteReads(connection);
    this.sends = new RemoteSends(connection, options);
    const facets = new RemoteFacets(connection, options);
    this.facets = facets;
    // what the port behind has, this one has (EXCH-01)
    if (facets.has("settings")) this.settings = facets.settings;
    if (facets.has("budget")) this.budget = () => facets.budget();
    if (facets.has("cancel_everything")) this.cancelEverything = (...asked) => facets.cancelEverything(...asked);
    if (facets.has("health")) this.watchHealth = (listener) => facets.watchHealth(listener);
    if (facets.has("public_market")) {
      const instrument = async (symbol: string) => this.reads.find(symbol) ?? (await this.reads.instrument(symbol));
      this.publicMarket = new RemotePublicMarket({ connection, instrument });
    }
  }

  /**
   * The connector may send for a window after the decision, by a clock that may differ from ours, and the exchange may
   * accept for its own after that.
   */
  get requestExpiryMs(): number {
    const { clock, hello } = this.connection;
    return this.windowMs() + clock.errorMs + hello.requestExpiryMs;
  }

  instrument(
    symbol: string,
    done: (result: { readonly result: "ok"; readonly instrument: Instrument } | Unavailable) => void,
  ): void {
    void this.reads.instrument(symbol).then((instrument) => done({ result: "ok", instrument }), failing(done));
  }

  place(request: PlaceRequest, done: (outcome: SendOutcome) => void): void {
    const trouble = this.unreachable();
    if (trouble !== null) {
      later(() => done({ result: "not-sent", text: trouble }));
      return;
    }
    // counted from here, however long the instrument takes: whoever asked counts from here too
    const sendByMs = this.connection.clock.nowMs() + this.windowMs();
    const instrument = this.reads.find(request.order.symbol);
    if (instrument !== undefined) {
      this.sends.place({ ...request, sendByMs }, instrument, done);
      return;
    }
    void this.reads.instrument(request.order.symbol).then(
      (read) => this.sends.place({ ...request, sendByMs }, read, done),
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
    void this.reads.lookup(symbol, clientOrderId).then(done, failing(done));
  }

  openOrders(symbol: string, done: (result: OpenOrdersResult) => void): void {
    void this.reads.openOrders(symbol).then(done, failing(done));
  }

  fills(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
    done: (result: FillsResult) => void,
  ): void {
    void this.reads.fills(symbol, since).then(done, failing(done));
  }

  account(symbol: string, done: (result: AccountResult) => void): void {
    void this.reads.account(symbol).then(done, failing(done));
  }

  funding(symbol: string, sinceMs: number, done: (result: FundingResult) => void): void {
    void this.reads.funding(symbol, sinceMs).then(done, failing(done));
  }

  candles(request: Parameters<ExchangePort["candles"]>[0], done: (result: CandlesResult) => void): void {
    void this.reads.candles(request).then(done, failing(done));
  }

  /** The streams open when the instrument is known: what they say cannot be read before. */
  subscribe(request: Parameters<ExchangePort["subscribe"]>[0], listener: (message: StreamMessage) => void): () => void {
    const abort = new AbortController();
    const subscription = { close: (): Promise<void> => Promise.resolve() };
    const open = (): void => {
      if (abort.signal.aborted) return;
      const market = new RemoteMarket({
        connection: this.connection,
        request,
        listener,
        instrument: () => this.reads.find(request.symbol) ?? null,
        onInstrument: (instrument) => this.reads.keep(instrument),
      });
      subscription.close = () => market.close();
    };
    const end = (): void => {
      if (abort.signal.aborted) return;
      abort.abort();
      this.subscriptions.delete(end);
      this.closing = Promise.all([this.closing, subscription.close()]).then(() => undefined);
    };
    this.subscriptions.add(end);
    if (this.reads.find(request.symbol) !== undefined) open();
    else void this.whenKnown(request.symbol, abort.signal).then(open);
    return end;
  }

  /**
   * Keeps the connector's dead-man timer armed every 2 s while `turns` says that the loop does (API-45). The function
   * it gives disarms it: only after it was proven that no order is left.
   */
  heartbeat(ttlMs: number, turns: () => boolean): () => Promise<void> {
    this.endHeartbeat?.();
    const { timers } = this.connection;
    const state = { ended: false, cancel: (): void => undefined, said: Promise.resolve() };
    const beat = (): void => {
      if (turns()) state.said = this.arm(ttlMs);
      state.cancel = timers.after(HEARTBEAT_MS, beat);
    };
    beat();
    const stop = (): void => {
      state.ended = true;
      state.cancel();
    };
    this.endHeartbeat = stop;
    return async () => {
      if (state.ended) return;
      stop();
      // a beat that is still under way must not arm again what is disarmed
      await state.said;
      await this.arm(0);
    };
  }

  /** Ends streams and heartbeats; the connection is whoever's made it. The dead-man timer is left as it is. */
  close(): void {
    this.endHeartbeat?.();
    for (const end of this.subscriptions) end();
    this.closing = Promise.all([this.closing, this.facets.close(), this.publicMarket?.close()]).then(() => undefined);
  }

  /** Resolves when everything closed so far is gone (OPS-55). */
  async closed(): Promise<void> {
    this.close();
    await this.closing;
  }

  /** Asks for the instrument until it is told, or nobody needs it any more. */
  private async whenKnown(symbol: string, signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.reads.instrument(symbol);
        return;
      } catch (error) {
        this.connection.log.warn("the instrument was not read", { symbol, why: refusalOf(error).message });
        await pause(resubscribeWaitMs(failures), signal, this.connection.timers);
      }
    }
  }

  /** Resolves when the connector knows, or cannot be told. */
  private async arm(ttlMs: number): Promise<void> {
    const { client, exchange, log } = this.connection;
    const { botId, epoch, tag } = this.options;
    try {
      await client.armDeadMan({ exchange, symbol: "", ttlMs, botId, epoch: epoch(), tag });
    } catch (error) {
      const what = ttlMs === 0 ? "disarmed" : "armed";
      log.warn(`dead-man timer was not ${what}`, { bot: botId, why: refusalOf(error).message });
    }
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
}

const failing =
  (done: (result: Unavailable) => void) =>
  (error: unknown): void =>
    done(unavailable(error));

/** A call never ends inside itself. */
const later = (work: () => void): void => queueMicrotask(work);
