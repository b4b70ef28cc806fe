// The exchange port over the simulated exchange (EXCH-47): the same matching in backtest, paper and simulation. It only
// translates; what happens is decided in sim/.

import { bigNearestDiv, toSafe } from "../base/integer.ts";
import { lots, milliTicks, money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { unitMoney } from "../market/instrument.ts";
import type { SimAccount } from "../sim/clearing.ts";
import type { SimulatedExchange } from "../sim/exchange.ts";
import type { SimMarket } from "../sim/market.ts";
import { orderView, type SimOrder } from "../sim/order.ts";
import type { MutationReply, Session } from "../sim/session.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import { SIMULATED_CAPABILITIES } from "./capabilities.ts";
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
  PositionView,
  SendOutcome,
  StreamMessage,
  Unavailable,
} from "./port.ts";
import type { PublicMarket } from "./public-market.ts";
import type { SimulatedDriver } from "./simulated-driver.ts";
import { SimulatedPublicMarket } from "./simulated-public.ts";

export interface SimulatedPortOptions {
  readonly account: string;
  /** Public trades as conflated sums, and marks once a second; both off unless asked. */
  readonly trades?: boolean;
  readonly marks?: boolean;
}

const UNAVAILABLE: Unavailable = { result: "unavailable", text: "no answer from the exchange" };

/** One account's connection to a simulated exchange. Several ports may share one driver. */
export class SimulatedPort implements ExchangePort {
  readonly name: string;
  readonly capabilities = SIMULATED_CAPABILITIES;
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  readonly publicMarket: PublicMarket;
  private readonly driver: SimulatedDriver;
  private readonly exchange: SimulatedExchange;
  private readonly options: SimulatedPortOptions;
  private readonly session: Session;

  constructor(driver: SimulatedDriver, options: SimulatedPortOptions) {
    this.driver = driver;
    this.exchange = driver.exchange;
    this.options = options;
    this.session = driver.exchange.connect(options.account);
    this.publicMarket = new SimulatedPublicMarket(driver, this.session);
    this.name = driver.exchange.options.profile.name;
    this.requestExpiryMs = driver.exchange.options.requestExpiryMs;
    this.lookupLagMs = driver.exchange.options.lookupLagMs;
  }

  instrument(
    symbol: string,
    done: (result: { readonly result: "ok"; readonly instrument: Instrument } | Unavailable) => void,
  ): void {
    this.read(
      () => this.exchange.markets.get(symbol)?.instrument ?? null,
      (instrument) => done(instrument === null ? UNAVAILABLE : { result: "ok", instrument }),
    );
  }

  place({ clientOrderId, order }: PlaceRequest, done: (outcome: SendOutcome) => void): void {
    const { symbol, side, price, quantity, timeInForce, postOnly, reduceOnly } = order;
    const request = { symbol, clientOrderId, side, price, quantity, timeInForce, postOnly, reduceOnly };
    this.session.place(this.driver.nowUs(), request, (reply) => done(sendOutcome(reply)));
    this.driver.touch();
  }

  cancel(symbol: string, clientOrderId: ClientOrderId, done: (outcome: CancelOutcome) => void): void {
    this.session.cancel(this.driver.nowUs(), symbol, clientOrderId, (reply) => done(cancelOutcome(reply)));
    this.driver.touch();
  }

  lookup(symbol: string, clientOrderId: ClientOrderId, done: (result: LookupResult) => void): void {
    this.read(
      () => ({ order: this.found(symbol, clientOrderId) }),
      (answer) => {
        if (answer === null) done(UNAVAILABLE);
        else done(answer.order === null ? { result: "absent" } : { result: "found", order: answer.order });
      },
    );
  }

  openOrders(symbol: string, done: (result: OpenOrdersResult) => void): void {
    this.read(
      () => this.openNow(symbol),
      (orders) => done(orders === null ? UNAVAILABLE : { result: "ok", orders }),
    );
  }

  fills(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
    done: (result: FillsResult) => void,
  ): void {
    const n = since.cursor === null || since.cursor === "" ? 0 : Number.parseInt(since.cursor, 10);
    const from = { n, sinceUs: since.cursor === null ? since.sinceMs * 1000 : Number.NEGATIVE_INFINITY };
    this.read(
      () => {
        const { ledger } = this.exchange.desk;
        return ledger.reaches(from) ? ledger.fillsSince(this.options.account, symbol, from) : "forgotten";
      },
      (found) => {
        if (found === null) done(UNAVAILABLE);
        else if (found === "forgotten") done({ result: "unavailable", text: this.forgotten() });
        else {
          const cursor = String(found[found.length - 1]?.n ?? n);
          done({ result: "ok", fills: found.map((each) => each.fill), cursor });
        }
      },
    );
  }

  account(symbol: string, done: (result: AccountResult) => void): void {
    this.read(
      () => this.accountNow(symbol),
      (answer) => done(answer ?? UNAVAILABLE),
    );
  }

