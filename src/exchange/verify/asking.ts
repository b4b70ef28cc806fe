// A port as promises, with a patience for everything: whoever verifies a connector wants a sentence, not a hang.

import type { Instrument } from "../../market/instrument.ts";
import { callersApproval } from "../../risk/wire-approval.ts";
import { type ClientOrderId, foreignOrderId } from "../../trading/client-order-id.ts";
import type { NewOrder } from "../../trading/order.ts";
import type {
  AccountResult,
  CancelOutcome,
  CandlesResult,
  ExchangePort,
  FillsResult,
  LookupResult,
  OpenOrdersResult,
  SendOutcome,
  StreamMessage,
  Unavailable,
} from "../port.ts";

/** What a case found wrong, in words for a person. */
export class CaseFailure extends Error {
  override readonly name = "CaseFailure";
  readonly code = "CASE_FAILED";
}

/** The case fails with these words unless it holds. */
export function expect(holds: boolean, words: string): asserts holds {
  if (!holds) throw new CaseFailure(words);
}

const PATIENCE_MS = 10_000;

/** Errors: {@link CaseFailure} when nothing came in time. */
export async function within<T>(what: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new CaseFailure(`${what} did not come within 10 s`)), PATIENCE_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** One instrument of a port, asked. */
export class Asking {
  readonly port: ExchangePort;
  readonly symbol: string;
  private readonly prefix: string;
  private count = 0;

  /** `prefix`: what every id begins with, so that a sweep knows them. */
  constructor(port: ExchangePort, symbol: string, prefix: string) {
    this.port = port;
    this.symbol = symbol;
    this.prefix = prefix;
  }

  nextId(): ClientOrderId {
    this.count += 1;
    return foreignOrderId(`o${this.prefix}${this.count}`);
  }

  instrument(symbol = this.symbol): Promise<{ readonly result: "ok"; readonly instrument: Instrument } | Unavailable> {
    return this.asked("the instrument", (done) => this.port.instrument(symbol, done));
  }

  place(order: NewOrder, id: ClientOrderId): Promise<SendOutcome> {
    const request = { clientOrderId: id, order: callersApproval(order) };
    return this.asked("the outcome of an order", (done) => this.port.place(request, done));
  }

  cancel(id: ClientOrderId): Promise<CancelOutcome> {
    return this.asked("the outcome of a cancel", (done) => this.port.cancel(this.symbol, id, done));
  }

  lookup(id: ClientOrderId): Promise<LookupResult> {
    return this.asked("a look-up", (done) => this.port.lookup(this.symbol, id, done));
  }

  openOrders(): Promise<OpenOrdersResult> {
    return this.asked("the list of open orders", (done) => this.port.openOrders(this.symbol, done));
  }

  fills(since: { readonly sinceMs: number; readonly cursor: string | null }): Promise<FillsResult> {
    return this.asked("the list of fills", (done) => this.port.fills(this.symbol, since, done));
  }

  account(): Promise<AccountResult> {
    return this.asked("the account", (done) => this.port.account(this.symbol, done));
  }

  candles(): Promise<CandlesResult> {
    const request = { symbol: this.symbol, interval: "1m", count: 5 } as const;
    return this.asked("the candles", (done) => this.port.candles(request, done));
  }

  /** The first message of the streams that `found` gives something for, beginning with what is said from now on. */
  async heard<T>(what: string, found: (message: StreamMessage) => T | null, meanwhile?: () => void): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const end = this.port.subscribe({ symbol: this.symbol, candleInterval: null, bookIntervalMs: 100 }, (message) => {
      const answer = found(message);
      if (answer !== null) resolve(answer);
    });
    try {
      meanwhile?.();
      return await within(what, promise);
    } finally {
      end();
    }
  }

  private asked<T>(what: string, ask: (done: (answer: T) => void) => void): Promise<T> {
    return within(what, new Promise<T>((resolve) => ask(resolve)));
  }
}
