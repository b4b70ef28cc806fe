// What the connector knows of each order beyond what a stream says: whose it is, how it was asked for, what its fills
// were. Open orders, and a bounded number of ended ones; the exchange's word always overrides it.

import type { Order } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderType, type TimeInForce } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { FillEvent, OrderEvent } from "../../trading/event.ts";
import type { NewOrder } from "../../trading/order.ts";
import type { Unstamped } from "../port.ts";
import { type OrderNotes, wireOrder } from "../wire/order-view.ts";
import type { Instruments } from "./instruments.ts";

/** Ended orders that are remembered. */
const ENDED_MAX = 10_000;
/** Orders in all: one whose end nobody heard (no stream was open) is forgotten when so many were heard of since. */
const KNOWN_MAX = 50_000;
/** Trades by which a fill told twice is known (EXCH-19): id and side, for both of a trade with oneself carry one id. */
const TRADES_MAX = 20_000;

interface Known extends OrderNotes {
  filledValue: bigint;
  filledLots: number;
  updatedAtMs: number;
  /** The exchange's newest word; null before the first. */
  seen: Unstamped<OrderEvent> | null;
}

/** An order as it was asked for. */
export interface Asked {
  readonly order: NewOrder;
  readonly botId: string;
  readonly timeInForce: TimeInForce;
  readonly atMs: number;
}

export class OrderMemory {
  private readonly instruments: Instruments;
  private readonly known = new Map<string, Known>();
  private readonly ended: string[] = [];
  private readonly trades = new Set<string>();

  constructor(instruments: Instruments) {
    this.instruments = instruments;
  }

  /** An order is about to be sent. */
  asked(id: string, { order, botId, timeInForce, atMs }: Asked): void {
    this.newest(id, {
      botId,
      type: OrderType.LIMIT,
      timeInForce,
      postOnly: order.postOnly,
      reduceOnly: order.reduceOnly,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      filledValue: 0n,
      filledLots: 0,
      seen: null,
    });
  }

  /** It never came to be: nothing of it is kept. */
  forget(id: string): void {
    if (this.known.get(id)?.seen === null) this.known.delete(id);
  }

  /** The exchange's word. False when it says less than what is known already (EXCH-18: never back). */
  told(order: Unstamped<OrderEvent>, atMs: number): boolean {
    const known = this.known.get(order.clientOrderId);
    if (known === undefined) return true;
    const before = known.seen;
    if (before !== null && isOlder(order, before)) return false;
    known.seen = order;
    known.updatedAtMs = atMs;
    this.newest(order.clientOrderId, known);
    if (order.status !== "open" && before?.status !== order.status) this.end(order.clientOrderId);
    return true;
  }

  /** False for a fill that was told before. */
  filled(fill: Unstamped<FillEvent>): boolean {
    const key = `${fill.symbol} ${fill.tradeId} ${fill.side}`;
    if (this.trades.has(key)) return false;
    this.trades.add(key);
    if (this.trades.size > TRADES_MAX) this.dropOldestTrade();
    const known = fill.clientOrderId === null ? undefined : this.known.get(fill.clientOrderId);
    if (known !== undefined) {
      known.filledValue += BigInt(fill.price) * BigInt(fill.quantity);
      known.filledLots += fill.quantity;
    }
    return true;
  }

  /** The newest word about an order; null when none was heard. */
  seen(id: string): Unstamped<OrderEvent> | null {
    return this.known.get(id)?.seen ?? null;
  }

  /** An ended order by the exchange's id, where it was placed here. Walks all: for people's questions only. */
  seenByExchangeId(symbol: string, exchangeOrderId: string): Unstamped<OrderEvent> | null {
    for (const { seen } of this.known.values()) {
      if (seen?.exchangeOrderId === exchangeOrderId && seen.symbol === symbol) return seen;
    }
    return null;
  }

  botOf(id: string | null): string {
    return id === null ? "" : (this.known.get(id)?.botId ?? "");
  }

  /** The order as the API shows it. */
  view(order: Unstamped<OrderEvent>): Order | null {
    const instrument = this.instruments.find(order.symbol);
    if (instrument === undefined) return null;
    return wireOrder(order, instrument, this.known.get(order.clientOrderId) ?? null);
  }

  /** The map keeps the order in which orders were heard of last. */
  private newest(id: string, known: Known): void {
    this.known.delete(id);
    this.known.set(id, known);
    if (this.known.size > KNOWN_MAX) for (const oldest of this.known.keys().take(1)) this.known.delete(oldest);
  }

  private end(id: string): void {
    this.ended.push(id);
    // dropped in halves, so that forgetting costs nothing per order
    if (this.ended.length < 2 * ENDED_MAX) return;
    for (const old of this.ended.splice(0, ENDED_MAX)) this.known.delete(old);
  }

  private dropOldestTrade(): void {
    for (const oldest of this.trades) {
      this.trades.delete(oldest);
      return;
    }
  }
}

function isOlder(order: Unstamped<OrderEvent>, known: Unstamped<OrderEvent>): boolean {
  if (order.exchangeOrderId !== known.exchangeOrderId) return false;
  return order.cumulative < known.cumulative || (known.status !== "open" && order.status === "open");
}