  funding(symbol: string, sinceMs: number, done: (result: FundingResult) => void): void {
    this.read(
      () =>
        this.exchange.margin.settlements
          .filter((each) => each.account === this.options.account && each.symbol === symbol)
          .filter(({ settledAtMs }) => settledAtMs >= sinceMs),
      (found) => {
        if (found === null) done(UNAVAILABLE);
        else done({ result: "ok", settlements: found.map(({ account: _account, ...settled }) => settled) });
      },
    );
  }

  candles(request: Parameters<ExchangePort["candles"]>[0], done: (result: CandlesResult) => void): void {
    this.read(
      () => this.exchange.market(request.symbol).candles.history(request.interval, request.count),
      (candles) => done(candles === null ? UNAVAILABLE : { result: "ok", candles }),
    );
  }

  subscribe(request: Parameters<ExchangePort["subscribe"]>[0], listener: (message: StreamMessage) => void): () => void {
    const wish = {
      bookIntervalUs: request.bookIntervalMs * 1000,
      candleInterval: request.candleInterval,
      trades: this.options.trades ?? false,
      marks: this.options.marks ?? false,
    };
    const end = this.session.subscribe(request.symbol, wish, listener);
    this.driver.touch();
    return end;
  }

  close(): void {
    this.session.close();
  }

  private read<T>(answer: () => T, done: (answer: T | null) => void): void {
    this.session.read(this.driver.nowUs(), answer, done);
    this.driver.touch();
  }

  private forgotten(): string {
    const { fillsKept } = this.exchange.options;
    return `the simulated exchange keeps the last ${fillsKept} fills; what is asked for begins before them`;
  }

  private found(symbol: string, clientOrderId: string): ReturnType<typeof orderView> | null {
    const order = this.exchange.desk.ledger.find(this.options.account, clientOrderId);
    if (order === undefined || order.symbol !== symbol) return null;
    if (this.young(order.acceptedUs) && this.exchange.faults.hit("lookupLag")) return null;
    return orderView(order, "lookup");
  }

  private openNow(symbol: string): ReturnType<typeof orderView>[] {
    const stale = this.exchange.faults.hit("staleOpenOrders");
    const shown: SimOrder[] = [];
    for (const order of this.exchange.desk.ledger.openOrders(this.options.account)) {
      if (order.symbol === symbol && !(stale && this.young(order.acceptedUs))) shown.push(order);
    }
    const views = shown.map((order) => orderView(order, "open-orders"));
    if (!stale) return views;
    // as they were a moment ago: what ended since still looks open
    for (const order of this.exchange.desk.ledger.endedSince(this.options.account, this.lagUs())) {
      if (order.symbol === symbol) views.push({ ...orderView(order, "open-orders"), status: "open", reason: null });
    }
    return views;
  }

  private lagUs(): number {
    return this.exchange.nowUs() - this.lookupLagMs * 1000;
  }

  private young(acceptedUs: number): boolean {
    return acceptedUs > this.lagUs();
  }

  private accountNow(symbol: string): AccountResult {
    const market = this.exchange.market(symbol);
    const { clearing, margin } = this.exchange;
    const account = clearing.account(this.options.account);
    const { quote, base } = market.instrument;
    const view = margin.accountView(account, quote);
    return {
      result: "ok",
      quoteTotal: money(clearing.wallet(account, quote)),
      quoteAvailable: view.quoteAvailable,
      equity: view.equity,
      maintenanceMargin: view.maintenanceMargin,
      baseTotal: money(clearing.balance(account, base)),
      positions: market.instrument.kind === "spot" ? [] : [this.positionOf(account, market)],
      oneWayMode: true,
    };
  }

  private positionOf(account: SimAccount, market: SimMarket): PositionView {
    const holding = this.exchange.clearing.holding(account, market.symbol);
    const size = BigInt(holding.lots) * unitMoney(market.instrument);
    return {
      symbol: market.symbol,
      lots: lots(holding.lots),
      entry: holding.lots === 0 ? null : milliTicks(toSafe(bigNearestDiv(holding.cost * 1000n, size))),
      liquidation: holding.liquidation === null ? null : milliTicks(holding.liquidation),
      leverage: market.instrument.leverage,
    };
  }
}

/** A duplicate id is no refusal: the order it names exists (EXCH-11). */
function sendOutcome(reply: MutationReply): SendOutcome {
  switch (reply.result) {
    case "accepted":
      if (!("exchangeOrderId" in reply)) return { result: "unknown", text: "accepted without an order id" };
      return { result: "accepted", exchangeOrderId: reply.exchangeOrderId };
    case "duplicate":
      return { result: "accepted", exchangeOrderId: reply.exchangeOrderId };
    case "not-open":
      return { result: "unknown", text: reply.text };
    case "rejected":
    case "unknown":
    case "not-sent":
      return reply;
  }
}

function cancelOutcome(reply: MutationReply): CancelOutcome {
  switch (reply.result) {
    case "accepted":
      return { result: "accepted" };
    case "duplicate":
      return { result: "unknown", text: "unexpected reply" };
    case "rejected":
      return { result: "rejected", text: reply.text };
    case "not-open":
    case "unknown":
    case "not-sent":
      return reply;
  }
}
