// Client order ids: shape, widths, whose they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BugError } from "../base/assert.ts";
import { DIRECT_LINEAGE, foreignOrderId, makeClientOrderId, parseClientOrderId } from "./client-order-id.ts";

const first = { tag: "grid01", lineage: 1, seq: 1, index: 0 };
const largest = { tag: "zzzzzz", lineage: 36 ** 2 - 1, seq: 36 ** 10 - 1, index: 36 ** 3 - 1 };

test("DUR-39 an id is o, tag, lineage, seq, index and check in 24 characters of base 36", () => {
  const id = makeClientOrderId({ tag: "grid01", lineage: 37, seq: 1_000_000, index: 35 });
  assert.equal(id.length, 24);
  assert.equal(id.slice(0, 22), "ogrid0111000000lfls00z");
  assert.match(id.slice(22), /^[0-9a-z]{2}$/);
});

test("DUR-39 the id of a decision never changes: it is a pure function of journaled facts", () => {
  assert.equal(makeClientOrderId(first), "ogrid01010000000001000um");
  assert.equal(makeClientOrderId({ ...first }), makeClientOrderId(first));
});

test("DUR-39 the widths are asserted: a number too large for its field is a bug, never a shorter id", () => {
  assert.deepEqual(parseClientOrderId(makeClientOrderId(largest)), largest);
  const told: readonly (readonly [change: Partial<typeof first>, text: string])[] = [
    [{ lineage: 36 ** 2 }, "1296 does not fit 2 digits of base 36"],
    [{ seq: 36 ** 10 }, "3656158440062976 does not fit 10 digits of base 36"],
    [{ index: 36 ** 3 }, "46656 does not fit 3 digits of base 36"],
    [{ seq: -1 }, "-1 is not a natural number"],
    [{ seq: 1.5 }, "1.5 is not a natural number"],
    [{ index: Number.NaN }, "NaN is not a natural number"],
    [{ tag: "grid1" }, 'tag "grid1" is not six characters 0-9a-z'],
    [{ tag: "grid001" }, 'tag "grid001" is not six characters 0-9a-z'],
    [{ tag: "Grid01" }, 'tag "Grid01" is not six characters 0-9a-z'],
    [{ tag: "grid-1" }, 'tag "grid-1" is not six characters 0-9a-z'],
  ];
  for (const [change, text] of told) {
    const thrown = (error: unknown): boolean => error instanceof BugError && error.message.includes(text);
    assert.throws(() => makeClientOrderId({ ...first, ...change }), thrown, text);
  }
});

test("RISK-23 DUR-42 orders no journal decides bear the last lineage there is, zz", () => {
  assert.equal(makeClientOrderId({ ...first, lineage: DIRECT_LINEAGE }).slice(7, 9), "zz");
});

test("DUR-40 ids that are not ours are foreign: wrong shape, wrong check digits, another length", () => {
  const id = makeClientOrderId(first);
  const foreign = ["", "o", id.slice(0, 23), `${id}0`, id.toUpperCase(), `x${id.slice(1)}`, "web_1234567890abcdefghij"];
  for (const text of [...foreign, `${id.slice(0, 22)}00`, ` ${id}`, `${id}\n`]) {
    assert.equal(parseClientOrderId(text), null, text);
    assert.equal(foreignOrderId(text), text, "taken as it is, judged by nobody");
  }
});

test("DUR-41 the tag in the id is the bot's own, so another bot's orders are told apart", () => {
  const mine = parseClientOrderId(makeClientOrderId(first));
  const other = parseClientOrderId(makeClientOrderId({ ...first, tag: "grid02" }));
  assert.deepEqual([mine?.tag, other?.tag], ["grid01", "grid02"]);
});

test("DUR-42 another lineage is another id for the same event and index", () => {
  assert.notEqual(makeClientOrderId(first), makeClientOrderId({ ...first, lineage: 2 }));
});
