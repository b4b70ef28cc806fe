// Kinds, versions and upcasts of journal bodies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEffect, decodeEvent, type RecordToDecode, upcast, versionOf } from "./codec.ts";
import { JournalError } from "./errors.ts";

const timer: RecordToDecode = {
  position: 7,
  type: "event",
  kind: "timer",
  version: 1,
  atMs: 5,
  clientOrderId: null,
  body: '{"missed":0,"name":"clean"}',
};

const code = (expected: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof JournalError);
  assert.equal(error.code, expected);
  assert.match(error.message, message);
  return true;
};

test("DUR-32 a body of a newer version is JOURNAL_TOO_NEW, with exit code 6 (DUR-60)", () => {
  assert.throws(() => decodeEvent({ ...timer, version: 2 }), code("JOURNAL_TOO_NEW", /timer has version 2.*up to 1/));
  assert.equal(new JournalError("JOURNAL_TOO_NEW", "").exitCode, 6);
});

test("DUR-04 kinds are looked up by their own names only", () => {
  for (const kind of ["toString", "__proto__", "constructor", "bok", ""]) {
    assert.throws(() => decodeEvent({ ...timer, kind }), code("JOURNAL_CORRUPT", /no event is called/));
    assert.throws(
      () => decodeEffect({ ...timer, type: "effect", kind }),
      code("JOURNAL_CORRUPT", /no effect is called/),
    );
  }
  assert.throws(() => decodeEffect(timer), code("JOURNAL_CORRUPT", /event where effect was expected/));
  assert.throws(() => decodeEvent({ ...timer, version: 0 }), code("JOURNAL_CORRUPT", /version 0/));
});

test("DUR-04 a field nobody reads is refused: it would be lost when the body is written again", () => {
  const body = '{"extra":1,"missed":0,"name":"clean"}';
  assert.throws(() => decodeEvent({ ...timer, body }), code("JOURNAL_CORRUPT", /2 fields and not 3/));
});

test("DUR-04 a place effect without its client order id is refused", () => {
  const record: RecordToDecode = {
    ...timer,
    type: "effect",
    kind: "cancel",
    body: '{"because":{"code":"x"},"symbol":"s"}',
  };
  assert.throws(() => decodeEffect(record), code("JOURNAL_CORRUPT", /clientOrderId/));
});

test("DUR-04 old versions are lifted step by step to the current one", () => {
  const upcasts = {
    "event/timer": [
      (body: unknown) => ({ ...(body as object), missed: 0 }),
      (body: unknown) => ({ ...(body as object), late: false }),
    ],
  };
  assert.equal(versionOf("event", "timer", upcasts), 3);
  assert.equal(versionOf("effect", "timer", upcasts), 1);
  assert.deepEqual(upcast({ ...timer, body: '{"name":"a"}' }, upcasts), { name: "a", missed: 0, late: false });
  assert.deepEqual(upcast({ ...timer, version: 2, body: '{"name":"a","missed":3}' }, upcasts), {
    name: "a",
    missed: 3,
    late: false,
  });
  assert.deepEqual(upcast({ ...timer, version: 3, body: '{"name":"a"}' }, upcasts), { name: "a" });
});
