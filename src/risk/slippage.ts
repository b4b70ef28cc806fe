// How much may be taken from the visible book without paying more than a limit (RISK-36). Exact integers; the average
// price is compared by products and never computed as a quotient.

import { bigCeilDiv, bigFloorDiv, floorDiv, mulFloorDiv, toSafe } from "../base/integer.ts";
import { type Lots, lots, type MilliTicks, type Side, type Ticks } from "../market/amounts.ts";
import type { Level } from "../trading/event.ts";

export interface SlippageLimits {
  /** Worst distance of the average price from the mid. */
  readonly slippageBps: number;
  /** No single level farther than this from the mid is used. */
  readonly priceBandBps: number;
  /** Share of what fits that one order may take. */
  readonly participationBps: number;
}

/** What one aggressive order may be: `quantity` lots down to the level `price`. */
export interface Sized {
  readonly quantity: Lots;
  readonly price: Ticks;
}

/** Lots one would like to take, and the fewest that make an order. */
export interface Asked {
  readonly wanted: number;
  readonly least: number;
}

/** One side of the book, best first, and where the middle is. `side` is that of the aggressive order. */
export interface Depth {
  readonly side: Side;
  readonly levels: readonly Level[];
  readonly mid: MilliTicks;
}

/**
 * The largest quantity whose average price stays within `bps` of the mid, using only levels within the band.
 * The average of a sell is bounded from below, of a buy from above.
 */
export function largestFit(depth: Depth, bps: number, bandBps: number): Lots {
  const sign = depth.side === "buy" ? 1n : -1n;
  // everything in ticks × 10^7: price · 10^7 against mid(milliticks) · (10^4 ± bps)
  const bound = BigInt(depth.mid) * (10_000n + sign * BigInt(bps));
  const edge = BigInt(depth.mid) * (10_000n + sign * BigInt(bandBps));
  let quantity = 0n;
  let slack = 0n; // Σ (bound − price) · lots, signed so that positive is inside
  for (const [price, available] of depth.levels) {
    const scaled = BigInt(price) * 10_000_000n;
    if ((scaled - edge) * sign > 0n) break;
    const over = (scaled - bound) * sign;
    const room = over <= 0n ? BigInt(available) : min(BigInt(available), slack / over);
    quantity += room;
    slack -= over * room;
    if (room < BigInt(available)) break;
  }
  return lots(toSafe(quantity));
}

/**
 * Sizes one aggressive order: at most `wanted`, what fits, and the participation of what fits; never less than `least`
 * where that still fits, so that a thin book does not stall a closer. Null when not even `least` fits.
 */
export function sizeWithin(depth: Depth, asked: Asked, limits: SlippageLimits): Sized | null {
  const { wanted, least } = asked;
  const fit = largestFit(depth, limits.slippageBps, limits.priceBandBps);
  const share = mulFloorDiv(fit, limits.participationBps, 10_000);
  const quantity = Math.min(wanted, fit, Math.max(share, least));
  if (quantity < Math.max(1, least)) return null;
  const price = lastLevel(depth.levels, quantity);
  return price === null ? null : { quantity: lots(quantity), price };
}

/** Price of the level that completes `quantity`; null when the book is thinner. */
export function lastLevel(levels: readonly Level[], quantity: number): Ticks | null {
  let left = quantity;
  for (const [price, available] of levels) {
    left -= available;
    if (left <= 0) return price;
  }
  return null;
}

/** Slippage of taking `quantity`, in thousandths of a bps rounded up; null when the book is thinner. */
export function slippageMilliBps(depth: Depth, quantity: number): number | null {
  let left = quantity;
  let cost = 0n;
  for (const [price, available] of depth.levels) {
    const taken = Math.min(left, available);
    cost += BigInt(price) * BigInt(taken);
    left -= taken;
    if (left === 0) break;
  }
  if (left > 0 || quantity <= 0) return null;
  const fair = BigInt(depth.mid) * BigInt(quantity);
  const paid = (cost * 1000n - fair) * (depth.side === "buy" ? 1n : -1n);
  return toSafe(bigCeilDiv(paid * 10_000_000n, fair));
}

/** The limit after waiting: twice as wide every 10 s, at most 500 bps (kill and margin only). */
export function widenedBps(slippageBpsMax: number, waitedMs: number): number {
  const doublings = Math.min(10, floorDiv(Math.max(0, waitedMs), 10_000));
  return Math.min(Math.max(500, slippageBpsMax), slippageBpsMax * 2 ** doublings);
}

/** `bps` through `mark` for this side, rounded to the tick that is less aggressive (RISK-37). */
export function throughMark(side: Side, mark: MilliTicks, bps: number): number {
  const scaled = BigInt(mark) * BigInt(side === "buy" ? 10_000 + bps : 10_000 - bps);
  return toSafe(side === "buy" ? bigFloorDiv(scaled, 10_000_000n) : bigCeilDiv(scaled, 10_000_000n));
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
