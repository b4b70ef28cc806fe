// Named integer arithmetic against bigints: exact for every safe input, a bug for every unsafe result.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BugError } from "./assert.ts";
import {
  bigCeilDiv,
  bigFloorDiv,
  bigNearestDiv,
  ceilDiv,
  clamp,
  compareProducts,
  floorDiv,
  isCoreInteger,
  mulCeilDiv,
  mulFloorDiv,
  multiply,
  nearestDown,
  nearestUp,
  safe,
  toSafe,
  truncDiv,
} from "./integer.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const options = { numRuns, seed: 501 };
const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -50, max: 50 }),
  fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53, 0),
);
const divisor = integer.filter((value) => value !== 0);

/** The result, or "bug" when the function says the value leaves the safe range. */
function outcome(work: () => number): number | "bug" {
  try {
    const value = work();
    assert.ok(isCoreInteger(value), `${value} is a core integer`);
    return value;
  } catch (error) {
    assert.ok(error instanceof BugError);
    return "bug";
  }
}

const expected = (value: bigint): number | "bug" =>
  value > 9007199254740991n || value < -9007199254740991n ? "bug" : Number(value);

test("TEST-P2 every division rounds as its name says, for all safe integers", () => {
  fc.assert(
    fc.property(integer, divisor, (a, b) => {
      const [x, y] = [BigInt(a), BigInt(b)];
      const floor = bigFloorDiv(x, y);
      assert.ok(floor * y <= x === y > 0n || floor * y === x);
      assert.equal(bigCeilDiv(x, y), floor * y === x ? floor : floor + 1n);
      assert.equal(
        outcome(() => floorDiv(a, b)),
        expected(floor),
      );
      assert.equal(
        outcome(() => ceilDiv(a, b)),
        expected(bigCeilDiv(x, y)),
      );
      assert.equal(
        outcome(() => truncDiv(a, b)),
        expected(x / y),
      );
      assert.equal(
        outcome(() => nearestUp(a, b)),
        expected(bigFloorDiv(2n * x + y, 2n * y)),
      );
      assert.equal(
        outcome(() => nearestDown(a, b)),
        expected(bigCeilDiv(2n * x - y, 2n * y)),
      );
    }),
    options,
  );
});

test("TEST-P2 a nearest division is never more than a half away, and its ties go where the name says", () => {
  fc.assert(
    fc.property(
      fc.bigInt(),
      fc.bigInt().filter((value) => value !== 0n),
      (a, b) => {
        const nearest = bigNearestDiv(a, b);
        const miss = 2n * (nearest * b - a);
        const size = miss < 0n ? -miss : miss;
        const unit = b < 0n ? -b : b;
        assert.ok(size <= unit);
        const magnitude = nearest < 0n ? -nearest : nearest;
        const exact = (a < 0n ? -a : a) * 1n;
        if (size === unit) assert.ok(magnitude * unit > exact, "a tie goes away from zero");
      },
    ),
    options,
  );
  assert.deepEqual([nearestUp(5, 2), nearestUp(-5, 2), nearestDown(5, 2), nearestDown(-5, 2)], [3, -2, 2, -3]);
  assert.deepEqual([bigNearestDiv(5n, 2n), bigNearestDiv(-5n, 2n), bigNearestDiv(5n, -2n)], [3n, -3n, -3n]);
});

test("TEST-P2 a product and a quotient of a product are exact, also where the product is unsafe", () => {
  fc.assert(
    fc.property(integer, integer, divisor, (a, b, c) => {
      const product = BigInt(a) * BigInt(b);
      assert.equal(
        outcome(() => multiply(a, b)),
        expected(product),
      );
      assert.equal(
        outcome(() => mulFloorDiv(a, b, c)),
        expected(bigFloorDiv(product, BigInt(c))),
      );
      assert.equal(
        outcome(() => mulCeilDiv(a, b, c)),
        expected(bigCeilDiv(product, BigInt(c))),
      );
    }),
    options,
  );
});

test("RISK-03 products are compared exactly for any safe integers", () => {
  fc.assert(
    fc.property(integer, integer, integer, integer, (a, b, c, d) => {
      const difference = BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d);
      const sign = compareProducts(a, b, c, d);
      assert.equal(sign, difference > 0n ? 1 : difference < 0n ? -1 : 0);
      assert.ok(!Object.is(sign, -0));
    }),
    options,
  );
  assert.equal(compareProducts(94906267, 94906267, 94906266, 94906268), 1, "the two differ by 1 beyond 2^53");
});

test("TEST-P2 the core holds safe integers only: no fraction, no NaN, no −0", () => {
  for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) assert.throws(() => safe(bad), BugError);
  assert.ok(Object.is(safe(-0), 0));
  assert.ok(!isCoreInteger(-0) && !isCoreInteger("1") && isCoreInteger(0));
  assert.equal(toSafe(-9007199254740991n), -9007199254740991);
  assert.throws(() => toSafe(9007199254740992n), BugError);
  for (const divide of [floorDiv, ceilDiv, truncDiv]) assert.throws(() => divide(1, 0), BugError);
  assert.deepEqual([clamp(5, 1, 3), clamp(0, 1, 3), clamp(2, 1, 3)], [3, 1, 2]);
});
