// A state as text and back: the same bytes, the same hash; text that is no state of ours is refused in a sentence.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCanonical } from "../base/canonical.ts";
import { Bench, book } from "./probe.fixture.ts";
import { decodeState, encodeState, stateHash } from "./snapshot.ts";

test("DUR-18 DUR-20 a state read back is the same bytes, has the same hash, and steps alike", () => {
  const bot = new Bench().running();
  const text = encodeState(bot.state);
  const again = new Bench(decodeState(text));
  assert.equal(encodeState(again.state), text);
  assert.match(stateHash(bot.state), /^[0-9a-f]{64}$/);
  assert.equal(stateHash(again.state), stateHash(bot.state));
  again.atMs = bot.atMs;
  assert.deepEqual(again.feed(book(300_500)), bot.feed(book(300_500)));
  assert.equal(stateHash(again.state), stateHash(bot.state));
  bot.feed(book(300_501));
  assert.notEqual(stateHash(again.state), stateHash(bot.state));
});

test("DUR-31 text that is no state, and a state of a version nobody here knows, are refused", () => {
  for (const value of [null, 7, "version", [], { seq: 1 }])
    assert.throws(() => decodeState(encodeCanonical(value)), /this is not a state/, encodeCanonical(value));
  const { state } = new Bench();
  for (const version of [0, 3, "2"])
    assert.throws(
      () => decodeState(encodeCanonical({ ...state, version })),
      new RegExp(`state version ${version} is not 2`),
    );
});

test("DUR-33 a snapshot of the release before is read as a state of this one", () => {
  const { state } = new Bench().running();
  const { liquidation: _, breakers, history, monitor, approvals, divergences, ...rest } = state;
  assert.ok(breakers.size === 0 && monitor.watched.size === 0 && approvals === 0 && divergences.length === 0);
  const { maintenanceMargin, ...equity } = rest.equity ?? assert.fail();
  assert.equal(maintenanceMargin, null);
  const read = decodeState(encodeCanonical({ ...rest, equity, version: 1 }));
  // the base of the capital curve is told anew at the next start
  assert.deepEqual({ ...read, history }, { ...state });
  assert.equal(read.history.startEquity, null);
});
