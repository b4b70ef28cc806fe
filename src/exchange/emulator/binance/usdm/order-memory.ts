// What the exchange remembers of one wallet's orders and trades beyond what the simulated exchange keeps: type,
// position side, average price, times. Fed by what the simulated exchange tells the wallet; it decides nothing.

import { present } from "../../../../base/assert.ts";
import type { Instrument } from "../../../../market/instrument.ts";
import type { FillEvent } from "../../../../trading/event.ts";

export type OrderStatusWord = "NEW" | "PARTIALLY_FILLED" | "FILLED" | "CANCELED" | "EXPIRED" | "EXPIRED_IN_MATCH";
export type PositionSide = "BOTH" | "LONG" | "SHORT";

/** What an order was asked for, as far as the simulated exchange does not keep it. */
export interface OrderForm {
  readonly type: "LIMIT" | "MARKET" | "LIQUIDATION";
  readonly timeInForce: "GTC" | "IOC" | "FOK" | "GTX" | "GTD";
  readonly positionSide: PositionSide;
  readonly reduceOnly: boolean;
  readonly selfTrade: string;
  readonly goodTillMs: number;
}

export interface UsdmOrder extends OrderForm {
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly wireName: string;
  /** Of when it was placed: prices and quantities are in its ticks and lots. */
  readonly instrument: Instrument;
  readonly side: "buy" | "sell";
  price: number;
  quantity: number;
  filled: number;
  /** Σ price × quantity of its fills, in value units. */
  filledValue: bigint;
  status: OrderStatusWord;
  readonly timeMs: number;
  updatedMs: number;
}

export interface UsdmTrade {
  readonly id: number;
  readonly order: UsdmOrder;
  readonly fill: Omit<FillEvent, "atMs">;
  /** Money of the quote asset. */
  readonly realized: bigint;
  readonly atMs: number;
}

export const FOREIGN_FORM: OrderForm = {
  type: "LIMIT",
  timeInForce: "GTC",
  positionSide: "BOTH",
  reduceOnly: false,
  selfTrade: "EXPIRE_TAKER",
  goodTillMs: 0,
};

/** Orders and trades kept a wallet; the oldest finished ones are forgotten. */
const ORDERS_MAX = 20_000;
const TRADES_MAX = 20_000;
/** Unfilled cancelled orders cannot be asked for after three days (EMU-18). */
const CANCELLED_KEPT_MS = 3 * 86_400_000;

export class OrderMemory {
  private readonly tradesMax: number;
  private readonly orders = new Map<number, UsdmOrder>();
  private readonly open = new Map<string, UsdmOrder>();
  /** Newest order of each client id, finished or not. */
  private readonly byClientId = new Map<string, UsdmOrder>();
  private trades: UsdmTrade[] = [];
  /** The newest trade that is forgotten. */
  private forgotten: { readonly id: number; readonly atMs: number } | null = null;

  constructor(tradesMax = TRADES_MAX) {
    this.tradesMax = tradesMax;
  }

  add(order: UsdmOrder): void {
    if (this.orders.size >= ORDERS_MAX) this.forgetOldest();
    this.orders.set(order.orderId, order);
    this.byClientId.set(order.clientOrderId, order);
    if (isOpen(order)) this.open.set(order.clientOrderId, order);
  }

  byId(orderId: number): UsdmOrder | null {
    return this.orders.get(orderId) ?? null;
  }

  openOrders(): readonly UsdmOrder[] {
    return [...this.open.values()];
  }

  openByClientId(clientOrderId: string): UsdmOrder | null {
    return this.open.get(clientOrderId) ?? null;
  }

  /** The order that a request names; the id of the exchange goes first. Null: unknown, or forgotten by now. */
  find(
    by: { readonly orderId: number | null; readonly clientOrderId: string | null },
    nowMs: number,
  ): UsdmOrder | null {
    const found = by.orderId === null ? this.byClientId.get(by.clientOrderId ?? "") : this.orders.get(by.orderId);
    return found === undefined || isForgotten(found, nowMs) ? null : found;
  }

