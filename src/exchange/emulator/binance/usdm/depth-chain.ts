// The book of one instrument as a chain of differences (`U`, `u`, `pu`) and snapshots that fit into it. A snapshot is
// always the head of the chain, so that it is never older than a frame anybody has received (EMU-17).

import { bookOf } from "../../../../sim/watchers.ts";
import type { EmulatorWorld } from "../../world.ts";

/** Levels a side that the chain follows; what leaves them is told as gone. */
export const CHAIN_LEVELS = 1_000;

type Levels = ReadonlyMap<number, number>;

export interface BookDiff {
  /** First and last update of it, and the last one of the difference before. */
  readonly first: number;
  readonly last: number;
  readonly previous: number;
  /** Price → quantity, 0: gone. */
  readonly bids: Levels;
  readonly asks: Levels;
  readonly atMs: number;
}

export interface BookSnapshot {
  readonly last: number;
  /** Best first. */
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
  readonly atMs: number;
}

const NOTHING: Levels = new Map();
/** Snapshots kept for those who are to be shown an old one: one a second. */
const HISTORY = 60;
/** After a level that never stood, the next frame comes at the latest then. */
const HEAL_MS = 100;

export class DepthChain {
  private readonly world: EmulatorWorld;
  private readonly symbol: string;
  private readonly changed: (diff: BookDiff) => void;
  private bids: Levels = NOTHING;
  private asks: Levels = NOTHING;
  private head: BookSnapshot = { last: 0, bids: [], asks: [], atMs: 0 };
  private readonly history: BookSnapshot[] = [];
  /** A level that was told and never stood; the next difference takes it back. */
  private invented: number | null = null;
  private endHealing: () => void = () => undefined;

  constructor(world: EmulatorWorld, symbol: string, changed: (diff: BookDiff) => void) {
    this.world = world;
    this.symbol = symbol;
    this.changed = changed;
  }

  /** Brings the chain to the book of now; tells the difference where there is one. */
  sync(): BookSnapshot {
    const { exchange, clock } = this.world;
    const market = exchange.market(this.symbol);
    const book = market.suspended ? null : bookOf(market, CHAIN_LEVELS, exchange.nowUs());
    // an empty or broken book is not told: what stood before goes on standing, as at the exchange
    if (book === null) return this.head;
    const [bids, asks] = [new Map(book.bids), new Map(book.asks)];
    const goneBids = difference(this.bids, bids);
    const goneAsks = difference(this.asks, asks);
    this.takeBack(goneBids, bids);
    const changes = goneBids.size + goneAsks.size;
    if (changes === 0 && this.head.last > 0) return this.head;
    const previous = this.head.last;
    const atMs = clock.nowMs();
    [this.bids, this.asks] = [bids, asks];
    this.head = { last: previous + Math.max(1, changes), bids: book.bids, asks: book.asks, atMs };
    this.keep();
    const { last } = this.head;
    const diff = { first: previous + 1, last, previous, bids: goneBids, asks: goneAsks, atMs };
    this.changed(this.crossed(diff));
    return this.head;
  }

  /** The head; or, where a fault wants it, what it was about `ageMs` ago. */
  snapshot(ageMs = 0): BookSnapshot {
    const head = this.sync();
    if (ageMs === 0) return head;
    const old = this.history.findLast(({ atMs }) => atMs <= head.atMs - ageMs);
    return old ?? this.history[0] ?? head;
  }

  /** Where the chain stands, without looking at the market. */
  now(): BookSnapshot {
    return this.head;
  }

  close(): void {
    this.endHealing();
  }

  get last(): number {
    return this.head.last;
  }

  /** Under `crossedBook` one difference has a bid above the best ask. */
  private crossed(diff: BookDiff): BookDiff {
    const ask = this.head.asks[0]?.[0];
    if (ask === undefined || this.world.strike("crossedBook", this.traits()) === null) return diff;
    this.invented = ask + 1;
    this.endHealing();
    const { clock } = this.world;
    this.endHealing = clock.at(clock.nowMs() + HEAL_MS, () => this.sync());
    return { ...diff, bids: new Map([...diff.bids, [this.invented, 1]]) };
  }

  private takeBack(gone: Map<number, number>, bids: Levels): void {
    if (this.invented === null) return;
    gone.set(this.invented, bids.get(this.invented) ?? 0);
    this.invented = null;
  }

  private keep(): void {
    const newest = this.history[this.history.length - 1];
    if (newest !== undefined && this.head.atMs - newest.atMs < 1_000) return;
    this.history.push(this.head);
    if (this.history.length > HISTORY) this.history.shift();
  }

  private traits() {
    const { symbol } = this;
    return { route: "depthUpdate", kind: "stream", account: null, symbol, side: null, clientOrderId: null } as const;
  }
}

function difference(before: Levels, after: Levels): Map<number, number> {
  const changes = new Map<number, number>();
  for (const [price, quantity] of after) if (before.get(price) !== quantity) changes.set(price, quantity);
  for (const price of before.keys()) if (!after.has(price)) changes.set(price, 0);
  return changes;
}

/** Several differences in a row as one. */
export function joined(a: BookDiff | null, b: BookDiff): BookDiff {
  if (a === null) return b;
  return {
    first: a.first,
    previous: a.previous,
    last: b.last,
    bids: new Map([...a.bids, ...b.bids]),
    asks: new Map([...a.asks, ...b.asks]),
    atMs: b.atMs,
  };
}
