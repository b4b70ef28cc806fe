// Every order of one bot as the journal tells its life: the engine's own tables applied to the engine's own events, so
// that an order of last week ends here as it ended there. Bounded; the oldest ended ones are forgotten first.

import { applyAbsent, applyFill, applyOrderEvent, applyPlaceOutcome, applyRestart } from "../../engine/orders.ts";
import { lots, signOf } from "../../market/amounts.ts";
import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent, FillEvent } from "../../trading/event.ts";
import { isLive, type Order } from "../../trading/order.ts";

/** Orders remembered; the journal holds them all. */
export const ORDER_ROWS_MAX = 20_000;

/** An order and what became of it. */
export interface OrderRow {
  readonly order: Order;
  /** Engine time of the newest word about it. */
  updatedAtMs: number;
  /** Why it was refused or ended by the exchange; empty while it was not. */
  rejectReason: string;
  /** Σ price × quantity of its fills, value units. */
  executedValue: bigint;
}

export class OrderRows {
  private readonly rows = new Map<string, OrderRow>();
  private readonly byExchangeId = new Map<string, string>();

  get(clientOrderId: string): OrderRow | undefined {
    return this.rows.get(clientOrderId);
  }

  /** The row of an order by the exchange's id. */
  ofExchangeId(orderId: string): OrderRow | undefined {
    const id = this.byExchangeId.get(orderId);
    return id === undefined ? undefined : this.rows.get(id);
  }

  /** Newest first. */
  newestFirst(): readonly OrderRow[] {
    return [...this.rows.values()].reverse();
  }

  /** Signed lots proven executed that no fill has booked yet. */
  unbookedLots(): number {
    let sum = 0;
    for (const { order } of this.rows.values()) {
      const missing = order.cumulative - order.filled;
      if (missing > 0) sum += signOf(order.order.side) * missing;
    }
    return sum;
  }

  /** Nobody knows yet what became of one of them. */
  anyUnknown(): boolean {
    for (const { order } of this.rows.values())
      if (order.place === "unknown" || order.unknownSinceMs !== null) return true;
    return false;
  }

  placed(effect: Extract<Effect, { kind: "place" }>, at: { readonly seq: number; readonly atMs: number }): void {
    const { clientOrderId, order } = effect;
    const known: Order = {
      clientOrderId,
      order,
      placedAtMs: at.atMs,
      placedSeq: at.seq,
      place: "recorded",
      status: null,
      exchangeOrderId: null,
      cumulative: lots(0),
      filled: lots(0),
      cancelAsked: false,
      unknownSinceMs: null,
      changedSeq: at.seq,
    };
    this.rows.set(clientOrderId, { order: known, updatedAtMs: at.atMs, rejectReason: "", executedValue: 0n });
    if (this.rows.size > ORDER_ROWS_MAX) this.forget();
  }

  cancelAsked(clientOrderId: ClientOrderId, atMs: number): void {
    const row = this.rows.get(clientOrderId);
    if (row === undefined) return;
    row.order.cancelAsked = true;
    row.updatedAtMs = atMs;
  }

  /** What an event says about orders; events about none are passed over. */
  saw(event: EngineEvent, seq: number): void {
    if (event.kind === "run-started") {
      for (const { order } of this.rows.values()) if (isLive(order)) applyRestart(order, event.atMs);
      return;
    }
    if (event.kind !== "outcome" && event.kind !== "order" && event.kind !== "fill" && event.kind !== "absent") return;
    const id = event.clientOrderId;
    const row = id === null ? undefined : this.rows.get(id);
    if (id === null || row === undefined) return;
    const { order } = row;
    if (event.kind === "outcome") {
      if (event.of === "place") applyPlaceOutcome(order, event);
      if (event.of === "place" && event.result === "rejected") row.rejectReason = event.text;
      if (event.of === "place" && event.result === "not-sent") row.rejectReason = `not sent: ${event.text}`;
    } else if (event.kind === "order") {
      applyOrderEvent(order, event);
      if (event.reason !== null) row.rejectReason = event.reason;
    } else if (event.kind === "absent") {
      applyAbsent(order, event);
      if (order.place === "absent") row.rejectReason = "it never reached the exchange";
    } else this.filled(row, event);
    order.changedSeq = seq;
    row.updatedAtMs = event.atMs;
    if (order.exchangeOrderId !== null) this.byExchangeId.set(order.exchangeOrderId, id);
  }

  private filled(row: OrderRow, event: FillEvent): void {
    row.order.exchangeOrderId ??= event.exchangeOrderId;
    applyFill(row.order, event);
    row.executedValue += BigInt(event.price) * BigInt(event.quantity);
  }

  private forget(): void {
    for (const [id, { order }] of this.rows) {
      if (isLive(order)) continue;
      this.rows.delete(id);
      if (order.exchangeOrderId !== null) this.byExchangeId.delete(order.exchangeOrderId);
      return;
    }
  }
}
