// Decimal text ↔ ticks, lots and money (TEST-P2): round trips, named rounding inside its bounds, nothing unsafe.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BTC_PERPETUAL, BTC_SPOT } from "../../test/instruments.ts";
import { BugError } from "../base/assert.ts";
import { formatDecimal, parseDecimal, unitsOf } from "../base/decimal.ts";
import { lots, MONEY_SCALE, milliTicks, money, opposite, signOf, ticks } from "./amounts.ts";
import {
  baseMoney,
  formatMark,
  formatMoney,
  formatPrice,
  formatQuantity,
  markMoney,
  notionalMoney,
  parseMoney,
  parsePrice,
  parseQuantity,
  unitMoney,
} from "./instrument.ts";

const USDM = BTC_PERPETUAL;
const SPOT = BTC_SPOT;

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const options = { numRuns, seed: 601 };
const step = fc.constantFrom("1", "0.1", "0.01", "0.5", "0.25", "5", "0.00000001", "0.000003", "1000");
const safeInteger = fc.maxSafeInteger();

test("TEST-P2 prices and quantities round-trip through their text", () => {
  fc.assert(
    fc.property(step, safeInteger, (size, value) => {
      const tick = { tickSize: size };
      const lot = { lotSize: size };
      assert.deepEqual(parsePrice(tick, formatPrice(tick, ticks(value))), { ok: true, value: value + 0 });
      assert.deepEqual(parseQuantity(lot, formatQuantity(lot, lots(value))), { ok: true, value: value + 0 });
    }),
    options,
  );
  assert.equal(formatPrice({ tickSize: "0.01" }, ticks(300000)), "3000.00");
  assert.equal(formatQuantity({ lotSize: "0.001" }, lots(-10)), "-0.010");
});

test("TEST-P2 money round-trips exactly through its text", () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: 0, max: 18 }), (amount, digits) => {
      assert.deepEqual(parseMoney(formatMoney(money(amount), digits)), { ok: true, value: amount });
    }),
    options,
  );
  assert.equal(parseMoney("1e-19").ok, false);
  assert.deepEqual(parseMoney("-1.5e-18", "down"), { ok: true, value: -2n });
});

test("TEST-P2 down ≤ text < down + tick, up mirrors it, and no result is ever unsafe", () => {
  const text = fc
    .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }))
    .map(([d, s]) => formatDecimal(d, s));
  fc.assert(
    fc.property(step, text, (size, written) => {
      const value = parseDecimal(written);
      const unit = parseDecimal(size);
      assert.ok(value.ok && unit.ok);
      const floor = unitsOf(value.value, unit.value, "down");
      assert.ok(floor.ok);
      const down = parsePrice({ tickSize: size }, written, "down");
      const up = parsePrice({ tickSize: size }, written, "up");
      const exact = parsePrice({ tickSize: size }, written);
      const nearest = parsePrice({ tickSize: size }, written, "nearest");
      if (!down.ok || !up.ok) {
        assert.ok(floor.value > 2n ** 53n - 3n || floor.value < 3n - 2n ** 53n, "only what is too large is refused");
        return;
      }
      assert.equal(BigInt(down.value), floor.value);
      for (const result of [down, up]) assert.ok(Number.isSafeInteger(result.value) && !Object.is(result.value, -0));
      assert.equal(up.value - down.value, exact.ok ? 0 : 1);
      assert.ok(nearest.ok && (nearest.value === down.value || nearest.value === up.value));
    }),
    options,
  );
});

test("TEST-P2 text that is no number is refused with its own words", () => {
  for (const text of ["", "abc", "1,5", "NaN", "١"]) {
    const price = parsePrice(USDM, text);
    assert.ok(!price.ok && price.error.includes(text));
  }
  const large = parsePrice({ tickSize: "0.00000001" }, "99999999999");
  assert.ok(!large.ok && large.error.includes("too large"));
  const off = parseQuantity(USDM, "0.0005");
  assert.ok(!off.ok && off.error.includes("0.001"));
  assert.throws(() => parsePrice({ tickSize: "0" }, "1"), BugError);
  for (const bad of [0.5, 2 ** 53, Number.NaN]) assert.throws(() => ticks(bad), BugError);
});

test("TEST-P2 notionals are exact products, and marks below 10^−18 round toward −∞", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(USDM, SPOT),
      fc.nat(),
      fc.integer(),
      fc.integer({ min: 0, max: 2 ** 40 }),
      (rules, price, quantity, mark) => {
        const value = formatMoney(notionalMoney(rules, ticks(price), lots(quantity)));
        const exact = parseDecimal(formatPrice(rules, ticks(price)));
        const size = parseDecimal(formatQuantity(rules, lots(quantity)));
        assert.ok(exact.ok && size.ok);
        assert.equal(
          value,
          formatDecimal(exact.value.digits * size.value.digits, exact.value.scale + size.value.scale),
        );
        const marked = markMoney(rules, milliTicks(mark), lots(quantity));
        const thousand = BigInt(mark) * BigInt(quantity) * unitMoney(rules);
        assert.ok(marked * 1000n <= thousand && thousand < (marked + 1n) * 1000n);
        assert.equal(
          markMoney(rules, milliTicks(1000 * (mark % 1000)), lots(quantity)),
          notionalMoney(rules, ticks(mark % 1000), lots(quantity)),
        );
      },
    ),
    options,
  );
  assert.equal(formatMoney(baseMoney(SPOT, lots(123456))), "1.23456");
  assert.equal(formatMark(USDM, milliTicks(616_597_500)), "61659.75");
  assert.equal(MONEY_SCALE, 18);
});

test("a side has a sign and an opposite", () => {
  assert.deepEqual([signOf("buy"), signOf("sell"), opposite("buy"), opposite("sell")], [1, -1, "sell", "buy"]);
});
