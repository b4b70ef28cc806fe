// The one ccxt instance of an account, with the hooks of exchanges.md section 2, and the only file that touches ccxt's
// objects. It hands out values of unknown shape; nothing here knows an order or decides an outcome.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../observe/log.ts";
import type { CallReply, CallWish } from "./call.ts";
import { hookHousehold, hookNumbers, hookSockets, moveUrls, type SocketNews } from "./ccxt-hooks.ts";
import { type CcxtExchange, loadCcxt } from "./ccxt-load.ts";
import { CcxtRequests, type Gate } from "./ccxt-requests.ts";
import type { CcxtCall, ExchangeTable } from "./exchanges/exchange-table.ts";
import { isRecord, type Raw, recordOf } from "./raw.ts";
import type { Redactor } from "./redact.ts";
import type { Transport } from "./transport.ts";

/** Keys of an account; a passphrase only where the exchange asks for one. */
export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase?: string;
}

export interface InstanceOptions {
  readonly table: ExchangeTable;
  readonly credentials: Credentials | null;
  readonly environment: "live" | "demo" | "emulator";
  readonly urls: { readonly rest: string; readonly websocket: string } | null;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly transport: Transport;
  readonly redactor: Redactor;
  /** Where ccxt's own words go; nowhere without it, and never to stdout. */
  readonly log?: Pick<Log, "warn">;
  /** Options of the account's kind (EXCH-34), over the table's. */
  readonly accountOptions?: Raw;
  /** ccxt's own partner codes are left in the requests; they are dropped unless asked for. */
  readonly partnerCodes?: boolean;
}

export type { SocketNews } from "./ccxt-hooks.ts";

type ReplyListener = (call: CcxtCall, body: unknown) => void;
type SocketListener = (news: SocketNews) => boolean;

export class CcxtInstance {
  readonly table: ExchangeTable;
  private readonly exchange: CcxtExchange;
  private readonly options: InstanceOptions;
  private readonly requests: CcxtRequests;
  private readonly listeners = new Set<SocketListener>();
  private readonly raw = new Set<(text: string) => void>();
  private readonly replies = new Set<ReplyListener>();
  private readonly endHousehold: () => void;
  private offsetMs = 0;

  private constructor(exchange: CcxtExchange, options: InstanceOptions) {
    this.table = options.table;
    this.exchange = exchange;
    this.options = options;
    hookNumbers(exchange, () => this.nowMs());
    this.requests = new CcxtRequests(exchange, options, () => this.nowMs());
    const { clock, redactor, log } = options;
    const say = (text: string): void => log?.warn("ccxt says", { text: redactor.text(text) });
    this.endHousehold = hookHousehold(exchange, { clock, say });
    hookSockets(exchange, {
      tell: (news) => this.tell(news),
      clean: (text) => options.redactor.text(text),
      raw: () => (this.raw.size === 0 ? null : (text) => each(this.raw, text)),
    });
  }

  /** Makes the instance; opens no connection. Throws where ccxt has no such exchange. */
  static async open(options: InstanceOptions): Promise<CcxtInstance> {
    const { table, environment, urls } = options;
    const exchange = await loadCcxt(table.ccxtId, {
      enableRateLimit: true,
      maxRetriesOnFailure: 0,
      timeout: 120_000,
      options: {
        ...table.options,
        ...options.accountOptions,
        maxRetriesOnFailure: 0,
        fetchCurrencies: false,
        fetchMargins: false,
        adjustForTimeDifference: false,
        warnOnFetchOpenOrdersWithoutSymbol: false,
        ws: { backoff: { base: 0 }, ...recordOf(recordOf(table.options)["ws"]) },
      },
    });
    exchange.has["fetchCurrencies"] = false;
    if (environment === "demo") {
      if (table.demo === "demo-trading") exchange.enableDemoTrading(true);
      else if (table.demo === "sandbox") exchange.setSandboxMode(true);
      else throw new Error(`${table.name} has no practice environment; use the emulator instead`);
    }
    if (urls !== null) moveUrls(exchange.urls, (url) => table.moved(url, urls));
    await exchange.loadHttpProxyAgent();
    const instance = new CcxtInstance(exchange, options);
    instance.setCredentials(options.credentials);
    return instance;
  }

