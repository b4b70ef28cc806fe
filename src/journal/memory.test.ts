// What the memory journal has of its own: faults that strike when they are told to, and a power cut.

import assert from "node:assert/strict";
import { test } from "node:test";
import { options, placing, turn, turns } from "../../test/contract/journal-turns.ts";
import { JournalError } from "./errors.ts";
import { ForgetfulJournal } from "./forgetful.ts";
import { openMemoryJournal } from "./memory.ts";
import { MemoryDisk } from "./memory-disk.ts";
import type { SyncPolicy } from "./port.ts";

const cannotWrite = (disk: string) => (error: unknown) =>
  error instanceof JournalError && error.code === "CANNOT_WRITE" && error.facts.disk === disk && error.exitCode === 13;

test("DUR-16 a failed sync is final: nothing is tried again on the same handle", () => {
  for (const fault of ["failed", "read-only"] as const) {
    const disk = new MemoryDisk();
    const journal = openMemoryJournal(disk, options());
    turns(journal, 3);
    disk.fault = (write) => (write === "effects" ? fault : null);
    assert.throws(() => turn(journal), cannotWrite(fault));
    disk.fault = () => null;
    assert.throws(() => journal.appendEffects(placing(4)), cannotWrite(fault));
    assert.throws(() => journal.seal(2e12), cannotWrite(fault));
    assert.deepEqual([journal.position, journal.seq], [7, 4], "the event is there, its effect is not");
    disk.processDied();
    assert.equal(openMemoryJournal(disk, options()).position, 7);
  }
});

test("DUR-10 DUR-61 each half fails alone: without A nothing happened, without B the event waits for recovery", () => {
  const disk = new MemoryDisk();
  const journal = openMemoryJournal(disk, options());
  turns(journal, 3);
  disk.fault = (write) => (write === "events" ? "full" : null);
  assert.throws(() => turn(journal), cannotWrite("full"));
  assert.deepEqual([journal.position, journal.seq], [6, 3]);
  disk.fault = (write) => (write === "effects" ? "full" : null);
  assert.throws(() => turn(journal), cannotWrite("full"));
  assert.deepEqual([journal.position, journal.seq], [7, 4]);
  disk.fault = () => null;
  journal.appendEffects(placing(4));
  assert.equal(journal.verify(0), 8);
});

const CUTS: readonly (readonly [SyncPolicy, number])[] = [
  ["kill", 0],
  ["send", 8],
  ["all", 9],
];

for (const [sync, left] of CUTS) {
  test(`DUR-17 DUR-11 a power cut under "${sync}" leaves ${left} of nine records`, () => {
    const disk = new MemoryDisk();
    const journal = openMemoryJournal(disk, options({ sync }));
    turns(journal, 4); // eight records, the last one sent
    turn(journal); // a fill: one event
    assert.equal(journal.position, 9);
    disk.powerCut();
    const next = openMemoryJournal(disk, options({ sync }));
    assert.deepEqual([next.position, next.verify(0)], [left, left]);
  });
}

test("DUR-11 DUR-17 what a person ordered is forced to the disk before it is acted on, under send", () => {
  for (const [sync, left] of CUTS) {
    const disk = new MemoryDisk();
    const journal = openMemoryJournal(disk, options({ sync }));
    turns(journal, 4);
    const command = { name: "kill", flatten: true } as const;
    journal.appendEvents(journal.seq + 1, [{ kind: "command", atMs: 2e12, command, by: "ann", reason: "news" }]);
    disk.powerCut();
    assert.equal(openMemoryJournal(disk, options({ sync })).position, left === 0 ? 0 : 9, sync);
  }
});

test("DUR-01 a forgetful journal counts and knows its fills, for runs that are never recovered", () => {
  const journal = new ForgetfulJournal("bot", "bot000");
  turns(journal, 10);
  assert.deepEqual([journal.seq, journal.position], [10, 19]);
  assert.equal(journal.hasFill("sim", "BTC/USDT:USDT", "trade-5", "buy"), true);
  assert.equal(journal.hasFill("sim", "BTC/USDT:USDT", "trade-6", "buy"), false);
  assert.deepEqual([[...journal.records()], journal.newestSnapshot(), journal.verify()], [[], null, 0]);
});
