// Every HTTP request of a ccxt instance: it waits for the budget, is signed with an end, is sent by our transport, and
// is remembered with its reply, so that the end of a call tells what was heard and whether a byte left.

import { AsyncLocalStorage } from "node:async_hooks";
import { type CallReply, type CallWish, NotSentError, type Trace } from "./call.ts";
import type { InstanceOptions } from "./ccxt-instance.ts";
import type { CcxtExchange } from "./ccxt-load.ts";
import { isAnswer } from "./exchanges/answers.ts";
import type { CcxtCall, ExchangeTable, RequestAbout } from "./exchanges/exchange-table.ts";
import { isRecord, type Raw, recordOf } from "./raw.ts";

/** What lets a request pass; rejects with {@link NotSentError}. */
export interface Gate {
  pass(about: RequestAbout, wish: CallWish): Promise<void>;
  /** Told of every whole reply: its headers correct what is counted. */
  replied(status: number, headers: Readonly<Record<string, string>>, about: RequestAbout | null): void;
}

interface Trail {
  readonly wish: CallWish;
  /** ccxt's method that was called. */
  readonly called: string;
  readonly traces: Trace[];
  /** A byte of a changing request may have left in this call. */
  changed: boolean;
  /** The request that failed, where several were under way. */
  failed: Trace | null;
}

/** A read nobody asked for: ccxt's own, from inside its sockets. */
const OWN_READ_MS = 10_000;
const TRACES_MAX = 16;
const TEXT_MAX = 2000;
const TEXT_SHOWN = 100;
const PARTNER_HEADERS = ["Referer", "referer", "X-Referer", "X-CHANNEL-API-CODE", "X-Gate-Channel-Id"];

/** What came with a good status is nothing the exchange answers this call with. */
class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly code = "NO_ANSWER";
}

const noAnswer = (called: string, { text }: Trace): NoAnswerError =>
  new NoAnswerError(`the reply is no answer of ${called}: "${text.slice(0, TEXT_SHOWN)}"`);

export class CcxtRequests {
  private readonly table: ExchangeTable;
  private readonly exchange: CcxtExchange;
  private readonly options: InstanceOptions;
  private readonly nowMs: () => number;
  private readonly trails = new AsyncLocalStorage<Trail>();
  private readonly requests = new AsyncLocalStorage<Trace>();
  /** What was signed last: ccxt hands it to `fetch` within the same turn. */
  private signed: RequestAbout | null = null;

  /** `nowMs`: the exchange's time. */
  constructor(exchange: CcxtExchange, options: InstanceOptions, nowMs: () => number) {
    this.table = options.table;
    this.exchange = exchange;
    this.options = options;
    this.nowMs = nowMs;
    this.hookRequests();
    this.hookReplies();
  }

  /** Calls a method of ccxt. Never throws and never rejects. */
  async call(call: CcxtCall, wish: CallWish): Promise<CallReply> {
    const trail: Trail = { wish, called: call.method, traces: [], changed: false, failed: null };
    try {
      const method = this.exchange[call.method];
      if (typeof method !== "function") throw new Error(`ccxt has no ${call.method}`);
      const value: unknown = await this.trails.run(trail, () => Reflect.apply(method, this.exchange, [...call.args]));
      const last = trail.traces.at(-1);
      // whatever ccxt made of it
      const strange = trail.traces.find((each) => each.body === null) ?? last;
      if (strange !== undefined && !isAnswer(this.table.ccxtId, call.method, { body: strange.body, value })) {
        trail.failed ??= strange;
        throw noAnswer(call.method, strange);
      }
      return { ok: true, value, body: last?.body, status: last?.status ?? null, headers: last?.headers ?? {} };
    } catch (error) {
      return this.failure(error, trail);
    }
  }

