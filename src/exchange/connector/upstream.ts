// The exchange port as promises: what the connector asks of the exchange. It adds nothing and decides nothing.

import type { Instrument } from "../../market/instrument.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
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
  Unavailable,
} from "../port.ts";
import type { BookResult, DayResult, OpenInterestResult, RatesResult } from "../public-market.ts";
import type { CallOutcome, CallWord, ConnectorMetrics } from "./observer.ts";
import { noAnswer } from "./refusals.ts";

export type Answered<R> = Exclude<R, Unavailable>;

/** What a call was told: `ok` is any answer to what was asked, `absent` that there is no such order. */
const OUTCOME_OF: Readonly<Record<string, CallOutcome>> = {
  rejected: "rejected",
  absent: "absent",
  "not-open": "absent",
  unavailable: "unavailable",
  unknown: "unknown",
  "not-sent": "not_sent",
};
/** Outcomes of sends and cancels that are an answer of the exchange. */
const HEARD: ReadonlySet<string> = new Set(["accepted", "rejected", "not-open"]);

interface UpstreamOptions {
  /** Milliseconds of the machine. */
  readonly monotonicMs: () => number;
  /** Told of every call that ended. */
  readonly onCall: ConnectorMetrics["call"];
}

export class Upstream {
  readonly port: ExchangePort;
  private readonly options: UpstreamOptions;
  /** Called when the exchange answered anything at all. */
  onAnswer: () => void = () => undefined;

  constructor(port: ExchangePort, options: UpstreamOptions) {
    this.port = port;
    this.options = options;
  }

  place(request: PlaceRequest): Promise<SendOutcome> {
    return this.sent("place", (done) => this.port.place(request, done));
  }

  cancel(symbol: string, id: ClientOrderId): Promise<CancelOutcome> {
    return this.sent("cancel", (done) => this.port.cancel(symbol, id, done));
  }

  lookup(symbol: string, id: ClientOrderId): Promise<LookupResult> {
    return this.read("lookup", (done) => this.port.lookup(symbol, id, done));
  }

  openOrders(symbol: string): Promise<OpenOrdersResult> {
    return this.read("open-orders", (done) => this.port.openOrders(symbol, done));
  }

  fills(symbol: string, since: { readonly sinceMs: number; readonly cursor: string | null }): Promise<FillsResult> {
    return this.read("fills", (done) => this.port.fills(symbol, since, done));
  }

  /** Null where the exchange knows no funding. */
  funding(symbol: string, sinceMs: number): Promise<FundingResult> | null {
    const { port } = this;
    if (port.funding === undefined) return null;
    return this.read("funding", (done) => port.funding?.(symbol, sinceMs, done));
  }

  account(symbol: string): Promise<AccountResult> {
    return this.read("account", (done) => this.port.account(symbol, done));
  }

  candles(request: Parameters<ExchangePort["candles"]>[0]): Promise<CandlesResult> {
    return this.read("candles", (done) => this.port.candles(request, done));
  }

  /** Null where the exchange tells only what {@link ExchangePort.subscribe} says; so below. */
  book(symbol: string, depth: number): Promise<BookResult> | null {
    const { publicMarket } = this.port;
    return publicMarket === undefined ? null : this.read("book", (done) => publicMarket.book(symbol, depth, done));
  }

  day(symbol: string): Promise<DayResult> | null {
    const { publicMarket } = this.port;
    return publicMarket === undefined ? null : this.read("day", (done) => publicMarket.day(symbol, done));
  }

  settledRates(symbol: string, sinceMs: number): Promise<RatesResult> | null {
    const { publicMarket } = this.port;
    if (publicMarket === undefined) return null;
    return this.read("rates", (done) => publicMarket.settledRates(symbol, sinceMs, done));
  }

  openInterest(symbol: string): Promise<OpenInterestResult> | null {
    const { publicMarket } = this.port;
    if (publicMarket?.openInterest === undefined) return null;
    return this.read("open-interest", (done) => publicMarket.openInterest?.(symbol, done));
  }

  /** Everything of an instrument at once; null where the exchange has no such call. */
  cancelEverything(symbol: string): Promise<CancelOutcome> | null {
    const { port } = this;
    if (port.cancelEverything === undefined) return null;
    return this.read("cancel-everything", (done) => port.cancelEverything?.(symbol, done));
  }

  /** Any other question. */
  told<R extends { readonly result: string }>(ask: (done: (result: R) => void) => void): Promise<R> {
    return this.read("setting", ask);
  }

  /** A port may answer this from memory: it is no sign of life, and no call. */
  instrument(symbol: string): Promise<{ readonly result: "ok"; readonly instrument: Instrument } | Unavailable> {
    return new Promise((resolve) => this.port.instrument(symbol, resolve));
  }

  /** Asks for something small that only the exchange itself can answer. */
  async alive(symbol: string): Promise<void> {
    await (this.book(symbol, LOOK_DEPTH) ?? this.openOrders(symbol));
  }

  /** A question: whatever is said but "nobody can tell" is a sign of life. */
  private read<R extends { readonly result: string }>(
    call: CallWord,
    ask: (done: (result: R) => void) => void,
  ): Promise<R> {
    return this.timed(call, ask, (result) => result !== "unavailable");
  }

  /** An order sent or cancelled: only the exchange's own word is a sign of life. */
  private sent<R extends { readonly result: string }>(
    call: CallWord,
    ask: (done: (result: R) => void) => void,
  ): Promise<R> {
    return this.timed(call, ask, (result) => HEARD.has(result));
  }

  private timed<R extends { readonly result: string }>(
    call: CallWord,
    ask: (done: (result: R) => void) => void,
    isHeard: (result: string) => boolean,
  ): Promise<R> {
    const { monotonicMs, onCall } = this.options;
    const fromMs = monotonicMs();
    return new Promise((resolve) =>
      ask((answer) => {
        onCall(call, OUTCOME_OF[answer.result] ?? "ok", monotonicMs() - fromMs);
        if (isHeard(answer.result)) this.onAnswer();
        resolve(answer);
      }),
    );
  }
}

const LOOK_DEPTH = 5;

/** The answer, or a refusal that says why there is none. */
export function answered<R extends { readonly result: string }>(
  result: R | Unavailable,
  exchange: string,
): Answered<R> {
  if (isUnavailable(result)) throw noAnswer(exchange, result.text);
  return result as Answered<R>;
}

const isUnavailable = (result: { readonly result: string }): result is Unavailable => result.result === "unavailable";
