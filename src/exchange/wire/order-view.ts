// Orders and fills of the port ↔ Order and Fill of the API.

import { bigNearestDiv } from "../../base/integer.ts";
import { lots, type Side, ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Fill, Order } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { OrderSide, OrderStatus, OrderType, TimeInForce } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import type { FillEvent, OrderEvent } from "../../trading/event.ts";
import type { OrderStatus as PortStatus, RejectReason } from "../../trading/order.ts";
import type { Unstamped } from "../port.ts";
import { gridOf } from "./grid.ts";
import { moneyDecimal, readMoney } from "./money-text.ts";

export const REJECT_REASONS: readonly RejectReason[] = [
  "POST_ONLY_WOULD_TAKE",
  "INSUFFICIENT_FUNDS",
  "REDUCE_ONLY_REJECTED",
  "PRICE_OUT_OF_BAND",
  "OFF_GRID",
  "BELOW_MINIMUM",
  "TOO_MANY_ORDERS",
  "RATE_LIMITED",
  "INSTRUMENT_NOT_TRADING",
  "SELF_TRADE",
  "FILL_OR_KILL",
  "OTHER",
];

/** The port's word for a reason on the wire; OTHER for one this release does not know. */
export const rejectReasonOf = (text: string): RejectReason => REJECT_REASONS.find((each) => each === text) ?? "OTHER";

export const wireSide = (side: Side): OrderSide => (side === "buy" ? OrderSide.BUY : OrderSide.SELL);

/** Null for UNSPECIFIED and for values of a later release. */
export function portSide(side: OrderSide): Side | null {
  if (side === OrderSide.BUY) return "buy";
  return side === OrderSide.SELL ? "sell" : null;
}

/** What the connector knows of an order beyond what its streams say. */
export interface OrderNotes {
  readonly botId: string;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Σ price × quantity of the fills seen, and their quantity: the average where both agree with the order. */
  readonly filledValue: bigint;
  readonly filledLots: number;
}

function wireStatus(status: PortStatus, cumulative: number): OrderStatus {
  switch (status) {
    case "open":
      return cumulative > 0 ? OrderStatus.PARTIALLY_FILLED : OrderStatus.NEW;
    case "filled":
      return OrderStatus.FILLED;
    case "canceled":
      return OrderStatus.CANCELED;
    case "expired":
      return OrderStatus.EXPIRED;
  }
}

/** Null where the order has no place in the exchange's words: not acknowledged, or unknown to this release. */
function portStatus(status: OrderStatus): PortStatus | null {
  switch (status) {
    case OrderStatus.NEW:
    case OrderStatus.PARTIALLY_FILLED:
    case OrderStatus.CANCEL_PENDING:
      return "open";
    case OrderStatus.FILLED:
      return "filled";
    case OrderStatus.CANCELED:
      return "canceled";
    case OrderStatus.EXPIRED:
    case OrderStatus.REJECTED:
      return "expired";
    case OrderStatus.UNSPECIFIED:
    case OrderStatus.PENDING:
    case OrderStatus.UNKNOWN_OUTCOME:
    case OrderStatus.UNRECOGNIZED:
      return null;
  }
}

/** The order as the API shows it. `notes` is null for an order this connector did not place. */
export function wireOrder(order: Unstamped<OrderEvent>, instrument: Instrument, notes: OrderNotes | null): Order {
  const price = gridOf(instrument.tickSize);
  const quantity = gridOf(instrument.lotSize);
  return {
    exchange: instrument.exchange,
    symbol: order.symbol,
    orderId: order.exchangeOrderId,
    clientOrderId: order.clientOrderId,
    botId: notes?.botId ?? "",
    side: wireSide(order.side),
    type: notes?.type ?? OrderType.LIMIT,
    timeInForce: notes?.timeInForce ?? TimeInForce.UNSPECIFIED,
    price: { value: price.text(order.price) },
    quantity: { value: quantity.text(order.quantity) },
    executedQty: { value: quantity.text(order.cumulative) },
    avgPrice: averageOf(order, instrument, notes),
    status: wireStatus(order.status, order.cumulative),
    postOnly: notes?.postOnly ?? false,
    reduceOnly: notes?.reduceOnly ?? false,
    useMargin: false,
    rejectReason: order.reason ?? "",
    createdAtMs: notes?.createdAtMs ?? 0,
    updatedAtMs: notes?.updatedAtMs ?? 0,
    foreign: notes === null,
  };
}

