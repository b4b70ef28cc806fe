// Client order ids: shape, widths, whose they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BugError } from "../base/assert.ts";
import { foreignOrderId, makeClientOrderId, parseClientOrderId } from "./client-order-id.ts";

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
  for (const parts of [
    { ...first, lineage: 36 ** 2 },
    { ...first, seq: 36 ** 10 },
    { ...first, index: 36 ** 3 },
    { ...first, seq: -1 },
    { ...first, seq: 1.5 },
    { ...first, index: Number.NaN },
    { ...first, tag: "grid1" },
    { ...first, tag: "grid001" },
    { ...first, tag: "Grid01" },
    { ...first, tag: "grid-1" },
  ]) {
    assert.throws(() => makeClientOrderId(parts), BugError, JSON.stringify(parts));
  }
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
