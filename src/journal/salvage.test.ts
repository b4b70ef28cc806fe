// What is saved of a damaged journal, what is left behind, and what is said of it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { refusal } from "../../test/contract/journal.ts";
import {
  compactAll,
  folder,
  mountSmallDisk,
  open,
  openFilesIn,
  withDatabase,
  written,
} from "../../test/contract/journal-sqlite.ts";
import * as bot from "../../test/contract/journal-turns.ts";
import { openJournalReader } from "./reader.ts";
import { salvageJournal } from "./salvage.ts";
import { verifyJournal } from "./verify.ts";

const HOLDER = { host: "here", pid: 1, sinceMs: 0 };

test("DUR-27 DUR-42 salvage copies all good records to a journal of the next lineage, and spares the old", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 11);
  journal.writeSnapshot(bot.snapshotOf(journal));
  journal.appendEvents(12, [bot.book(12)], [{ hash: "h", text: "grid" }]);
  bot.turns(journal, 8);
  const records = [...journal.records(0)];
  const to = join(folder(t), "salvaged");
  assert.equal(refusal(() => salvageJournal(dir, to, HOLDER)).code, "LOCK_HELD");
  journal.close();
  withDatabase(dir, (db) => db.exec("UPDATE record SET body = '{}' WHERE position = 29"));
  const before = readFileSync(join(dir, "journal.db"));

  const salvaged = salvageJournal(dir, to, HOLDER);
  assert.deepEqual([salvaged.goodTo, salvaged.meta.lineage, salvaged.lost], [28, 2, records.length - 28]);
  assert.equal(salvaged.damage?.facts.position, 29);
  assert.deepEqual(readFileSync(join(dir, "journal.db")), before);

  const next = open(to, { warn: assert.fail });
  assert.deepEqual([...next.records(0)], records.slice(0, 28));
  assert.equal(next.verify(0), 28);
  assert.equal(next.meta.lineage, 2);
  assert.equal(next.seq, salvaged.seq);
  assert.equal(next.newestSnapshot(assert.fail)?.seq, 11);
  assert.equal(next.configText("h"), "grid");
  assert.equal(next.hasFill("sim", bot.SYMBOL, "trade-10", "buy"), true);
  assert.equal(next.hasFill("sim", bot.SYMBOL, "trade-20", "buy"), false);
  bot.turn(next);
  next.close();
  assert.equal(refusal(() => salvageJournal(dir, to, HOLDER)).code, "JOURNAL_EXISTS");
});

test("DUR-27 DUR-23 salvage says which lines of the ledger it left behind: nothing is repaired silently", (t) => {
  const dir = folder(t);
  written(dir, 12);
  for (const change of ["UPDATE posting SET amount = '1' WHERE id = 3", "DELETE FROM posting WHERE id = 3"]) {
    withDatabase(dir, (db) => db.exec(change));
    const to = join(folder(t), "salvaged");
    const { damage, goodTo, lost } = salvageJournal(dir, to, HOLDER);
    assert.deepEqual([damage?.code, lost], ["JOURNAL_CORRUPT", 0]);
    assert.match(damage?.message ?? "", /at posting 3: .* lost.* The position is the state's, .* the better way out$/);
    const next = open(to, { warn: assert.fail });
    assert.deepEqual([next.position, [...next.postings(0)].length], [goodTo, 2]);
    next.close();
    assert.equal(verifyJournal(to).damage, null);
  }
});

test("DUR-27 salvage is also the way out of a journal that lost its end", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 5);
  journal.close();
  const position = 8; // of the last record that was sent, which is all that head knows
  withDatabase(dir, (db) => db.exec("DELETE FROM record WHERE position > 4; DELETE FROM posting"));
  assert.equal(refusal(() => open(dir)).code, "JOURNAL_BEHIND");
  const to = join(folder(t), "salvaged");
  const salvaged = salvageJournal(dir, to, HOLDER);
  assert.deepEqual([salvaged.goodTo, salvaged.lost], [4, position - 4]);
  open(to).close();
});

test("DUR-27 what stands up to the last good record is saved: postings, snapshot, configurations", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  journal.appendEvents(1, [bot.book(1)], [{ hash: "h", text: "grid" }]);
  bot.turns(journal, 4); // the last one a fill: record 8, four postings
  journal.writeSnapshot(bot.snapshotOf(journal));
  bot.turns(journal, 2);
  journal.writeSnapshot(bot.snapshotOf(journal));
  const { position } = journal;
  journal.close();
  rmSync(join(dir, "head"));
  withDatabase(dir, (db) => db.exec("UPDATE record SET body = '{}' WHERE position = 9"));
  const to = join(folder(t), "salvaged");
  const salvaged = salvageJournal(dir, to, HOLDER);
  assert.deepEqual([salvaged.goodTo, salvaged.seq, salvaged.lost], [8, 5, position - 8]);
  const next = openJournalReader(to);
  assert.deepEqual([next.position, [...next.postings(0)].length, next.configText("h")], [8, 4, "grid"]);
  assert.deepEqual(
    next.snapshots().map((snapshot) => snapshot.position),
    [8],
  );
  next.close();
  assert.deepEqual([...openFilesIn(dir), ...openFilesIn(to)], [], "nothing is left open");
});

test("DUR-27 the newest event is told, though an effect of one before it is the last record", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  journal.appendEvents(1, [bot.book(1), bot.book(2)]);
  journal.appendEffects(bot.placing(1));
  journal.close();
  assert.equal(salvageJournal(dir, join(folder(t), "salvaged"), HOLDER).seq, 2);
});

