// A journal in files that is kept small: what every store does, and what only files can meet.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readHead } from "../../src/journal/head.ts";
import type { Journal, Retention } from "../../src/journal/port.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { salvageJournal } from "../../src/journal/salvage.ts";
import { verifyJournal } from "../../src/journal/verify.ts";
import { refusal } from "./journal.ts";
import { compactionContract, LATER, NOTHING_KEPT, RUN } from "./journal-compact-cases.ts";
import { copyAsKilled, folder, open, sqliteStore, withDatabase } from "./journal-sqlite.ts";
import * as bot from "./journal-turns.ts";

/** Turns with a snapshot after every `every` of them. */
function live(journal: Journal, turns: number, every: number): void {
  for (let i = 1; i <= turns; i += 1) {
    bot.turn(journal);
    if (i % every === 0) journal.writeSnapshot(bot.snapshotOf(journal));
  }
}

function compactAll(journal: Journal, retention: Retention = NOTHING_KEPT): { slices: number; most: number } {
  for (let slices = 1, most = 0; ; slices += 1) {
    const { done, archived, deleted } = journal.compact(retention, LATER);
    most = Math.max(most, archived, deleted);
    if (done) return { slices, most };
    assert.ok(slices < 10_000, "it never ends");
  }
}

compactionContract(sqliteStore);

test("DUR-29 a journal that is compacted again and again stops growing", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  const sizes: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    live(journal, 900, 150);
    compactAll(journal);
    journal.checkpoint();
    sizes.push(statSync(join(dir, "journal.db")).size);
    assert.ok(statSync(join(dir, "journal.db-wal")).size < 64 * 1024 * 1024);
  }
  // each round's records fit the pages of those that left; only postings stay, a fifth of it here
  const grown = sizes.slice(1).map((size, i) => size - (sizes[i] ?? 0));
  assert.ok(Math.max(...grown.slice(2)) < (sizes[0] ?? 0) / 4, sizes.join(" "));
  journal.close();
  const whole = openJournalReader(dir, { archives: true });
  t.after(() => whole.close());
  assert.equal(whole.verify(0), whole.position);
  assert.ok(readdirSync(join(dir, "archive")).length >= 8);
  const anchors = whole.kept().filter(({ type }) => type === "anchor");
  assert.ok(anchors.length > 0, "older anchors are kept when they are archived themselves");
});

test("DUR-28 without its archives a compacted journal begins at its snapshot", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  live(journal, 40, 5);
  compactAll(journal);
  const base = journal.oldest;
  journal.close();
  rmSync(join(dir, "archive"), { recursive: true });
  const reader = openJournalReader(dir, { archives: true });
  t.after(() => reader.close());
  assert.equal(reader.oldest, base);
  assert.equal(reader.verify(0), reader.position - base);
  assert.equal(reader.placeOf(bot.idOf(2)), null);
  withDatabase(dir, (db) => db.exec("DELETE FROM snapshot"));
  assert.equal(refusal(() => open(dir)).code, "JOURNAL_NO_BASE");
});

const TAMPERED: readonly (readonly [string, (dir: string) => void])[] = [
  ["a kept record changed", sql("UPDATE kept SET body = replace(body, 'ann', 'bob') WHERE kind = 'stop-requested'")],
  ["a kept record left out", sql("DELETE FROM kept WHERE kind = 'stop-requested'")],
  ["the last kept record left out", sql("DELETE FROM kept WHERE position = (SELECT max(position) FROM kept)")],
  ["an archive that was never made", sql(`UPDATE archive SET "to" = "to" - 1`)],
  ["the hash of an archive changed", sql("UPDATE archive SET hashAfter = hashBefore")],
  ["a posting of an archived fill made smaller", sql("UPDATE posting SET amount = '1' WHERE id = 4")],
  ["an archive cut short", damageArchive((bytes) => bytes.subarray(0, bytes.length >> 1))],
  [
    "an archive with a flipped byte",
    damageArchive((bytes) => bytes.with(bytes.length >> 1, 0x55 ^ (bytes.at(bytes.length >> 1) ?? 0))),
  ],
  ["an emptied archive", damageArchive(() => new Uint8Array())],
];

for (const [what, damage] of TAMPERED) {
  test(`DUR-23 DUR-28 ${what} is JOURNAL_CORRUPT`, (t) => {
    const dir = folder(t);
    const journal = open(dir);
    journal.appendEvents(1, [RUN, { kind: "stop-requested", atMs: RUN.atMs, by: "ann" }]);
    live(journal, 40, 5);
    compactAll(journal);
    journal.close();
    damage(dir);
    const error = refusal(() => {
      const reader = openJournalReader(dir, { archives: true });
      try {
        reader.verify(0);
      } finally {
        reader.close();
      }
    });
    assert.deepEqual([error.code, error.exitCode], ["JOURNAL_CORRUPT", 6], error.message);
  });
}

test("DUR-27 DUR-28 a compacted journal is salvaged with its archives", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  journal.appendEvents(1, [RUN]);
  live(journal, 60, 5);
  compactAll(journal);
  bot.turns(journal, 4);
  const last = journal.position;
  journal.close();
  withDatabase(dir, (db) => db.exec(`UPDATE record SET body = '{}' WHERE position = ${last - 1}`));
  const to = join(folder(t), "salvaged");
  const salvaged = salvageJournal(dir, to, { host: "here", pid: 1, sinceMs: 0 });
  assert.equal(salvaged.goodTo, last - 2);
  const next = open(to, { warn: assert.fail });
  bot.turns(next, 2);
  next.close();
  const reader = openJournalReader(to, { archives: true });
  t.after(() => reader.close());
  assert.equal(reader.oldest, 0);
  assert.equal(reader.verify(0), reader.position);
  assert.equal(reader.kept()[0]?.kind, "run-started");
});

test("DUR-24 DUR-28 a head of before the archived records is no damage, and compacting moves it on", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  journal.appendEvents(1, [bot.book(1)]);
  journal.appendEffects(bot.placing(1));
  const old = readFileSync(join(dir, "head"));
  for (let seq = 2; seq < 30; seq += 1) {
    journal.appendEvents(seq, [bot.book(seq)]);
    if (seq % 5 === 0) journal.writeSnapshot(bot.snapshotOf(journal));
  }
  compactAll(journal);
  assert.equal(readHead(join(dir, "head"))?.position, journal.position);
  journal.close();
  writeFileSync(join(dir, "head"), old);
  assert.equal(verifyJournal(dir).damage, null);
  open(dir, { warn: assert.fail }).close();
});

test("DUR-29 an archive that was begun and not ended is written again", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  live(journal, 1500, 250);
  assert.equal(journal.compact(NOTHING_KEPT, LATER).archived, 500);
  const after = folder(t);
  copyAsKilled(dir, after);
  const next = open(after);
  compactAll(next);
  assert.ok(next.oldest > 0);
  next.close();
  journal.close();
  assert.deepEqual(readdirSync(join(dir, "archive")), [], "who closes gives up what was begun");
});

function sql(text: string): (dir: string) => void {
  return (dir) => withDatabase(dir, (db) => db.exec(text));
}

function damageArchive(change: (bytes: Uint8Array) => Uint8Array): (dir: string) => void {
  return (dir) => {
    const [name = ""] = readdirSync(join(dir, "archive"));
    const path = join(dir, "archive", name);
    writeFileSync(path, change(readFileSync(path)));
  };
}
