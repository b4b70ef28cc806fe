// What live-server knows of orders, fills, ladders, accounts and positions, on top of their instruments. It asks
// nobody.

import { FillBook } from "./fill-book.ts";
import { instrumentKey, MarketPicture } from "./market-picture.ts";
import type { ClassicAccount, ClassicPosition, Fill, Slots } from "./messages.ts";
import { OrderBook } from "./order-book.ts";
import type { InstrumentKey, OrderKey, PlacedOrder } from "./picture-writer.ts";
import { isZero } from "./plain.ts";

/** Pace of section 4: per key and second. */
export const STATE_PER_SECOND = 4;
/** Fills of a whole list. */
export const FILLS_LISTED = 200;

const orderOf = ({ bot, exchange, symbol }: OrderKey): OrderKey => ({ bot, exchange, symbol });

export class TradePicture extends MarketPicture {
  readonly orderBook = new OrderBook();
  readonly fillBook = new FillBook();
  readonly accountsOf = new Map<string, Map<string, Omit<ClassicAccount, "symbol">>>();
  readonly positionsOf = new Map<string, { readonly of: InstrumentKey; readonly position: ClassicPosition }>();
  readonly slotsOf = new Map<string, { readonly of: OrderKey; readonly slots: Slots }>();

  private ready(placed: PlacedOrder): PlacedOrder {
    const of = orderOf(placed.of);
    const { order } = placed;
    const price = this.priced(of, order.price);
    const holder = order.slot === "" ? this.holderOf(of, order.clientOrder) : null;
    if (holder === null) return { of, order: { ...order, price } };
    const { bot, slot } = holder;
    return { of: { ...of, bot }, order: { ...order, price, bot, slot, foreign: false } };
  }

  /** Whose ladder holds an order: a connector knows of the orders it placed itself, not of those of its life before. */
  private holderOf({ bot, exchange }: OrderKey, clientOrder: string): { bot: string; slot: string } | null {
    const ladders = bot === "" ? [...this.slotsOf.values()] : [this.slotsOf.get(bot)];
    for (const ladder of ladders) {
      if (ladder === undefined || ladder.of.exchange !== exchange) continue;
      const held = ladder.slots.slots.find(({ order }) => order?.id === clientOrder);
      if (held !== undefined) return { bot: ladder.of.bot, slot: held.slot };
    }
    return null;
  }

  orders(exchange: string, list: readonly PlacedOrder[]): readonly PlacedOrder[] {
    const { classic, vanished } = this.orderBook.replace(
      exchange,
      list.map((each) => this.ready(each)),
    );
    const all = this.orderBook.all().map(({ order }) => order);
    this.tell({ type: "orders", of: {}, data: { all } }, { audience: "console" });
    for (const placed of classic) this.tellOrder(placed, "classic");
    return vanished;
  }

  order(told: PlacedOrder): void {
    const placed = this.ready(told);
    const { changed, classic } = this.orderBook.put(placed);
    if (changed) this.tellOrder(placed, classic === null ? "console" : "all");
  }

  private tellOrder({ of, order }: PlacedOrder, audience: "all" | "console" | "classic"): void {
    const { id, price, side, status, type, symbol } = order;
    const classic =
      audience === "console" ? null : ({ type: "orders", data: { id, price, side, status, type, symbol } } as const);
    this.tell({ type: "orders", of, data: order }, { classic, name: order.symbol, audience });
  }

  fills(list: readonly Fill[], { silent }: { readonly silent: boolean }): void {
    const changes = list.map((each) => this.fillBook.put(this.pricedFill(each)));
    if (changes.every(({ result }) => result === "known")) return;
    this.tell({ type: "fills", of: {}, data: { all: this.fillBook.last(FILLS_LISTED) } }, { audience: "console" });
    if (silent) return;
    const news = changes.filter(({ result }) => result === "new").map(({ fill }) => fill);
    for (const fill of news.sort((a, b) => a.at - b.at)) this.tellTrade(fill);
  }

  fill(told: Fill): void {
    const { result, fill } = this.fillBook.put(this.pricedFill(told));
    if (result === "known") return;
    const { bot, exchange, symbol } = fill;
    this.tell({ type: "fills", of: { bot, exchange, symbol }, data: fill });
    if (result === "new") this.tellTrade(fill);
  }

  private pricedFill(fill: Fill): Fill {
    return { ...fill, price: this.priced(fill, fill.price) };
  }

  private tellTrade(fill: Fill): void {
    const { bot, exchange, symbol } = fill;
    const name = this.nameOf(fill);
    const data = {
      side: fill.side === "BUY" ? "buy" : "sell",
      price: fill.price,
      amount: fill.qty,
      symbol: name,
      time: Math.floor(fill.at / 1000),
    } as const;
    const classic = { type: "trade_event", data } as const;
    this.tell({ type: "trade_event", of: { bot, exchange, symbol }, data }, { classic, name });
  }

  slots(told: OrderKey, slots: Slots): void {
    const of = orderOf(told);
    this.slotsOf.set(of.bot, { of, slots });
    this.tell({ type: "slots", of, data: slots }, { key: `slots|${of.bot}`, perSecond: STATE_PER_SECOND });
    for (const { order, slot } of slots.slots) {
      const placed = order === null ? null : this.orderBook.place(of, order.id, slot);
      if (placed !== null) this.tellOrder(placed, "console");
    }
  }

  account(exchange: string, { asset, free, balance, marginBalance }: Omit<ClassicAccount, "symbol">): void {
    const told = { asset, free, balance, marginBalance };
    const known = this.accountsOf.get(exchange) ?? new Map<string, Omit<ClassicAccount, "symbol">>();
    if (JSON.stringify(known.get(asset)) === JSON.stringify(told)) return;
    known.set(asset, told);
    this.accountsOf.set(exchange, known);
    const data = { ...told, symbol: this.instrumentList().find((each) => each.exchange === exchange)?.name ?? "" };
    this.tell(
      { type: "account", of: { exchange }, data },
      { key: `account|${exchange}|${asset}`, classic: { type: "account", data } },
    );
  }

  position(of: InstrumentKey, told: ClassicPosition): void {
    const { symbol, amount, entryPrice, unrealizedPnL } = told;
    const isFlat = isZero(amount);
    const entry = isFlat ? "0" : this.priced(of, entryPrice);
    const data = { symbol, amount: isFlat ? "0" : amount, entryPrice: entry, unrealizedPnL };
    const key = instrumentKey(of);
    const known = this.positionsOf.get(key);
    if (JSON.stringify(known?.position) === JSON.stringify(data)) return;
    if (known === undefined && isFlat) return;
    // one that was closed stays known as flat: who comes later is told what the others were
    this.positionsOf.set(key, { of: { exchange: of.exchange, symbol: of.symbol }, position: data });
    this.tell(
      { type: "position", of: { exchange: of.exchange, symbol: of.symbol }, data },
      { key: `position|${key}`, perSecond: STATE_PER_SECOND, classic: { type: "position", data }, name: symbol },
    );
  }

  positions(
    exchange: string,
    list: readonly { readonly of: InstrumentKey; readonly position: ClassicPosition }[],
  ): void {
    const listed = new Set(list.map(({ of }) => instrumentKey(of)));
    for (const { of, position } of this.positionsOf.values()) {
      if (of.exchange !== exchange || listed.has(instrumentKey(of))) continue;
      this.position(of, { symbol: position.symbol, amount: "0", entryPrice: "0", unrealizedPnL: "0" });
    }
    for (const { of, position } of list) this.position(of, position);
  }
}
