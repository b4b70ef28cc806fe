// Figures as a person reads them: exact money, one sign, and n/a for what is not known.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countText,
  decimalText,
  durationText,
  numberText,
  percentText,
  shortHash,
  signedNumber,
  signedPercent,
  signedText,
  utcText,
} from "./figures.ts";

test("BT-35 money is rounded to the nearest, ties away from 0, from its exact text and never through a float", () => {
  for (const [text, digits, plain, signed] of [
    ["1234567.005", 2, "1,234,567.01", "+1,234,567.01"],
    ["-1234567.005", 2, "−1,234,567.01", "−1,234,567.01"],
    ["9007199254740993.015", 2, "9,007,199,254,740,993.02", "+9,007,199,254,740,993.02"],
    ["12.5", 4, "12.5000", "+12.5000"],
    ["999.999", 2, "1,000.00", "+1,000.00"],
    ["0", 2, "0.00", "0.00"],
    ["-0.004", 2, "0.00", "0.00"],
    ["1500", 0, "1,500", "+1,500"],
  ] as const) {
    assert.equal(decimalText(text, digits), plain, text);
    assert.equal(signedText(text, digits), signed, text);
  }
});

test("BT-35 BT-14 what is not known prints n/a, never 0", () => {
  const unknown = [
    decimalText(null, 2),
    signedText(null, 2),
    numberText(null, 2),
    numberText(Number.NaN, 2),
    numberText(Number.POSITIVE_INFINITY, 2),
    signedNumber(null, 2),
    percentText(null),
    signedPercent(null),
    durationText(null),
    durationText(Number.POSITIVE_INFINITY),
  ];
  assert.deepEqual(new Set(unknown), new Set(["n/a"]));
  assert.equal(decimalText("many", 2), "many", "text from elsewhere is not a figure, and is not hidden");
});

test("BT-35 ratios and shares have one sign, and none when they round to 0", () => {
  assert.deepEqual(
    [1234.5, -1234.5, 0.001, -0.001].map((value) => [numberText(value, 1), signedNumber(value, 1)]),
    [
      ["1,234.5", "+1,234.5"],
      ["−1,234.5", "−1,234.5"],
      ["0.0", "0.0"],
      ["0.0", "0.0"],
    ],
  );
  assert.deepEqual([percentText(0.0123), percentText(0.5, 0)], ["1.23 %", "50 %"]);
  assert.deepEqual(
    [signedPercent(0.0123), signedPercent(-0.0123), signedPercent(-0.000_001)],
    ["+1.23 %", "−1.23 %", "0.00 %"],
  );
  assert.equal(countText(1_234_567), "1,234,567");
});

test("BT-33 a span of time is said in its two largest units", () => {
  const spans: readonly [number, string][] = [
    [40_000, "40 ms"],
    [1_250_000, "1.3 s"],
    [725_000_000, "12 min 5 s"],
    [7_500_000_000, "2 h 5 min"],
    [273_600_000_000, "3 d 4 h"],
    [-40_000, "−40 ms"],
    [-273_600_000_000, "−3 d 4 h"],
  ];
  for (const [us, text] of spans) assert.equal(durationText(us), text);
});

test("BT-33 an instant is in UTC; a hash is as short as an eye compares", () => {
  assert.equal(utcText(1_767_225_600_123_000), "2026-01-01 00:00:00");
  assert.equal(utcText(1_767_225_600_123_000, true), "2026-01-01 00:00:00.123");
  assert.deepEqual([shortHash("a".repeat(64)), shortHash("synthetic-1")], ["a".repeat(12), "synthetic-1"]);
});
