// One book kept from a snapshot and the changes after it, on integer ticks and lots (EXCH-21). It says at once when
// the chain of sequence numbers breaks, and shows nothing from then on. ccxt's own books are floats and are not
// used.

import type { Side } from "../../../market/amounts.ts";
import { lots, ticks } from "../../../market/amounts.ts";
import { type Depth, FastDepth } from "../../../market/depth.ts";
import type { Level } from "../../../trading/event.ts";

/** A level as the exchange tells it, in whole ticks and lots. */
export type WholeLevel = readonly [price: number, quantity: number];

export interface DepthChange {
  /** First and last sequence number it holds. */
  readonly first: number;
  readonly last: number;
  /** Last number of the change before it; null: numbers follow each other; untold: nothing chains them. */
  readonly previous: number | null | "untold";
  readonly bids: readonly WholeLevel[];
  readonly asks: readonly WholeLevel[];
  readonly atMs: number;
}

export interface DepthSnapshot {
  readonly last: number;
  readonly bids: readonly WholeLevel[];
  readonly asks: readonly WholeLevel[];
  readonly atMs: number;
}

/** `kept`: it waits for the snapshot. `old`: it was known already. */
export type Applied = "applied" | "kept" | "old" | "broken";

/** Changes that may wait for a snapshot; a snapshot that takes longer is asked for again. */
const WAITING_MAX = 2_000;

export class DepthChain {
  private readonly depth: Depth;
  private waiting: DepthChange[] = [];
  private last: number | null = null;
  private synced = false;
  private reason: string | null = "no snapshot yet";
  private at = 0;

  constructor(depth: Depth = new FastDepth()) {
    this.depth = depth;
  }

  /** Why nothing is shown; null: the book stands. */
  get broken(): string | null {
    return this.reason;
  }

  get exchangeAtMs(): number {
    return this.at;
  }

  /** Forgets everything: what comes now waits for a snapshot. */
  restart(reason: string): void {
    this.depth.clear();
    this.waiting = [];
    this.last = null;
    this.synced = false;
    this.reason = reason;
  }

  /** A snapshot on the stream itself: what came before it is past. */
  begin(snapshot: DepthSnapshot): boolean {
    this.waiting = [];
    return this.snapshot(snapshot);
  }

  /** False: the snapshot is older than the changes at hand, or they do not continue it. Then ask for another one. */
  snapshot(snapshot: DepthSnapshot): boolean {
    const waiting = this.waiting;
    this.restart("the snapshot does not fit the changes");
    this.write("buy", snapshot.bids);
    this.write("sell", snapshot.asks);
    this.last = snapshot.last;
    this.at = snapshot.atMs;
    this.reason = null;
    for (const change of waiting) {
      if (this.change(change) !== "broken") continue;
      // the changes at hand may still fit a newer snapshot
      this.waiting = waiting;
      return false;
    }
    return this.judgeCrossed() !== "broken";
  }

  change(change: DepthChange): Applied {
    if (this.last === null) {
      if (this.waiting.length >= WAITING_MAX) this.waiting.shift();
      this.waiting.push(change);
      return "kept";
    }
    // numbers may begin anew where the exchange says what they follow
    if (change.last <= this.last && change.previous !== this.last) return "old";
    if (!this.continues(change)) {
      const text = `the chain of the book broke: ${this.last}, then ${change.first}`;
      this.restart(text);
      this.waiting = [change];
      return "broken";
    }
    this.write("buy", change.bids);
    this.write("sell", change.asks);
    this.last = change.last;
    this.synced = true;
    this.at = Math.max(this.at, change.atMs);
    return this.judgeCrossed();
  }

  best(side: Side): number {
    return this.depth.best(side);
  }

  levels(side: Side, max: number): readonly Level[] {
    return Array.from(this.depth.levels(side, max), ([price, quantity]): Level => [ticks(price), lots(quantity)]);
  }

  /** The first change after a snapshot may begin before its end; the later ones follow exactly. */
  private continues({ first, previous }: DepthChange): boolean {
    const last = this.last ?? 0;
    if (previous === "untold" || previous === last || (previous === null && first === last + 1)) return true;
    return !this.synced && first <= last + 1;
  }

  private judgeCrossed(): Applied {
    const bid = this.depth.best("buy");
    const ask = this.depth.best("sell");
    if (bid === 0 || ask === 0 || bid < ask) return "applied";
    this.restart(`the book is crossed: bid ${bid}, ask ${ask} in ticks`);
    return "broken";
  }

  private write(side: Side, levels: readonly WholeLevel[]): void {
    for (const [price, quantity] of levels) if (price > 0 && quantity >= 0) this.depth.set(side, price, quantity);
  }
}