  private hookRequests(): void {
    const { exchange, options, table } = this;
    const cost = exchange.calculateRateLimiterCost.bind(exchange);
    // ccxt hands what this returns to `throttle`, unread: so the budget learns what the request is
    exchange.calculateRateLimiterCost = (api, method, path, params, config) => {
      return aboutOf({ path, api, method, params }, costOf(cost(api, method, path, params, config)));
    };
    exchange.throttle = async (about) => {
      if (isAbout(about)) await options.gate.pass(about, this.wish());
    };
    const sign = exchange.sign.bind(exchange);
    exchange.sign = (path, api, method, params, headers, body) => {
      this.signed = aboutOf({ path, api, method, params }, 0);
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
    const fetch = exchange.fetch.bind(exchange);
    exchange.fetch = (url, method, headers, body) => {
      const trail = this.trails.getStore();
      const path = url.split("?", 1)[0] ?? "";
      const about = this.signed;
      this.signed = null;
      const reply = { status: null, headers: {}, body: null, text: "", word: null };
      const trace: Trace = { method, path, about, left: false, ...reply };
      trail?.traces.push(trace);
      if (trail !== undefined && trail.traces.length > TRACES_MAX) trail.traces.shift();
      return this.requests.run(trace, async () => {
        try {
          const answer: unknown = await fetch(url, method, headers, body);
          // a page of a proxy is no word of the exchange, and ccxt would read it letter by letter
          if (trace.body === null) throw noAnswer(trail?.called ?? path, trace);
          return answer;
        } catch (error) {
          if (trail !== undefined) trail.failed ??= trace;
          throw error;
        }
      });
    };
    exchange.fetchImplementation = (url, request) => this.send(url, request);
  }

  /** Milliseconds the exchange may still accept the request being signed; null where it has no end of its own. */
  private timeLeft(): number | null {
    const { expiresAtMs } = this.wish();
    const { expiry, options } = this.table;
    // a header's window holds for what is signed next only
    if (expiry.form === "window-option") this.exchange.options[expiry.name] = options[expiry.name];
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
    const trace = this.requests.getStore();
    const wish = this.wish();
    const method = String(request["method"]);
    const headers = Object.fromEntries(Object.entries(recordOf(request["headers"])).map(([k, v]) => [k, String(v)]));
    const body = typeof request["body"] === "string" ? request["body"] : null;
    const lane = wish.priority <= 2 ? "urgent" : "patient";
    const { transport, gate } = this.options;
    const reply = await transport.send({ method, url, headers, body, deadlineMs: wish.deadlineMs, lane }, () => {
      if (trace !== undefined) trace.left = true;
      if (trail !== undefined && method !== "GET") trail.changed = true;
    });
    if (trace !== undefined) {
      trace.status = reply.status;
      trace.headers = reply.headers;
      trace.text = reply.text.slice(0, TEXT_MAX);
    }
    gate.replied(reply.status, reply.headers, trace?.about ?? null);
    return { status: reply.status, statusText: reply.statusText, headers: reply.headers, text: async () => reply.text };
  }

  private hookReplies(): void {
    const { exchange } = this;
    const handle = exchange.handleErrors.bind(exchange);
    exchange.handleErrors = (...args) => {
      const trace = this.requests.getStore();
      if (trace !== undefined) {
        trace.body = args[6] ?? null;
        trace.word = this.table.word(trace.body);
      }
      return handle(...args);
    };
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
    const last = trail.failed ?? trail.traces.at(-1);
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

const costOf = (cost: unknown): number => (typeof cost === "number" ? cost : 1);

/** A request as the budget knows it, from ccxt's words for it. */
function aboutOf(
  asked: { readonly path: string; readonly api: unknown; readonly method: string; readonly params: unknown },
  cost: number,
): RequestAbout {
  const { path, api, method, params } = asked;
  return {
    api: Array.isArray(api) ? api.join(".") : String(api),
    method,
    path,
    // a body that is a list stands under this name
    params: Array.isArray(params) ? { list: params } : recordOf(params),
    cost,
  };
}

const isAbout = (value: unknown): value is RequestAbout =>
  isRecord(value) && typeof value["api"] === "string" && typeof value["path"] === "string";
