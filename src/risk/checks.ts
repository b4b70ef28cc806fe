// The pre-trade checks of RISK-06 as one ordered table. Each says whether an order passes, what was compared with what,
// and the sentence of its refusal. Adding a check is adding a row; nothing here keeps state.

import { formatDecimal } from "../base/decimal.ts";
import { bigCeilDiv, compareProducts, floorDiv, mulCeilDiv } from "../base/integer.ts";
import { isoTime } from "../base/iso-time.ts";
import { type Lots, type MilliTicks, type Money, milliTicks, money } from "../market/amounts.ts";
import {
  formatMark,
  formatMoney,
  formatPrice,
  formatQuantity,
  type Instrument,
  notionalMoney,
  unitMoney,
} from "../market/instrument.ts";
import type { NewOrder, Order } from "../trading/order.ts";
import { reservationFor } from "./budget.ts";
import { closable, type LiveTotals } from "./exposure.ts";
import type { ApprovalFacts } from "./facts.ts";
import type { RiskLimits } from "./limits.ts";

/** Equity older than this says nothing (risk.md section 2). */
export const EQUITY_AGE_MS_MAX = 60_000;

/** What a refusal is called everywhere: alerts, metrics, the strategy's event. */
export type RefusalCode =
  | "mode"
  | "instrument"
  | "size-rules"
  | "reduce-only"
  | "stale-book"
  | "no-price"
  | "unknown-order"
  | "order-quantity"
  | "order-notional"
  | "price-band"
  | "position"
  | "position-notional"
  | "leverage"
  | "exposure"
  | "budget"
  | "open-orders"
  | "order-rate"
  | "self-trade";

/** Everything one decision looks at. */
export interface ApprovalContext {
  readonly limits: RiskLimits;
  readonly facts: ApprovalFacts;
  readonly order: NewOrder;
  readonly totals: LiveTotals;
  /** The order only closes: checks marked ○ in RISK-06 are not asked of it. */
  readonly reducing: boolean;
  /** max(|L|, |W|) with the order alive. */
  readonly worst: Lots;
  /** Its value at mark; null without a mark. */
  readonly exposure: Money | null;
  /** Fresh mid, else mark, in milliticks: what the price band is measured from. */
  readonly reference: MilliTicks | null;
  readonly referenceName: "mid" | "mark";
  /** The token bucket still lets one out. */
  readonly hasToken: boolean;
  /** Orders approved in the running second. */
  readonly inSecond: number;
}

/** What was compared, as exact text. `value: null` is not known, `limit: null` is none. */
export interface Measure {
  readonly value: string | null;
  readonly limit: string | null;
  readonly unit: string;
}

export interface Check {
  readonly code: RefusalCode;
  /** Not asked of reducing orders (○). */
  readonly openingOnly: boolean;
  readonly passes: (c: ApprovalContext) => boolean;
  readonly measure: (c: ApprovalContext) => Measure;
  readonly text: (c: ApprovalContext) => string;
}

type Row = Omit<Check, "code" | "openingOnly">;
const every = (code: RefusalCode, row: Row): Check => ({ code, openingOnly: false, ...row });
const opening = (code: RefusalCode, row: Row): Check => ({ code, openingOnly: true, ...row });

/** Ours, or the exchange's less 10 %, whichever is smaller (check 14). */
export function openOrdersLimitOf(limits: RiskLimits, instrument: Instrument): number {
  return Math.min(limits.openOrdersMax, floorDiv(instrument.openOrdersMax * 9, 10));
}

