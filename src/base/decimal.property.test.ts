// Decimal text ↔ scaled integers: exact both ways, every rounding inside its bounds.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Decimal, formatDecimal, multiplyDecimal, parseDecimal, unitsOf } from "./decimal.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const options = { numRuns, seed: 502 };
const scale = fc.integer({ min: 0, max: 30 });
const decimal: fc.Arbitrary<Decimal> = fc.record({ digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale });
const unit: fc.Arbitrary<Decimal> = fc.record({ digits: fc.bigInt({ min: 1n, max: 10n ** 12n }), scale });

const read = (text: string): Decimal => {
  const parsed = parseDecimal(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
};
/** a = b as numbers, whatever their scales. */
const equal = (a: Decimal, b: Decimal): boolean =>
  a.digits * 10n ** BigInt(b.scale) === b.digits * 10n ** BigInt(a.scale);

test("TEST-P2 decimal text round-trips exactly, with as many digits after the point as asked", () => {
  fc.assert(
    fc.property(decimal, fc.integer({ min: 0, max: 40 }), (value, minFraction) => {
      const text = formatDecimal(value.digits, value.scale, minFraction);
      assert.ok(equal(read(text), value), text);
      assert.match(text, /^-?(0|[1-9]\d*)(\.\d+)?$/);
      const fraction = text.split(".")[1] ?? "";
      assert.ok(fraction.length >= minFraction);
      assert.ok(fraction.length === minFraction || !fraction.endsWith("0"));
      assert.notEqual(text, "-0");
    }),
    options,
  );
});

test("TEST-P2 exponent notation is the same number as plain notation", () => {
  fc.assert(
    fc.property(decimal, fc.integer({ min: -60, max: 60 }), (value, exponent) => {
      const written = `${formatDecimal(value.digits, value.scale)}e${exponent}`;
      const factor = exponent >= 0 ? { digits: 10n ** BigInt(exponent), scale: 0 } : { digits: 1n, scale: -exponent };
      assert.ok(equal(read(written), multiplyDecimal(value, factor)), written);
    }),
    options,
  );
  assert.deepEqual(read("3.4e-07"), { digits: 34n, scale: 8 });
  assert.deepEqual(read("+1.50E2"), { digits: 150n, scale: 0 });
});

test("TEST-P2 down ≤ x < down + unit, up mirrors it, nearest is half a unit away at most, exact has no rest", () => {
  fc.assert(
    fc.property(decimal, unit, (value, step) => {
      const units = (rounding: "down" | "up" | "nearest"): bigint => {
        const result = unitsOf(value, step, rounding);
        assert.ok(result.ok);
        return result.value;
      };
      // x / step = top / bottom
      const top = value.digits * 10n ** BigInt(step.scale);
      const bottom = step.digits * 10n ** BigInt(value.scale);
      const [down, up, nearest] = [units("down"), units("up"), units("nearest")];
      assert.ok(down * bottom <= top && top < (down + 1n) * bottom);
      assert.ok((up - 1n) * bottom < top && top <= up * bottom);
      const miss = 2n * (nearest * bottom - top);
      assert.ok(miss <= bottom && -miss <= bottom);
      const exact = unitsOf(value, step, "exact");
      assert.equal(exact.ok, down === up);
      if (exact.ok) assert.equal(exact.value, down);
    }),
    options,
  );
});

test("TEST-P2 text that is no decimal number is refused, whatever it is", () => {
  for (const text of [
    "",
    " ",
    ".",
    "1.2.3",
    "1e",
    "e5",
    "0x10",
    "NaN",
    "Infinity",
    "1,5",
    "--1",
    "1e401",
    "٣",
    "1_000",
    ".5",
  ]) {
    assert.equal(parseDecimal(text).ok, false, text);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseDecimal(text);
      assert.equal(
        parsed.ok,
        /^[+-]?\d+(\.\d*)?([eE][+-]?\d{1,4})?$/.test(text) && !(text.includes("e") && !parsed.ok),
      );
    }),
    options,
  );
});