  /** Unix ms of the exchange, as far as it is known. */
  nowMs(): number {
    return this.options.clock.nowMs() + this.offsetMs;
  }

  setOffset(offsetMs: number): void {
    this.offsetMs = offsetMs;
  }

  /** Keys as they are now. */
  credentials(): Credentials {
    const { apiKey, secret, password } = this.exchange;
    return { apiKey, secret, passphrase: password };
  }

  setCredentials(credentials: Credentials | null): void {
    const { apiKey, secret, passphrase } = credentials ?? { apiKey: "", secret: "", passphrase: "" };
    this.exchange.apiKey = apiKey;
    this.exchange.secret = secret;
    this.exchange.password = passphrase ?? "";
    this.options.redactor.know([apiKey, secret, passphrase ?? ""]);
  }

  /** Options ccxt reads at every call: account kinds, user ids. */
  setOptions(options: Raw): void {
    Object.assign(this.exchange.options, options);
  }

  option(name: string): unknown {
    return this.exchange.options[name];
  }

  /** Whether ccxt says it has the method: true, false, or that it imitates it. */
  has(method: string): boolean {
    return this.exchange.has[method] === true && typeof this.exchange[method] === "function";
  }

  /** ccxt's own names of candle intervals, as the exchange has them. */
  hasInterval(interval: string): boolean {
    return interval in recordOf(this.exchange.timeframes);
  }

  /** Markets by our symbol; empty until `loadMarkets` was called. */
  market(symbol: string): Raw | null {
    const market = recordOf(this.exchange.markets)[symbol];
    return isRecord(market) ? market : null;
  }

  marketSymbols(): readonly string[] {
    return Object.keys(recordOf(this.exchange.markets));
  }

  /** 2 decimal places, 3 significant digits, 4 tick size: ccxt's own numbering. */
  precisionMode(): unknown {
    return this.exchange.precisionMode;
  }

  /** Calls a method of ccxt. Never throws and never rejects. */
  call(call: CcxtCall, wish: CallWish): Promise<CallReply> {
    const reply = this.requests.call(call, wish);
    if (this.replies.size === 0) return reply;
    return reply.then((answer) => {
      if (answer.ok) for (const listener of this.replies) listener(call, answer.body);
      return answer;
    });
  }

  /** Calls a method of ccxt that sends nothing: its parsers, its formats. Throws what ccxt throws. */
  parse(method: string, ...args: unknown[]): unknown {
    const found = this.exchange[method];
    if (typeof found !== "function") throw new Error(`ccxt has no ${method}`);
    return Reflect.apply(found, this.exchange, args);
  }

  /** A value ccxt keeps: `orderbooks`, `tickers`. */
  kept(name: string): unknown {
    return this.exchange[name];
  }

  /** A listener that answers true to a frame has dealt with it: ccxt's own handler does not see it. */
  onSocket(listener: SocketListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Told every frame of sockets that open from now on, as it came. */
  onRaw(listener: (text: string) => void): () => void {
    this.raw.add(listener);
    return () => this.raw.delete(listener);
  }

  /** Told what the exchange answered to calls that worked. */
  onReply(listener: ReplyListener): () => void {
    this.replies.add(listener);
    return () => this.replies.delete(listener);
  }

  /** Addresses of ccxt's sockets, open or being opened. */
  sockets(): readonly string[] {
    return Object.keys(this.exchange.clients ?? {});
  }

  /** ccxt's own object of a socket: its subscriptions, its futures. */
  socket(url: string): Raw {
    return recordOf(this.exchange.clients?.[url]);
  }

  /** Closes one socket and forgets it; whoever waits for it is told so. */
  async closeSocket(url: string): Promise<void> {
    const clients = this.exchange.clients ?? {};
    const client = clients[url];
    delete clients[url];
    if (isRecord(client) && typeof client["close"] === "function") await Reflect.apply(client["close"], client, []);
  }

  async close(): Promise<void> {
    this.listeners.clear();
    this.endHousehold();
    await this.exchange.close();
    this.options.transport.close();
  }

  private tell(news: SocketNews): boolean {
    let taken = false;
    for (const listener of this.listeners) taken = listener(news) || taken;
    return taken;
  }
}

const each = (listeners: ReadonlySet<(text: string) => void>, text: string): void => {
  for (const listener of listeners) listener(text);
};