function averageOf(order: Unstamped<OrderEvent>, instrument: Instrument, notes: OrderNotes | null): Order["avgPrice"] {
  if (notes === null || order.cumulative === 0 || notes.filledLots !== order.cumulative) return undefined;
  // eight digits finer than the tick: an average seldom lies on it
  const fine = bigNearestDiv(notes.filledValue * 100_000_000n, BigInt(notes.filledLots));
  const step = gridOf(instrument.tickSize).text(1);
  const scale = (step.split(".")[1] ?? "").length + 8;
  const factor = BigInt(step.replace(".", ""));
  const digits = String(fine * factor).padStart(scale + 1, "0");
  return { value: `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, "") };
}

/** The order of the API as an event of the port. Null: it says nothing the port could repeat. */
export function portOrder(
  order: Order,
  instrument: Instrument,
  source: OrderEvent["source"],
): Unstamped<OrderEvent> | null {
  const side = portSide(order.side);
  const status = portStatus(order.status);
  const price = gridOf(instrument.tickSize).units(order.price?.value ?? "0");
  const grid = gridOf(instrument.lotSize);
  const quantity = grid.units(order.quantity?.value ?? "");
  const cumulative = grid.units(order.executedQty?.value ?? "0");
  if (side === null || status === null || !price.ok || !quantity.ok || !cumulative.ok) return null;
  return {
    kind: "order",
    symbol: order.symbol,
    clientOrderId: foreignOrderId(order.clientOrderId),
    exchangeOrderId: order.orderId,
    side,
    price: ticks(price.value),
    quantity: lots(quantity.value),
    status,
    cumulative: lots(cumulative.value),
    reason: order.rejectReason === "" ? null : rejectReasonOf(order.rejectReason),
    source,
  };
}

const ORIGINS = { order: "own", manual: "manual", liquidation: "liquidation", adl: "adl" } as const;

export function wireFill(fill: Unstamped<FillEvent>, instrument: Instrument, botId: string): Fill {
  return {
    exchange: instrument.exchange,
    symbol: fill.symbol,
    tradeId: fill.tradeId,
    orderId: fill.exchangeOrderId,
    clientOrderId: fill.clientOrderId ?? "",
    botId,
    side: wireSide(fill.side),
    price: { value: gridOf(instrument.tickSize).text(fill.price) },
    quantity: { value: gridOf(instrument.lotSize).text(fill.quantity) },
    fee: moneyDecimal(fill.fee),
    feeAsset: fill.feeAsset,
    maker: fill.liquidity === "maker",
    origin: ORIGINS[fill.origin],
    realizedPnl: undefined,
    atMs: fill.exchangeAtMs,
  };
}

/** The fill of the API as an event of the port. Null: it cannot be held exactly, and whoever reads it must say so. */
export function portFill(fill: Fill, instrument: Instrument): Unstamped<FillEvent> | null {
  const side = portSide(fill.side);
  const price = gridOf(instrument.tickSize).units(fill.price?.value ?? "");
  const quantity = gridOf(instrument.lotSize).units(fill.quantity?.value ?? "");
  const fee = readMoney(fill.fee, "up");
  if (side === null || !price.ok || !quantity.ok || fee === null || fill.tradeId === "") return null;
  return {
    kind: "fill",
    symbol: fill.symbol,
    tradeId: fill.tradeId,
    clientOrderId: fill.clientOrderId === "" ? null : foreignOrderId(fill.clientOrderId),
    exchangeOrderId: fill.orderId,
    side,
    price: ticks(price.value),
    quantity: lots(quantity.value),
    feeAsset: fill.feeAsset,
    fee,
    liquidity: fill.maker ? "maker" : "taker",
    origin: originOf(fill.origin),
    exchangeAtMs: fill.atMs,
  };
}

function originOf(text: string): FillEvent["origin"] {
  switch (text) {
    case "own":
      return "order";
    case "liquidation":
    case "settlement":
      return "liquidation";
    case "adl":
      return "adl";
    default:
      return "manual";
  }
}
