// The fast book against the naive one: any sequence of level changes, near or far, leaves them indistinguishable.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Depth, FastDepth, NaiveDepth } from "./depth.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

const near = fc.integer({ min: 60_000, max: 60_040 });
const price = fc.oneof(
  { weight: 6, arbitrary: near },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 400_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 50 }) },
);
const change = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.record({
      side: fc.constantFrom("buy" as const, "sell" as const),
      price,
      quantity: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 50 })),
    }),
  },
  { weight: 1, arbitrary: fc.constant("clear" as const) },
);

function text(book: Depth): string {
  const lines: string[] = [];
  for (const side of ["buy", "sell"] as const) {
    lines.push(`${side} best ${book.best(side)} of ${book.count(side)}`);
    for (const level of book.levels(side, 1_000_000)) lines.push(level.join(" x "));
  }
  return lines.join("\n");
}

test("TEST-P3 the fast book equals the naive book after any changes of levels", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const fast = new FastDepth();
      const naive = new NaiveDepth();
      for (const item of changes) {
        if (item === "clear") {
          fast.clear();
          naive.clear();
          continue;
        }
        const { side, price: at, quantity } = item;
        assert.equal(fast.set(side, at, quantity), naive.set(side, at, quantity));
        assert.equal(fast.best(side), naive.best(side));
        assert.equal(fast.quantity(side, at), quantity);
      }
      assert.equal(text(fast), text(naive));
    }),
    { numRuns, seed: 20240808 },
  );
});

test("TEST-P3 a book built from increments equals one built from the snapshot they lead to", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const grown = new FastDepth();
      for (const item of changes) {
        if (item === "clear") grown.clear();
        else grown.set(item.side, item.price, item.quantity);
      }
      const loaded = new FastDepth();
      for (const side of ["sell", "buy"] as const) {
        for (const [at, quantity] of [...grown.levels(side, 1_000_000)].reverse()) loaded.set(side, at, quantity);
      }
      assert.equal(text(grown), text(loaded));
    }),
    { numRuns, seed: 8081 },
  );
});

test("a level list stops where it is told to, also across the far levels", () => {
  const book = new FastDepth();
  for (const at of [100, 101, 1_000_000, 2_000_000]) book.set("sell", at, at);
  assert.deepEqual([...book.levels("sell", 0)], []);
  assert.deepEqual([...book.levels("sell", 1)], [[100, 100]]);
  assert.deepEqual(
    [...book.levels("sell", 3)].map((level) => level[0]),
    [100, 101, 1_000_000],
  );
  assert.equal(book.best("buy"), 0);
});

test("an empty side is found again however far its next level lies", () => {
  const book = new FastDepth();
  book.set("buy", 5_000_000, 3);
  book.set("buy", 7, 1);
  assert.equal(book.set("buy", 5_000_000, 0), 3);
  assert.equal(book.best("buy"), 7);
  assert.equal(book.set("buy", 7, 0), 1);
  assert.equal(book.best("buy"), 0);
  assert.equal(book.count("buy"), 0);
});
