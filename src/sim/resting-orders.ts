// The orders resting on the exchange that are ours (any account's), by price and time: a fast book indexed by price,
// and the slow obvious one that scans. Same orders in, same answers out; a property test holds them to that.

import { assert } from "../base/assert.ts";
import type { Side } from "../market/amounts.ts";
import type { SimOrder } from "./order.ts";

const NOTHING: readonly SimOrder[] = [];

export interface RestingOrders {
  readonly size: number;
  add(order: SimOrder): void;
  remove(order: SimOrder): void;
  /** Best price of a side: highest buy, lowest sell. −Infinity, or Infinity, when the side is empty. */
  best(side: Side): number;
  /** Orders at one price in time priority. The caller must not change the book while it walks them. */
  at(side: Side, price: number): readonly SimOrder[];
  /** Every order, oldest priority first. */
  all(): readonly SimOrder[];
}

/** One side: prices sorted so that the best is last, and the orders of each price in time priority. */
class SideIndex {
  private readonly prices: number[] = [];
  private readonly levels = new Map<number, SimOrder[]>();
  private readonly sign: 1 | -1;
  best: number;

  constructor(side: Side) {
    this.sign = side === "buy" ? 1 : -1;
    this.best = Number.NEGATIVE_INFINITY * this.sign;
  }

  add(order: SimOrder): void {
    const level = this.levels.get(order.price);
    if (level === undefined) {
      this.levels.set(order.price, [order]);
      this.prices.splice(this.place(order.price), 0, order.price);
      this.best = this.prices[this.prices.length - 1] ?? this.best;
      return;
    }
    let i = level.length;
    while (i > 0 && (level[i - 1]?.priority ?? 0) > order.priority) i -= 1;
    level.splice(i, 0, order);
  }

  remove(order: SimOrder): void {
    const level = this.levels.get(order.price);
    const i = level === undefined ? -1 : level.indexOf(order);
    assert(level !== undefined && i >= 0, "an order is removed that does not rest");
    if (level.length > 1) {
      // a new array: a caller may be walking the old one
      this.levels.set(order.price, level.toSpliced(i, 1));
      return;
    }
    this.levels.delete(order.price);
    this.prices.splice(this.place(order.price), 1);
    this.best = this.prices[this.prices.length - 1] ?? Number.NEGATIVE_INFINITY * this.sign;
  }

  at(price: number): readonly SimOrder[] {
    return this.levels.get(price) ?? NOTHING;
  }

  *orders(): Generator<SimOrder> {
    for (const level of this.levels.values()) yield* level;
  }

  /** First index whose price is not worse than `price`. */
  private place(price: number): number {
    let low = 0;
    let high = this.prices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.prices[middle] ?? 0) - price) * this.sign < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class FastRestingOrders implements RestingOrders {
  private readonly buys = new SideIndex("buy");
  private readonly sells = new SideIndex("sell");
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(order: SimOrder): void {
    this.count += 1;
    (order.side === "buy" ? this.buys : this.sells).add(order);
  }

  remove(order: SimOrder): void {
    this.count -= 1;
    (order.side === "buy" ? this.buys : this.sells).remove(order);
  }

  best(side: Side): number {
    return side === "buy" ? this.buys.best : this.sells.best;
  }

  at(side: Side, price: number): readonly SimOrder[] {
    return side === "buy" ? this.buys.at(price) : this.sells.at(price);
  }

  all(): readonly SimOrder[] {
    return [...this.buys.orders(), ...this.sells.orders()].sort((a, b) => a.priority - b.priority);
  }
}

/** A list, searched whole for every question. */
export class NaiveRestingOrders implements RestingOrders {
  private list: SimOrder[] = [];

  get size(): number {
    return this.list.length;
  }

  add(order: SimOrder): void {
    this.list.push(order);
  }

  remove(order: SimOrder): void {
    assert(this.list.includes(order), "an order is removed that does not rest");
    this.list = this.list.filter((other) => other !== order);
  }

  best(side: Side): number {
    const prices = this.list.filter((order) => order.side === side).map((order) => order.price);
    return side === "buy" ? Math.max(...prices) : Math.min(...prices);
  }

  at(side: Side, price: number): readonly SimOrder[] {
    return this.all().filter((order) => order.side === side && order.price === price);
  }

  all(): readonly SimOrder[] {
    return [...this.list].sort((a, b) => a.priority - b.priority);
  }
}
