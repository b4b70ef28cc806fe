// The public market of a simulated exchange: what its markets show and keep, read over the account's own connection.

import type { Session } from "../sim/session.ts";
import { bookOf } from "../sim/watchers.ts";
import type { Unavailable } from "./port.ts";
import type { BookResult, DayResult, PublicMarket, PublicMessage, PublicWish, RatesResult } from "./public-market.ts";
import type { SimulatedDriver } from "./simulated-driver.ts";

const UNAVAILABLE: Unavailable = { result: "unavailable", text: "no answer from the exchange" };

export class SimulatedPublicMarket implements PublicMarket {
  private readonly driver: SimulatedDriver;
  private readonly session: Session;

  constructor(driver: SimulatedDriver, session: Session) {
    this.driver = driver;
    this.session = session;
  }

  watch(wish: PublicWish, listener: (message: PublicMessage) => void): () => void {
    const { symbol, intervalMs, ...rest } = wish;
    const end = this.session.watch(symbol, { ...rest, intervalUs: intervalMs * 1000 }, listener);
    this.driver.touch();
    return end;
  }

  book(symbol: string, depth: number, done: (result: BookResult) => void): void {
    const { exchange } = this.driver;
    this.read(
      () => ({ book: bookOf(exchange.market(symbol), depth, exchange.nowUs()) }),
      (found) => done(found === null ? UNAVAILABLE : { result: "ok", ...found }),
    );
  }

  day(symbol: string, done: (result: DayResult) => void): void {
    const { exchange } = this.driver;
    this.read(
      () => exchange.market(symbol).day(Math.floor(exchange.nowUs() / 1000)),
      (day) => done(day === null ? UNAVAILABLE : { result: "ok", day }),
    );
  }

  settledRates(symbol: string, sinceMs: number, done: (result: RatesResult) => void): void {
    const { margin } = this.driver.exchange;
    this.read(
      () => margin.settledRates.filter((rate) => rate.symbol === symbol && rate.settledAtMs >= sinceMs),
      (rates) => done(rates === null ? UNAVAILABLE : { result: "ok", rates }),
    );
  }

  private read<T>(answer: () => T, done: (answer: T | null) => void): void {
    this.session.read(this.driver.nowUs(), answer, done);
    this.driver.touch();
  }
}
