// What the private stream itself has spoken of, so that a read by REST can be held against it (EXCH-22): an order it
// never mentioned, a fill it left out. Bounded; nothing of it is an event.

import type { FillEvent, OrderEvent } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";

const KEPT_MAX = 20_000;

export class StreamSaid {
  private readonly fills = new Set<string>();
  private readonly orders = new Map<string, { cumulative: number; ended: boolean }>();
  private readonly clientIds = new Set<string>();
  /** Acknowledged orders the stream did not speak of yet, by client id, oldest first. */
  private readonly unheard = new Map<string, { readonly symbol: string; readonly atMs: number }>();

  order({ symbol, exchangeOrderId, clientOrderId, cumulative, status }: Unstamped<OrderEvent>): void {
    const key = `${symbol} ${exchangeOrderId}`;
    const before = this.orders.get(key);
    this.orders.delete(key);
    this.orders.set(key, {
      cumulative: Math.max(cumulative, before?.cumulative ?? 0),
      ended: status !== "open" || before?.ended === true,
    });
    this.clientIds.add(clientOrderId);
    this.unheard.delete(clientOrderId);
    trim(this.orders);
    trim(this.clientIds);
  }

  fill({ symbol, tradeId, side, clientOrderId }: Unstamped<FillEvent>): void {
    this.fills.add(`${symbol} ${tradeId} ${side}`);
    if (clientOrderId !== null) this.unheard.delete(clientOrderId);
    trim(this.fills);
  }

  /** The exchange took the order: the stream has to speak of it. */
  acknowledged(order: { readonly symbol: string; readonly clientOrderId: string }, nowMs: number): void {
    const { symbol, clientOrderId } = order;
    if (this.clientIds.has(clientOrderId) || this.unheard.has(clientOrderId)) return;
    this.unheard.set(clientOrderId, { symbol, atMs: nowMs });
    trim(this.unheard);
  }

  /** Since when the oldest acknowledged order is not heard of; null: all were. */
  get unheardMs(): number | null {
    for (const { atMs } of this.unheard.values()) return atMs;
    return null;
  }

  unheardOf(symbol: string): readonly string[] {
    return [...this.unheard].flatMap(([clientOrderId, each]) => (each.symbol === symbol ? clientOrderId : []));
  }

  /** Nobody follows the instrument any more: what it should have said is nobody's business. */
  forget(symbol: string): void {
    for (const [clientOrderId, each] of this.unheard) if (each.symbol === symbol) this.unheard.delete(clientOrderId);
  }

  /** It was read instead. */
  settled(clientOrderId: string): void {
    this.unheard.delete(clientOrderId);
  }

  /** What of it the stream did not say, in words; null: it said all of it. */
  missing(orders: readonly Unstamped<OrderEvent>[], fills: readonly Unstamped<FillEvent>[]): string | null {
    for (const { symbol, tradeId, side } of fills) {
      if (!this.fills.has(`${symbol} ${tradeId} ${side}`))
        return `the stream did not tell fill ${tradeId} of ${symbol}`;
    }
    for (const { symbol, exchangeOrderId, clientOrderId, cumulative, status } of orders) {
      const said = this.orders.get(`${symbol} ${exchangeOrderId}`);
      const enough = said !== undefined && said.cumulative >= cumulative && (status === "open" || said.ended);
      if (!enough) return `the stream did not tell that order ${clientOrderId} of ${symbol} is ${status}`;
    }
    return null;
  }
}

function trim(kept: Set<string> | Map<string, unknown>): void {
  if (kept.size > KEPT_MAX) for (const oldest of kept.keys().take(1)) kept.delete(oldest);
}
