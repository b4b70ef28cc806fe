// The one ccxt instance of an account, with the hooks of exchanges.md section 2, and the only file that touches ccxt's
// objects. It hands out values of unknown shape; nothing here knows an order or decides an outcome.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../../base/clock.ts";
import { type CallReply, type CallWish, NotSentError, type Trace } from "./call.ts";
import { type CcxtExchange, loadCcxt } from "./ccxt-load.ts";
import type { CcxtCall, ExchangeTable, RequestAbout } from "./exchanges/exchange-table.ts";
import { isRecord, type Raw, recordOf } from "./raw.ts";
import type { Redactor } from "./redact.ts";
import type { Transport } from "./transport.ts";

/** Keys of an account; a passphrase only where the exchange asks for one. */
export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase?: string;
}

/** What lets a request pass; rejects with {@link NotSentError}. */
export interface Gate {
  pass(about: RequestAbout, wish: CallWish): Promise<void>;
  /** Told of every whole reply: its headers correct what is counted. */
  replied(status: number, headers: Readonly<Record<string, string>>): void;
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
  /** Options of the account's kind (EXCH-34), over the table's. */
  readonly accountOptions?: Raw;
  /** ccxt's own partner codes are left in the requests; they are dropped unless asked for. */
  readonly partnerCodes?: boolean;
}

/** What happens on ccxt's sockets, in order. */
export type SocketNews =
  | { readonly kind: "frame"; readonly url: string; readonly message: unknown }
  | { readonly kind: "opened"; readonly url: string }
  | { readonly kind: "closed"; readonly url: string; readonly text: string };

type SocketListener = (news: SocketNews) => boolean;

interface Trail {
  readonly wish: CallWish;
  readonly traces: Trace[];
  /** A byte of a changing request may have left in this call. */
  changed: boolean;
}

/** A read nobody asked for: ccxt's own, from inside its sockets. */
const OWN_READ_MS = 10_000;
const TRACES_MAX = 4;
const PARTNER_HEADERS = ["Referer", "referer", "X-Referer", "X-CHANNEL-API-CODE", "X-Gate-Channel-Id"];

export class CcxtInstance {
  readonly table: ExchangeTable;
  private readonly exchange: CcxtExchange;
  private readonly options: InstanceOptions;
  private readonly trails = new AsyncLocalStorage<Trail>();
  private readonly listeners = new Set<SocketListener>();
  private offsetMs = 0;

