// The words in which Binance USDⓈ-M refuses orders and settings (EMU-18), and which of them a refusal of the simulated
// exchange becomes.

import { ticks } from "../../../../market/amounts.ts";
import { formatPrice, type Instrument } from "../../../../market/instrument.ts";
import type { RejectReason } from "../../../../trading/order.ts";
import type { AmountFault } from "../wire/amounts.ts";
import { type Refusal, refusal, refusals } from "../wire/refusals.ts";
import { minNotionalText } from "./instruments.ts";

export const orderRefusals = {
  margin: (): Refusal => refusal(-2019, "Margin is insufficient."),
  reduceOnly: (): Refusal => refusal(-2022, "ReduceOnly Order is rejected."),
  openOrders: (): Refusal => refusal(-2025, "Reach max open order limit."),
  priceBelowZero: (): Refusal => refusal(-4001, "Price less than or equal to zero."),
  priceTooHigh: (): Refusal => refusal(-4002, "Price greater than max price."),
  quantityZero: (): Refusal => refusal(-4003, "Quantity less than or equal to zero."),
  quantityTooSmall: (): Refusal => refusal(-4004, "Quantity less than min quantity."),
  quantityTooLarge: (): Refusal => refusal(-4005, "Quantity greater than max quantity."),
  tick: (): Refusal => refusal(-4014, "Price not increased by tick size."),
  idLength: (): Refusal => refusal(-4015, "Client order id is not valid."),
  priceAbove: (text: string): Refusal => refusal(-4016, `Limit price can't be higher than ${text}.`),
  step: (): Refusal => refusal(-4023, "Quantity not increased by step size."),
  priceBelow: (text: string): Refusal => refusal(-4024, `Limit price can't be lower than ${text}.`),
  leverage: (leverage: string): Refusal => refusal(-4028, `Leverage ${leverage} is not valid`),
  marginUnchanged: (): Refusal => refusal(-4046, "No need to change margin type."),
  marginOpenOrders: (): Refusal => refusal(-4047, "Margin type cannot be changed if there exists open orders."),
  marginPosition: (): Refusal => refusal(-4048, "Margin type cannot be changed if there exists position."),
  modeUnchanged: (): Refusal => refusal(-4059, "No need to change position side."),
  positionSide: (): Refusal => refusal(-4061, "Order's position side does not match user's setting."),
  reduceOnlyInHedge: (): Refusal => refusal(-1106, "Parameter 'reduceonly' sent when not required."),
  modeOpenOrders: (): Refusal => refusal(-4067, "Position side cannot be changed if there exists open orders."),
  modePosition: (): Refusal => refusal(-4068, "Position side cannot be changed if there exists position."),
  batchSize: (): Refusal => refusal(-4082, "Invalid number of batch place orders."),
  batchCancelSize: (): Refusal => refusal(-4083, "Invalid number of batch cancel orders."),
  duplicateId: (): Refusal => refusal(-4116, "ClientOrderId is duplicated."),
  conditional: (): Refusal =>
    refusal(-4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."),
  openingClosed: (): Refusal => refusal(-4140, "Invalid symbol status for opening position."),
  symbolClosed: (): Refusal => refusal(-4141, "Symbol is closed."),
  notional: (least: string): Refusal =>
    refusal(-4164, `Order's notional must be no smaller than ${least} (unless you choose reduce only).`),
  unchanged: (): Refusal => refusal(-5027, "No need to modify the order."),
  fillOrKill: (): Refusal =>
    refusal(
      -5021,
      "Due to the order could not be filled immediately, the FOK order has been rejected. " +
        "The order will not be recorded in the order history.",
    ),
  postOnly: (): Refusal =>
    refusal(
      -5022,
      "Due to the order could not be executed as maker, the Post Only order will be rejected. " +
        "The order will not be recorded in the order history.",
    ),
} as const;

export function priceFault(fault: AmountFault): Refusal {
  switch (fault) {
    case "malformed":
      return refusals.illegal("price", "^([0-9]{1,20})(\\.[0-9]{1,20})?$");
    case "precision":
      return refusals.precision();
    case "grid":
      return orderRefusals.tick();
    case "size":
      return orderRefusals.priceTooHigh();
  }
}

export function quantityFault(fault: AmountFault): Refusal {
  switch (fault) {
    case "malformed":
      return refusals.illegal("quantity", "^([0-9]{1,20})(\\.[0-9]{1,20})?$");
    case "precision":
      return refusals.precision();
    case "grid":
      return orderRefusals.step();
    case "size":
      return orderRefusals.quantityTooLarge();
  }
}

/** What a refused order is told. `mid2`: bid + ask in ticks, `bandPpm` how far from their half it may be. */
export function rejected(
  reason: RejectReason,
  order: { readonly instrument: Instrument; readonly side: "buy" | "sell" },
  band: { readonly mid2: number; readonly bandPpm: number },
): Refusal {
  const { instrument, side } = order;
  switch (reason) {
    case "POST_ONLY_WOULD_TAKE":
      return orderRefusals.postOnly();
    case "INSUFFICIENT_FUNDS":
      return orderRefusals.margin();
    case "REDUCE_ONLY_REJECTED":
      return orderRefusals.reduceOnly();
    case "PRICE_OUT_OF_BAND":
      return side === "buy"
        ? orderRefusals.priceAbove(edgeText(instrument, band, 1))
        : orderRefusals.priceBelow(edgeText(instrument, band, -1));
    case "OFF_GRID":
      return orderRefusals.tick();
    case "BELOW_MINIMUM":
      return orderRefusals.notional(minNotionalText(instrument));
    case "TOO_MANY_ORDERS":
      return orderRefusals.openOrders();
    case "RATE_LIMITED":
      return { ...refusal(-1008, "Server is currently overloaded with other requests. Please try again.", 503) };
    case "INSTRUMENT_NOT_TRADING":
      return instrument.status === "cancel-only" ? orderRefusals.openingClosed() : orderRefusals.symbolClosed();
    case "FILL_OR_KILL":
      return orderRefusals.fillOrKill();
    case "SELF_TRADE":
    case "OTHER":
      return refusal(-2010, "NEW_ORDER_REJECTED");
  }
}

function edgeText(
  instrument: Instrument,
  band: { readonly mid2: number; readonly bandPpm: number },
  sign: 1 | -1,
): string {
  const edge = (BigInt(band.mid2) * BigInt(1_000_000 + sign * band.bandPpm)) / 2_000_000n;
  return formatPrice(instrument, ticks(Number.parseInt(String(edge), 10)));
}
