// A journal that is kept small: its oldest records leave for archives and nothing of what is asked of it is lost.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ANCHOR_KIND } from "../../src/journal/codec.ts";
import { readHead } from "../../src/journal/head.ts";
import type { Journal, JournalReader, Retention } from "../../src/journal/port.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { salvageJournal } from "../../src/journal/salvage.ts";
import { verifyJournal } from "../../src/journal/verify.ts";
import { refusal } from "./journal.ts";
import { copyAsKilled, folder, open, withDatabase } from "./journal-sqlite.ts";
import * as bot from "./journal-turns.ts";

/** Everything older than the third snapshot may go. */
const NOTHING_KEPT: Retention = { keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER };
const LATER = bot.book(1_000_000_000).atMs;

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

const contents = (reader: JournalReader) => [...reader.records(0)];

test("DUR-28 DUR-29 a prefix that ends at a snapshot goes to an archive in slices, and an anchor says so", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  journal.appendEvents(1, [RUN, { kind: "stop-requested", atMs: RUN.atMs, by: "ann" }]);
  live(journal, 3000, 500);
  const before = contents(journal);
  const postings = [...journal.postings(0)];
  const end = journal.snapshots()[2] ?? assert.fail();
  const { most } = compactAll(journal);
  assert.ok(most <= 1000, `${most} records in one slice`);

  assert.equal(journal.oldest, end.position);
  const anchor = contents(journal).at(-1) ?? assert.fail();
  assert.deepEqual([anchor.type, anchor.kind, anchor.position], ["anchor", ANCHOR_KIND, before.length + 1]);
  assert.match(anchor.body, new RegExp(`"hashAfter":"${end.chainHash}"`));
  assert.deepEqual(contents(journal).slice(0, -1), before.slice(end.position));
  assert.deepEqual([...journal.postings(0)], postings, "postings stay");
  assert.equal(journal.hasFill("sim", bot.SYMBOL, "trade-15", "buy"), true);
  assert.deepEqual(
    journal.kept().map(({ kind }) => kind),
    ["run-started", "stop-requested"],
  );
  assert.equal(journal.verify(0), journal.position - end.position);
  assert.equal(journal.newestSnapshot(assert.fail)?.position, before.length);

  bot.turns(journal, 3);
  const tail = [journal.position, journal.seq, journal.chainHash];
  journal.close();
  const next = open(dir, { warn: assert.fail });
  assert.deepEqual([next.position, next.seq, next.chainHash], tail);
  assert.equal(next.compact(NOTHING_KEPT, LATER).done, true);
  next.close();

  const whole = openJournalReader(dir, { archives: true });
  t.after(() => whole.close());
  assert.equal(whole.oldest, 0);
  assert.deepEqual(contents(whole).slice(0, before.length), before, "with its archive it is whole");
  assert.equal(whole.verify(0), whole.position);
  assert.deepEqual(
    whole.placeOf(bot.idOf(12)),
    before.find((r) => r.clientOrderId === bot.idOf(12)),
  );
  assert.equal(verifyJournal(dir).damage, null);
});

test("DUR-28 what is younger than the retention stays; a journal over its size gives the oldest", (t) => {
  const journal = open(folder(t));
  live(journal, 2000, 200);
  const [, , third] = journal.snapshots();
  const atMs = bot.book(third?.seq ?? 0).atMs;
  const young = { keepMs: 1000, bytesMax: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(journal.compact(young, atMs + 999), { done: true, archived: 0, deleted: 0 });
  assert.equal(journal.compact({ ...young, bytesMax: 64 * 1024 }, atMs).archived, 500);
  journal.close();
});

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

test("DUR-29 DUR-68 a reader that is half through when the records leave goes on as if they had not", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  live(journal, 3000, 500);
  const before = contents(journal);
  const reader = openJournalReader(dir);
  t.after(() => reader.close());
  const slow = reader.records(0);
  const read = [slow.next().value ?? assert.fail()];
  compactAll(journal);
  for (const record of slow) read.push(record);
  assert.deepEqual(read.slice(0, before.length), before);
  assert.equal(reader.verify(0), journal.position - reader.oldest);
  journal.close();
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

test("DUR-28 a damaged record is never archived: compacting says where it is and leaves everything", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  live(journal, 40, 5);
  journal.close();
  withDatabase(dir, (db) => db.exec("UPDATE record SET body = '{}' WHERE position = 7"));
  const again = open(dir);
  const error = refusal(() => compactAll(again));
  assert.deepEqual([error.code, error.facts.position], ["JOURNAL_CORRUPT", 7]);
  assert.deepEqual(readdirSync(join(dir, "archive")), []);
  assert.equal(again.oldest, 0);
  bot.turn(again);
  again.close();
});

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

const RUN = {
  kind: "run-started",
  atMs: bot.book(1).atMs,
  epoch: 1,
  lineage: 1,
  host: "here",
  release: "1.0.0",
  coreHash: "c",
  configHash: "h",
  clockOffsetMs: 0,
} as const;

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
