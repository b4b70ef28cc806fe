import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lots, ticks } from "../../market/amounts.ts";
import { formatPrice, formatQuantity, parsePrice } from "../../market/instrument.ts";
import { gridOf } from "./grid.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const step = fc.constantFrom("1", "0.1", "0.01", "0.5", "0.25", "5", "0.00000001", "0.000003", "1000", "2.5");

test("API-04 the wire's text of ticks and lots is the one of the instrument, and reads back exactly", () => {
  fc.assert(
    fc.property(step, fc.maxSafeInteger(), (size, units) => {
      const grid = gridOf(size);
      assert.equal(grid.text(units), formatPrice({ tickSize: size }, ticks(units)));
      assert.equal(grid.text(units), formatQuantity({ lotSize: size }, lots(units)));
      assert.deepEqual(grid.units(grid.text(units)), { ok: true, value: units + 0 });
    }),
    { numRuns, seed: 77 },
  );
});

test("API-04 any text reads as the instrument reads it: exactly, or not at all", () => {
  const text = fc
    .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: 0, max: 10 }))
    .map(([digits, scale]) => {
      const body = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
      const point = body.length - scale;
      return `${digits < 0n ? "-" : ""}${body.slice(0, point)}${scale === 0 ? "" : `.${body.slice(point)}`}`;
    });
  fc.assert(
    fc.property(step, text, (size, written) => {
      const [here, there] = [gridOf(size).units(written), parsePrice({ tickSize: size }, written)];
      assert.equal(here.ok, there.ok, written);
      if (here.ok && there.ok) assert.equal(here.value, there.value + 0);
    }),
    { numRuns, seed: 78 },
  );
});

test("API-04 what lies between two steps is refused with both numbers", () => {
  assert.deepEqual(gridOf("0.1").units("60000.05"), { ok: false, error: "60000.05 is not a multiple of 0.1" });
  assert.equal(gridOf("0.1").units("1e5").ok, true, "exponents are refused before, by the form of the field");
  assert.equal(gridOf("0.001").units("999999999999999999").ok, false);
});
