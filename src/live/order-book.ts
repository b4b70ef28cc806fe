// Open orders of all exchanges as the console lists them, and what classic connections were told of each (LIVE-12).

import type { ClassicOrder, ConsoleOrder } from "./messages.ts";
import type { OrderKey, PlacedOrder } from "./picture-writer.ts";

interface Row {
  readonly placed: PlacedOrder;
  /** The status classic connections know; empty = they know nothing of this order. */
  readonly shown: string;
}

/** How many ended orders are remembered, so that a late message does not open them again. */
const ENDED_MAX = 4000;

const keyOf = ({ of, order }: PlacedOrder): string => `${of.exchange}|${order.clientOrder || order.id}`;

/** Orders without an id of the exchange, or with unknown outcome, are not shown to classic connections. */
const isShown = (order: ConsoleOrder): boolean => order.id !== "" && !order.unknown;

/** The six keys of the classic message in their order, nothing added. */
export const classicOrder = ({ id, price, side, status, type, symbol }: ConsoleOrder): ClassicOrder => ({
  id,
  price,
  side,
  status,
  type,
  symbol,
});

export interface OrderChange {
  readonly changed: boolean;
  /** What classic connections are told; null when its status is no news to them. */
  readonly classic: ClassicOrder | null;
}

const NOTHING: OrderChange = { changed: false, classic: null };

export class OrderBook {
  private readonly rows = new Map<string, Row>();
  private readonly ended = new Map<string, string>();

  put(placed: PlacedOrder): OrderChange {
    const key = keyOf(placed);
    const known = this.rows.get(key);
    const { order } = placed;
    const text = JSON.stringify(order);
    if (known === undefined && this.ended.has(key)) return NOTHING;
    if (known !== undefined && JSON.stringify(known.placed.order) === text) return NOTHING;
    const shown = isShown(order) && order.status !== known?.shown;
    if (order.gone === true) this.end(key);
    else this.rows.set(key, { placed, shown: isShown(order) ? order.status : (known?.shown ?? "") });
    return { changed: true, classic: shown ? classicOrder(order) : null };
  }

  /** A ladder says whose an order is, and which slot's. The order anew where it did not know; null otherwise. */
  place({ bot, exchange }: OrderKey, clientOrder: string, slot: string): PlacedOrder | null {
    const key = `${exchange}|${clientOrder}`;
    const row = this.rows.get(key);
    if (row === undefined) return null;
    const { of, order } = row.placed;
    if (order.slot === slot && order.bot === bot) return null;
    const placed = { of: { ...of, bot }, order: { ...order, bot, slot, foreign: false } };
    this.rows.set(key, { placed, shown: row.shown });
    return placed;
  }

  private end(key: string): void {
    this.rows.delete(key);
    this.ended.set(key, key);
    const oldest = this.ended.keys().next();
    if (this.ended.size > ENDED_MAX && oldest.done !== true) this.ended.delete(oldest.value);
  }

  /** All open orders of one exchange. Returns what is new to classic connections, and what is no longer listed. */
  replace(
    exchange: string,
    list: readonly PlacedOrder[],
  ): { readonly classic: readonly PlacedOrder[]; readonly vanished: readonly PlacedOrder[] } {
    const listed = new Set(list.map(keyOf));
    const vanished = [...this.rows.values()]
      .map(({ placed }) => placed)
      .filter((placed) => placed.of.exchange === exchange && !listed.has(keyOf(placed)));
    // they stay until their end is known: a list says that they are not open, not what became of them
    for (const placed of vanished) this.rows.delete(keyOf(placed));
    const classic = list.filter((placed) => this.put(placed).classic !== null);
    return { classic, vanished };
  }

  all(): readonly PlacedOrder[] {
    return [...this.rows.values()].map(({ placed }) => placed);
  }

  /** Open orders of one instrument (the exchange's name) as classic connections see them. */
  shown(exchange: string, name: string): readonly ClassicOrder[] {
    return this.all()
      .filter(({ of, order }) => of.exchange === exchange && order.symbol === name && isShown(order))
      .map(({ order }) => classicOrder(order));
  }
}
