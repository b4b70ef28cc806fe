// Kinds, versions and upcasts of journal bodies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "../market/amounts.ts";
import type { Posting } from "../trading/ledger.ts";
import {
  checkBody,
  decodeEffect,
  decodeEvent,
  decodeMark,
  postingText,
  type RecordToDecode,
  stateMarkBody,
  upcast,
  versionOf,
} from "./codec.ts";
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

const cancel: RecordToDecode = {
  ...timer,
  type: "effect",
  kind: "cancel",
  clientOrderId: "o000000000000000000000aa",
  body: '{"because":{"code":"x"},"symbol":"s"}',
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
  assert.throws(
    () => decodeEvent({ ...timer, version: 2 }),
    (error) => {
      assert.ok(error instanceof JournalError);
      assert.deepEqual([error.facts.position, error.facts.goodTo], [7, 6], "the records before it are good");
      return true;
    },
  );
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
  const effect = { ...cancel, body: '{"because":{"code":"x"},"extra":1,"symbol":"s"}' };
  assert.throws(() => decodeEffect(effect), code("JOURNAL_CORRUPT", /2 fields and not 3/));
  const mark = { ...timer, type: "mark", kind: "state", body: '{"extra":1,"stateHash":"5a"}' } as const;
  assert.throws(() => decodeMark(mark), code("JOURNAL_CORRUPT", /1 fields? and not 2/));
});

test("DUR-04 DUR-26 a body is as this release would write it, or the check names its position", () => {
  const mark: RecordToDecode = { ...timer, type: "mark", kind: "state", body: stateMarkBody("5a") };
  for (const record of [timer, cancel, mark]) {
    checkBody(record);
    const spaced = { ...record, body: record.body.replace(":", ": ") };
    const message = new RegExp(`at position 7: the body of ${record.kind} is not in canonical form; records 1 to 6`);
    assert.throws(() => checkBody(spaced), code("JOURNAL_CORRUPT", message));
  }
  for (const type of ["anchor", "seal"] as const) checkBody({ ...timer, type, kind: "any", body: '{ "to": 1 }' });
});

test("DUR-04 a body that is no JSON is damage; what breaks a step of ours is a bug, and told as one", () => {
  const message = /at position 7: the body of timer is not JSON; records 1 to 6/;
  assert.throws(
    () => decodeEvent({ ...timer, body: "{" }),
    (error) => {
      assert.ok(error instanceof JournalError && error.cause instanceof SyntaxError);
      return code("JOURNAL_CORRUPT", message)(error);
    },
  );
  const missing = { "event/timer": [(body: unknown) => Object.keys((body as { gone: object }).gone)] };
  assert.throws(() => upcast(timer, missing), code("JOURNAL_CORRUPT", message));
  const broken = {
    "event/timer": [
      () => {
        throw new RangeError("a bug of the step");
      },
    ],
  };
  assert.throws(() => upcast(timer, broken), /^RangeError: a bug of the step$/);
});

test("DUR-04 a place effect without its client order id is refused", () => {
  assert.throws(() => decodeEffect({ ...cancel, clientOrderId: null }), code("JOURNAL_CORRUPT", /clientOrderId/));
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

test("DUR-23 the hash of a posting covers every field of it, its amount exactly", () => {
  const cents = money(-17n);
  const posting: Posting = { account: "cash", asset: "USDT", amount: cents, cause: "fill", causeId: "t-1", atMs: 5 };
  assert.equal(
    postingText(posting),
    '{"account":"cash","amount":{"$n":"-17"},"asset":"USDT","atMs":5,"cause":"fill","causeId":"t-1"}',
  );
});