test("DUR-27 of a journal without one good record an empty one is left, of the next lineage", (t) => {
  const dir = folder(t);
  written(dir, 3);
  withDatabase(dir, (db) => db.exec("UPDATE record SET body = '{}' WHERE position = 1"));
  const to = join(folder(t), "salvaged");
  const { goodTo, seq, lost, meta } = salvageJournal(dir, to, HOLDER);
  assert.deepEqual([goodTo, seq, lost, meta.lineage], [0, 0, 6, 2]);
  const next = open(to, { warn: assert.fail });
  assert.deepEqual([next.position, next.seq], [0, 0]);
  next.close();
});

test("DUR-27 snapshots that cannot be read cost none of the texts of configurations", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  journal.appendEvents(1, [bot.book(1)], [{ hash: "h", text: "grid" }]);
  journal.writeSnapshot(bot.snapshotOf(journal));
  journal.close();
  withDatabase(dir, (db) => db.exec("UPDATE snapshot SET seq = 9223372036854775807"));
  const to = join(folder(t), "salvaged");
  salvageJournal(dir, to, HOLDER);
  const next = open(to, { warn: assert.fail });
  assert.deepEqual([next.position, next.snapshots(), next.configText("h")], [1, [], "grid"]);
  next.close();
});

/** Where the damage is, from the end of the archive on, and how many anchors the salvaged journal has to say again. */
const ARCHIVED: readonly (readonly [string, damaged: (base: number, anchor: number) => number, said: number])[] = [
  ["at the first record after the archive", (base) => base + 1, 1],
  ["before the record that tells of the archive", (base) => base + 30, 1],
  ["right after the record that tells of the archive", (_base, anchor) => anchor + 1, 0],
];

for (const [where, damaged, said] of ARCHIVED) {
  test(`DUR-27 DUR-28 a compacted journal damaged ${where} is salvaged with its archives, and goes on`, (t) => {
    const dir = folder(t);
    const journal = open(dir);
    const command = { name: "kill", flatten: true } as const;
    journal.appendEvents(1, [{ kind: "command", atMs: 1, command, by: "ann", reason: "news" }]);
    compactAll(journal);
    const { oldest: base, position: anchor } = journal;
    assert.ok(base > 0, "something was archived");
    bot.turns(journal, 4);
    const kept = journal.kept();
    assert.deepEqual([kept.length, [...journal.records(anchor - 1)][0]?.type], [1, "anchor"]);
    journal.close();
    const whole = openJournalReader(dir, { archives: true });
    const goodTo = damaged(base, anchor) - 1;
    const records = [...whole.records(0)].slice(0, goodTo);
    whole.close();
    withDatabase(dir, (db) => db.exec(`UPDATE record SET body = '{}' WHERE position = ${goodTo + 1}`));
    const to = join(folder(t), "salvaged");
    const salvaged = salvageJournal(dir, to, HOLDER);
    const seq = Math.max(...records.map((record) => record.seq));
    assert.deepEqual([salvaged.goodTo, salvaged.seq], [goodTo, seq]);
    const next = open(to, { warn: assert.fail });
    assert.deepEqual([next.position, next.seq, next.oldest, next.kept()], [goodTo + said, seq, base, kept]);
    assert.deepEqual(
      [...next.records(goodTo)].map(({ type, atMs }) => [type, atMs]),
      Array.from({ length: said }, () => ["anchor", bot.book(seq).atMs]),
    );
    bot.turns(next, 4);
    next.close();
    const again = openJournalReader(to, { archives: true });
    assert.deepEqual([...again.records(0)].slice(0, goodTo), records);
    again.close();
    assert.equal(verifyJournal(to).damage, null);
  });
}

test("DUR-27 a salvage that fails leaves nothing behind, and says what the disk said", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  compactAll(journal);
  journal.close();
  withDatabase(dir, (db) => db.exec("UPDATE archive SET effectSeq = 9223372036854775807"));
  const to = folder(t);
  assert.equal(refusal(() => salvageJournal(dir, to, HOLDER)).code, "JOURNAL_CORRUPT");
  assert.deepEqual([readdirSync(to), openFilesIn(dir)], [[], []]);
});

test("DUR-27 DUR-61 a disk too small for what is saved is full, and is left empty", (t) => {
  const disk = mountSmallDisk(96 * 1024);
  if (typeof disk === "string") return t.skip(disk);
  t.after(disk.unmount);
  const dir = folder(t);
  written(dir, 200);
  const error = refusal(() => salvageJournal(dir, disk.dir, HOLDER));
  assert.deepEqual([error.code, error.facts.disk, readdirSync(disk.dir)], ["CANNOT_WRITE", "full", []]);
});

test("DUR-27 of a journal on a read-only disk a copy is salvaged, and the operator is told so", (t) => {
  const disk = mountSmallDisk(4 * 1024 * 1024);
  if (typeof disk === "string") return t.skip(disk);
  t.after(disk.unmount);
  written(disk.dir, 6);
  execFileSync("mount", ["-o", "remount,ro", disk.dir]);
  const error = refusal(() => salvageJournal(disk.dir, join(folder(t), "salvaged"), HOLDER));
  assert.equal(error.code, "CANNOT_WRITE");
  const todo = "Make sure that no bot runs there, copy the folder to another disk, and salvage the copy.";
  assert.equal(error.message, `CANNOT_WRITE ${disk.dir}: it may not be written, so not be locked. ${todo}`);
});
