// Which orders and fills the exchange remembers: the open ones by client id, and a bounded number of finished ones for
// look-ups. Oldest are forgotten first, as exchanges do.

import type { FillEvent } from "../trading/event.ts";
import type { SimOrder } from "./order.ts";

export interface SimFill {
  readonly n: number;
  readonly account: string;
  readonly atUs: number;
  readonly fill: Omit<FillEvent, "atMs">;
}

const NOTHING: readonly SimOrder[] = [];

export class OrderLedger {
  private readonly open = new Map<string, Map<string, SimOrder>>();
  private finished: SimOrder[] = [];
  private recentFills: SimFill[] = [];
  /** The newest fill that is forgotten; zeros: none is. */
  private forgotten = { n: 0, atUs: Number.NEGATIVE_INFINITY };
  private readonly ordersKept: number;
  private readonly fillsKept: number;
  /** Grows with every change of an open order: what is summed over them holds while it stands. */
  version = 0;

  constructor(kept: { readonly orders: number; readonly fills: number }) {
    this.ordersKept = kept.orders;
    this.fillsKept = kept.fills;
  }

  /** An open order's price or quantity changed. */
  touched(): void {
    this.version += 1;
  }

  addOpen(order: SimOrder): void {
    this.version += 1;
    let orders = this.open.get(order.account);
    if (orders === undefined) {
      orders = new Map();
      this.open.set(order.account, orders);
    }
    orders.set(order.clientOrderId, order);
  }

  finish(order: SimOrder): void {
    this.version += 1;
    const orders = this.open.get(order.account);
    if (orders?.get(order.clientOrderId) === order) orders.delete(order.clientOrderId);
    // dropped in halves, so that forgetting costs nothing per order
    if (this.finished.length >= 2 * this.ordersKept) this.finished = this.finished.slice(-this.ordersKept);
    this.finished.push(order);
  }

  /** Another client id for an open order; false where it is not open, or an open order has the new id. */
  rename(account: string, clientOrderId: string, to: string): boolean {
    const orders = this.open.get(account);
    const order = orders?.get(clientOrderId);
    if (orders === undefined || order === undefined || orders.has(to)) return false;
    this.version += 1;
    orders.delete(clientOrderId);
    order.clientOrderId = to;
    orders.set(to, order);
    return true;
  }

  openOrder(account: string, clientOrderId: string): SimOrder | undefined {
    return this.open.get(account)?.get(clientOrderId);
  }

  openOrders(account: string): Iterable<SimOrder> {
    return this.open.get(account)?.values() ?? NOTHING;
  }

  *allOpen(): Generator<SimOrder> {
    for (const orders of this.open.values()) yield* orders.values();
  }

  /** Newest order of that id, open or finished. */
  find(account: string, clientOrderId: string): SimOrder | undefined {
    const open = this.openOrder(account, clientOrderId);
    if (open !== undefined) return open;
    for (let i = this.finished.length - 1; i >= 0; i -= 1) {
      const order = this.finished[i];
      if (order?.clientOrderId === clientOrderId && order.account === account) return order;
    }
    return undefined;
  }

  /** Orders of an account that ended after `us`, as far as they are remembered. */
  endedSince(account: string, us: number): SimOrder[] {
    return this.finished.slice(-this.ordersKept).filter((order) => order.account === account && order.endedUs > us);
  }

  addFill(fill: SimFill): void {
    this.version += 1;
    if (this.recentFills.length >= 2 * this.fillsKept) {
      this.recentFills = this.recentFills.slice(-this.fillsKept);
      const [oldest] = this.recentFills;
      if (oldest !== undefined) this.forgotten = { n: oldest.n - 1, atUs: oldest.atUs };
    }
    this.recentFills.push(fill);
  }

  /** Whether every fill from there on is still kept: a list that begins later must not pass for a whole one. */
  reaches(since: { readonly n: number; readonly sinceUs: number }): boolean {
    return since.n >= this.forgotten.n || since.sinceUs > this.forgotten.atUs;
  }

  /** Fills of an account after number `n`, made at or after `sinceUs`, oldest first. */
  fillsSince(account: string, symbol: string, since: { readonly n: number; readonly sinceUs: number }): SimFill[] {
    const found: SimFill[] = [];
    // numbers and times only grow, so what is asked for is at the end
    for (let i = this.recentFills.length - 1; i >= 0; i -= 1) {
      const each = this.recentFills[i];
      if (each === undefined || each.n <= since.n || each.atUs < since.sinceUs) break;
      if (each.account === account && each.fill.symbol === symbol) found.push(each);
    }
    return found.reverse();
  }

  save(): { readonly finished: readonly SimOrder[]; readonly fills: readonly SimFill[] } {
    return { finished: this.finished.slice(-this.ordersKept), fills: this.recentFills.slice(-this.fillsKept) };
  }

  restore(saved: { readonly finished: readonly SimOrder[]; readonly fills: readonly SimFill[] }): void {
    this.finished = [...saved.finished];
    this.recentFills = [...saved.fills];
    const [oldest] = this.recentFills;
    const none = { n: 0, atUs: Number.NEGATIVE_INFINITY };
    this.forgotten = oldest === undefined || oldest.n <= 1 ? none : { n: oldest.n - 1, atUs: oldest.atUs };
  }
}
