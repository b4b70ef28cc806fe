// Parameters of an order → what the simulated exchange is asked, judged in the order in which Binance USDⓈ-M looks at
// them. Whether there is margin, a position to reduce or a price to take is not its business.

import { fail, ok, type Result } from "../../../../base/result.ts";
import type { Side } from "../../../../market/amounts.ts";
import type { Instrument } from "../../../../market/instrument.ts";
import type { OrderRequest } from "../../../../sim/order-rules.ts";
import type { EmulatedAccount, EmulatedInstrument } from "../../world.ts";
import { readPrice, readQuantity } from "../wire/amounts.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Refusal, refusals } from "../wire/refusals.ts";
import { minNotionalText, priceTicksMax } from "./instruments.ts";
import type { OrderForm, PositionSide } from "./order-memory.ts";
import { orderRefusals, priceFault, quantityFault } from "./order-refusals.ts";

export interface WantedOrder {
  readonly instrument: EmulatedInstrument;
  readonly request: OrderRequest;
  readonly form: OrderForm;
  /** The reply shows what became of it at once, not only that it was taken. */
  readonly fullReply: boolean;
}

export interface FormContext {
  readonly account: EmulatedAccount;
  readonly instrumentOf: (wireName: string) => EmulatedInstrument | null;
  /** Farthest price at which a market order trades, in ticks; 0: there is no price. */
  readonly marketPrice: (instrument: Instrument, side: Side) => number;
  /** Ticks and lots that prices and quantities must be multiples of. */
  readonly gridOf: (symbol: string) => Grid;
  /** A client id for who sent none. */
  readonly madeId: () => string;
}

export interface Grid {
  readonly priceStep: number;
  readonly quantityStep: number;
}

const CONDITIONAL = ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"];
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]+$/;
const CLIENT_ID_LENGTH_MAX = 36;
const TIMES = ["GTC", "IOC", "FOK", "GTX", "GTD"] as const;
const GOOD_TILL_MS_LEAST = 600_000;

export function readOrder(from: Parameters, context: FormContext): Result<WantedOrder, Refusal> {
  const wireName = from.required("symbol");
  if (!wireName.ok) return wireName;
  const emulated = context.instrumentOf(wireName.value);
  if (emulated === null) return fail(refusals.symbol());
  const { instrument } = emulated;
  const side = readSide(from);
  if (!side.ok) return side;
  const form = readForm(from, context.account);
  if (!form.ok) return form;
  const clientOrderId = readClientId(from, context);
  if (!clientOrderId.ok) return clientOrderId;
  const quantity = readLots(from, instrument, context.gridOf(instrument.symbol));
  if (!quantity.ok) return quantity;
  const price = form.value.type === "MARKET" ? ok(0) : readLimit(from, instrument, context.gridOf(instrument.symbol));
  if (!price.ok) return price;
  const closed = statusRefusal(instrument);
  if (closed !== null) return fail(closed);
  const { type, timeInForce } = form.value;
  const limit = type === "MARKET" ? context.marketPrice(instrument, side.value) : price.value;
  const { reduceOnly } = form.value;
  if (limit > 0 && !reduceOnly && limit * quantity.value < instrument.minNotional) {
    return fail(orderRefusals.notional(minNotionalText(instrument)));
  }
  return ok({
    instrument: emulated,
    form: form.value,
    fullReply: from.text("newOrderRespType")?.toUpperCase() === "RESULT",
    request: {
      symbol: instrument.symbol,
      clientOrderId: clientOrderId.value,
      side: side.value,
      price: limit,
      quantity: quantity.value,
      timeInForce: type === "MARKET" ? "IOC" : timeInForce === "IOC" || timeInForce === "FOK" ? timeInForce : "GTC",
      postOnly: timeInForce === "GTX",
      reduceOnly,
    },
  });
}

export function readSide(from: Parameters): Result<Side, Refusal> {
  const text = from.required("side");
  if (!text.ok) return text;
  if (text.value === "BUY") return ok("buy");
  return text.value === "SELL" ? ok("sell") : fail(refusals.side());
}

