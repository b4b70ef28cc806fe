// How an order of the simulated exchange becomes one that Binance USDⓈ-M remembers: as it appears on the stream, as it
// is found in the ledger, and as the exchange itself makes one to close a position.

import type { SimOrder } from "../../../../sim/order.ts";
import type { FillEvent, OrderEvent } from "../../../../trading/event.ts";
import type { EmulatedInstrument } from "../../world.ts";
import { FOREIGN_FORM, type OrderForm, type OrderStatusWord, orderNumber, type UsdmOrder } from "./order-memory.ts";
import type { OrderEventFacts } from "./shapes.ts";

type OrderMessage = Omit<OrderEvent, "atMs">;
type FillMessage = Omit<FillEvent, "atMs">;

/** An order the stream tells of for the first time. */
export function appearingOrder(
  of: EmulatedInstrument,
  message: OrderMessage,
  how: { readonly form: OrderForm; readonly atMs: number },
): UsdmOrder {
  return {
    ...freshOrder(of, how.form, how.atMs),
    orderId: orderNumber(message.exchangeOrderId),
    clientOrderId: message.clientOrderId,
    side: message.side,
    price: message.price,
    quantity: message.quantity,
  };
}

/** The order of a fill that was told of no order before: of a liquidation, which nobody sent; else of `kept`. */
export function orderOfFill(
  of: EmulatedInstrument,
  fill: FillMessage,
  { kept, atMs }: { readonly kept: SimOrder | undefined; readonly atMs: number },
): UsdmOrder {
  return {
    ...freshOrder(of, formOf(kept), atMs),
    type: isForced(fill) ? "LIQUIDATION" : "LIMIT",
    orderId: orderNumber(fill.exchangeOrderId),
    clientOrderId: fill.clientOrderId ?? (fill.origin === "adl" ? "adl_autoclose" : `autoclose-${atMs}`),
    side: fill.side,
    price: kept?.price ?? fill.price,
    quantity: kept?.quantity ?? fill.quantity,
  };
}

/** An order as the ledger has it. */
export function keptOrder(of: EmulatedInstrument, kept: SimOrder, form: OrderForm): UsdmOrder {
  return {
    ...freshOrder(of, form, Math.floor(kept.acceptedUs / 1000)),
    orderId: orderNumber(kept.exchangeOrderId),
    clientOrderId: kept.clientOrderId,
    side: kept.side,
    price: kept.price,
    quantity: kept.quantity,
    filled: kept.filled,
    status: statusOf(kept),
    updatedMs: Math.floor(Math.max(kept.acceptedUs, kept.endedUs) / 1000),
  };
}

/** The form of an order that was not placed here, as far as it can be told. */
export function formOf(kept: SimOrder | undefined): OrderForm {
  if (kept === undefined) return FOREIGN_FORM;
  const { postOnly, timeInForce, reduceOnly } = kept;
  return { ...FOREIGN_FORM, timeInForce: postOnly ? "GTX" : timeInForce, reduceOnly };
}

/** How an end is told: execution type and status. */
export function endOf(message: OrderMessage): readonly [OrderEventFacts["execution"], OrderStatusWord] {
  if (message.reason === "SELF_TRADE") return ["EXPIRED", "EXPIRED_IN_MATCH"];
  if (message.status === "expired" || message.reason === "POST_ONLY_WOULD_TAKE") return ["EXPIRED", "EXPIRED"];
  return ["CANCELED", "CANCELED"];
}

export const isForced = ({ origin }: FillMessage): boolean => origin === "liquidation" || origin === "adl";

function freshOrder({ wireName, instrument }: EmulatedInstrument, form: OrderForm, atMs: number) {
  const nothing = { filled: 0, filledValue: 0n, status: "NEW", timeMs: atMs, updatedMs: atMs } as const;
  return { ...form, ...nothing, wireName, instrument };
}

function statusOf(kept: SimOrder): OrderStatusWord {
  switch (kept.status) {
    case "open":
      return kept.filled > 0 ? "PARTIALLY_FILLED" : "NEW";
    case "filled":
      return "FILLED";
    case "canceled":
      return kept.reason === "SELF_TRADE" ? "EXPIRED_IN_MATCH" : "CANCELED";
    case "expired":
      return "EXPIRED";
  }
}
