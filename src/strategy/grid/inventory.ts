// The grid filled to its cap: what it costs, what fits the account, and what closing all of it at the stress price
// loses (GRID-48, GRID-49). Funding and liquidation are left out.

import { toSafe } from "../../base/integer.ts";
import {
  type Lots,
  lots,
  type MilliTicks,
  type Money,
  milliTicks,
  money,
  type Ticks,
  ticks,
} from "../../market/amounts.ts";
import { unitMoney } from "../../market/instrument.ts";
import type { Leg } from "../../trading/command.ts";
import { roundedDownText } from "./checks.ts";
import { type GridConfig, LEGS_OF } from "./config.ts";
import { isUsable } from "./lattice.ts";
import type { Plan } from "./plan.ts";
import { targetLots } from "./sizes.ts";

/** All entries of one leg up to the cap, from the window on. */
export interface Inventory {
  readonly leg: Leg;
  readonly slots: number;
  readonly lots: Lots;
  readonly value: Money;
  readonly average: MilliTicks;
  /** Price of the nearest and of the farthest entry. */
  readonly nearest: Ticks;
  readonly farthest: Ticks;
}

export interface WorstCase {
  readonly stressPrice: Ticks;
  readonly loss: Money;
  readonly entryFees: Money;
  readonly exitFees: Money;
  readonly total: Money;
}

export interface ReachAdvice {
  readonly heldSlotsMax: number;
  readonly orderQuote: string | null;
}

interface EntryValue {
  readonly price: number;
  readonly quantity: number;
}

/** Entries a leg would fill one after the other, the cap at most. */
function entriesOf(plan: Plan, leg: Leg, config: GridConfig): readonly EntryValue[] {
  const { lattice, stride, frame, context } = plan;
  const entries: EntryValue[] = [];
  for (let rank = 0; entries.length < config.heldSlotsMax; rank += 1) {
    const level = leg === "L" ? frame.kL - rank * stride : frame.kS + rank * stride;
    const price = lattice.price(level);
    if (price < lattice.fenceLow || price > lattice.fenceHigh) break;
    if (!isUsable(lattice, config, leg === "L" ? level : level - stride, stride)) {
      if (isBeyond(config, leg, price)) break;
      continue;
    }
    const quantity = targetLots(context.instrument, config, price);
    if (quantity > 0) entries.push({ price, quantity });
  }
  return entries;
}

const isBeyond = (config: GridConfig, leg: Leg, price: number): boolean =>
  leg === "L"
    ? config.rangeLow !== null && price < config.rangeLow
    : config.rangeHigh !== null && price > config.rangeHigh;

const unitsOf = (entries: readonly EntryValue[]): bigint =>
  entries.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n);

/** Full inventory of the leg that costs more. */
export function inventoryOf(plan: Plan): Inventory {
  const legs = LEGS_OF[plan.config.mode].map((leg) => ({ leg, entries: entriesOf(plan, leg, plan.config) }));
  const worse = legs.reduce((a, b) => (unitsOf(b.entries) > unitsOf(a.entries) ? b : a));
  const units = unitsOf(worse.entries);
  const count = worse.entries.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    leg: worse.leg,
    slots: worse.entries.length,
    lots: lots(count),
    value: money(units * unitMoney(plan.context.instrument)),
    average: milliTicks(count === 0 ? 0 : toSafe((units * 1000n) / BigInt(count))),
    nearest: ticks(worse.entries[0]?.price ?? 0),
    farthest: ticks(worse.entries[worse.entries.length - 1]?.price ?? 0),
  };
}

/** All of the inventory closed by taker orders at the stress price: stop, else range edge, else one gap beyond. */
export function worstCase(plan: Plan, inventory: Inventory): WorstCase {
  const { instrument } = plan.context;
  const unit = unitMoney(instrument);
  const stress = stressPrice(plan, inventory);
  const closed = BigInt(stress) * BigInt(inventory.lots) * unit;
  const loss = inventory.leg === "L" ? inventory.value - closed : closed - inventory.value;
  const entryFees = share(inventory.value, instrument.makerPpm);
  const exitFees = share(closed, instrument.takerPpm);
  return {
    stressPrice: ticks(stress),
    loss: money(loss),
    entryFees: money(entryFees),
    exitFees: money(exitFees),
    total: money(loss + entryFees + exitFees),
  };
}

const share = (amount: bigint, ppm: number): bigint => (amount * BigInt(ppm)) / 1_000_000n;

function stressPrice(plan: Plan, inventory: Inventory): number {
  const { config, lattice, stride } = plan;
  const stop = inventory.leg === "L" ? config.stopLow : config.stopHigh;
  const edge = inventory.leg === "L" ? config.rangeLow : config.rangeHigh;
  const given = stop ?? edge;
  if (given !== null) return given;
  const last = lattice.nearestLevel(inventory.farthest, 1);
  return lattice.price(inventory.leg === "L" ? last - stride : last + stride);
}

/** What of the inventory fits `limit` (Money): the largest cap, and the largest order at the configured cap. */
export function reachAdvice(plan: Plan, limit: bigint): ReachAdvice {
  const unit = unitMoney(plan.context.instrument);
  let slots = Number.MAX_SAFE_INTEGER;
  for (const leg of LEGS_OF[plan.config.mode]) {
    let value = 0n;
    let fits = 0;
    for (const { price, quantity } of entriesOf(plan, leg, plan.config)) {
      value += BigInt(price) * BigInt(quantity) * unit;
      if (value > limit) break;
      fits += 1;
    }
    slots = Math.min(slots, fits);
  }
  return { heldSlotsMax: slots, orderQuote: largestOrder(plan, limit) };
}

/** By bisection: values that leave a level without a size do not count as fitting. */
function largestOrder(plan: Plan, limit: bigint): string | null {
  const { instrument } = plan.context;
  const unit = unitMoney(instrument);
  const legs = LEGS_OF[plan.config.mode].map((leg) => ({ leg, now: entriesOf(plan, leg, plan.config) }));
  const needs = (orderValue: number): bigint | null => {
    const config = { ...plan.config, orderValue };
    let most = 0n;
    for (const { leg, now } of legs) {
      if (now.some(({ price }) => targetLots(instrument, config, price) === 0)) return null;
      const value = unitsOf(entriesOf(plan, leg, config)) * unit;
      if (value > most) most = value;
    }
    return most;
  };
  let low = 0;
  let high = plan.config.orderValue;
  while (high - low > 1) {
    const middle = Math.trunc((low + high) / 2);
    const need = needs(middle);
    if (need === null || need <= limit) low = middle;
    else high = middle;
  }
  return needs(low) === null ? null : roundedDownText(BigInt(low) * unit);
}
