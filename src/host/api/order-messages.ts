// Orders and fills of the books as the messages of the API. Renders; it decides nothing.

import { formatPrice, formatQuantity, type Instrument } from "../../market/instrument.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import type { Fill, Order as OrderMessage } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderSide, OrderStatus, OrderType, TimeInForce } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { Order } from "../../trading/order.ts";
import type { MoneyRow } from "../books/money-rows.ts";
import type { OrderRow } from "../books/order-rows.ts";
import { averagePriceText, moneyText } from "../books/text.ts";

const SIDES = { buy: OrderSide.BUY, sell: OrderSide.SELL } as const;
const ORIGINS = { order: "own", manual: "manual", liquidation: "liquidation", adl: "adl" } as const;
const TIMES = { GTC: TimeInForce.GTC, IOC: TimeInForce.IOC, FOK: TimeInForce.FOK } as const;

/** What is known of an order besides its own state: of the books, where they have it. */
type Known = Pick<OrderRow, "updatedAtMs" | "rejectReason" | "executedValue">;

export interface OrderOf {
  readonly bot: string;
  readonly instrument: Instrument;
  readonly order: Order;
  readonly known: Known | undefined;
}

export function orderMessage({ bot, instrument, order, known }: OrderOf): OrderMessage {
  const { symbol, side, price, quantity, timeInForce, postOnly, reduceOnly } = order.order;
  return {
    exchange: instrument.exchange,
    symbol,
    orderId: order.exchangeOrderId ?? "",
    clientOrderId: order.clientOrderId,
    botId: bot,
    side: SIDES[side],
    type: OrderType.LIMIT,
    timeInForce: postOnly ? TimeInForce.GTX : TIMES[timeInForce],
    price: toDecimal(formatPrice(instrument, price)),
    quantity: toDecimal(formatQuantity(instrument, quantity)),
    executedQty: toDecimal(formatQuantity(instrument, order.cumulative)),
    avgPrice:
      known === undefined ? undefined : toDecimal(averagePriceText(instrument, known.executedValue, order.filled)),
    status: statusOf(order),
    postOnly,
    reduceOnly,
    useMargin: false,
    rejectReason: known?.rejectReason ?? "",
    createdAtMs: order.placedAtMs,
    updatedAtMs: known?.updatedAtMs ?? order.placedAtMs,
    foreign: false,
  };
}

/** The exchange's word first; without one, what became of the request. */
export function statusOf(order: Order): OrderStatus {
  switch (order.status) {
    case "filled":
      return OrderStatus.FILLED;
    case "canceled":
      return OrderStatus.CANCELED;
    case "expired":
      return OrderStatus.EXPIRED;
    case "open":
    case null:
      return standing(order);
  }
}

function standing({ place, cancelAsked, cumulative }: Order): OrderStatus {
  switch (place) {
    case "recorded":
    case "sent":
      return OrderStatus.PENDING;
    case "unknown":
      return OrderStatus.UNKNOWN_OUTCOME;
    case "rejected":
    case "withdrawn":
    case "absent":
      return OrderStatus.REJECTED;
    case "acknowledged":
      if (cancelAsked) return OrderStatus.CANCEL_PENDING;
      return cumulative > 0 ? OrderStatus.PARTIALLY_FILLED : OrderStatus.NEW;
  }
}

/** A booked fill; `realizedPnl` is the ledger's, by average cost, before fees. Null for rows that are none. */
export function fillMessage(bot: string, instrument: Instrument, row: MoneyRow): Fill | null {
  const { fill } = row;
  if (fill === null) return null;
  return {
    exchange: instrument.exchange,
    symbol: fill.symbol,
    tradeId: fill.tradeId,
    orderId: fill.exchangeOrderId,
    clientOrderId: fill.clientOrderId ?? "",
    botId: bot,
    side: SIDES[fill.side],
    price: toDecimal(formatPrice(instrument, fill.price)),
    quantity: toDecimal(formatQuantity(instrument, fill.quantity)),
    fee: toDecimal(moneyText(fill.fee)),
    feeAsset: fill.feeAsset,
    maker: fill.liquidity === "maker",
    origin: ORIGINS[fill.origin],
    realizedPnl: row.entry.closed === 0 ? undefined : toDecimal(moneyText(row.gross)),
    atMs: fill.exchangeAtMs,
  };
}
