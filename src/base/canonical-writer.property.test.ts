// The writer's own digits and letters against the platform: integers as String writes them, text as JSON does.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalText } from "./canonical-writer.ts";

const runs = { numRuns: Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10), seed: 32 };

test("TEST-P1 integers are written as JSON writes them, around every power of ten and two", () => {
  for (let power = 1; power <= Number.MAX_SAFE_INTEGER; power *= 10) around(power);
  for (let power = 1; power <= Number.MAX_SAFE_INTEGER; power *= 2) around(power);
  around(Number.MAX_SAFE_INTEGER - 1);
  const anyInteger = fc.maxSafeInteger().filter((value) => !Object.is(value, -0));
  fc.assert(
    fc.property(anyInteger, (value) => assert.equal(canonicalText(value), JSON.stringify(value))),
    runs,
  );
});

function around(value: number): void {
  for (const near of [value - 1, value, value + 1]) {
    assert.equal(canonicalText(near), JSON.stringify(near));
    if (near > 0) assert.equal(canonicalText(-near), JSON.stringify(-near));
  }
}

test("TEST-P1 text is written as JSON writes it: controls, quotes, other scripts, halves of pairs", () => {
  const texts = [fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" })];
  const halves = fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 })).map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(fc.oneof(...texts, halves), (value) => {
      assert.equal(canonicalText(value), JSON.stringify(value));
      assert.equal(canonicalText([value, { [`k${value}`]: value }]), JSON.stringify([value, { [`k${value}`]: value }]));
    }),
    runs,
  );
});

test("TEST-P1 a value that cannot be written leaves nothing behind for the next one", () => {
  const shapes = Array.from({ length: 20 }, (_, i) => ({ a: i, [`b${i}`]: [i, "x".repeat(100_000)] }));
  for (const shape of shapes) {
    assert.throws(() => canonicalText([shape, 0.5]), /not a safe integer/);
    assert.equal(canonicalText(shape), JSON.stringify(shape));
  }
});
