// How near the account is to losing its positions (risk.md section 2): margin ratio, distance of the liquidation.

import { bigCeilDiv, compareProducts, floorDiv, mulFloorDiv } from "../../base/integer.ts";
import type { MilliTicks, Money } from "../../market/amounts.ts";

export interface Margin {
  readonly maintenance: Money;
  readonly equity: Money;
}

/**
 * Maintenance ÷ equity ≥ bps. It is 0 where nothing is to be maintained, and infinite without equity: of that every
 * product is below the one of what is to be maintained.
 */
export const marginAtLeast = ({ maintenance, equity }: Margin, bps: number): boolean =>
  maintenance > 0n && maintenance * 10_000n >= BigInt(bps) * equity;

/** In bps rounded up, as text; `infinite` without equity. */
export function marginRatioText({ maintenance, equity }: Margin): string {
  if (maintenance <= 0n) return "0";
  return equity <= 0n ? "infinite" : String(bigCeilDiv(maintenance * 10_000n, equity));
}

/** |mark − liquidation price| ÷ mark ≤ bps, by products. */
export const liquidationWithin = (mark: MilliTicks, price: MilliTicks, bps: number): boolean =>
  compareProducts(Math.abs(mark - price), 10_000, bps, mark) <= 0;

/** In bps rounded down. */
export const liquidationDistanceBps = (mark: MilliTicks, price: MilliTicks): number =>
  mulFloorDiv(Math.abs(mark - price), 10_000, mark);

/** Where a position is after half of it is taken, in lots towards zero: half, rounded up, and an order at least. */
export function halfOf(position: number, least: number): number {
  const taken = Math.min(Math.abs(position), Math.max(Math.abs(position) - floorDiv(Math.abs(position), 2), least));
  const left = Math.abs(position) - taken;
  return position < 0 && left > 0 ? -left : left;
}
