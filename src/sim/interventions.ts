// What happens to a simulated exchange from outside its own rules: accounts that come, money that moves in or out, rules
// that change, things forced to happen now. An emulator's operator does these; no backtest does.

import type { Money } from "../market/amounts.ts";
import type { SimulatedExchange } from "./exchange.ts";
import type { AccountOptions } from "./options.ts";

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
    this.exchange.changes += 1;
    this.exchange.margin.refresh(account);
  }
}
