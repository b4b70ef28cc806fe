// Orders, trades and positions in the words of Binance USDⓈ-M: REST bodies and stream events. Amounts leave as decimal
// text.

import { formatDecimal } from "../../../../base/decimal.ts";
import { bigNearestDiv } from "../../../../base/integer.ts";
import { lots, MONEY_SCALE, money, ticks } from "../../../../market/amounts.ts";
import {
  baseMoney,
  formatMoney,
  formatPrice,
  formatQuantity,
  type Instrument,
  unitMoney,
} from "../../../../market/instrument.ts";
import type { UsdmOrder, UsdmTrade } from "./order-memory.ts";

const SIDE = { buy: "BUY", sell: "SELL" } as const;
const MONEY_ONE = 10n ** BigInt(MONEY_SCALE);

export const priceText = (instrument: Instrument, price: number): string => formatPrice(instrument, ticks(price));
export const quantityText = (instrument: Instrument, quantity: number): string =>
  formatQuantity(instrument, lots(quantity));
/** Exact, at least eight digits after the point. */
export const moneyText = (amount: bigint): string => formatMoney(money(amount), 8);

/** Value ÷ base quantity, both exact, as price text; `0.0` where there is no quantity. */
export function averageText(instrument: Instrument, value: bigint, quantity: number): string {
  if (quantity === 0) return "0.0";
  const base: bigint = baseMoney(instrument, lots(Math.abs(quantity)));
  const size = value < 0n ? -value : value;
  const price = bigNearestDiv(size * MONEY_ONE, base);
  // fifteen digits after the point: prices below 0.0001 keep theirs
  return formatDecimal(bigNearestDiv(price, 1_000n), MONEY_SCALE - 3, 1);
}

const filledMoney = (order: UsdmOrder): bigint => order.filledValue * unitMoney(order.instrument);
const shownPrice = (order: UsdmOrder): string =>
  order.type === "LIMIT" ? priceText(order.instrument, order.price) : "0";

/** The body of an order in replies. `bare`: as it is acknowledged, before anything of it traded. */
export function orderBody(order: UsdmOrder, bare = false): Record<string, unknown> {
  const { instrument } = order;
  const filled = bare ? 0 : order.filled;
  const value = bare ? 0n : filledMoney(order);
  return {
    orderId: order.orderId,
    symbol: order.wireName,
    status: bare ? "NEW" : order.status,
    clientOrderId: order.clientOrderId,
    price: shownPrice(order),
    avgPrice: filled === 0 ? "0.00" : averageText(instrument, value, filled),
    origQty: quantityText(instrument, order.quantity),
    executedQty: quantityText(instrument, filled),
    cumQuote: moneyText(value),
    timeInForce: order.timeInForce,
    type: order.type,
    reduceOnly: order.reduceOnly,
    closePosition: false,
    side: SIDE[order.side],
    positionSide: order.positionSide,
    stopPrice: "0",
    workingType: "CONTRACT_PRICE",
    priceProtect: false,
    origType: order.type,
    priceMatch: "NONE",
    selfTradePreventionMode: order.selfTrade,
    goodTillDate: order.goodTillMs,
    updateTime: bare ? order.timeMs : order.updatedMs,
  };
}

/** As it is placed, amended or cancelled: with the cumulative quantity, without the time it was placed. */
export const mutatedBody = (order: UsdmOrder, bare = false): Record<string, unknown> => ({
  ...orderBody(order, bare),
  cumQty: quantityText(order.instrument, bare ? 0 : order.filled),
});

/** As it is looked up. */
export const lookedUpBody = (order: UsdmOrder): Record<string, unknown> => ({
  ...orderBody(order),
  time: order.timeMs,
});

export function tradeBody(trade: UsdmTrade): Record<string, unknown> {
  const { order, fill } = trade;
  const value = BigInt(fill.price) * BigInt(fill.quantity) * unitMoney(order.instrument);
  return {
    symbol: order.wireName,
    id: trade.id,
    orderId: order.orderId,
    side: SIDE[fill.side],
    price: priceText(order.instrument, fill.price),
    qty: quantityText(order.instrument, fill.quantity),
    realizedPnl: moneyText(trade.realized),
    quoteQty: moneyText(value),
    commission: moneyText(fill.fee),
    commissionAsset: fill.feeAsset,
    time: trade.atMs,
    positionSide: order.positionSide,
    maker: fill.liquidity === "maker",
    buyer: fill.side === "buy",
  };
}

export interface OrderEventFacts {
  readonly order: UsdmOrder;
  readonly execution: "NEW" | "TRADE" | "CANCELED" | "EXPIRED" | "AMENDMENT" | "CALCULATED";
  readonly trade: UsdmTrade | null;
  readonly atMs: number;
  readonly eventMs: number;
}

/** `ORDER_TRADE_UPDATE`. */
export function orderEvent(facts: OrderEventFacts): Record<string, unknown> {
  const { order, trade, atMs } = facts;
  const { instrument } = order;
  const fill = trade?.fill;
  return {
    e: "ORDER_TRADE_UPDATE",
    T: atMs,
    E: facts.eventMs,
    o: {
      s: order.wireName,
      c: order.clientOrderId,
      S: SIDE[order.side],
      o: order.type,
      f: order.timeInForce,
      q: quantityText(instrument, order.quantity),
      p: shownPrice(order),
      ap: averageText(instrument, filledMoney(order), order.filled),
      sp: "0",
      x: facts.execution,
      X: order.status,
      i: order.orderId,
      l: quantityText(instrument, fill?.quantity ?? 0),
      z: quantityText(instrument, order.filled),
      L: fill === undefined ? "0" : priceText(instrument, fill.price),
      ...(fill === undefined ? {} : { n: moneyText(fill.fee), N: fill.feeAsset }),
      T: atMs,
      t: trade?.id ?? 0,
      b: "0",
      a: "0",
      m: fill?.liquidity === "maker",
      R: order.reduceOnly,
      wt: "CONTRACT_PRICE",
      ot: order.type,
      ps: order.positionSide,
      cp: false,
      rp: moneyText(trade?.realized ?? 0n),
      pP: false,
      si: 0,
      ss: 0,
      V: order.selfTrade,
      pm: "NONE",
      gtd: order.goodTillMs,
      er: "0",
    },
  };
}

/** `TRADE_LITE`: the same fill, told sooner and with less. */
export function tradeLiteEvent(trade: UsdmTrade, eventMs: number): Record<string, unknown> {
  const { order, fill } = trade;
  const { instrument } = order;
  return {
    e: "TRADE_LITE",
    E: eventMs,
    T: trade.atMs,
    s: order.wireName,
    q: quantityText(instrument, order.quantity),
    p: shownPrice(order),
    m: fill.liquidity === "maker",
    c: order.clientOrderId,
    S: SIDE[order.side],
    L: priceText(instrument, fill.price),
    l: quantityText(instrument, fill.quantity),
    t: trade.id,
    i: order.orderId,
  };
}
