// What was told of the account before, so that it is told once (EXCH-19): fills by instrument, trade id and side (both
// sides of a trade with oneself carry one id, DUR-06), orders by their newest state, which only moves on (EXCH-18).

import type { FillEvent, OrderEvent } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";

type Fill = Unstamped<FillEvent>;
type Order = Unstamped<OrderEvent>;

/** EXCH-19 asks for 10,000 at least. */
const FILLS_MAX = 50_000;
const ORDERS_MAX = 20_000;

export class FillMemory {
  private readonly seen = new Set<string>();
  private readonly read = new Map<string, number>();

  /** True for a fill that was not told before; from now on it was. */
  take({ symbol, tradeId, side }: Pick<Fill, "symbol" | "tradeId" | "side">): boolean {
    const key = `${symbol} ${tradeId} ${side}`;
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    if (this.seen.size > FILLS_MAX) for (const oldest of this.seen.keys().take(1)) this.seen.delete(oldest);
    return true;
  }

  /** A complete read gave this fill: all before it are known. What a stream tells proves nothing of what it left out. */
  wasRead({ symbol, exchangeAtMs }: Pick<Fill, "symbol" | "exchangeAtMs">): void {
    this.read.set(symbol, Math.max(this.read.get(symbol) ?? 0, exchangeAtMs));
  }

  /** Exchange time of the newest fill of a complete read; null: none yet. */
  readToMs(symbol: string): number | null {
    return this.read.get(symbol) ?? null;
  }
}

interface Known {
  order: Order;
  /** Number of the telling: what was told after a read was asked for is newer than its answer. */
  told: number;
}

export class OrderMemory {
  private readonly orders = new Map<string, Known>();
  private count = 0;

  /** Number of the newest telling. */
  get mark(): number {
    return this.count;
  }

  /** The order as it may be told, moved forward only; null: nothing new in it. */
  take(order: Order): Order | null {
    const key = `${order.symbol} ${order.exchangeOrderId}`;
    const known = this.orders.get(key)?.order;
    const next = known === undefined ? order : forward(known, order);
    if (next === null) return null;
    this.count += 1;
    this.orders.delete(key);
    this.orders.set(key, { order: next, told: this.count });
    if (this.orders.size > ORDERS_MAX) this.forgetOldest();
    return next;
  }

  get(symbol: string, exchangeOrderId: string): Order | null {
    return this.orders.get(`${symbol} ${exchangeOrderId}`)?.order ?? null;
  }

  /** Orders of an instrument that stood open at that telling and were not told of since. */
  openAt(symbol: string, mark: number): readonly Order[] {
    const found: Order[] = [];
    for (const { order, told } of this.orders.values()) {
      if (order.symbol === symbol && order.status === "open" && told <= mark) found.push(order);
    }
    return found;
  }

  private forgetOldest(): void {
    for (const [key, { order }] of this.orders) {
      if (order.status === "open") continue;
      this.orders.delete(key);
      return;
    }
  }
}

/** What the newer word adds to the known one; null: nothing. An order that ended stays ended. */
function forward(known: Order, said: Order): Order | null {
  if (said.cumulative < known.cumulative) {
    if (known.status !== "open" || said.status === "open") return null;
    return { ...said, cumulative: known.cumulative };
  }
  const status = known.status === "open" ? said.status : known.status;
  const same = status === known.status && said.cumulative === known.cumulative;
  const amended = known.status === "open" && (said.price !== known.price || said.quantity !== known.quantity);
  if (same && !amended) return null;
  const reason = status === said.status ? said.reason : known.reason;
  return { ...said, status, reason };
}