  private constructor(exchange: CcxtExchange, options: InstanceOptions) {
    this.table = options.table;
    this.exchange = exchange;
    this.options = options;
    this.hookNumbers();
    this.hookRequests();
    this.hookReplies();
    this.hookSockets();
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
  async call(call: CcxtCall, wish: CallWish): Promise<CallReply> {
    const trail: Trail = { wish, traces: [], changed: false };
    try {
      const method = this.exchange[call.method];
      if (typeof method !== "function") throw new Error(`ccxt has no ${call.method}`);
      const value: unknown = await this.trails.run(trail, () => Reflect.apply(method, this.exchange, [...call.args]));
      const last = trail.traces.at(-1);
      return { ok: true, value, body: last?.body, status: last?.status ?? null, headers: last?.headers ?? {} };
    } catch (error) {
      return this.failure(error, trail);
    }
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
    await this.exchange.close();
    this.options.transport.close();
  }

  /** Results stay text; numbers inside JSON keep every digit (EMU-28 `oddNumbers`). */
  private hookNumbers(): void {
    const { exchange } = this;
    exchange.number = String;
    exchange.parseJson = (text: string): unknown => {
      if (!exchange.isJsonEncodedObject(text)) return undefined;
      try {
        return JSON.parse(exchange.onJsonResponse(text));
      } catch {
        return undefined;
      }
    };
    exchange.milliseconds = () => this.nowMs();
    exchange.seconds = () => Math.floor(this.nowMs() / 1000);
    exchange.microseconds = () => this.nowMs() * 1000;
  }

  private hookRequests(): void {
    const { exchange, options, table } = this;
    const cost = exchange.calculateRateLimiterCost.bind(exchange);
    // ccxt hands what this returns to `throttle`, unread: so the budget learns what the request is
    exchange.calculateRateLimiterCost = (api, method, path, params, config) => {
      const name = Array.isArray(api) ? api.join(".") : String(api);
      return {
        api: name,
        method,
        path,
        params: recordOf(params),
        cost: Number(cost(api, method, path, params, config)),
      };
    };
    exchange.throttle = async (about) => {
      if (isAbout(about)) await options.gate.pass(about, this.wish());
    };
    const sign = exchange.sign.bind(exchange);
    exchange.sign = (path, api, method, params, headers, body) => {
      const left = this.timeLeft();
      const given = left === null ? params : this.withWindow(params, left);
      const signed = sign(path, api, method, given, headers, body);
      const kept = { ...signed.headers };
      if (options.partnerCodes !== true) for (const name of PARTNER_HEADERS) delete kept[name];
      if (left !== null && table.expiry.form === "moment-header") {
        kept[table.expiry.name] = String(Math.floor(this.nowMs() + left));
      }
      return { ...signed, headers: kept };
    };
    exchange.fetchImplementation = (url, request) => this.send(url, request);
  }

  /** Milliseconds the exchange may still accept the request being signed; null where it has no end of its own. */
  private timeLeft(): number | null {
    const { expiresAtMs } = this.wish();
    if (expiresAtMs === null) return null;
    const left = expiresAtMs - this.options.clock.nowMs();
    if (left < 1) throw new NotSentError("expired", "not sent: it waited longer than the exchange may accept it");
    return left;
  }

  private withWindow(params: Raw, leftMs: number): Raw {
    const { expiry } = this.table;
    if (expiry.form === "window-param") return { ...params, [expiry.name]: Math.floor(leftMs) };
    if (expiry.form === "window-option") this.exchange.options[expiry.name] = Math.floor(leftMs);
    return params;
  }

  private async send(url: string, request: Raw): Promise<unknown> {
    const trail = this.trails.getStore();
    const wish = this.wish();
    const method = String(request["method"]);
    const path = url.split("?", 1)[0] ?? "";
    const trace: Trace = { method, path, left: false, status: null, headers: {}, body: null, text: "", word: null };
    trail?.traces.push(trace);
    if (trail !== undefined && trail.traces.length > TRACES_MAX) trail.traces.shift();
    const headers = Object.fromEntries(Object.entries(recordOf(request["headers"])).map(([k, v]) => [k, String(v)]));
    const body = typeof request["body"] === "string" ? request["body"] : null;
    const lane = wish.priority <= 2 ? "urgent" : "patient";
    const { transport, gate } = this.options;
    const reply = await transport.send({ method, url, headers, body, deadlineMs: wish.deadlineMs, lane }, () => {
      trace.left = true;
      if (trail !== undefined && method !== "GET") trail.changed = true;
    });
    trace.status = reply.status;
    trace.headers = reply.headers;
    trace.text = reply.text.slice(0, 2000);
    gate.replied(reply.status, reply.headers);
    return { status: reply.status, statusText: reply.statusText, headers: reply.headers, text: async () => reply.text };
  }

  private hookReplies(): void {
    const { exchange } = this;
    const handle = exchange.handleErrors.bind(exchange);
    exchange.handleErrors = (...args) => {
      const trace = this.trails.getStore()?.traces.at(-1);
      if (trace !== undefined) {
        trace.body = args[6] ?? null;
        trace.word = this.table.word(trace.body);
      }
      return handle(...args);
    };
  }

  private hookSockets(): void {
    const { exchange } = this;
    const message = exchange.handleMessage.bind(exchange);
    exchange.handleMessage = (client, frame) => {
      if (!this.tell({ kind: "frame", url: urlOf(client), message: frame })) message(client, frame);
    };
    const connected = exchange.onConnected.bind(exchange);
    exchange.onConnected = (client, news) => {
      this.tell({ kind: "opened", url: urlOf(client) });
      connected(client, news);
    };
    const gone = (name: "onError" | "onClose"): void => {
      const before = exchange[name].bind(exchange);
      exchange[name] = (client, error) => {
        before(client, error);
        const text = error instanceof Error ? error.message : "closed";
        this.tell({ kind: "closed", url: urlOf(client), text: this.options.redactor.text(text) });
      };
    };
    gone("onError");
    gone("onClose");
  }

  private tell(news: SocketNews): boolean {
    let taken = false;
    for (const listener of this.listeners) taken = listener(news) || taken;
    return taken;
  }

  private wish(): CallWish {
    const wish = this.trails.getStore()?.wish;
    const latest = this.options.clock.nowMs() + OWN_READ_MS;
    if (wish === undefined) return { priority: 3, waitUntilMs: latest, deadlineMs: latest, expiresAtMs: null };
    // a watch lives on beyond every deadline, and what it reads for itself must not hang
    if (wish.deadlineMs !== Number.POSITIVE_INFINITY) return wish;
    return { ...wish, waitUntilMs: latest, deadlineMs: latest };
  }

  private failure(error: unknown, trail: Trail): CallReply {
    const last = trail.traces.at(-1);
    const name = error instanceof Error ? error.name : typeof error;
    const said = error instanceof Error ? error.message : String(error);
    const word = last?.word ?? null;
    const text = word === null ? `${name}: ${said}` : `${word.code} ${word.text}`;
    return {
      ok: false,
      ccxtClass: name,
      left: trail.changed,
      cause: error instanceof NotSentError ? error.code : null,
      status: last?.status ?? null,
      headers: last?.headers ?? {},
      word,
      body: last?.body ?? null,
      text: this.options.redactor.text(text),
    };
  }
}

const urlOf = (client: unknown): string => String(recordOf(client)["url"] ?? "");

const isAbout = (value: unknown): value is RequestAbout =>
  isRecord(value) && typeof value["api"] === "string" && typeof value["path"] === "string";

/** Every string below `urls.api`, in place. */
function moveUrls(urls: Record<string, unknown>, move: (url: string) => string): void {
  const moved = (value: unknown): unknown => {
    if (typeof value === "string") return move(value);
    return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, moved(v)])) : value;
  };
  urls["api"] = moved(urls["api"]);
}
