// A taker order against everything it can meet: the shown book and resting orders of ours, by price, then by time.
// Within a price, what is ahead of a resting order trades before it, and what stands behind it after it.

import { opposite } from "../market/amounts.ts";
import type { SimMarket } from "./market.ts";
import type { ExchangeProfile } from "./options.ts";
import { leftOf, NO_PLACE, type SimOrder } from "./order.ts";

export interface TakerOutlet {
  /** The taker traded with the shown book. */
  withMarket(quantity: number, price: number): void;
  /** The taker traded with a resting order of another account (or of its own, where nothing prevents it). */
  withResting(maker: SimOrder, quantity: number): void;
  /** Self-trade prevention ends a resting order. */
  cancelMaker(maker: SimOrder): void;
}

/** Price at which the order would trade first, 0 when it would rest. */
export function firstMeeting(market: SimMarket, order: SimOrder): number {
  const side = opposite(order.side);
  const sign = order.side === "buy" ? 1 : -1;
  const shown = market.best(side);
  const own = market.resting.best(side);
  const shownFits = shown > 0 && (order.price - shown) * sign >= 0;
  const ownFits = Number.isFinite(own) && (order.price - own) * sign >= 0;
  if (!shownFits) return ownFits ? own : 0;
  return ownFits && (shown - own) * sign > 0 ? own : shown;
}

/**
 * Lots the order could trade at once, up to its own quantity: what FOK asks. Orders of its own account do not count.
 */
export function reachable(market: SimMarket, order: SimOrder): number {
  const side = opposite(order.side);
  const sign = order.side === "buy" ? 1 : -1;
  const wanted = leftOf(order);
  let sum = 0;
  for (const other of market.resting.all()) {
    if (other.side === side && other.account !== order.account && (order.price - other.price) * sign >= 0) {
      sum += leftOf(other);
    }
  }
  if (market.best(side) === 0) return Math.min(sum, wanted);
  for (const [price, quantity] of market.levels(side, Number.MAX_SAFE_INTEGER)) {
    if (sum >= wanted || (order.price - price) * sign < 0) break;
    sum += Math.max(quantity, market.shown(side, price));
  }
  return Math.min(sum, wanted);
}

/** Trades the order as far as it goes. Says whether self-trade prevention ended the taker. */
export function takeLiquidity(
  market: SimMarket,
  taker: SimOrder,
  selfTrade: ExchangeProfile["selfTrade"],
  outlet: TakerOutlet,
): "done" | "selfTrade" {
  while (leftOf(taker) > 0) {
    const price = firstMeeting(market, taker);
    if (price === 0) return "done";
    // each pass trades something or takes a maker of our own away, so this ends
    if (!tradeAtPrice(market, taker, price, { selfTrade, outlet })) return "selfTrade";
  }
  return "done";
}

/** One price level; false when self-trade prevention ends the taker. */
function tradeAtPrice(
  market: SimMarket,
  taker: SimOrder,
  price: number,
  how: { readonly selfTrade: ExchangeProfile["selfTrade"]; readonly outlet: TakerOutlet },
): boolean {
  const { selfTrade, outlet } = how;
  const side = opposite(taker.side);
  const makers = market.resting.at(side, price);
  const shown = market.best(side) === 0 ? 0 : market.shown(side, price);
  let taken = 0;
  const takeShown = (upTo: number): void => {
    const quantity = Math.min(leftOf(taker), upTo - taken);
    if (quantity <= 0) return;
    taken += quantity;
    market.take(side, price, quantity);
    outlet.withMarket(quantity, price);
  };
  for (const maker of makers) {
    // an earlier trade at this level may have ended it: nothing left to reduce
    if (maker.status !== "open") continue;
    takeShown(maker.ahead === NO_PLACE ? shown : Math.min(maker.ahead, shown));
    if (leftOf(taker) === 0) break;
    if (maker.account === taker.account && selfTrade !== "none") {
      if (selfTrade !== "cancelTaker") outlet.cancelMaker(maker);
      if (selfTrade !== "cancelMaker") {
        shiftAhead(makers, taken);
        return false;
      }
      continue;
    }
    outlet.withResting(maker, Math.min(leftOf(taker), leftOf(maker)));
  }
  takeShown(shown);
  shiftAhead(makers, taken);
  return true;
}

/** What a taker took from the level stood ahead of some of us. */
function shiftAhead(makers: readonly SimOrder[], taken: number): void {
  for (const maker of makers) if (maker.ahead !== NO_PLACE) maker.ahead = Math.max(0, maker.ahead - taken);
}
