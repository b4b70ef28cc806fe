// What became of every order of a run, for orders.csv and the fill ratio. Holds only orders that are not over: memory
// follows the open orders, not the run.

import type { Lots } from "../market/amounts.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { NewOrder } from "../trading/order.ts";

export interface TrackedOrder {
  readonly clientOrderId: ClientOrderId;
  readonly order: NewOrder;
  readonly placedUs: number;
  acceptedUs: number | null;
  filled: number;
  end: { readonly atUs: number; readonly status: string; readonly reason: string; readonly cumulative: number } | null;
}

export class OrderKeeper {
  placed = 0;
  accepted = 0;
  rejected = 0;
  withFill = 0;
  lotsPlaced = 0;
  private readonly open = new Map<string, TrackedOrder>();
  private readonly write: (order: TrackedOrder) => void;

  /** `write` gets each order once, when it is over and its fills are in. */
  constructor(write: (order: TrackedOrder) => void) {
    this.write = write;
  }

  place(clientOrderId: ClientOrderId, order: NewOrder, atUs: number): void {
    this.placed += 1;
    this.lotsPlaced += order.quantity;
    this.open.set(clientOrderId, { clientOrderId, order, placedUs: atUs, acceptedUs: null, filled: 0, end: null });
  }

  accept(clientOrderId: ClientOrderId, atUs: number): void {
    const order = this.open.get(clientOrderId);
    if (order === undefined || order.acceptedUs !== null) return;
    order.acceptedUs = atUs;
    this.accepted += 1;
  }

  fill(clientOrderId: ClientOrderId | null, quantity: Lots): TrackedOrder | null {
    const order = clientOrderId === null ? undefined : this.open.get(clientOrderId);
    if (order === undefined) return null;
    // a fill proves acceptance when its answer is still on the way
    if (order.acceptedUs === null) this.accept(order.clientOrderId, order.placedUs);
    if (order.filled === 0) this.withFill += 1;
    order.filled += quantity;
    this.close(order);
    return order;
  }

  /** `cumulative` is what the exchange says was executed: fills up to it may still be on their way here. */
  finish(clientOrderId: ClientOrderId, end: NonNullable<TrackedOrder["end"]>): void {
    const order = this.open.get(clientOrderId);
    if (order === undefined || order.end !== null) return;
    if (end.status === "rejected") this.rejected += 1;
    order.end = end;
    this.close(order);
  }

  /** The run is over: what is still open is written as such. */
  flush(): void {
    for (const order of this.open.values()) this.write(order);
    this.open.clear();
  }

  private close(order: TrackedOrder): void {
    if (order.end === null || order.filled < order.end.cumulative) return;
    this.open.delete(order.clientOrderId);
    this.write(order);
  }
}
