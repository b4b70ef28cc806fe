// A new order as Binance spot asks for it → an order of the simulated exchange, checked in the exchange's order:
// what was sent, then the filters of the instrument. Market orders become limit orders at the farthest price the
// band allows, which take what they meet and rest nowhere.

import { parseDecimal } from "../../../../base/decimal.ts";
import { toSafe } from "../../../../base/integer.ts";
import { fail, ok, type Result } from "../../../../base/result.ts";
import type { Side } from "../../../../market/amounts.ts";
import { parsePrice, parseQuantity } from "../../../../market/instrument.ts";
import type { SimMarket } from "../../../../sim/market.ts";
import type { OrderRequest } from "../../../../sim/order-rules.ts";
import type { TimeInForce } from "../../../../trading/order.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Refusal, refusal, refusals } from "../wire/refusals.ts";
import { quoteOf } from "./amounts.ts";
import { PRICE_MAX_TICKS, tooFarAway } from "./instruments.ts";
import { moneyOf, type OrderNote } from "./order-records.ts";
import type { ResponseType } from "./order-view.ts";
import { filterFailure, MARKET_CLOSED, notRequired, tooPrecise } from "./refusals.ts";

export interface OrderForm {
  readonly request: OrderRequest;
  readonly note: OrderNote;
  readonly respond: ResponseType;
}

export const ID_RANGE = "^[a-zA-Z0-9-_\\.:/]{1,36}$";
const ID = /^[A-Za-z0-9\-_.:/]{1,36}$/;
const AMOUNT = /^\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,2})?$/;
export const AMOUNT_RANGE = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
/** Digits after the point that the exchange reads at all. */
const DIGITS_MAX = 8;
/** Stop orders are known, and not traded here. */
const STOPS = new Set(["STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"]);

export interface FormQuestion {
  readonly market: SimMarket;
  readonly parameters: Parameters;
  /** Farthest an order may go through the market, millionths; null: no band. */
  readonly bandPpm: number | null;
  /** The id of an order that was sent without one. */
  readonly freshId: () => string;
}

export function orderForm(question: FormQuestion): Result<OrderForm, Refusal> {
  const { parameters, market } = question;
  const side = parameters.required("side");
  if (!side.ok) return side;
  if (side.value !== "BUY" && side.value !== "SELL") return fail(refusals.side());
  const type = parameters.required("type");
  if (!type.ok) return type;
  if (STOPS.has(type.value)) return fail(refusal(-2010, `${stopName(type.value)} are not supported for this symbol.`));
  if (type.value !== "LIMIT" && type.value !== "LIMIT_MAKER" && type.value !== "MARKET") {
    return fail(refusals.orderType());
  }
  const clientOrderId = idOf(parameters, "newClientOrderId");
  if (!clientOrderId.ok) return clientOrderId;
  const respond = responseType(parameters, type.value);
  if (!respond.ok) return respond;
  const timeInForce = lifeOf(parameters, type.value);
  if (!timeInForce.ok) return timeInForce;
  const word = side.value === "BUY" ? "buy" : "sell";
  const amounts = type.value === "MARKET" ? marketAmounts(question, word) : limitAmounts(question, word);
  if (!amounts.ok) return amounts;
  const request: OrderRequest = {
    symbol: market.symbol,
    clientOrderId: clientOrderId.value ?? question.freshId(),
    side: word,
    price: amounts.value.price,
    quantity: amounts.value.quantity,
    timeInForce: timeInForce.value,
    postOnly: type.value === "LIMIT_MAKER",
    reduceOnly: false,
  };
  const quoteOrderQty = parameters.text("quoteOrderQty");
  return ok({ request, respond: respond.value, note: { market: type.value === "MARKET", quoteOrderQty } });
}

/** A client id of our own choice; null where none was sent. Errors: −1100. */
export function idOf(parameters: Parameters, name: string): Result<string | null, Refusal> {
  const id = parameters.text(name);
  if (id !== null && !ID.test(id)) return fail(refusals.illegal(name, ID_RANGE));
  return ok(id);
}

/** Text of an amount above zero. Errors: −1102, −1100, −1111, −1013. */
export function amountText(parameters: Parameters, name: string): Result<string, Refusal> {
  const sent = parameters.required(name);
  if (!sent.ok) return sent;
  if (!AMOUNT.test(sent.value)) return fail(refusals.illegal(name, AMOUNT_RANGE));
  const value = parseDecimal(sent.value);
  if (!value.ok) return fail(refusals.illegal(name, AMOUNT_RANGE));
  const plain = trimmed(value.value);
  if (plain.scale > DIGITS_MAX) return fail(tooPrecise(name));
  if (plain.digits <= 0n) return fail(refusal(-1013, `Invalid ${name}.`));
  return ok(sent.value);
}

/** Lots of a quantity within LOT_SIZE, on the grid as it is now. */
export function lotsOf({ instrument, grid }: SimMarket, text: string): Result<number, Refusal> {
  const quantity = parseQuantity(instrument, text);
  if (!quantity.ok || quantity.value % grid.quantityStep !== 0) return fail(filterFailure("LOT_SIZE"));
  const within = quantity.value >= instrument.minLots && quantity.value <= instrument.maxLots;
  return within ? ok(quantity.value) : fail(filterFailure("LOT_SIZE"));
}

interface Amounts {
  readonly price: number;
  readonly quantity: number;
}

