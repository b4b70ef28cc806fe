// The public book of one instrument with Binance's update ids: every look at it counts what changed since the last one,
// so that a snapshot and the frames after it always fit together (EMU-17).

import type { Side } from "../../../../market/amounts.ts";
import type { SimMarket } from "../../../../sim/market.ts";
import { priceText, quantityText } from "./amounts.ts";

/** Levels a side that are followed at all: as many as a snapshot may hold. */
const LEVELS_MAX = 5_000;
/** Snapshots kept for those who are to be given an old one, one a second. */
const OLD_MAX = 60;

export type LevelText = readonly [price: string, quantity: string];

export interface BookSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly LevelText[];
  readonly asks: readonly LevelText[];
}

/** What changed between two ids, 0 removes a level. */
export interface BookDiff {
  readonly first: number;
  readonly last: number;
  readonly bids: readonly LevelText[];
  readonly asks: readonly LevelText[];
}

interface Pending {
  first: number;
  readonly buy: Set<number>;
  readonly sell: Set<number>;
}

/** Who is told the changes at a pace of his own. */
export class BookReader {
  readonly pending: Pending = { first: 0, buy: new Set(), sell: new Set() };
}

export class MarketBook {
  readonly market: SimMarket;
  private readonly sides = { buy: new Map<number, number>(), sell: new Map<number, number>() };
  private readonly readers = new Set<BookReader>();
  private readonly old: { readonly atMs: number; readonly snapshot: BookSnapshot }[] = [];
  private id: number;

  constructor(market: SimMarket, firstId: number) {
    this.market = market;
    this.id = firstId;
  }

  get lastUpdateId(): number {
    return this.id;
  }

  reader(): BookReader {
    this.look();
    const reader = new BookReader();
    this.readers.add(reader);
    return reader;
  }

  forget(reader: BookReader): void {
    this.readers.delete(reader);
  }

  /** Takes in what the market shows now; false while it shows no book that stands. */
  look(): boolean {
    const { market } = this;
    if (!market.usable()) return false;
    this.lookAt("buy");
    this.lookAt("sell");
    return true;
  }

  /** Counts an update that changed no level this book follows: a new best quote. */
  count(): number {
    this.id += 1;
    for (const { pending } of this.readers) if (pending.first === 0) pending.first = this.id;
    return this.id;
  }

  /** Counts an update that only one reader is told. */
  showOnly(reader: BookReader): number {
    this.id += 1;
    for (const each of this.readers) if (each !== reader && each.pending.first === 0) each.pending.first = this.id;
    return this.id;
  }

  /** Every reader is told a level again: one of them was shown a wrong one. */
  doubt(side: Side, price: number): void {
    this.changed(side, price);
  }

  /** What a reader has not been told yet; null where there is nothing. */
  take(reader: BookReader): BookDiff | null {
    const { pending } = reader;
    if (pending.buy.size + pending.sell.size === 0) return null;
    const diff = {
      first: pending.first,
      last: this.id,
      bids: this.levels("buy", pending.buy),
      asks: this.levels("sell", pending.sell),
    };
    pending.first = 0;
    pending.buy.clear();
    pending.sell.clear();
    return diff;
  }

  /** The book now, best first. */
  snapshot(limit: number): BookSnapshot {
    this.look();
    const side = (which: Side): LevelText[] =>
      [...this.sides[which].keys()]
        .sort((a, b) => (which === "buy" ? b - a : a - b))
        .slice(0, limit)
        .map((price) => this.text(which, price));
    return { lastUpdateId: this.id, bids: side("buy"), asks: side("sell") };
  }

  /** Keeps the book of now for {@link oldSnapshot}. */
  remember(nowMs: number): void {
    const newest = this.old[this.old.length - 1];
    if (newest !== undefined && nowMs - newest.atMs < 1_000) return;
    this.old.push({ atMs: nowMs, snapshot: this.snapshot(LEVELS_MAX) });
    if (this.old.length > OLD_MAX) this.old.shift();
  }

  /** The newest snapshot that was true at `atMs`, or the oldest kept; null where none is. */
  oldSnapshot(atMs: number, limit: number): BookSnapshot | null {
    const found = this.old.findLast((each) => each.atMs <= atMs) ?? this.old[0];
    if (found === undefined) return null;
    const { lastUpdateId, bids, asks } = found.snapshot;
    return { lastUpdateId, bids: bids.slice(0, limit), asks: asks.slice(0, limit) };
  }

  private lookAt(side: Side): void {
    const known = this.sides[side];
    const gone = new Set(known.keys());
    for (const [price, quantity] of this.market.levels(side, LEVELS_MAX)) {
      gone.delete(price);
      if (known.get(price) === quantity) continue;
      known.set(price, quantity);
      this.changed(side, price);
    }
    for (const price of gone) {
      known.delete(price);
      this.changed(side, price);
    }
  }

  private changed(side: Side, price: number): void {
    this.id += 1;
    for (const { pending } of this.readers) {
      if (pending.first === 0) pending.first = this.id;
      pending[side].add(price);
    }
  }

  private levels(side: Side, prices: Iterable<number>): LevelText[] {
    return [...prices].sort((a, b) => (side === "buy" ? b - a : a - b)).map((price) => this.text(side, price));
  }

  private text(side: Side, price: number): LevelText {
    const { instrument } = this.market;
    return [priceText(instrument, price), quantityText(instrument, this.sides[side].get(price) ?? 0)];
  }
}
