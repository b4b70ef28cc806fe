// Checks 10 to 16 of RISK-06: is there room for one more, in position, value, leverage, budget, number and own orders.

import { formatDecimal } from "../base/decimal.ts";
import { bigCeilDiv, floorDiv } from "../base/integer.ts";
import { type Money, money } from "../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity, type Instrument } from "../market/instrument.ts";
import type { Order } from "../trading/order.ts";
import { reservationFor } from "./budget.ts";
import {
  type ApprovalContext,
  type Check,
  closableLots,
  every,
  lotsLimit,
  moneyMeasure,
  opening,
  quantityOf,
} from "./check.ts";
import type { RiskLimits } from "./limits.ts";

/** Equity older than this says nothing (risk.md section 2). */
export const EQUITY_AGE_MS_MAX = 60_000;

/** Ours, or the exchange's less 10 %, whichever is smaller (check 14). */
export function openOrdersLimitOf(limits: RiskLimits, instrument: Instrument): number {
  return Math.min(limits.openOrdersMax, floorDiv(instrument.openOrdersMax * 9, 10));
}

const position = opening("position", {
  // On spot an opening sell would sell coins this bot never bought: the user's own (RISK-12).
  passes: (c) =>
    !sellsShortOnSpot(c) && (c.limits.positionQuantityMax === null || c.worst <= c.limits.positionQuantityMax),
  measure: (c) => ({
    value: formatQuantity(c.facts.instrument, c.worst),
    limit: lotsLimit(c, c.limits.positionQuantityMax),
    unit: c.facts.instrument.base,
  }),
  text: (c) => {
    const { base } = c.facts.instrument;
    if (sellsShortOnSpot(c)) {
      const held = formatQuantity(c.facts.instrument, closableLots(c));
      return `sell of ${quantityOf(c).value} ${base}, but this bot has only ${held} ${base} to sell`;
    }
    const value = formatQuantity(c.facts.instrument, c.worst);
    return `worst-case position would be ${value} ${base}, limit ${lotsLimit(c, c.limits.positionQuantityMax)} ${base}`;
  },
});

const sellsShortOnSpot = ({ facts, order, reducing }: ApprovalContext): boolean =>
  facts.instrument.kind === "spot" && order.side === "sell" && !reducing;

const positionNotional = opening("position-notional", {
  passes: (c) => c.exposure !== null && c.exposure <= c.limits.positionNotionalMax,
  measure: (c) => moneyMeasure(c, c.exposure, c.limits.positionNotionalMax),
  text: (c) => {
    const { quote } = c.facts.instrument;
    const value = formatMoney(c.exposure ?? money(0n));
    const limit = formatMoney(c.limits.positionNotionalMax);
    return `worst-case position would be ${value} ${quote}, limit ${limit} ${quote}`;
  },
});

const leverage = opening("leverage", {
  passes: (c) => {
    if (c.facts.instrument.kind === "spot") return true; // nothing is borrowed, and equity may leave out the coins
    const equity = freshEquity(c);
    if (c.exposure === null || equity === null) return false;
    return c.exposure * 1000n <= BigInt(c.limits.leverageMaxMilli) * equity;
  },
  measure: (c) => ({ value: leverageOf(c), limit: leverageLimit(c), unit: "times equity" }),
  text: (c) => {
    const value = leverageOf(c);
    if (value !== null) return `leverage would be ${value}, limit ${leverageLimit(c)}`;
    const why = c.facts.equityAtMs === null ? "has not arrived" : "is stale";
    return `leverage is not known: the account's equity ${why}, limit ${leverageLimit(c)}`;
  },
});

function freshEquity({ facts: { nowMs, equity, equityAtMs } }: ApprovalContext): Money | null {
  return equityAtMs !== null && nowMs - equityAtMs <= EQUITY_AGE_MS_MAX ? equity : null;
}

