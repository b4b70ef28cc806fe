// The canonical encoder (TEST-P1): what is decoded is what was encoded, and encoding it again gives the same bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BugError } from "./assert.ts";
import { type Canonical, decodeCanonical, encodeCanonical, sha256 } from "./canonical.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

const key = fc
  .oneof(fc.string({ maxLength: 6 }), fc.constantFrom("__proto__", "constructor", "7", "ключ", "\ud800"))
  .filter((text) => !text.startsWith("$"));
const integer = fc.maxSafeInteger().map((value) => value + 0);

const { value } = fc.letrec<{ value: Canonical; record: Canonical }>((tie) => ({
  record: fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => {
    const result: Record<string, Canonical> = {};
    for (const [name, item] of entries) {
      Object.defineProperty(result, name, { value: item, enumerable: true, writable: true, configurable: true });
    }
    return result;
  }),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    integer,
    fc.string(),
    fc.bigInt(),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(fc.oneof(key, integer), tie("value")), { maxLength: 5 }).map((entries) => new Map(entries)),
    tie("record"),
  ),
}));

test("TEST-P1 DUR-04 decode(encode(x)) = x, and encoding again gives the same bytes", () => {
  fc.assert(
    fc.property(value, (item) => {
      const text = encodeCanonical(item);
      const back = decodeCanonical(text);
      assert.equal(encodeCanonical(back), text);
      assert.deepEqual(back, item);
    }),
    { numRuns: numRuns * 2, seed: 503 },
  );
});

test("TEST-P1 the bytes depend on the content alone: keys are sorted, a Map keeps its order", () => {
  assert.equal(encodeCanonical({ b: 1, a: [2n, null] }), '{"a":[{"$n":"2"},null],"b":1}');
  assert.equal(encodeCanonical({ a: [2n, null], b: 1, c: undefined }), '{"a":[{"$n":"2"},null],"b":1}');
  assert.notEqual(
    encodeCanonical(
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ),
    encodeCanonical(
      new Map([
        [3, 4],
        [1, 2],
      ]),
    ),
  );
  assert.equal(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("TEST-P1 what must not be journaled is a bug: floats, −0, holes, instances, reserved keys", () => {
  const hole: unknown[] = [1, 2, 3];
  hole.length = 4;
  const bad: readonly unknown[] = [
    0.1,
    -0,
    Number.NaN,
    2 ** 53,
    hole,
    [undefined],
    undefined,
    () => 1,
    Symbol("x"),
    new Date(0),
    new Set(),
    { $n: "1" },
    { a: { b: 1.5 } },
    new Map([["a", new Uint8Array(1)]]),
  ];
  for (const item of bad) assert.throws(() => encodeCanonical(item), BugError);
});

test("TEST-P1 damaged text is an error the caller can catch, and pollutes nothing", () => {
  fc.assert(
    fc.property(value, fc.nat(), fc.string({ maxLength: 3 }), (item, at, put) => {
      const text = encodeCanonical(item);
      const cut = text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1);
      try {
        decodeCanonical(cut);
      } catch (error) {
        assert.ok(error instanceof SyntaxError || error instanceof TypeError, String(error));
      }
    }),
    { numRuns, seed: 504 },
  );
  decodeCanonical('{"__proto__":{"polluted":true}}');
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});
