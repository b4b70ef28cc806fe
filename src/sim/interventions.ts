// What happens to a simulated exchange from outside its own rules: accounts that come, money that moves in or out,
// rules that change, things forced to happen now. An emulator's operator does these; no backtest does. All of it
// happens at the exchange's time of now, and reaches clients as anything else does.

import type { Money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { SimulatedExchange } from "./exchange.ts";
import type { InjectedRow } from "./market.ts";
import type { AccountOptions, FeeModel } from "./options.ts";
import { leftOf } from "./order.ts";

/** One account's position in one instrument. */
export interface PositionName {
  readonly account: string;
  readonly symbol: string;
}

export class Interventions {
  private readonly exchange: SimulatedExchange;

  constructor(exchange: SimulatedExchange) {
    this.exchange = exchange;
  }

  /** One more account, of a name that is not taken. A saved exchange is restored with it only if it is there again. */
  addAccount(account: AccountOptions): void {
    this.exchange.clearing.add(account);
    this.exchange.changes += 1;
  }

  /** Money from outside, or to it where negative. */
  deposit(name: string, asset: string, amount: Money): void {
    const account = this.exchange.clearing.account(name);
    this.exchange.clearing.move(account, "outside", asset, amount);
    this.changed(name);
  }

  /** Leverage of one account in one instrument: what its orders and positions tie up from now on. */
  setLeverage({ account, symbol }: PositionName, leverage: number): void {
    const { clearing } = this.exchange;
    clearing.holding(clearing.account(account), symbol).leverage = leverage;
    this.changed(account);
  }

  /** Fee rates of one account, instead of the instruments' own. */
  setFees(account: string, fees: FeeModel): void {
    this.exchange.clearing.account(account).fees = fees;
    this.exchange.changes += 1;
  }

  /** Trades, levels, books and marks from nowhere. */
  inject(symbol: string, rows: readonly InjectedRow[]): void {
    const { exchange } = this;
    exchange.market(symbol).inject(rows, exchange.nowUs());
    exchange.changes += 1;
  }

  /** Other rules for orders from now on; those that rest stay. Steps are in the instrument's ticks and lots. */
  setRules(
    instrument: Instrument,
    grid: { readonly priceStep: number; readonly quantityStep: number } | null = null,
  ): void {
    const market = this.exchange.market(instrument.symbol);
    if (grid !== null) market.grid = { ...grid };
    market.setInstrument(instrument);
    this.exchange.changes += 1;
  }

  /** A resting order trades with the market at its price; all that is left of it unless told. False: it is not open. */
  fill(account: string, clientOrderId: string, quantity: number | null): boolean {
    const { desk } = this.exchange;
    const order = desk.ledger.openOrder(account, clientOrderId);
    if (order === undefined) return false;
    const most = leftOf(order);
    desk.fillResting(this.exchange.market(order.symbol), order, Math.min(quantity ?? most, most), order.price);
    return true;
  }

  /** The rate everyone is told for the coming settlement. */
  predictFunding(symbol: string, ratePpt: number): void {
    const { margin } = this.exchange;
    margin.rates.set(symbol, ratePpt);
    const market = this.exchange.market(symbol);
    margin.tellRate(market, (message) => market.publisher.toAll(message));
  }

  /** Funding is settled now, by the positions and the mark of now, and called that of `atUs`. */
  settleFunding(symbol: string, ratePpt: number, atUs: number): void {
    this.exchange.margin.settle(this.exchange.market(symbol), ratePpt, atUs);
    this.exchange.changes += 1;
  }

  /** The exchange closes a position, or a part of it. False: there is none. */
  closeByForce(
    { account, symbol }: PositionName,
    how: { readonly origin: "liquidation" | "adl"; readonly quantity: number | null },
  ): boolean {
    const { clearing, margin } = this.exchange;
    const quantity = how.quantity ?? Number.POSITIVE_INFINITY;
    const owner = clearing.account(account);
    return margin.closeByForce(owner, this.exchange.market(symbol), { origin: how.origin, quantity });
  }

  private changed(account: string): void {
    this.exchange.changes += 1;
    this.exchange.margin.refresh(this.exchange.clearing.account(account));
  }
}
