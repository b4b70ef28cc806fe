// A book by its chain of numbers: whatever is lost on the way is noticed, and what is shown is what the exchange has.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NaiveDepth } from "../../../market/depth.ts";
import { DepthChain, type DepthChange, type DepthSnapshot, type WholeLevel } from "./depth-chain.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

/** The exchange: changes of random levels, bids below 1000, asks above it. */
class Exchange {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  private last: number;
  private readonly chained: boolean;

  constructor(last: number, chained: boolean) {
    this.last = last;
    this.chained = chained;
  }

  change(levels: readonly (readonly [offset: number, quantity: number])[], span: number): DepthChange {
    const bids: WholeLevel[] = [];
    const asks: WholeLevel[] = [];
    for (const [offset, quantity] of levels) {
      const [side, to] = offset < 0 ? [this.bids, bids] : [this.asks, asks];
      const price = 1000 + (offset < 0 ? offset : offset + 1);
      if (quantity === 0) side.delete(price);
      else side.set(price, quantity);
      to.push([price, quantity]);
    }
    const previous = this.chained ? this.last : null;
    const first = this.last + 1;
    this.last += span;
    return { first, last: this.last, previous, bids, asks, atMs: this.last };
  }

  snapshot(): DepthSnapshot {
    return { last: this.last, bids: [...this.bids], asks: [...this.asks], atMs: this.last };
  }

  shown(): { bids: WholeLevel[]; asks: WholeLevel[] } {
    return {
      bids: [...this.bids].sort(([a], [b]) => b - a),
      asks: [...this.asks].sort(([a], [b]) => a - b),
    };
  }
}

const LEVELS = fc.array(fc.tuple(fc.integer({ min: -30, max: 30 }), fc.nat(5)), { maxLength: 6 });
const CHANGES = fc.array(fc.tuple(LEVELS, fc.integer({ min: 1, max: 4 })), { minLength: 4, maxLength: 40 });

const shownBy = (chain: DepthChain): { bids: unknown[]; asks: unknown[] } => ({
  bids: chain.levels("buy", 100).map((level) => [...level]),
  asks: chain.levels("sell", 100).map((level) => [...level]),
});

test("EXCH-21 a book from a snapshot anywhere among its changes is the exchange's book", () => {
  fc.assert(
    fc.property(CHANGES, fc.boolean(), fc.nat(40), (drawn, chained, at) => {
      const exchange = new Exchange(100, chained);
      const chain = new DepthChain(new NaiveDepth());
      let snapshot: DepthSnapshot | null = null;
      drawn.forEach(([levels, span], i) => {
        if (i === at % drawn.length) snapshot = exchange.snapshot();
        const applied = chain.change(exchange.change(levels, span));
        assert.equal(applied, "kept", "nothing is shown before the snapshot");
      });
      assert.ok(snapshot !== null && chain.snapshot(snapshot), chain.broken ?? "");
      assert.deepEqual(shownBy(chain), exchange.shown());
    }),
    { numRuns },
  );
});

test("EXCH-21 a change that is lost is noticed with the next one, and nothing is shown until a new snapshot", () => {
  fc.assert(
    fc.property(CHANGES, fc.boolean(), fc.integer({ min: 1, max: 38 }), (drawn, chained, lost) => {
      const exchange = new Exchange(100, chained);
      const chain = new DepthChain(new NaiveDepth());
      assert.ok(chain.snapshot(exchange.snapshot()));
      const missing = 1 + (lost % (drawn.length - 2));
      drawn.forEach(([levels, span], i) => {
        const change = exchange.change(levels, span);
        if (i === missing) return;
        const applied = chain.change(change);
        assert.equal(applied, i < missing ? "applied" : i === missing + 1 ? "broken" : "kept");
      });
      assert.notEqual(chain.broken, null);
      assert.deepEqual(shownBy(chain), { bids: [], asks: [] });
      assert.ok(chain.snapshot(exchange.snapshot()));
      assert.deepEqual(shownBy(chain), exchange.shown());
    }),
    { numRuns },
  );
});

test("EXCH-21 a snapshot older than the changes at hand is refused, a change told twice is passed by", () => {
  const exchange = new Exchange(100, true);
  const old = exchange.snapshot();
  exchange.change([[-1, 3]], 1);
  const chain = new DepthChain(new NaiveDepth());
  const kept = exchange.change([[2, 4]], 1);
  chain.change(kept);
  assert.equal(chain.snapshot(old), false);
  assert.equal(chain.snapshot(exchange.snapshot()), true);
  assert.equal(chain.change(kept), "old");
  assert.deepEqual(shownBy(chain), exchange.shown());
});

test("EXCH-21 a crossed book is broken", () => {
  const chain = new DepthChain(new NaiveDepth());
  assert.ok(chain.snapshot({ last: 1, bids: [[100, 1]], asks: [[101, 1]], atMs: 0 }));
  const crossing = { first: 2, last: 2, previous: 1, bids: [[101, 1]] as const, asks: [], atMs: 0 };
  assert.equal(chain.change(crossing), "broken");
  assert.match(chain.broken ?? "", /crossed/);
});
