// What the journal says against what the exchange says, order for order and fill for fill, both read through the API.

import assert from "node:assert/strict";
import type { Fill, Order } from "../../src/rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderStatus } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import type { System } from "./system.ts";

/** The two sides that are compared. */
type Sides = Pick<System, "exchange" | "positions">;

const PAGE = 1000;

interface Bot {
  readonly id: string;
  readonly symbol: string;
}

/** One line per fill: what both sides must tell alike. */
const fillLine = (fill: Fill): string =>
  [fill.tradeId, fill.clientOrderId, fill.side, plain(fill.price), plain(fill.quantity), plain(fill.fee)].join(" ");

const orderLine = (order: Order): string =>
  [order.clientOrderId, order.side, plain(order.price), plain(order.quantity), plain(order.executedQty)].join(" ");

/** Without the zeros that padding adds. */
const plain = (value: { readonly value: string } | undefined): string => {
  const text = value?.value ?? "";
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
};

/** All fills the exchange has for the account on one instrument. */
export async function exchangeFills(system: Sides, symbol: string): Promise<Fill[]> {
  const fills: Fill[] = [];
  for (let cursor = ""; ; ) {
    const page = await system.exchange.getFills({ symbol, cursor });
    fills.push(...page.fills);
    if (page.fills.length === 0 || page.nextCursor === cursor) return fills;
    cursor = page.nextCursor;
  }
}

async function bookedFills(system: Sides, bot: string): Promise<Fill[]> {
  const fills: Fill[] = [];
  for (let pageToken = ""; ; ) {
    const page = await system.positions.getFills({ botIds: [bot], pageSize: PAGE, pageToken });
    fills.push(...page.fills);
    if (page.nextPageToken === "") return fills;
    pageToken = page.nextPageToken;
  }
}

async function bookedOrders(system: Sides, bot: string): Promise<Order[]> {
  const orders: Order[] = [];
  for (let pageToken = ""; ; ) {
    const page = await system.positions.getOrderHistory({ botIds: [bot], pageSize: PAGE, pageToken });
    orders.push(...page.orders);
    if (page.nextPageToken === "") return orders;
    pageToken = page.nextPageToken;
  }
}

/**
 * A bot that stands still and the exchange agree: the same fills, the same open orders, and every order of the
 * journal as the exchange knows it. Returns how much was compared.
 */
export async function assertAgreement(
  system: Sides,
  bot: Bot,
): Promise<{ readonly fills: number; readonly orders: number }> {
  const theirs = (await exchangeFills(system, bot.symbol)).map(fillLine).sort();
  const ours = (await bookedFills(system, bot.id)).map(fillLine).sort();
  assert.deepEqual(ours, theirs, `${bot.id}: fills of the journal and of the exchange`);
  const orders = await bookedOrders(system, bot.id);
  const ids = orders.map((order) => order.clientOrderId);
  assert.equal(new Set(ids).size, ids.length, `${bot.id}: no client order id twice`);
  const { orders: open } = await system.exchange.getOpenOrders({ symbol: bot.symbol });
  const { orders: believed } = await system.positions.getOpenOrders({ botIds: [bot.id], pageSize: PAGE });
  assert.deepEqual(believed.map(orderLine).sort(), open.map(orderLine).sort(), `${bot.id}: open orders`);
  for (const order of orders) {
    if (order.status === OrderStatus.REJECTED || order.orderId === "") continue;
    const { order: known } = await system.exchange.getOrder({
      symbol: bot.symbol,
      clientOrderId: order.clientOrderId,
      orderId: "",
    });
    assert.ok(known !== undefined, `${bot.id}: the exchange knows ${order.clientOrderId}`);
    assert.equal(orderLine(order), orderLine(known), `${bot.id}: ${order.clientOrderId} on both sides`);
  }
  return { fills: ours.length, orders: orders.length };
}
