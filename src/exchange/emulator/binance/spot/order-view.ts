// Orders and own trades as Binance spot renders them: the three replies to a new order, the look-up, the cancel, the
// amendment, and a trade. Shapes: developers.binance.com, "Trading endpoints" and "Account endpoints" of the spot API.

import type { Instrument } from "../../../../market/instrument.ts";
import type { SimOrder } from "../../../../sim/order.ts";
import type { SimFill } from "../../../../sim/order-ledger.ts";
import { eightDigits, moneyText, priceText, quantityText, quoteOf, ZERO_TEXT } from "./amounts.ts";
import { type OrderRecords, orderNumber } from "./order-records.ts";

/** What is shown of one order, with the instrument's names and the account's time. */
export interface Shown {
  readonly order: SimOrder;
  readonly instrument: Instrument;
  readonly wireName: string;
  readonly records: OrderRecords;
  /** Added to the exchange's time for this account. */
  readonly skewMs: number;
}

export const STP = "EXPIRE_TAKER";

export const orderType = (shown: Pick<Shown, "order" | "records">): string => {
  if (shown.order.postOnly) return "LIMIT_MAKER";
  return shown.records.noteOf(shown.order.exchangeOrderId).market ? "MARKET" : "LIMIT";
};

/** A post-only order is told as GTC, a market order too, whatever carries them inside. */
export const timeInForceOf = (shown: Pick<Shown, "order" | "records">): string =>
  orderType(shown) === "LIMIT" ? shown.order.timeInForce : "GTC";

export function statusOf(order: SimOrder): string {
  if (order.reason === "SELF_TRADE") return "EXPIRED_IN_MATCH";
  if (order.status === "open") return order.filled === 0 ? "NEW" : "PARTIALLY_FILLED";
  return { filled: "FILLED", canceled: "CANCELED", expired: "EXPIRED" }[order.status];
}

const msOf = (shown: Pick<Shown, "skewMs">, us: number): number => Math.floor(us / 1000) + shown.skewMs;

/** The newest time at which something happened to the order, µs. */
export function updatedUs({ order, records }: Pick<Shown, "order" | "records">): number {
  if (order.status !== "open") return order.endedUs;
  const fills = records.fillsOf(order);
  return fills[fills.length - 1]?.atUs ?? order.acceptedUs;
}

const shownPrice = (shown: Shown): string =>
  orderType(shown) === "MARKET" ? ZERO_TEXT : priceText(shown.instrument, shown.order.price);

/** Amounts that every rendering but the shortest carries. */
function amounts(shown: Shown): Record<string, unknown> {
  const { order, instrument, records } = shown;
  const { quote } = records.sums(instrument, order, null);
  const { quoteOrderQty } = records.noteOf(order.exchangeOrderId);
  return {
    price: shownPrice(shown),
    origQty: quantityText(instrument, order.quantity),
    executedQty: quantityText(instrument, order.filled),
    origQuoteOrderQty: quoteOrderQty === null ? ZERO_TEXT : eightDigits(quoteOrderQty),
    cummulativeQuoteQty: moneyText(quote),
    status: statusOf(order),
    timeInForce: timeInForceOf(shown),
    type: orderType(shown),
    side: sideWord(order),
  };
}

export const sideWord = ({ side }: Pick<SimOrder, "side">): "BUY" | "SELL" => (side === "buy" ? "BUY" : "SELL");

/** `GET /api/v3/order`, `/openOrders`, `/allOrders`. */
export function lookedUp(shown: Shown): Record<string, unknown> {
  const { order, wireName } = shown;
  const { origQuoteOrderQty, ...rest } = amounts(shown);
  return {
    symbol: wireName,
    orderId: orderNumber(order),
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    ...rest,
    stopPrice: ZERO_TEXT,
    icebergQty: ZERO_TEXT,
    time: msOf(shown, order.acceptedUs),
    updateTime: msOf(shown, updatedUs(shown)),
    isWorking: true,
    workingTime: msOf(shown, order.acceptedUs),
    origQuoteOrderQty,
    selfTradePreventionMode: STP,
  };
}

export type ResponseType = "ACK" | "RESULT" | "FULL";

/** Reply to a new order. */
export function placed(shown: Shown, as: ResponseType): Record<string, unknown> {
  const { order, wireName } = shown;
  const short = {
    symbol: wireName,
    orderId: orderNumber(order),
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: msOf(shown, order.acceptedUs),
  };
  if (as === "ACK") return short;
  const result = {
    ...short,
    ...amounts(shown),
    workingTime: msOf(shown, order.acceptedUs),
    selfTradePreventionMode: STP,
  };
  return as === "RESULT"
    ? result
    : { ...result, fills: shown.records.fillsOf(order).map((fill) => shortFill(shown, fill)) };
}

/** Reply to a cancel, under the cancel's own id. */
export function canceled(shown: Shown, cancelId: string): Record<string, unknown> {
  const { order, wireName } = shown;
  return {
    symbol: wireName,
    origClientOrderId: order.clientOrderId,
    orderId: orderNumber(order),
    orderListId: -1,
    clientOrderId: cancelId,
    transactTime: msOf(shown, updatedUs(shown)),
    ...amounts(shown),
    selfTradePreventionMode: STP,
  };
}

/** Reply to `PUT /api/v3/order/amend/keepPriority`. */
export function amended(shown: Shown, was: { readonly clientOrderId: string; readonly atMs: number }): unknown {
  const { order, instrument, wireName, records } = shown;
  return {
    transactTime: was.atMs,
    executionId: orderNumber(order),
    amendedOrder: {
      symbol: wireName,
      orderId: orderNumber(order),
      orderListId: -1,
      origClientOrderId: was.clientOrderId,
      clientOrderId: order.clientOrderId,
      price: shownPrice(shown),
      qty: quantityText(instrument, order.quantity),
      executedQty: quantityText(instrument, order.filled),
      preventedQty: ZERO_TEXT,
      quoteOrderQty: ZERO_TEXT,
      cumulativeQuoteQty: moneyText(records.sums(instrument, order, null).quote),
      status: statusOf(order),
      timeInForce: timeInForceOf(shown),
      type: orderType(shown),
      side: sideWord(order),
      workingTime: msOf(shown, order.acceptedUs),
      selfTradePreventionMode: STP,
    },
  };
}

function shortFill({ instrument }: Shown, { fill }: SimFill): unknown {
  return {
    price: priceText(instrument, fill.price),
    qty: quantityText(instrument, fill.quantity),
    commission: moneyText(fill.fee),
    commissionAsset: fill.feeAsset,
    tradeId: Number.parseInt(fill.tradeId, 10),
  };
}

/** One entry of `GET /api/v3/myTrades`. */
export function ownTrade(of: Omit<Shown, "order" | "records">, { fill, atUs }: SimFill): Record<string, unknown> {
  const { instrument, wireName } = of;
  return {
    symbol: wireName,
    id: Number.parseInt(fill.tradeId, 10),
    orderId: Number.parseInt(fill.exchangeOrderId, 10),
    orderListId: -1,
    price: priceText(instrument, fill.price),
    qty: quantityText(instrument, fill.quantity),
    quoteQty: moneyText(quoteOf(instrument, fill.price, fill.quantity)),
    commission: moneyText(fill.fee),
    commissionAsset: fill.feeAsset,
    time: msOf(of, atUs),
    isBuyer: fill.side === "buy",
    isMaker: fill.liquidity === "maker",
    isBestMatch: true,
  };
}
