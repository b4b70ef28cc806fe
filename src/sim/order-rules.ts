// The exchange's rules, judged when an order arrives, not when it was sent (BT-19). Each refusal has its reason and a
// sentence of the exchange's own.

import { estimated } from "../base/integer.ts";
import type { Side } from "../market/amounts.ts";
import { lots } from "../market/amounts.ts";
import { baseMoney, unitMoney } from "../market/instrument.ts";
import type { RejectReason, TimeInForce } from "../trading/order.ts";
import type { Clearing, Holding, SimAccount } from "./clearing.ts";
import type { SimMarket } from "./market.ts";
import { leftOf, type SimOrder } from "./order.ts";

export interface Refusal {
  readonly reason: RejectReason;
  readonly text: string;
}

/** An order as it arrives. Price in ticks, quantity in lots. */
export interface OrderRequest {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
}

export const refuse = (reason: RejectReason, text: string): Refusal => ({ reason, text });

/** Grid, size, notional, status, number of open orders and price band. */
export function checkFilters(
  market: SimMarket,
  request: OrderRequest,
  limits: { readonly openOrders: number; readonly priceBandPpm: number | null },
): Refusal | null {
  const { instrument } = market;
  const { price, quantity } = request;
  if (instrument.status !== "trading") {
    return refuse("INSTRUMENT_NOT_TRADING", `${instrument.symbol} is ${instrument.status}`);
  }
  const { priceStep, quantityStep } = market.grid;
  if (!Number.isSafeInteger(price) || price <= 0 || price % priceStep !== 0) {
    return refuse("OFF_GRID", `price ${price} is off the tick grid`);
  }
  if (!Number.isSafeInteger(quantity) || quantity % quantityStep !== 0) {
    return refuse("OFF_GRID", `quantity ${quantity} is off the lot grid`);
  }
  if (quantity < instrument.minLots) {
    return refuse("BELOW_MINIMUM", `quantity ${quantity} is below the minimum of ${instrument.minLots} lots`);
  }
  if (quantity > instrument.maxLots) {
    return refuse("OTHER", `quantity ${quantity} is above the maximum of ${instrument.maxLots} lots`);
  }
  const exempt = request.reduceOnly && !instrument.minNotionalOnReduceOnly;
  if (!exempt && price * quantity < instrument.minNotional) {
    return refuse("BELOW_MINIMUM", `notional is below the minimum of ${instrument.minNotional} value units`);
  }
  if (limits.openOrders >= instrument.openOrdersMax) {
    return refuse("TOO_MANY_ORDERS", `${limits.openOrders} orders are open, the most allowed`);
  }
  return checkBand(market, request, limits.priceBandPpm);
}

/** Binance's PERCENT_PRICE: a buy may not be far above the market, a sell not far below; resting far away is allowed. */
function checkBand(market: SimMarket, request: OrderRequest, bandPpm: number | null): Refusal | null {
  const bid = market.best("buy");
  const ask = market.best("sell");
  if (bandPpm === null || bid === 0 || ask === 0) return null;
  const twice = bid + ask;
  const through = request.side === "buy" ? 2 * request.price - twice : twice - 2 * request.price;
  if (through * 1_000_000 <= twice * bandPpm) return null;
  return refuse("PRICE_OUT_OF_BAND", `price ${request.price} is more than ${bandPpm / 10_000} % through the mid`);
}

/** Lots a reduce-only order of that side may still trade. */
export function reducibleLots(holding: Holding, side: Side): number {
  return side === "sell" ? Math.max(0, holding.lots) : Math.max(0, -holding.lots);
}

/** Where the account's open orders are asked for, and its money. */
export interface FundsQuestion {
  readonly clearing: Clearing;
  readonly account: SimAccount;
  readonly market: SimMarket;
  readonly markets: readonly SimMarket[];
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
  /** The account's open orders; one that is being replaced already left out. */
  readonly open: () => Iterable<SimOrder>;
}

/**
 * Whether the account can carry one more order. Estimated in doubles; counted exactly only where the estimate is close.
 */
export function hasFunds(question: FundsQuestion): boolean {
  const { clearing, account, market, side, quantity } = question;
  const { instrument } = market;
  if (instrument.kind === "spot") {
    return side === "sell" ? hasBase(question) : freeExact(question) >= 0n;
  }
  if (question.markets.length > 1 || market.margin?.mode === "isolated") return freeExact(question) >= 0n;
  const holding = clearing.holding(account, instrument.symbol);
  const held = (holding.lots * market.markMilli) / 1000;
  const size = Math.abs(held);
  const value = question.price * quantity;
  const buys = holding.openBuyValue + (side === "buy" ? value : 0);
  const sells = holding.openSellValue + (side === "sell" ? value : 0);
  const exposure = held >= 0 ? Math.max(size + buys, sells - size) : Math.max(size + sells, buys - size);
  const equity = estimated(clearing.balance(account, instrument.quote)) / market.unitEstimate + held;
  // far more than the rounding of a few thousand additions
  if (equity - exposure / (holding.leverage ?? instrument.leverage) > (Math.abs(equity) + exposure) * 1e-6) return true;
  return freeExact(question) >= 0n;
}

/** What is sold is held, beside what open sells of the same asset against any other already bind. */
function hasBase({ clearing, account, market, markets, quantity }: FundsQuestion): boolean {
  const { base } = market.instrument;
  let bound: bigint = baseMoney(market.instrument, lots(quantity));
  for (const { instrument } of markets) {
    if (instrument.kind !== "spot" || instrument.base !== base) continue;
    bound += baseMoney(instrument, lots(clearing.holding(account, instrument.symbol).openSellLots));
  }
  return clearing.balance(account, base) >= bound;
}

/** Quote asset left after the order, exactly; Money. */
function freeExact(question: FundsQuestion): bigint {
  const { clearing, account, market, side, price, quantity } = question;
  const value = BigInt(price) * BigInt(quantity);
  return clearing.free(account, market.instrument.quote, (each, ofSide) => {
    let sum = each === market && side === ofSide ? value : 0n;
    for (const order of question.open()) {
      if (order.symbol !== each.instrument.symbol || order.side !== ofSide || order.reduceOnly) continue;
      sum += BigInt(order.price) * BigInt(leftOf(order));
    }
    return sum * unitMoney(each.instrument);
  });
}

/** Keeps the estimates of a holding: `lots` of an order begin (or, negative, cease) to be open. */
export function countOpen(holding: Holding, order: SimOrder, openLots: number): void {
  if (order.side === "sell") holding.openSellLots += openLots;
  if (order.reduceOnly) return;
  if (order.side === "buy") holding.openBuyValue += order.price * openLots;
  else holding.openSellValue += order.price * openLots;
}
