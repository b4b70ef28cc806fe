// How many lots an order has (grid.md section 4). The value of an order is set in quote; the instrument's smallest and
// largest sizes bind it. Nothing here looks at a slot's neighbours.

import { ceilDiv, compareProducts, floorDiv, nearestDown } from "../../base/integer.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { GridConfig } from "./config.ts";

/** Rules of the instrument that sizes depend on. */
export type SizeRules = Pick<
  Instrument,
  "kind" | "minLots" | "maxLots" | "minNotional" | "minNotionalOnReduceOnly" | "makerPpm"
>;

const byNotional = (rules: SizeRules, price: number): number => ceilDiv(rules.minNotional, price);

/** GRID-15 for entries: instrument minimum and smallest notional, at least one lot. */
export const minLots = (rules: SizeRules, price: number): number =>
  Math.max(rules.minLots, byNotional(rules, price), 1);

/**
 * Whether the smallest notional binds exits: on spot, where the exchange says so, and where they are not reduce-only.
 */
export const notionalBindsExits = (rules: SizeRules, config: GridConfig): boolean =>
  rules.kind === "spot" || rules.minNotionalOnReduceOnly || config.mode === "neutral";

/** GRID-15 for exits. */
export const exitMinLots = (rules: SizeRules, config: GridConfig, price: number): number =>
  notionalBindsExits(rules, config) ? minLots(rules, price) : Math.max(rules.minLots, 1);

/** True when q lots at the price stay within orderValue·(100 + overspendPct) / 100. */
function affordable(config: GridConfig, price: number, quantity: number): boolean {
  const value = price * quantity;
  if (value > Number.MAX_SAFE_INTEGER) {
    return BigInt(price) * BigInt(quantity) * 100n <= BigInt(config.orderValue) * BigInt(100 + config.overspendPct);
  }
  return compareProducts(value, 100, config.orderValue, 100 + config.overspendPct) <= 0;
}

/** GRID-16: lots of one full order at a price; 0 when the rules leave no size. */
export function targetLots(rules: SizeRules, config: GridConfig, price: number): number {
  let quantity = nearestDown(config.orderValue, price);
  if (!affordable(config, price, quantity)) quantity = floorDiv(config.orderValue, price);
  const least = minLots(rules, price);
  if (quantity < least) {
    if (!affordable(config, price, least)) return 0;
    quantity = least;
  }
  return quantity > rules.maxLots ? 0 : quantity;
}

/** Lots of the next entry of a slot (GRID-18): a full order, or what tops dust up; 0 when there is no size. */
export function entryLots(rules: SizeRules, config: GridConfig, price: number, held: number): number {
  const target = targetLots(rules, config, price);
  return target === 0 ? 0 : Math.max(target - held, minLots(rules, price));
}

/** Smallest order value, in value units, that gives this level a size (GRID-17). */
export function workableValue(rules: SizeRules, config: GridConfig, price: number): bigint {
  const needed = 100n * BigInt(price) * BigInt(minLots(rules, price));
  const divisor = BigInt(100 + config.overspendPct);
  return (needed + divisor - 1n) / divisor;
}
