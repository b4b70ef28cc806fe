// Damaged files: every finding is named with its exit code, and nothing is repaired silently.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { backupJournal } from "../../src/journal/backup.ts";
import { HeadFile, readHead } from "../../src/journal/head.ts";
import { restoreJournal } from "../../src/journal/restore.ts";
import type { SqliteJournal } from "../../src/journal/sqlite.ts";
import { runs } from "../arbitraries/values.ts";
import { refusal } from "./journal.ts";
import { copyAsKilled, folder, open, withDatabase, written } from "./journal-sqlite.ts";
import * as bot from "./journal-turns.ts";

test("DUR-21 a transaction cut short in the log was never there", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 4);
  const whole = statSync(join(dir, "journal.db-wal")).size;
  const { position } = journal;
  journal.appendEvents(5, [bot.book(5)]);
  const log = statSync(join(dir, "journal.db-wal")).size;
  for (const cut of [whole + 1, whole + 24, whole + 2000, log - 1]) {
    const after = folder(t);
    copyAsKilled(dir, after);
    truncateSync(join(after, "journal.db-wal"), cut);
    const next = open(after, { warn: assert.fail });
    assert.equal(next.position, position);
    next.close();
  }
  journal.close();
});

/** Damage of files → what the start says. All exit with 6. */
const DAMAGE: readonly (readonly [string, string, (dir: string) => void])[] = [
  ["DUR-24 a deleted write-ahead log", "JOURNAL_BEHIND", (dir) => rmSync(join(dir, "journal.db-wal"))],
  ["DUR-24 an emptied write-ahead log", "JOURNAL_BEHIND", (dir) => truncateSync(join(dir, "journal.db-wal"), 0)],
  [
    "DUR-24 a deleted database and log",
    "JOURNAL_BEHIND",
    (dir) => {
      rmSync(join(dir, "journal.db"));
      rmSync(join(dir, "journal.db-wal"));
    },
  ],
  ["DUR-22 a deleted database", "JOURNAL_CORRUPT", (dir) => rmSync(join(dir, "journal.db"))],
  [
    "DUR-22 a file that is no database",
    "JOURNAL_CORRUPT",
    (dir) => {
      writeFileSync(join(dir, "journal.db"), "this is not a database, not at all\n".repeat(500));
      rmSync(join(dir, "journal.db-wal"));
    },
  ],
  [
    "DUR-22 another program's database",
    "JOURNAL_CORRUPT",
    (dir) => {
      for (const name of ["journal.db", "journal.db-wal", "head"]) rmSync(join(dir, name));
      withDatabase(dir, (db) => db.exec("CREATE TABLE notes (text)"));
    },
  ],
  [
    "DUR-32 tables of a newer release",
    "JOURNAL_TOO_NEW",
    (dir) => withDatabase(dir, (db) => db.exec("INSERT INTO migration VALUES ('0999-future', 'x')")),
  ],
  [
    "DUR-32 a released migration that was edited",
    "JOURNAL_CORRUPT",
    (dir) => withDatabase(dir, (db) => db.exec("UPDATE migration SET digest = 'x'")),
  ],
  [
    "DUR-42 a changed lineage",
    "JOURNAL_CORRUPT",
    (dir) => withDatabase(dir, (db) => db.exec("UPDATE meta SET lineage = 2")),
  ],
  [
    "DUR-55 a changed epoch",
    "JOURNAL_CORRUPT",
    (dir) => withDatabase(dir, (db) => db.exec("UPDATE meta SET epoch = 9")),
  ],
  ["DUR-03 no owner", "JOURNAL_CORRUPT", (dir) => withDatabase(dir, (db) => db.exec("DELETE FROM meta"))],
  ["DUR-03 a missing table", "JOURNAL_CORRUPT", (dir) => withDatabase(dir, (db) => db.exec("DROP TABLE posting"))],
  [
    "DUR-23 a missing row",
    "JOURNAL_CORRUPT",
    (dir) => withDatabase(dir, (db) => db.exec("DELETE FROM record WHERE position = 5")),
  ],
  [
    "DUR-23 two swapped bodies",
    "JOURNAL_CORRUPT",
    (dir) =>
      withDatabase(dir, (db) =>
        db.exec(
          "UPDATE record SET body = (SELECT body FROM record r WHERE r.position = 4 - record.position) WHERE position IN (1, 3)",
        ),
      ),
  ],
  [
    "DUR-23 a booked fee made smaller",
    "JOURNAL_CORRUPT",
    (dir) => withDatabase(dir, (db) => db.exec("UPDATE posting SET amount = '1' WHERE id = 4")),
  ],
  [
    "DUR-23 a number no journal wrote",
    "JOURNAL_CORRUPT",
    (dir) => withDatabase(dir, (db) => db.exec("UPDATE record SET atMs = 9223372036854775807 WHERE position = 2")),
  ],
];

for (const [what, code, damage] of DAMAGE) {
  test(`${what} is ${code}; nothing is changed by saying so`, (t) => {
    const dir = folder(t);
    const journal = open(dir);
    bot.turns(journal, 12);
    const after = folder(t);
    copyAsKilled(dir, after);
    journal.close();
    damage(after);
    for (let i = 0; i < 2; i += 1) {
      const error = refusal(() => open(after).close());
      assert.equal(error.code, code, error.message);
      assert.equal(error.exitCode, 6);
    }
    assert.deepEqual(
      readdirSync(after).filter((name) => name === "holder.json" || name === "reserve"),
      [],
    );
  });
}