function leverageOf(c: ApprovalContext): string | null {
  const equity = freshEquity(c);
  if (equity === null || c.exposure === null) return null;
  return equity <= 0n ? "infinite" : formatDecimal(bigCeilDiv(c.exposure * 10_000n, equity), 4);
}

const leverageLimit = ({ limits }: ApprovalContext): string => formatDecimal(BigInt(limits.leverageMaxMilli), 3);

/** The account's grant, or the bot's own limit where that is smaller: nobody is asked (RISK-09). */
export const grantOf = ({ limits, facts }: ApprovalContext): Money =>
  facts.grant !== undefined && facts.grant < limits.exposureGrossMax ? facts.grant : limits.exposureGrossMax;

const exposure = opening("exposure", {
  passes: (c) => c.exposure !== null && c.exposure <= grantOf(c),
  measure: (c) => moneyMeasure(c, c.exposure, grantOf(c)),
  text: (c) => {
    const { quote } = c.facts.instrument;
    const value = formatMoney(c.exposure ?? money(0n));
    return `exposure would be ${value} ${quote}, grant ${formatMoney(grantOf(c))} ${quote}`;
  },
});

const needed = ({ facts, order }: ApprovalContext): Money =>
  reservationFor(facts.instrument, order.price, order.quantity);

const budget = opening("budget", {
  passes: (c) => c.facts.budgetAvailable === undefined || needed(c) <= c.facts.budgetAvailable,
  measure: (c) => ({
    value: formatMoney(needed(c)),
    limit: c.facts.budgetAvailable === undefined ? null : formatMoney(c.facts.budgetAvailable),
    unit: c.facts.instrument.quote,
  }),
  text: (c) => {
    const { quote } = c.facts.instrument;
    const left = formatMoney(c.facts.budgetAvailable ?? money(0n));
    return `needs ${formatMoney(needed(c))} ${quote}, ${left} ${quote} of budget left`;
  },
});

const openOrders = every("open-orders", {
  passes: (c) => c.totals.count < openOrdersLimitOf(c.limits, c.facts.instrument),
  measure: (c) => ({
    value: String(c.totals.count),
    limit: String(openOrdersLimitOf(c.limits, c.facts.instrument)),
    unit: "orders",
  }),
  text: (c) => `${c.totals.count} open orders, limit ${openOrdersLimitOf(c.limits, c.facts.instrument)}`,
});

const orderRate = every("order-rate", {
  passes: ({ hasToken }) => hasToken,
  measure: ({ inSecond, limits }) => ({
    value: String(inSecond),
    limit: String(limits.ordersPerSecondMax),
    unit: "orders/s",
  }),
  text: ({ inSecond, limits }) => `${inSecond} orders in the last second, limit ${limits.ordersPerSecondMax}`,
});

const selfTrade = every("self-trade", {
  passes: (c) => met(c) === null,
  measure: (c) => {
    const order = c.order.side === "buy" ? c.totals.lowestSell : c.totals.highestBuy;
    return {
      value: formatPrice(c.facts.instrument, c.order.price),
      limit: order === null ? null : formatPrice(c.facts.instrument, order.order.price),
      unit: c.facts.instrument.quote,
    };
  },
  text: (c) => {
    const order = met(c);
    if (order === null) return "";
    return `would trade with own order ${order.clientOrderId} at ${formatPrice(c.facts.instrument, order.order.price)}`;
  },
});

/** The own live order this one would meet. */
function met({ order, totals }: ApprovalContext): Order | null {
  if (order.side === "buy") {
    return totals.lowestSell !== null && order.price >= totals.lowestSell.order.price ? totals.lowestSell : null;
  }
  return totals.highestBuy !== null && order.price <= totals.highestBuy.order.price ? totals.highestBuy : null;
}

/** In the order of the table; row 10 is two codes. */
export const ROOM_CHECKS: readonly Check[] = [
  position,
  positionNotional,
  leverage,
  exposure,
  budget,
  openOrders,
  orderRate,
  selfTrade,
];