const mode = every("mode", {
  passes: ({ facts, order, reducing }) => {
    const { mode, blocks, reducingAllowed } = facts.mode;
    switch (mode) {
      case "normal":
        return true;
      case "recovering":
        return false;
      case "killed":
        return reducing && facts.closer !== undefined;
      case "draining":
      case "breaker":
        return reducing && (reducingAllowed || facts.closer !== undefined);
      case "monitor":
      case "paused":
        return reducing ? reducingAllowed || facts.closer !== undefined : blocks !== "both" && blocks !== order.side;
    }
  },
  measure: ({ facts }) => ({ value: facts.mode.mode, limit: "normal", unit: "mode" }),
  text: ({ facts, reducing }) =>
    `${reducing ? "orders" : "opening orders"} are blocked: ${facts.mode.reason} since ${isoTime(facts.mode.sinceMs)}`,
});

const instrument = every("instrument", {
  // A position must not be stranded: while the exchange still takes orders before a delisting, closing ones pass.
  passes: ({ facts: { instrument: it }, order, reducing }) =>
    order.symbol === it.symbol && !it.inverse && (it.status === "trading" || (it.status === "delisting" && reducing)),
  measure: (c) => ({ value: instrumentStatus(c), limit: "trading", unit: "status" }),
  text: (c) => `${c.order.symbol} is ${instrumentStatus(c)} on ${c.facts.instrument.exchange}`,
});

function instrumentStatus({ facts, order }: ApprovalContext): string {
  if (order.symbol !== facts.instrument.symbol) return "unknown";
  return facts.instrument.inverse ? "an inverse contract" : facts.instrument.status;
}

const sizeRules = every("size-rules", {
  passes: (c) => sizeFault(c) === null,
  measure: (c) =>
    sizeFault(c)?.measure ?? {
      ...quantityOf(c),
      limit: formatQuantity(c.facts.instrument, c.facts.instrument.minLots),
    },
  text: (c) => sizeFault(c)?.text ?? "",
});

const quantityOf = ({ facts, order }: ApprovalContext): { value: string; unit: string } => ({
  value: formatQuantity(facts.instrument, order.quantity),
  unit: facts.instrument.base,
});

function sizeFault(c: ApprovalContext): { measure: Measure; text: string } | null {
  const { order } = c;
  const it = c.facts.instrument;
  const fault = (what: string, value: string, bound: string, limit: string, unit: string) => ({
    measure: { value, limit, unit },
    text: `${what} ${value} is ${bound} ${limit}`,
  });
  const value = (): string => formatQuantity(it, order.quantity);
  if (order.price <= 0)
    return fault("price", formatPrice(it, order.price), "below the exchange minimum", it.tickSize, it.quote);
  if (order.quantity < Math.max(it.minLots, 1)) {
    return fault("quantity", value(), "below the exchange minimum", formatQuantity(it, it.minLots), it.base);
  }
  if (order.quantity > it.maxLots) {
    return fault("quantity", value(), "above the exchange maximum", formatQuantity(it, it.maxLots), it.base);
  }
  if (order.reduceOnly && !it.minNotionalOnReduceOnly) return null;
  if (compareProducts(order.price, order.quantity, it.minNotional, 1) >= 0) return null;
  const limit = formatMoney(money(BigInt(it.minNotional) * unitMoney(it)));
  return fault(
    "notional",
    formatMoney(notionalMoney(it, order.price, order.quantity)),
    "below the exchange minimum",
    limit,
    it.quote,
  );
}

const closableLots = ({ facts, order, totals }: ApprovalContext): Lots => closable(order.side, facts.position, totals);

const reduceOnly = every("reduce-only", {
  passes: ({ order, reducing }) => !order.reduceOnly || reducing,
  measure: (c) => ({ ...quantityOf(c), limit: formatQuantity(c.facts.instrument, closableLots(c)) }),
  text: (c) =>
    `reduce-only ${quantityOf(c).value}, but only ${formatQuantity(c.facts.instrument, closableLots(c))} can be closed`,
});

