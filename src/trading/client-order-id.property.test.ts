// Laws of client order ids (TEST-P9).

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../test/arbitraries/values.ts";
import { makeClientOrderId, parseClientOrderId } from "./client-order-id.ts";

const parts = fc.record(
  {
    tag: fc.stringMatching(/^[0-9a-z]{6}$/),
    lineage: fc.integer({ min: 0, max: 36 ** 2 - 1 }),
    seq: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 36 ** 10 - 1 })),
    index: fc.integer({ min: 0, max: 36 ** 3 - 1 }),
  },
  { noNullPrototype: true },
);

test("TEST-P9 DUR-39 EXCH-05 an id fits every exchange: at most 28 letters and digits, the first one not t", () => {
  const property = fc.property(parts, (of) => {
    assert.match(makeClientOrderId(of), /^(?=[0-9a-z]{1,28}$)[a-su-z][0-9A-Za-z]{0,27}$/);
  });
  fc.assert(property, runs(91));
});

test("TEST-P9 DUR-40 an id parses back to what it was made of", () => {
  const property = fc.property(parts, (of) => {
    assert.deepEqual(parseClientOrderId(makeClientOrderId(of)), of);
  });
  fc.assert(property, runs(92));
});

test("TEST-P9 DUR-39 DUR-42 different decisions have different ids", () => {
  const property = fc.property(
    fc.uniqueArray(parts, { selector: (of) => JSON.stringify(of), maxLength: 50 }),
    (all) => {
      assert.equal(new Set(all.map(makeClientOrderId)).size, all.length);
    },
  );
  fc.assert(property, runs(93));
});

test("TEST-P9 DUR-40 one changed character is noticed, wherever it stands and whatever it becomes", () => {
  const character = fc.constantFrom(...Array.from("0123456789abcdefghijklmnopqrstuvwxyzAZ-_ "));
  const property = fc.property(parts, fc.nat(23), character, (of, at, to) => {
    const id = makeClientOrderId(of);
    fc.pre(id[at] !== to);
    assert.equal(parseClientOrderId(id.slice(0, at) + to + id.slice(at + 1)), null);
  });
  fc.assert(property, runs(94, 3));
});
