// The ladder of prices p(k) (grid.md section 2): a pure function of anchor and step, never of the path walked. Objects
// in here are caches of that function; the state keeps only the LatticeSpec.

import { assert } from "../../base/assert.ts";
import { bigFloorDiv, ceilDiv, compareProducts, floorDiv, toSafe } from "../../base/integer.ts";
import { type Ticks, ticks } from "../../market/amounts.ts";
import type { GridConfig } from "./config.ts";
import type { LatticeSpec } from "./state.ts";

/** A lattice ready to be asked. Levels are any integers; `stride` keeps only levels that are multiples of it. */
export interface Lattice {
  readonly spec: LatticeSpec;
  /** Fence (GRID-07): ceil(anchor/10) … anchor·10. */
  readonly fenceLow: number;
  readonly fenceHigh: number;
  price(level: number): number;
  /** Highest level with p ≤ price. Prices are clamped to one tick around the fence. */
  floorLevel(price: number, stride: number): number;
  /** Lowest level with p ≥ price. */
  ceilLevel(price: number, stride: number): number;
  /** Level nearest by price, a tie to the higher. */
  nearestLevel(price: number, stride: number): number;
}

const MICRO = 1_000_000n;
const NANO = 1_000_000_000n;
const HALF_NANO = 500_000_000n;

abstract class Ladder implements Lattice {
  readonly spec: LatticeSpec;
  readonly fenceLow: number;
  readonly fenceHigh: number;

  constructor(spec: LatticeSpec) {
    assert(spec.anchor >= 1 && spec.step >= 1, () => `lattice from ${spec.anchor} by ${spec.step}`);
    this.spec = spec;
    this.fenceLow = ceilDiv(spec.anchor, 10);
    this.fenceHigh = ticks(spec.anchor * 10);
  }

  abstract price(level: number): number;
  abstract floorLevel(price: number, stride: number): number;
  abstract ceilLevel(price: number, stride: number): number;

  nearestLevel(price: number, stride: number): number {
    const low = this.floorLevel(price, stride);
    return 2 * price >= this.price(low) + this.price(low + stride) ? low + stride : low;
  }

  protected inFence(price: number): number {
    if (price < this.fenceLow) return this.fenceLow - 1;
    return price > this.fenceHigh ? this.fenceHigh + 1 : price;
  }
}

/** GRID-04: p(k) = anchor + k·I. */
class ArithmeticLattice extends Ladder {
  price(level: number): number {
    return this.spec.anchor + level * this.spec.step;
  }

  floorLevel(price: number, stride: number): number {
    return floorDiv(this.inFence(price) - this.spec.anchor, this.spec.step * stride) * stride;
  }

  ceilLevel(price: number, stride: number): number {
    return ceilDiv(this.inFence(price) - this.spec.anchor, this.spec.step * stride) * stride;
  }
}

/** GRID-05: fixed-point by bigint, walked once outward from level 0 and remembered. */
class GeometricLattice extends Ladder {
  private readonly above: number[];
  private readonly below: number[];
  private highest: bigint;
  private lowest: bigint;
  private hint = 0;

  constructor(spec: LatticeSpec) {
    super(spec);
    this.highest = BigInt(spec.anchor) * NANO;
    this.lowest = this.highest;
    this.above = [spec.anchor];
    this.below = [spec.anchor];
  }

  price(level: number): number {
    if (level >= 0) {
      while (this.above.length <= level) this.climb();
      return this.above[level] ?? 0;
    }
    while (this.below.length <= -level) this.descend();
    return this.below[-level] ?? 0;
  }

  floorLevel(price: number, stride: number): number {
    return floorDiv(this.highestAtMost(this.inFence(price)), stride) * stride;
  }

  ceilLevel(price: number, stride: number): number {
    return ceilDiv(this.highestAtMost(this.inFence(price) - 1) + 1, stride) * stride;
  }

  private climb(): void {
    this.highest = (this.highest * (MICRO + BigInt(this.spec.step))) / MICRO;
    this.above.push(rounded(this.highest));
  }

  private descend(): void {
    this.lowest = (this.lowest * MICRO) / (MICRO + BigInt(this.spec.step));
    this.below.push(rounded(this.lowest));
  }

