// The form of an order request (API-13): what is missing, off the grid or contradicts itself is refused here, before
// anything is remembered or sent.

import { lots, ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import {
  optionalBotId,
  optionalText,
  optionalTime,
  requiredClientOrderId,
  requiredEnum,
  requiredPositive,
} from "../../rpc/fields.ts";
import type { PlaceOrderRequest } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { OrderSide, OrderType, TimeInForce } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField, RpcRefusal, unimplemented } from "../../rpc/refusal.ts";
import { type ClientOrderId, foreignOrderId } from "../../trading/client-order-id.ts";
import type { NewOrder, TimeInForce as PortTimeInForce } from "../../trading/order.ts";
import { gridOf } from "../wire/grid.ts";
import { portSide } from "../wire/order-view.ts";
import type { Instruments } from "./instruments.ts";

const BORROW_MODES = ["", "none", "auto_borrow", "auto_repay"];

/** An order request whose form is right. */
export interface OrderForm {
  readonly id: ClientOrderId;
  readonly order: NewOrder;
  readonly instrument: Instrument;
  readonly botId: string;
  readonly epoch: number;
  readonly timeInForce: TimeInForce;
  readonly sendByMs: number;
  /** What makes two requests of one id the same order. */
  readonly body: string;
}

/** Throws INVALID_ARGUMENT, or what the exchange cannot do; `outcome` is not_sent always. `at` names the field. */
export function readOrderForm(request: PlaceOrderRequest, instruments: Instruments, at = ""): OrderForm {
  const id = requiredClientOrderId(`${at}client_order_id`, request.clientOrderId);
  const instrument = instruments.traded(`${at}symbol`, request.symbol);
  requiredEnum(`${at}side`, request.side, OrderSide);
  requiredEnum(`${at}type`, request.type, OrderType);
  const timeInForce = readTimeInForce(request, at);
  const botId = optionalBotId(`${at}bot_id`, request.botId);
  optionalText(`${at}effect_id`, request.effectId, 200);
  const sendByMs = optionalTime(`${at}send_by_ms`, request.sendByMs);
  const quantity = readQuantity(request, instrument, at);
  const price = readPrice(request, instrument, at);
  checkFlags(request, instrument, at);
  const side = portSide(request.side) ?? "buy";
  const postOnly = request.postOnly || request.timeInForce === TimeInForce.GTX;
  const order: NewOrder = {
    symbol: instrument.symbol,
    side,
    price: ticks(price),
    quantity: lots(quantity),
    timeInForce: portTimeInForce(timeInForce),
    postOnly,
    reduceOnly: request.reduceOnly,
    slotKey: "",
  };
  const body = `${order.symbol} ${side} ${price} ${quantity} ${timeInForce} ${postOnly} ${order.reduceOnly}`;
  return { id: foreignOrderId(id), order, instrument, botId, epoch: request.epoch, timeInForce, sendByMs, body };
}

function readTimeInForce({ timeInForce, type, postOnly }: PlaceOrderRequest, at: string): TimeInForce {
  requiredEnum(`${at}time_in_force`, timeInForce, TimeInForce);
  const takes = timeInForce === TimeInForce.IOC || timeInForce === TimeInForce.FOK;
  if (postOnly && (takes || type === OrderType.MARKET)) {
    throw invalidField(`${at}post_only`, "excludes IOC, FOK and MARKET: such an order must take");
  }
  if (timeInForce === TimeInForce.GTX && type === OrderType.MARKET) {
    throw invalidField(`${at}time_in_force`, "GTX is post-only, which excludes MARKET");
  }
  return timeInForce;
}

function readQuantity(request: PlaceOrderRequest, instrument: Instrument, at: string): number {
  const text = requiredPositive(`${at}quantity`, request.quantity);
  const units = gridOf(instrument.lotSize).units(text);
  if (!units.ok) throw invalidField(`${at}quantity`, `is off the lot grid: ${units.error}`);
  return units.value;
}

function readPrice(request: PlaceOrderRequest, instrument: Instrument, at: string): number {
  if (request.type === OrderType.MARKET) {
    if (request.price !== undefined) throw invalidField(`${at}price`, "is forbidden for MARKET");
    // a market order is a limit nobody named: the engine always names one, so that a fill has a worst price
    throw unimplemented("PlaceOrder with type MARKET");
  }
  const text = requiredPositive(`${at}price`, request.price);
  const units = gridOf(instrument.tickSize).units(text);
  if (!units.ok) throw invalidField(`${at}price`, `is off the tick grid: ${units.error}`);
  return units.value;
}

function checkFlags(request: PlaceOrderRequest, instrument: Instrument, at: string): void {
  if (!BORROW_MODES.includes(request.borrowMode)) {
    throw invalidField(`${at}borrow_mode`, "must be none, auto_borrow, auto_repay or empty");
  }
  if (request.reduceOnly && instrument.kind === "spot") {
    throw invalidField(`${at}reduce_only`, `${instrument.symbol} is spot, which holds no position to reduce`);
  }
  if (request.useMargin || (request.borrowMode !== "" && request.borrowMode !== "none")) throw noMargin();
}

/** API-13: margin that cannot be routed is never sent as plain spot. */
export const noMargin = (): RpcRefusal =>
  new RpcRefusal({
    status: "FAILED_PRECONDITION",
    reason: "MARGIN_UNAVAILABLE",
    message: "this connector cannot route to a margin account; leave use_margin and borrow_mode out",
    outcome: "not_sent",
  });

function portTimeInForce(timeInForce: TimeInForce): PortTimeInForce {
  if (timeInForce === TimeInForce.IOC) return "IOC";
  return timeInForce === TimeInForce.FOK ? "FOK" : "GTC";
}