const staleBook = opening("stale-book", {
  passes: ({ facts, limits }) => facts.bookAtMs !== null && facts.nowMs - facts.bookAtMs <= limits.bookAgeMsMax,
  measure: ({ facts, limits }) => ({
    value: facts.bookAtMs === null ? null : String(facts.nowMs - facts.bookAtMs),
    limit: String(limits.bookAgeMsMax),
    unit: "ms",
  }),
  text: ({ facts, limits }) =>
    facts.bookAtMs === null
      ? `no book has arrived yet, limit ${limits.bookAgeMsMax} ms`
      : `book is ${facts.nowMs - facts.bookAtMs} ms old, limit ${limits.bookAgeMsMax} ms`,
});

const noPrice = opening("no-price", {
  passes: ({ facts }) => facts.mark !== null && facts.mark > 0,
  measure: ({ facts }) => ({
    value: facts.mark === null ? null : formatMark(facts.instrument, facts.mark),
    limit: null,
    unit: facts.instrument.quote,
  }),
  text: ({ facts }) => `no fresh price for ${facts.instrument.symbol}`,
});

const unknownOrder = opening("unknown-order", {
  passes: ({ totals, limits }) => totals.unknownOfSlot === null && totals.unknown <= limits.unknownOrdersMax,
  measure: ({ totals, limits }) => ({
    value: String(totals.unknown),
    limit: String(limits.unknownOrdersMax),
    unit: "orders",
  }),
  text: ({ totals, limits, facts }) => {
    const order = totals.unknownOfSlot;
    if (order !== null)
      return `order ${order.clientOrderId} of this slot is unsettled since ${isoTime(unsettledSince(order))}`;
    return `${totals.unknown} orders of ${facts.instrument.symbol} are unsettled, limit ${limits.unknownOrdersMax}`;
  },
});

const unsettledSince = (order: Order): number => order.unknownSinceMs ?? order.placedAtMs;

const orderQuantity = every("order-quantity", {
  passes: ({ order, limits }) => limits.orderQuantityMax === null || order.quantity <= limits.orderQuantityMax,
  measure: (c) => ({ ...quantityOf(c), limit: lotsLimit(c, c.limits.orderQuantityMax) }),
  text: (c) => {
    const { base } = c.facts.instrument;
    return `order quantity ${quantityOf(c).value} ${base} is above orderQuantityMax ${lotsLimit(c, c.limits.orderQuantityMax)} ${base}`;
  },
});

const lotsLimit = ({ facts }: ApprovalContext, limit: Lots | null): string | null =>
  limit === null ? null : formatQuantity(facts.instrument, limit);

const orderNotional = every("order-notional", {
  passes: (c) => notionalOf(c) <= c.limits.orderNotionalMax,
  measure: (c) => moneyMeasure(c, notionalOf(c), c.limits.orderNotionalMax),
  text: (c) => {
    const { quote } = c.facts.instrument;
    const limit = formatMoney(c.limits.orderNotionalMax);
    return `order notional ${formatMoney(notionalOf(c))} ${quote} is above orderNotionalMax ${limit} ${quote}`;
  },
});

const notionalOf = ({ facts, order }: ApprovalContext): Money =>
  notionalMoney(facts.instrument, order.price, order.quantity);

const moneyMeasure = (c: ApprovalContext, value: Money | null, limit: Money): Measure => ({
  value: value === null ? null : formatMoney(value),
  limit: formatMoney(limit),
  unit: c.facts.instrument.quote,
});

/** Without a reference only reducing orders come this far: they pass (RISK-02). */
const priceBand = every("price-band", {
  passes: (c) => bandFault(c) === null,
  measure: (c) => {
    const band = nearBand(c);
    return { value: c.reference === null ? null : String(bpsThrough(c)), limit: String(band), unit: "bps" };
  },
  text: (c) => {
    const it = c.facts.instrument;
    const reference = formatMark(it, c.reference ?? milliTicks(0));
    const at = `${c.order.side} at ${formatPrice(it, c.order.price)} is`;
    const far = bandFault(c) === "far";
    const bps = far ? -bpsThrough(c) : bpsThrough(c);
    const limit = far ? c.limits.priceBandFarBps : nearBand(c);
    return `${at} ${bps} bps ${far ? "behind" : "through"} ${c.referenceName} ${reference}, limit ${limit} bps`;
  },
});

