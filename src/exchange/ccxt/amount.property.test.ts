// Prices and quantities survive the way to the exchange and back exactly, contracts or coins (EXCH-02).

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDecimal, multiplyDecimal, parseDecimal } from "../../base/decimal.ts";
import { ppmOf, stepsOf } from "./amount.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 300);

const step = fc.tuple(fc.bigInt({ min: 1n, max: 500n }), fc.integer({ min: 0, max: 10 }));
const text = ([digits, scale]: readonly [bigint, number]): string => formatDecimal(digits, scale);

test("EXCH-02 lots become the exchange's unit and back without a rounding, whatever a contract holds", () => {
  fc.assert(
    fc.property(step, step, step, fc.integer({ min: 1, max: 10_000_000 }), (tick, amount, contract, units) => {
      const steps = stepsOf({ tick: text(tick), amountStep: text(amount), contract: text(contract) });
      assert.ok(steps.ok);
      const back = steps.value.lots(steps.value.amountText(units));
      assert.ok(back.ok && back.value === units, steps.value.amountText(units));
      const price = steps.value.ticks(steps.value.priceText(units));
      assert.ok(price.ok && price.value === units);
    }),
    { numRuns },
  );
});

test("EXCH-02 a lot is the smallest step in base units: contract step times contract size", () => {
  const steps = stepsOf({ tick: "0.1", amountStep: "0.01", contract: "0.1" });
  assert.ok(steps.ok);
  assert.equal(steps.value.lotSize, "0.001");
  assert.equal(steps.value.amountText(25), "0.25");
  const product = multiplyDecimal({ digits: 1n, scale: 2 }, { digits: 1n, scale: 1 });
  const lot = parseDecimal(steps.value.lotSize);
  assert.ok(
    lot.ok && lot.value.digits * 10n ** BigInt(product.scale) === product.digits * 10n ** BigInt(lot.value.scale),
  );
});

test("EXCH-31 rates become millionths, and a rate between two of them is rounded against us", () => {
  assert.deepEqual(
    [ppmOf("0.0002"), ppmOf("0.00045"), ppmOf("-0.00005"), ppmOf("0.0000001"), ppmOf(null), ppmOf("x"), ppmOf("2")],
    [200, 450, -50, 1, null, null, null],
  );
});