function limitAmounts({ market, parameters }: FormQuestion, side: Side): Result<Amounts, Refusal> {
  const { instrument } = market;
  const quantityText = amountText(parameters, "quantity");
  if (!quantityText.ok) return quantityText;
  const priceText = amountText(parameters, "price");
  if (!priceText.ok) return priceText;
  if (instrument.status !== "trading") return fail(MARKET_CLOSED);
  const price = parsePrice(instrument, priceText.value);
  const offGrid = !price.ok || price.value % market.grid.priceStep !== 0;
  if (offGrid || price.value > PRICE_MAX_TICKS) return fail(filterFailure("PRICE_FILTER"));
  if (tooFarAway(side, price.value, midOf(market))) return fail(filterFailure("PERCENT_PRICE_BY_SIDE"));
  const quantity = lotsOf(market, quantityText.value);
  if (!quantity.ok) return quantity;
  if (price.value * quantity.value < instrument.minNotional) return fail(filterFailure("NOTIONAL"));
  return ok({ price: price.value, quantity: quantity.value });
}

function marketAmounts(question: FormQuestion, side: Side): Result<Amounts, Refusal> {
  const { market, parameters } = question;
  const { instrument } = market;
  if (parameters.has("price")) return fail(notRequired("price"));
  const byQuote = parameters.text("quoteOrderQty") !== null;
  if (byQuote && parameters.text("quantity") !== null) return fail(notRequired("quoteOrderQty"));
  const text = amountText(parameters, byQuote ? "quoteOrderQty" : "quantity");
  if (!text.ok) return text;
  if (instrument.status !== "trading") return fail(MARKET_CLOSED);
  const price = farthest(question, side);
  if (price === 0) return fail(refusal(-2010, "Market order was rejected: there is nothing to trade with."));
  const quantity = byQuote
    ? ok(wholeSteps(market, lotsFor(market, side, moneyOf(text.value))))
    : lotsOf(market, text.value);
  if (!quantity.ok) return quantity;
  if (quantity.value < instrument.minLots) return fail(filterFailure("LOT_SIZE"));
  const best = market.best(side === "buy" ? "sell" : "buy");
  if (best * quantity.value < instrument.minNotional) return fail(filterFailure("NOTIONAL"));
  return ok({ price, quantity: quantity.value });
}

/** The price to which a market order takes: what the band leaves, and what the book shows. 0: nothing is shown. */
function farthest({ market, bandPpm }: FormQuestion, side: Side): number {
  const other = side === "buy" ? "sell" : "buy";
  let last = 0;
  for (const [price] of market.levels(other, Number.MAX_SAFE_INTEGER)) last = price;
  const twice = market.best("buy") + market.best("sell");
  if (last === 0 || bandPpm === null || twice === last) return last;
  const reach = Math.floor((twice * bandPpm) / 2_000_000);
  return side === "buy" ? Math.min(last, Math.floor(twice / 2) + reach) : Math.max(last, Math.ceil(twice / 2) - reach);
}

/** Whole lots that so much of the quote asset buys or that yield it, walking the shown book. */
function lotsFor(market: SimMarket, side: Side, quote: bigint): number {
  const other = side === "buy" ? "sell" : "buy";
  let left = quote;
  let lots = 0;
  for (const [price, shown] of market.levels(other, Number.MAX_SAFE_INTEGER)) {
    const unit: bigint = quoteOf(market.instrument, price, 1);
    const affordable = left / unit;
    if (affordable <= BigInt(shown)) return lots + toSafe(affordable);
    lots += shown;
    left -= unit * BigInt(shown);
  }
  return lots;
}

/** Lots rounded down to what an order may be. */
const wholeSteps = ({ grid }: SimMarket, lots: number): number => lots - (lots % grid.quantityStep);

export function midOf(market: SimMarket): number {
  const bid = market.best("buy");
  const ask = market.best("sell");
  return bid === 0 || ask === 0 ? 0 : Math.floor((bid + ask) / 2);
}

function lifeOf(parameters: Parameters, type: "LIMIT" | "LIMIT_MAKER" | "MARKET"): Result<TimeInForce, Refusal> {
  const sent = parameters.text("timeInForce");
  if (type === "MARKET") return sent === null ? ok("IOC") : fail(notRequired("timeInForce"));
  if (type === "LIMIT_MAKER") return sent === null ? ok("GTC") : fail(notRequired("timeInForce"));
  if (sent === null) return fail(refusals.missing("timeInForce"));
  return sent === "GTC" || sent === "IOC" || sent === "FOK" ? ok(sent) : fail(refusals.timeInForce());
}

function responseType(parameters: Parameters, type: string): Result<ResponseType, Refusal> {
  const sent = parameters.text("newOrderRespType");
  if (sent === null) return ok(type === "LIMIT_MAKER" ? "ACK" : "FULL");
  if (sent === "ACK" || sent === "RESULT" || sent === "FULL") return ok(sent);
  return fail(refusals.invalid("newOrderRespType"));
}

const stopName = (type: string): string => (type.startsWith("STOP") ? "Stop loss orders" : "Take profit orders");

function trimmed({ digits, scale }: { readonly digits: bigint; readonly scale: number }): {
  readonly digits: bigint;
  readonly scale: number;
} {
  let [d, s] = [digits, scale];
  while (s > 0 && d % 10n === 0n) {
    d /= 10n;
    s -= 1;
  }
  return { digits: d, scale: s };
}
