// Found by trying: a journal with another one's write-ahead log beside it was refused with "Nothing was changed", and
// closing moved that log into the database. An emptied journal whose archives or head were left was taken for a bot's
// first start; and a bot's own folder, given as a backup, was restored without what its log held.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { backupJournal } from "../../src/journal/backup.ts";
import { restoreJournal } from "../../src/journal/restore.ts";
import { refusal } from "../contract/journal.ts";
import { LATER, NOTHING_KEPT } from "../contract/journal-compact-cases.ts";
import { copyAsKilled, folder, open, written } from "../contract/journal-sqlite.ts";
import * as bot from "../contract/journal-turns.ts";

const HOLDER = { host: "here", pid: 1, sinceMs: 0 };

test("DUR-21 DUR-23 a log of another journal is refused, and nothing is changed by it", (t) => {
  const [dir, killed, other, theirs] = [folder(t), folder(t), folder(t), folder(t)];
  written(dir, 40);
  const journal = open(dir);
  bot.turns(journal, 5);
  copyAsKilled(dir, killed);
  journal.close();
  const foreign = open(other, { bot: "grid-9", tag: "grid99" });
  bot.turns(foreign, 30);
  copyAsKilled(other, theirs);
  foreign.close();
  const file = (name: string): string => join(killed, name);
  const [database, log] = [readFileSync(file("journal.db")), readFileSync(file("journal.db-wal"))];
  for (const [what, bytes] of [
    ["another's", readFileSync(join(theirs, "journal.db-wal"))],
    ["cut short", log.subarray(0, log.length >> 1)],
  ] as const) {
    writeFileSync(file("journal.db-wal"), bytes);
    assert.equal(refusal(() => open(killed).close()).exitCode, 6, what);
    assert.ok(readFileSync(file("journal.db")).equals(database), `${what}: the database is as it was`);
    assert.ok(readFileSync(file("journal.db-wal")).equals(bytes), `${what}: the log is as it was`);
  }
  writeFileSync(file("journal.db-wal"), log);
  const again = open(killed);
  assert.equal(again.seq, 45, "with its own log all is there");
  assert.equal(again.verify(0), again.position);
  again.close();
});

test("DUR-22 DUR-27 an emptied journal that left its head or its archives is no new bot", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  for (let i = 1; i <= 40; i += 1) {
    bot.turn(journal);
    if (i % 5 === 0) journal.writeSnapshot(bot.snapshotOf(journal));
  }
  while (!journal.compact(NOTHING_KEPT, LATER).done);
  journal.close();
  for (const [name, spoil] of [
    ["head", (d: string) => writeFileSync(join(d, "head"), "")],
    ["archive", (d: string) => rmSync(join(d, "head"))],
  ] as const) {
    const left = folder(t);
    cpSync(dir, left, { recursive: true });
    writeFileSync(join(left, "journal.db"), "");
    spoil(left);
    const { code, message } = refusal(() => open(left).close());
    assert.equal(code, "JOURNAL_CORRUPT");
    assert.match(message, new RegExp(`though ${name} of a journal is there`));
    assert.ok(existsSync(join(left, "archive")));
  }
  const fresh = folder(t);
  mkdirSync(join(fresh, "archive"));
  writeFileSync(join(fresh, "journal.db"), "");
  open(fresh).close();
});

test("DUR-27 DUR-30 the files of a bot that was killed, or runs, are no backup; one made of them is", async (t) => {
  const [dir, killed, to, backup] = [folder(t), folder(t), folder(t), join(folder(t), "backup")];
  written(dir, 40);
  const journal = open(dir);
  bot.turns(journal, 5);
  copyAsKilled(dir, killed);
  written(to, 10);
  for (const from of [dir, killed]) {
    const { code, message } = refusal(() => restoreJournal(from, to, HOLDER));
    assert.equal(code, "JOURNAL_EXISTS");
    assert.match(message, /opensqt journal backup/);
  }
  journal.close();
  await backupJournal(killed, backup);
  assert.equal(restoreJournal(backup, to, HOLDER).seq, 45);
  const restored = open(to, { warn: assert.fail });
  assert.equal(restored.seq, 45);
  restored.close();
});