  /** All that can still be asked for of one instrument, oldest first. */
  all(wireName: string, nowMs: number): readonly UsdmOrder[] {
    return [...this.orders.values()].filter((order) => order.wireName === wireName && !isForgotten(order, nowMs));
  }

  ofType(type: UsdmOrder["type"]): readonly UsdmOrder[] {
    return [...this.orders.values()].filter((order) => order.type === type);
  }

  /** Takes the state of an order that ended. */
  end(order: UsdmOrder, status: OrderStatusWord, atMs: number): void {
    order.status = status;
    order.updatedMs = atMs;
    if (this.open.get(order.clientOrderId) === order) this.open.delete(order.clientOrderId);
  }

  addTrade(trade: UsdmTrade): void {
    if (this.trades.length >= 2 * this.tradesMax) {
      const { id, atMs } = this.trades[this.trades.length - this.tradesMax - 1] ?? trade;
      this.forgotten = { id, atMs };
      this.trades = this.trades.slice(-this.tradesMax);
    }
    this.trades.push(trade);
  }

  /** Whether every trade from there on is still kept; the newest are, where no beginning is named. */
  reaches({ fromId, startMs }: { readonly fromId: number | null; readonly startMs: number | null }): boolean {
    const { forgotten } = this;
    if (forgotten === null) return true;
    if (fromId !== null) return fromId > forgotten.id;
    return startMs === null || startMs > forgotten.atMs;
  }

  tradesOf(wireName: string): readonly UsdmTrade[] {
    return this.trades.filter(({ order }) => order.wireName === wireName);
  }

  private forgetOldest(): void {
    for (const order of this.orders.values()) {
      if (isOpen(order)) continue;
      this.orders.delete(order.orderId);
      if (this.byClientId.get(order.clientOrderId) === order) this.byClientId.delete(order.clientOrderId);
      return;
    }
  }
}

export const isOpen = (order: UsdmOrder): boolean => order.status === "NEW" || order.status === "PARTIALLY_FILLED";

const isForgotten = (order: UsdmOrder, nowMs: number): boolean =>
  !isOpen(order) && order.filled === 0 && nowMs - order.updatedMs > CANCELLED_KEPT_MS;

/** Signed position and its cost as fills make them, to know what each fill realized (as the exchange's books do). */
export class RunningPosition {
  lots: number;
  /** Signed Σ price × quantity of the open position, Money. */
  cost: bigint;
  /** Sum of what its fills realized, Money. */
  realized = 0n;

  constructor(held: { readonly lots: number; readonly cost: bigint }) {
    this.lots = held.lots;
    this.cost = held.cost;
  }

  /** Books a fill of `signed` lots worth `value` (unsigned Money); returns what it realized. */
  book(signed: number, value: bigint): bigint {
    let realized = 0n;
    let left = signed;
    if (this.lots !== 0 && Math.sign(signed) !== Math.sign(this.lots)) {
      const closing = Math.min(Math.abs(signed), Math.abs(this.lots));
      const released = (this.cost * BigInt(closing)) / BigInt(Math.abs(this.lots));
      const paid = (value * BigInt(closing)) / BigInt(Math.abs(signed));
      realized = this.lots > 0 ? paid - released : -paid - released;
      this.cost -= released;
      this.lots += closing * Math.sign(signed);
      left -= closing * Math.sign(signed);
      if (this.lots === 0) this.cost = 0n;
    }
    if (left !== 0) {
      this.cost += ((value * BigInt(Math.abs(left))) / BigInt(Math.abs(signed))) * BigInt(Math.sign(left));
      this.lots += left;
    }
    this.realized += realized;
    return realized;
  }
}

/** An order id of the simulated exchange as Binance would number it; those of liquidations lie far apart. */
export function orderNumber(exchangeOrderId: string): number {
  const forced = /^\D+-(\d+)$/.exec(exchangeOrderId);
  const digits = forced === null ? exchangeOrderId : present(forced[1], "number of a forced order");
  return (forced === null ? 0 : FORCED_FROM) + Number.parseInt(digits, 10);
}

const FORCED_FROM = 8_000_000_000_000;