/** Price of a limit order, in ticks. */
export function readLimit(from: Parameters, instrument: Instrument, grid: Grid): Result<number, Refusal> {
  const text = from.required("price");
  if (!text.ok) return text;
  const price = readPrice(instrument, text.value);
  if (!price.ok) return fail(priceFault(price.error));
  if (price.value % grid.priceStep !== 0) return fail(orderRefusals.tick());
  if (price.value <= 0) return fail(orderRefusals.priceBelowZero());
  return price.value > priceTicksMax(instrument) ? fail(orderRefusals.priceTooHigh()) : price;
}

export function readLots(from: Parameters, instrument: Instrument, grid: Grid): Result<number, Refusal> {
  const text = from.required("quantity");
  if (!text.ok) return text;
  const quantity = readQuantity(instrument, text.value);
  if (!quantity.ok) return fail(quantityFault(quantity.error));
  if (quantity.value % grid.quantityStep !== 0) return fail(orderRefusals.step());
  if (quantity.value <= 0) return fail(orderRefusals.quantityZero());
  if (quantity.value < instrument.minLots) return fail(orderRefusals.quantityTooSmall());
  return quantity.value > instrument.maxLots ? fail(orderRefusals.quantityTooLarge()) : quantity;
}

function statusRefusal(instrument: Instrument): Refusal | null {
  if (instrument.status === "trading") return null;
  return instrument.status === "cancel-only" ? orderRefusals.openingClosed() : orderRefusals.symbolClosed();
}

function readForm(from: Parameters, account: EmulatedAccount): Result<OrderForm, Refusal> {
  const type = from.required("type");
  if (!type.ok) return type;
  if (CONDITIONAL.includes(type.value)) return fail(orderRefusals.conditional());
  if (type.value !== "LIMIT" && type.value !== "MARKET") return fail(refusals.orderType());
  const side = readPositionSide(from, account);
  if (!side.ok) return side;
  const sent = from.text("timeInForce");
  if (type.value === "LIMIT" && sent === null) return fail(refusals.missing("timeInForce"));
  const timeInForce = TIMES.find((each) => each === (type.value === "MARKET" ? "GTC" : sent));
  if (timeInForce === undefined) return fail(refusals.timeInForce());
  const goodTill = from.integer("goodTillDate");
  if (!goodTill.ok) return goodTill;
  if (timeInForce === "GTD" && (goodTill.value ?? 0) < GOOD_TILL_MS_LEAST)
    return fail(refusals.missing("goodTillDate"));
  return ok({
    type: type.value,
    timeInForce,
    positionSide: side.value,
    reduceOnly: from.flag("reduceOnly") ?? false,
    selfTrade: from.text("selfTradePreventionMode") ?? "EXPIRE_TAKER",
    goodTillMs: timeInForce === "GTD" ? (goodTill.value ?? 0) : 0,
  });
}

function readPositionSide(from: Parameters, account: EmulatedAccount): Result<PositionSide, Refusal> {
  const side = from.text("positionSide") ?? "BOTH";
  if (account.positionMode === "one-way") return side === "BOTH" ? ok(side) : fail(orderRefusals.positionSide());
  if (side !== "LONG" && side !== "SHORT") return fail(orderRefusals.positionSide());
  return from.text("reduceOnly") === null ? ok(side) : fail(orderRefusals.reduceOnlyInHedge());
}

function readClientId(from: Parameters, context: FormContext): Result<string, Refusal> {
  const id = from.text("newClientOrderId");
  if (id === null) return ok(context.madeId());
  if (id.length > CLIENT_ID_LENGTH_MAX) return fail(orderRefusals.idLength());
  return CLIENT_ID.test(id) ? ok(id) : fail(refusals.illegal("newClientOrderId", "^[\\.A-Z\\:/a-z0-9_-]{1,36}$"));
}
