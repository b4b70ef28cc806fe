// Open orders of the account as its own streams and reads tell them: what is said while they are read is newer than the
// read. It publishes nothing and asks nothing.

import type { Order } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderStatus } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";

/** What the stream said since a read began, by client order id; null: the order ended. */
export type Reading = Map<string, Order | null>;

export class OpenOrders {
  private readonly open = new Map<string, Order>();
  /** Null: nothing is being read. */
  private reading: Reading | null = null;

  list(): Order[] {
    return [...this.open.values()];
  }

  /** The stream told this order. */
  told(order: Order): void {
    const isOpen = order.status === OrderStatus.NEW || order.status === OrderStatus.PARTIALLY_FILLED;
    if (isOpen) this.open.set(order.clientOrderId, order);
    else this.open.delete(order.clientOrderId);
    this.reading?.set(order.clientOrderId, isOpen ? order : null);
  }

  /** A read begins; one that was under way counts for nothing from now on. */
  begin(): Reading {
    this.reading = new Map();
    return this.reading;
  }

  /** Whether nothing happened since that makes this read worthless. */
  counts(reading: Reading): boolean {
    return this.reading === reading;
  }

  /** What was read, with what was said meanwhile. */
  take(reading: Reading, orders: readonly Order[]): void {
    this.reading = null;
    this.open.clear();
    for (const order of orders) this.open.set(order.clientOrderId, order);
    for (const [id, order] of reading) {
      if (order === null) this.open.delete(id);
      else this.open.set(id, order);
    }
  }

  /** A stream was lost: a read that is under way proves nothing. */
  spoil(): void {
    this.reading = null;
  }

  clear(): void {
    this.open.clear();
    this.reading = null;
  }
}