const nearBand = ({ facts, limits }: ApprovalContext): number => facts.closer?.priceBandBps ?? limits.priceBandBps;

function bandFault(c: ApprovalContext): "near" | "far" | null {
  const { order, limits, reference } = c;
  if (reference === null) return null;
  const sign = order.side === "buy" ? 1 : -1;
  // price ⋛ reference × (1 ± band): milliticks × 10,000 on both sides
  const near = compareProducts(order.price, 10_000_000, reference, 10_000 + sign * nearBand(c));
  if (near * sign > 0) return "near";
  const far = compareProducts(order.price, 10_000_000, reference, 10_000 - sign * limits.priceBandFarBps);
  return far * sign < 0 ? "far" : null;
}

/** How far through the reference the price is, in bps rounded away from zero; negative is behind it. */
function bpsThrough({ order, reference }: ApprovalContext): number {
  const through = (order.price * 1000 - (reference ?? 0)) * (order.side === "buy" ? 1 : -1);
  const bps = mulCeilDiv(Math.abs(through), 10_000, Math.max(1, reference ?? 1));
  return through < 0 ? -bps : bps;
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
    return `worst-case position would be ${value} ${quote}, limit ${formatMoney(c.limits.positionNotionalMax)} ${quote}`;
  },
});

const leverage = opening("leverage", {
  passes: (c) => {
    if (c.exposure === null) return false;
    const equity = freshEquity(c);
    if (equity === null) return c.facts.instrument.kind === "spot"; // nothing is borrowed on spot
    if (equity <= 0n) return c.exposure <= 0n;
    return c.exposure * 1000n <= BigInt(c.limits.leverageMaxMilli) * equity;
  },
  measure: (c) => ({ value: leverageOf(c), limit: leverageLimit(c), unit: "times equity" }),
  text: (c) => {
    const value = leverageOf(c);
    if (value !== null) return `leverage would be ${value}, limit ${leverageLimit(c)}`;
    return `leverage is not known: the account's equity ${c.facts.equityAtMs === null ? "has not arrived" : "is stale"}, limit ${leverageLimit(c)}`;
  },
});

function freshEquity({ facts }: ApprovalContext): Money | null {
  if (facts.equity === null || facts.equityAtMs === null) return null;
  return facts.nowMs - facts.equityAtMs > EQUITY_AGE_MS_MAX ? null : facts.equity;
}

function leverageOf(c: ApprovalContext): string | null {
  const equity = freshEquity(c);
  if (equity === null || c.exposure === null) return null;
  return equity <= 0n ? "infinite" : formatDecimal(bigCeilDiv(c.exposure * 10_000n, equity), 4);
}

const leverageLimit = ({ limits }: ApprovalContext): string => formatDecimal(BigInt(limits.leverageMaxMilli), 3);

const exposure = opening("exposure", {
  passes: (c) => c.exposure !== null && c.exposure <= c.limits.exposureGrossMax,
  measure: (c) => moneyMeasure(c, c.exposure, c.limits.exposureGrossMax),
  text: (c) => {
    const { quote } = c.facts.instrument;
    const value = formatMoney(c.exposure ?? money(0n));
    return `exposure would be ${value} ${quote}, grant ${formatMoney(c.limits.exposureGrossMax)} ${quote}`;
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

/** RISK-06, in order: rows 8 and 10 are two codes each. */
export const CHECKS: readonly Check[] = [
  mode,
  instrument,
  sizeRules,
  reduceOnly,
  staleBook,
  noPrice,
  unknownOrder,
  orderQuantity,
  orderNotional,
  priceBand,
  position,
  positionNotional,
  leverage,
  exposure,
  budget,
  openOrders,
  orderRate,
  selfTrade,
];
