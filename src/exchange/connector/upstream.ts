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
import { noAnswer } from "./refusals.ts";

export type Answered<R> = Exclude<R, Unavailable>;

export class Upstream {
  readonly port: ExchangePort;
  /** Called when the exchange answered anything at all. */
  onAnswer: () => void = () => undefined;

  constructor(port: ExchangePort) {
    this.port = port;
  }

  place(request: PlaceRequest): Promise<SendOutcome> {
    return new Promise((resolve) => {
      this.port.place(request, (outcome) => {
        if (outcome.result === "accepted" || outcome.result === "rejected") this.onAnswer();
        resolve(outcome);
      });
    });
  }

  cancel(symbol: string, id: ClientOrderId): Promise<CancelOutcome> {
    return new Promise((resolve) => {
      this.port.cancel(symbol, id, (outcome) => {
        if (outcome.result === "accepted" || outcome.result === "not-open") this.onAnswer();
        resolve(outcome);
      });
    });
  }

  lookup(symbol: string, id: ClientOrderId): Promise<LookupResult> {
    return new Promise((resolve) => this.port.lookup(symbol, id, (result) => resolve(this.heard(result))));
  }

  openOrders(symbol: string): Promise<OpenOrdersResult> {
    return new Promise((resolve) => this.port.openOrders(symbol, (result) => resolve(this.heard(result))));
  }

  fills(symbol: string, since: { readonly sinceMs: number; readonly cursor: string | null }): Promise<FillsResult> {
    return new Promise((resolve) => this.port.fills(symbol, since, (result) => resolve(this.heard(result))));
  }

  /** Null where the exchange knows no funding. */
  funding(symbol: string, sinceMs: number): Promise<FundingResult> | null {
    const { port } = this;
    if (port.funding === undefined) return null;
    return new Promise((resolve) => port.funding?.(symbol, sinceMs, (result) => resolve(this.heard(result))));
  }

  account(symbol: string): Promise<AccountResult> {
    return new Promise((resolve) => this.port.account(symbol, (result) => resolve(this.heard(result))));
  }

  candles(request: Parameters<ExchangePort["candles"]>[0]): Promise<CandlesResult> {
    return new Promise((resolve) => this.port.candles(request, (result) => resolve(this.heard(result))));
  }

  /** Null where the exchange tells only what {@link ExchangePort.subscribe} says; so below. */
  book(symbol: string, depth: number): Promise<BookResult> | null {
    const { publicMarket } = this.port;
    if (publicMarket === undefined) return null;
    return new Promise((resolve) => publicMarket.book(symbol, depth, (result) => resolve(this.heard(result))));
  }

  day(symbol: string): Promise<DayResult> | null {
    const { publicMarket } = this.port;
    if (publicMarket === undefined) return null;
    return new Promise((resolve) => publicMarket.day(symbol, (result) => resolve(this.heard(result))));
  }

  settledRates(symbol: string, sinceMs: number): Promise<RatesResult> | null {
    const { publicMarket } = this.port;
    if (publicMarket === undefined) return null;
    return new Promise((resolve) => publicMarket.settledRates(symbol, sinceMs, (found) => resolve(this.heard(found))));
  }

  openInterest(symbol: string): Promise<OpenInterestResult> | null {
    const { publicMarket } = this.port;
    if (publicMarket?.openInterest === undefined) return null;
    return new Promise((resolve) => publicMarket.openInterest?.(symbol, (result) => resolve(this.heard(result))));
  }

  /** Everything of an instrument at once; null where the exchange has no such call. */
  cancelEverything(symbol: string): Promise<CancelOutcome> | null {
    const { port } = this;
    if (port.cancelEverything === undefined) return null;
    return this.told((done) => port.cancelEverything?.(symbol, done));
  }

  /** Any other question. */
  told<R extends { readonly result: string }>(ask: (done: (result: R) => void) => void): Promise<R> {
    return new Promise((resolve) => ask((result) => resolve(this.heard(result))));
  }

  /** A port may answer this from memory: it is no sign of life. */
  instrument(symbol: string): Promise<{ readonly result: "ok"; readonly instrument: Instrument } | Unavailable> {
    return new Promise((resolve) => this.port.instrument(symbol, resolve));
  }

  /** Asks for something small that only the exchange itself can answer. */
  async alive(symbol: string): Promise<void> {
    await (this.book(symbol, LOOK_DEPTH) ?? this.openOrders(symbol));
  }

  private heard<R extends { readonly result: string }>(result: R): R {
    if (result.result !== "unavailable") this.onAnswer();
    return result;
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
