// Full-depth books on integer ticks and lots: a fast one for every hot path and a naive one that is its oracle.
// They hold what the exchange showed, nothing of ours, and judge nothing: a crossed book is kept as it came.

import { assert } from "../base/assert.ts";
import type { Side } from "./amounts.ts";

/** Levels by price: `buy` is the bid side, `sell` the ask side. Prices are positive ticks, quantities lots. */
export interface Depth {
  /** Forgets both sides. */
  clear(): void;
  /** Sets the quantity shown at a price, 0 removes the level; returns the quantity that stood there before. */
  set(side: Side, price: number, quantity: number): number;
  /** Best price of a side, 0 when the side is empty. */
  best(side: Side): number;
  /** Quantity shown at a price, 0 when there is none. */
  quantity(side: Side, price: number): number;
  /** Up to `max` levels from the best outwards. The book must not change while they are read. */
  levels(side: Side, max: number): Iterable<[price: number, quantity: number]>;
  /** Number of levels of a side. */
  count(side: Side): number;
}

// A window of 2^16 ticks holds the levels around the best densely: 6,553 USDT at a tick of 0.1, 655 at 0.01.
const WINDOW = 1 << 16;
// A new best outside the window moves it so that this many ticks stay free for the best to improve into.
const HEADROOM = WINDOW / 4;
const NONE = -1;

/**
 * One side under a key that is smaller the better the price: the price of an ask, the negated price of a bid. Keys of
 * the window lie in an array with a bitmap to find the next one; all other keys are worse, and lie in a Map.
 */
class Ladder {
  private base = 0;
  private best = NONE;
  private inWindow = 0;
  private readonly window = new Float64Array(WINDOW);
  private readonly bits = new Int32Array(WINDOW >> 5);
  private readonly far = new Map<number, number>();

  get count(): number {
    return this.inWindow + this.far.size;
  }

  clear(): void {
    if (this.inWindow > 0) {
      this.window.fill(0);
      this.bits.fill(0);
    }
    this.far.clear();
    this.inWindow = 0;
    this.best = NONE;
  }

  bestKey(): number {
    return this.best === NONE ? Number.POSITIVE_INFINITY : this.base + this.best;
  }

  get(key: number): number {
    const slot = key - this.base;
    if (slot >= 0 && slot < WINDOW) return this.window[slot] ?? 0;
    return this.far.get(key) ?? 0;
  }

  set(key: number, quantity: number): number {
    let slot = key - this.base;
    if (slot < 0 || slot >= WINDOW) {
      if (this.best !== NONE && slot >= WINDOW) return this.setFar(key, quantity);
      if (quantity === 0) return 0;
      this.moveTo(key);
      slot = key - this.base;
    }
    const before = this.window[slot] ?? 0;
    this.window[slot] = quantity;
    if (quantity !== 0) {
      if (before === 0) {
        this.inWindow += 1;
        this.bits[slot >> 5] = (this.bits[slot >> 5] ?? 0) | (1 << (slot & 31));
        if (slot < this.best || this.best === NONE) this.best = slot;
      }
    } else if (before !== 0) {
      this.inWindow -= 1;
      this.bits[slot >> 5] = (this.bits[slot >> 5] ?? 0) & ~(1 << (slot & 31));
      if (slot === this.best) this.findBest();
    }
    return before;
  }

  *entries(max: number): Generator<[key: number, quantity: number]> {
    let left = max;
    for (let slot = this.best; slot !== NONE && left > 0; slot = this.next(slot + 1)) {
      yield [this.base + slot, this.window[slot] ?? 0];
      left -= 1;
    }
    if (left <= 0 || this.far.size === 0) return;
    const rest = [...this.far].sort((a, b) => a[0] - b[0]);
    yield* rest.slice(0, left);
  }

  private setFar(key: number, quantity: number): number {
    const before = this.far.get(key) ?? 0;
    if (quantity !== 0) this.far.set(key, quantity);
    else if (before !== 0) this.far.delete(key);
    return before;
  }

