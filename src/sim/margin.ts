// Maintenance margin by tiers and the mark at which a position is liquidated (BT-21). Exact, rounded against the
// trader: a long is liquidated a hair earlier, a short too.

import { assert } from "../base/assert.ts";
import { bigCeilDiv, bigFloorDiv, toSafe } from "../base/integer.ts";
import { type Lots, lots, type MilliTicks, type Money, milliTicks, money } from "../market/amounts.ts";
import { type Instrument, markMoney, unitMoney } from "../market/instrument.ts";
import type { MaintenanceTier, MarginModel } from "./options.ts";

const MILLION = 1_000_000n;

/** Tiers of a market: the model's own, or one tier of the instrument's rate. */
export function tiersOf(instrument: Instrument, model: MarginModel | undefined): readonly MaintenanceTier[] {
  return model?.tiers ?? [{ upTo: null, maintenancePpm: instrument.maintenancePpm, deduction: money(0n) }];
}

function tierFor(tiers: readonly MaintenanceTier[], notional: bigint): MaintenanceTier {
  const tier = tiers.find((each) => each.upTo === null || notional <= each.upTo) ?? tiers[tiers.length - 1];
  assert(tier !== undefined, "a margin model needs at least one tier");
  return tier;
}

/** Maintenance margin of a position at a mark, rounded up. */
export function maintenanceMargin(
  instrument: Instrument,
  tiers: readonly MaintenanceTier[],
  position: { readonly lots: number; readonly mark: MilliTicks },
): Money {
  if (position.lots === 0) return money(0n);
  const notional: bigint = markMoney(instrument, position.mark, lots(Math.abs(position.lots)));
  const tier = tierFor(tiers, notional);
  const margin = bigCeilDiv(notional * BigInt(tier.maintenancePpm), MILLION) - tier.deduction;
  return money(margin > 0n ? margin : 0n);
}

/**
 * Mark at which margin = maintenance, in milliticks: rounded up for a long, down for a short. `cost` is the signed sum
 * price × quantity of the open position, `collateral` what stands behind it. Null when no positive mark liquidates it.
 */
export function liquidationMark(
  instrument: Instrument,
  tiers: readonly MaintenanceTier[],
  position: { readonly lots: Lots; readonly cost: bigint; readonly collateral: bigint },
): MilliTicks | null {
  const { lots: held, cost, collateral } = position;
  if (held === 0) return null;
  const size = BigInt(Math.abs(held)) * unitMoney(instrument);
  const debt = held > 0 ? cost - collateral : -cost + collateral;
  for (const tier of tiers) {
    const rate = BigInt(tier.maintenancePpm);
    // long: collateral + size·m − cost = rate·size·m − deduction; short: collateral − size·m + |cost| = the same
    const numerator = (held > 0 ? debt - tier.deduction : debt + tier.deduction) * MILLION * 1000n;
    const denominator = size * (held > 0 ? MILLION - rate : MILLION + rate);
    const mark = held > 0 ? bigCeilDiv(numerator, denominator) : bigFloorDiv(numerator, denominator);
    if (mark <= 0n) return null;
    if (mark > BigInt(Number.MAX_SAFE_INTEGER)) return null;
    const notional = (size * mark) / 1000n;
    if (tier.upTo === null || notional <= tier.upTo || tier === tiers[tiers.length - 1])
      return milliTicks(toSafe(mark));
  }
  return null;
}

/** The liquidation mark as a price on the tick grid, against the trader: up for a long, down for a short. */
export function liquidationTick(mark: MilliTicks, position: Lots): number {
  return position > 0 ? Math.ceil(mark / 1000) : Math.floor(mark / 1000);
}