for (const [what, , damage] of DAMAGE) {
  test(`DUR-27 DUR-30 ${what}: the operator is told the ways out, and a backup put in its place goes on`, async (t) => {
    const dir = folder(t);
    const backup = join(folder(t), "backup");
    const journal = open(dir);
    bot.turns(journal, 8);
    await backupJournal(dir, backup);
    bot.turns(journal, 4);
    const after = folder(t);
    copyAsKilled(dir, after);
    journal.close();
    damage(after);
    const error = refusal(() => open(after).close());
    if (error.code !== "JOURNAL_TOO_NEW") {
      assert.match(error.message, /Nothing was changed\. .*journal restore.*journal salvage.*journal adopt/);
    }
    const holder = { host: "here", pid: 1, sinceMs: 0 };
    const { lineage, aside } = restoreJournal(backup, after, holder, 2);
    const next = open(after, { warn: assert.fail });
    assert.deepEqual([next.seq, next.meta.lineage], [8, lineage]);
    assert.ok(lineage >= 2 && (aside === null || readdirSync(aside).length > 0), "the damaged one is kept");
    bot.turns(next, 3);
    assert.equal(next.verify(0), next.position);
    next.close();
  });
}

test("DUR-22 DUR-23 TEST-P31 one flipped byte anywhere in the database is found, or changes nothing that can be read", (t) => {
  const dir = folder(t);
  written(dir, 40);
  const good = readFileSync(join(dir, "journal.db"));
  const truth = open(dir);
  const records = [...truth.records(0)];
  const postings = [...truth.postings(0)];
  truth.close();
  const head = readFileSync(join(dir, "head"));
  const property = fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
    const bytes = Buffer.from(good);
    bytes[at] = (bytes[at] ?? 0) ^ flip;
    for (const name of readdirSync(dir)) rmSync(join(dir, name));
    writeFileSync(join(dir, "journal.db"), bytes);
    writeFileSync(join(dir, "head"), head);
    let journal: SqliteJournal;
    try {
      journal = open(dir);
    } catch (error) {
      const refused = refusal(() => {
        throw error;
      });
      assert.equal(refused.exitCode, 6, refused.message);
      return;
    }
    assert.deepEqual([...journal.records(0)], records);
    assert.deepEqual([...journal.postings(0)], postings);
    journal.close();
  });
  fc.assert(property, runs(22));
});

test("DUR-24 one flipped byte anywhere in the write-ahead log loses an end that head misses, or nothing", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 9);
  const { position } = journal;
  const killed = folder(t);
  copyAsKilled(dir, killed);
  journal.close();
  const log = readFileSync(join(killed, "journal.db-wal"));
  const after = folder(t);
  const property = fc.property(fc.nat(log.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
    for (const name of readdirSync(after)) rmSync(join(after, name));
    copyAsKilled(killed, after);
    const bytes = Buffer.from(log);
    bytes[at] = (bytes[at] ?? 0) ^ flip;
    writeFileSync(join(after, "journal.db-wal"), bytes);
    let next: SqliteJournal;
    try {
      next = open(after);
    } catch (error) {
      const refused = refusal(() => {
        throw error;
      });
      assert.equal(refused.exitCode, 6, refused.message);
      return;
    }
    assert.equal(next.position, position);
    next.close();
  });
  fc.assert(property, { ...runs(24), numRuns: 100 });
});

test("DUR-22 a file cut anywhere is damaged or behind", (t) => {
  const dir = folder(t);
  written(dir, 40);
  const size = statSync(join(dir, "journal.db")).size;
  for (const cut of [0, 1, 99, 100, 4096, size >> 1, size - 4096, size - 1]) {
    const after = folder(t);
    copyAsKilled(dir, after);
    truncateSync(join(after, "journal.db"), cut);
    const error = refusal(() => open(after).close());
    assert.equal(error.exitCode, 6, error.message);
    assert.match(error.message, /JOURNAL_(CORRUPT|BEHIND)/);
  }
});

test("DUR-24 head is read from whichever slot is whole, and the newer of two", (t) => {
  const path = join(folder(t), "head");
  assert.equal(readHead(path), null);
  const file = new HeadFile(path);
  const hash = (digit: string): string => digit.repeat(64);
  file.write({ position: 5, hash: hash("a") });
  file.write({ position: 6, hash: hash("b") });
  file.write({ position: 2 ** 40, hash: hash("c") });
  file.close();
  assert.equal(readFileSync(path).length, 96);
  assert.deepEqual(readHead(path), { position: 2 ** 40, hash: hash("c") });
  const again = new HeadFile(path);
  again.write({ position: 2 ** 40 + 1, hash: hash("d") });
  again.close();
  const bytes = readFileSync(path);
  for (let at = 0; at < 96; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    writeFileSync(path, damaged);
    const position = readHead(path)?.position ?? 0;
    assert.ok(position === 2 ** 40 || position === 2 ** 40 + 1, `byte ${at}: ${position}`);
  }
  writeFileSync(path, bytes.subarray(0, 40));
  assert.equal(readHead(path), null);
});

test("DUR-24 a lost head is said, and does not stop the start", (t) => {
  const dir = folder(t);
  written(dir, 4);
  rmSync(join(dir, "head"));
  const warnings: string[] = [];
  open(dir, { warn: (text) => warnings.push(text) }).close();
  assert.match(warnings.join(), /head/);
  assert.ok(readHead(join(dir, "head")) !== null);
});
