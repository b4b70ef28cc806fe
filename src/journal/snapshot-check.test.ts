// Which snapshot is built upon, and what is said of one that is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Hex } from "./chain.ts";
import type { Snapshot } from "./port.ts";
import { firstValid, noBase, SNAPSHOTS_KEPT, snapshotProblem } from "./snapshot-check.ts";

const CHAIN = sha256Hex("the record at 12");

const taken = (position: number, state = '{"orders":{"$m":[["L/1",{"$n":"7"}]]}}'): Snapshot => {
  return { version: 1, position, seq: 6, chainHash: CHAIN, stateHash: sha256Hex(state), state };
};

test("DUR-20 a snapshot is valid where its state, its chain and its bytes are those it was stored with", () => {
  assert.equal(snapshotProblem(taken(12), CHAIN), null);
  const other = { ...taken(12), stateHash: sha256Hex("{}") };
  assert.equal(snapshotProblem(other, CHAIN), "its state does not have the hash it was stored with");
  assert.equal(snapshotProblem(taken(12), null), "the record it was taken at is not in the journal");
  assert.equal(snapshotProblem(taken(12), sha256Hex("")), "it was taken from another journal than this one");
  assert.equal(snapshotProblem(taken(12, '{"b":1,"a":2}'), CHAIN), "its state does not encode to the same bytes again");
  for (const state of ["{", '{"$n":', '{"money":{"$n":"x"}}']) {
    assert.equal(snapshotProblem(taken(12, state), CHAIN), "its state cannot be decoded");
  }
});

test("DUR-20 the newest valid snapshot is taken, and each newer one that is skipped is named with its reason", () => {
  const hashes = new Map([
    [24, CHAIN],
    [12, CHAIN],
  ]);
  const said: string[] = [];
  const choose = (...all: Snapshot[]) =>
    firstValid(
      all,
      (position) => hashes.get(position) ?? null,
      (text) => said.push(text),
    );
  const [newest, bad, good, older] = [taken(36), taken(24, "{"), taken(24), taken(12)];
  assert.equal(choose(newest, bad, good, older), good);
  assert.deepEqual(said.splice(0), [
    "snapshot at position 36 is skipped: the record it was taken at is not in the journal",
    "snapshot at position 24 is skipped: its state cannot be decoded",
  ]);
  assert.equal(choose(newest), null);
  assert.equal(choose(), null);
  assert.equal(said.length, 1);
});

test("DUR-19 DUR-20 three are kept, and without any a journal that was archived has nothing to replay from", () => {
  assert.equal(SNAPSHOTS_KEPT, 3);
  const error = noBase(17);
  assert.deepEqual([error.code, error.exitCode], ["JOURNAL_NO_BASE", 6]);
  assert.match(
    error.message,
    /^JOURNAL_NO_BASE: no snapshot is valid and the journal begins at position 17, so .* replay from\. Nothing was /,
  );
});
