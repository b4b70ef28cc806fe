// Checks 1 to 9 of RISK-06: may this order be sent at all, by mode, by the exchange's rules, on these prices.

import { compareProducts, mulCeilDiv } from "../base/integer.ts";
import { isoTime } from "../base/iso-time.ts";
import { type Money, milliTicks, money } from "../market/amounts.ts";
import {
  formatMark,
  formatMoney,
  formatPrice,
  formatQuantity,
  notionalMoney,
  unitMoney,
} from "../market/instrument.ts";
import type { Order } from "../trading/order.ts";
import {
  type ApprovalContext,
  type Check,
  closableLots,
  every,
  lotsLimit,
  type Measure,
  moneyMeasure,
  opening,
  quantityOf,
} from "./check.ts";

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
    const limit = lotsLimit(c, c.limits.orderQuantityMax);
    return `order quantity ${quantityOf(c).value} ${base} is above orderQuantityMax ${limit} ${base}`;
  },
});

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

/** In the order of the table; row 8 is two codes. */
export const ORDER_CHECKS: readonly Check[] = [
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
];