  /** First occupied slot at or after `from`, or NONE. */
  private next(from: number): number {
    if (from >= WINDOW) return NONE;
    let word = from >> 5;
    let bits = (this.bits[word] ?? 0) & (-1 << (from & 31));
    while (bits === 0) {
      word += 1;
      if (word === this.bits.length) return NONE;
      bits = this.bits[word] ?? 0;
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  private findBest(): void {
    this.best = this.inWindow === 0 ? NONE : this.next(this.best);
    if (this.best !== NONE || this.far.size === 0) return;
    let nearest = Number.POSITIVE_INFINITY;
    for (const key of this.far.keys()) if (key < nearest) nearest = key;
    this.moveTo(nearest);
  }

  /** Moves the window so that `key` has headroom, and sorts every level into window or Map again. */
  private moveTo(key: number): void {
    for (let slot = this.next(0); slot !== NONE; slot = this.next(slot + 1)) {
      this.far.set(this.base + slot, this.window[slot] ?? 0);
    }
    if (this.inWindow > 0) {
      this.window.fill(0);
      this.bits.fill(0);
    }
    this.inWindow = 0;
    this.base = key - HEADROOM;
    for (const [other, quantity] of this.far) {
      const slot = other - this.base;
      if (slot < 0 || slot >= WINDOW) continue;
      this.window[slot] = quantity;
      this.bits[slot >> 5] = (this.bits[slot >> 5] ?? 0) | (1 << (slot & 31));
      this.inWindow += 1;
      this.far.delete(other);
    }
    this.best = this.next(0);
  }
}

/** The book of every hot path: constant time a level near the best, exact for any price however far. */
export class FastDepth implements Depth {
  private readonly bids = new Ladder();
  private readonly asks = new Ladder();

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  set(side: Side, price: number, quantity: number): number {
    assert(price > 0 && quantity >= 0, "a level has a positive price and no negative quantity");
    return side === "buy" ? this.bids.set(-price, quantity) : this.asks.set(price, quantity);
  }

  best(side: Side): number {
    const key = side === "buy" ? -this.bids.bestKey() : this.asks.bestKey();
    return key === Number.POSITIVE_INFINITY || key === Number.NEGATIVE_INFINITY ? 0 : key;
  }

  quantity(side: Side, price: number): number {
    return side === "buy" ? this.bids.get(-price) : this.asks.get(price);
  }

  *levels(side: Side, max: number): Generator<[price: number, quantity: number]> {
    if (side === "sell") yield* this.asks.entries(max);
    else for (const [key, quantity] of this.bids.entries(max)) yield [-key, quantity];
  }

  count(side: Side): number {
    return side === "buy" ? this.bids.count : this.asks.count;
  }
}

/** The obvious book: a Map a side, searched and sorted whenever asked. Only for tests and cross-checks. */
export class NaiveDepth implements Depth {
  private readonly bids = new Map<number, number>();
  private readonly asks = new Map<number, number>();

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  set(side: Side, price: number, quantity: number): number {
    assert(price > 0 && quantity >= 0, "a level has a positive price and no negative quantity");
    const levels = this.side(side);
    const before = levels.get(price) ?? 0;
    if (quantity === 0) levels.delete(price);
    else levels.set(price, quantity);
    return before;
  }

  best(side: Side): number {
    let best = 0;
    for (const price of this.side(side).keys()) {
      if (best === 0 || (side === "buy" ? price > best : price < best)) best = price;
    }
    return best;
  }

  quantity(side: Side, price: number): number {
    return this.side(side).get(price) ?? 0;
  }

  levels(side: Side, max: number): [price: number, quantity: number][] {
    const sorted = [...this.side(side)].sort((a, b) => (side === "buy" ? b[0] - a[0] : a[0] - b[0]));
    return sorted.slice(0, Math.max(0, max));
  }

  count(side: Side): number {
    return this.side(side).size;
  }

  private side(side: Side): Map<number, number> {
    return side === "buy" ? this.bids : this.asks;
  }
}