  private highestAtMost(price: number): number {
    const hint = this.hint;
    if (this.price(hint) <= price && price < this.price(hint + 1)) return hint;
    let low = 0;
    let high = 0;
    while (this.price(low) > price) low = low === 0 ? -1 : low * 2;
    while (this.price(high) <= price) high = high === 0 ? 1 : high * 2;
    while (high - low > 1) {
      const middle = floorDiv(low + high, 2);
      if (this.price(middle) <= price) low = middle;
      else high = middle;
    }
    this.hint = low;
    return low;
  }
}

const rounded = (nano: bigint): number => toSafe(bigFloorDiv(nano + HALF_NANO, NANO));

const CACHE = new Map<string, Lattice>();
/** The same by the spec itself: it is asked at every book, and making a key costs more than the rest of the book. */
const BY_SPEC = new WeakMap<LatticeSpec, Lattice>();

/** The lattice of a spec; equal specs share their computed prices. */
export function latticeOf(spec: LatticeSpec): Lattice {
  const known = BY_SPEC.get(spec);
  if (known !== undefined) return known;
  const lattice = sharedLattice(spec);
  BY_SPEC.set(spec, lattice);
  return lattice;
}

function sharedLattice(spec: LatticeSpec): Lattice {
  const key = `${spec.spacing} ${spec.anchor} ${spec.step}`;
  const cached = CACHE.get(key);
  if (cached !== undefined) return cached;
  if (CACHE.size >= 64) CACHE.clear();
  const lattice = spec.spacing === "arithmetic" ? new ArithmeticLattice(spec) : new GeometricLattice(spec);
  CACHE.set(key, lattice);
  return lattice;
}

/** Largest step for `count` slots between two prices (GRID-06), in ticks or ppm; 0 when not even 1 fits. */
export function stepForCount(config: Pick<GridConfig, "spacing">, low: Ticks, high: Ticks, count: number): number {
  if (config.spacing === "arithmetic") return floorDiv(high - low, count);
  let fits = 0;
  let over = 10_000_000;
  while (over - fits > 1) {
    const middle = floorDiv(fits + over, 2);
    if (geometricTop(low, middle, count, high) <= high) fits = middle;
    else over = middle;
  }
  return fits;
}

function geometricTop(anchor: number, step: number, count: number, high: number): number {
  const factor = MICRO + BigInt(step);
  const limit = (BigInt(high) + 1n) * NANO;
  let nano = BigInt(anchor) * NANO;
  for (let k = 0; k < count; k += 1) {
    nano = (nano * factor) / MICRO;
    if (nano > limit) return high + 1;
  }
  return rounded(nano);
}

/** Lattice of a configuration (GRID-06, GRID-09). `reference` is the first accepted price, for anchor `auto`. */
export function latticeSpecFor(config: GridConfig, reference: number): LatticeSpec {
  const low = config.rangeLow;
  const high = config.rangeHigh;
  if (config.gridCount !== null && low !== null && high !== null) {
    return { spacing: config.spacing, anchor: low, step: stepForCount(config, low, high, config.gridCount) };
  }
  const step = config.spacing === "arithmetic" ? config.interval : config.spacingPpm;
  assert(step !== null, "a grid without interval, spacingBps or gridCount");
  return { spacing: config.spacing, anchor: config.anchor ?? ticks(reference), step };
}

/** GRID-07: both ends of the cell inside the fence and the bounds. */
export function isUsable(lattice: Lattice, config: GridConfig, j: number, width: number): boolean {
  const bottom = lattice.price(j);
  const top = lattice.price(j + width);
  if (bottom < lattice.fenceLow || top > lattice.fenceHigh) return false;
  if (config.rangeLow !== null && bottom < config.rangeLow) return false;
  return config.rangeHigh === null || top <= config.rangeHigh;
}

/** GRID-08 for one cell: (top − bottom)·10^6 > makerPpm·(bottom + top) + edgePpm·bottom. */
export function beatsFees(bottom: number, top: number, fee: { readonly makerPpm: number; readonly edgePpm: number }) {
  if (top <= bottom) return false;
  // gap·10^6 − maker·(bottom + top) − edge·bottom = top·(10^6 − maker) − bottom·(10^6 + maker + edge)
  return compareProducts(top, 1_000_000 - fee.makerPpm, bottom, 1_000_000 + fee.makerPpm + fee.edgePpm) > 0;
}
