// Lines of the ledger that are gone from its end: the chain of records does not cover them, and `head` saw them
// written (DUR-24).

import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { copyAsKilled, folder, open, withDatabase } from "../../test/contract/journal-sqlite.ts";
import * as bot from "../../test/contract/journal-turns.ts";
import { backupJournal } from "./backup.ts";
import { JournalError } from "./errors.ts";
import { HeadFile, readHead } from "./head.ts";
import { salvageJournal } from "./salvage.ts";
import { verifyJournal } from "./verify.ts";

const HOLDER = { host: "test", pid: 1, sinceMs: 1 };
const SLOTS_BYTES = 96;

/** A journal of a bot that was killed, and how many postings it has. */
function journalOf(t: TestContext, turns = 14): { readonly dir: string; readonly postings: number } {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, turns);
  const { id } = journal.newestPosting;
  const copy = folder(t);
  copyAsKilled(dir, copy);
  journal.close();
  return { dir: copy, postings: id };
}

const forget = (dir: string, sql: string): void => withDatabase(dir, (db) => db.exec(sql));

/** `head` as releases before this one left it. */
const forgetHeadOfPostings = (dir: string): void => truncateSync(join(dir, "head"), SLOTS_BYTES);

function refusal(work: () => unknown): JournalError {
  try {
    work();
  } catch (error) {
    if (error instanceof JournalError) return error;
    throw error;
  }
  assert.fail("it was not refused");
}

test("DUR-24 DUR-26 postings deleted from the end are found by verify, and no bot starts without them", (t) => {
  const { dir, postings } = journalOf(t);
  assert.ok(postings > 4);
  assert.equal(verifyJournal(dir).damage, null);
  const { goodTo } = verifyJournal(dir);
  forget(dir, `DELETE FROM posting WHERE id > ${postings - 2}`);
  const found = verifyJournal(dir);
  const said = new RegExp(
    `^JOURNAL_CORRUPT at position ${goodTo + 1}: ${postings} postings were written, ${postings - 2} are`,
  );
  assert.match(found.damage?.message ?? "", said);
  assert.equal(found.goodTo, goodTo, "all records are good");
  assert.match(refusal(() => open(dir)).message, said);
  assert.match(refusal(() => open(dir)).message, said, "and again: nothing was changed");
});

test("DUR-24 the newest posting is the one that was written, not another in its place", (t) => {
  const { dir, postings } = journalOf(t);
  const path = join(dir, "head");
  const file = new HeadFile(path);
  const { position = 0, hash = "" } = readHead(path) ?? {};
  file.write({ position, hash, posting: postings, postingHash: bot.hashOf("another") });
  file.write({ position, hash, posting: postings, postingHash: bot.hashOf("another") });
  file.close();
  const said = new RegExp(`posting ${postings} is not the one .head. saw written`);
  assert.match(verifyJournal(dir).damage?.message ?? "", said);
  assert.match(refusal(() => open(dir)).message, said);
});

test("DUR-24 a journal whose head says nothing of postings opens as before, and says it from then on", (t) => {
  const { dir, postings } = journalOf(t);
  forgetHeadOfPostings(dir);
  assert.equal(readHead(join(dir, "head"))?.posting, undefined);
  forget(dir, `DELETE FROM posting WHERE id > ${postings - 2}`);
  assert.equal(verifyJournal(dir).damage, null, "nobody saw them");
  const journal = open(dir);
  bot.turns(journal, 3);
  const { id, hash } = journal.newestPosting;
  journal.seal(bot.book(1_000).atMs);
  journal.close();
  const head = readHead(join(dir, "head"));
  assert.deepEqual([head?.posting, head?.postingHash], [id, hash]);
  assert.equal(verifyJournal(dir).damage, null);
});

test("DUR-24 what an earlier release writes in front of the slots of postings leaves them a lower bound", (t) => {
  const { dir } = journalOf(t);
  const path = join(dir, "head");
  const slots = readFileSync(path).subarray(SLOTS_BYTES);
  forgetHeadOfPostings(dir);
  const journal = open(dir);
  bot.turns(journal, 3);
  journal.close();
  writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, SLOTS_BYTES), slots]));
  assert.equal(verifyJournal(dir).damage, null);
  open(dir).close();
});

test("DUR-24 of two slots of postings the newer one that is whole counts; none that is damaged does", (t) => {
  const path = join(folder(t), "head");
  const file = new HeadFile(path);
  for (const posting of [5, 6, 7]) {
    file.write({ position: 1, hash: bot.hashOf("a"), posting, postingHash: bot.hashOf(`${posting}`) });
  }
  file.close();
  assert.deepEqual(readHead(path), { position: 1, hash: bot.hashOf("a"), posting: 7, postingHash: bot.hashOf("7") });
  const again = new HeadFile(path);
  again.write({ position: 1, hash: bot.hashOf("a"), posting: 8, postingHash: bot.hashOf("8") });
  again.close();
  const bytes = readFileSync(path);
  assert.equal(bytes.length, 2 * SLOTS_BYTES);
  for (let at = SLOTS_BYTES; at < bytes.length; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    writeFileSync(path, damaged);
    const posting = readHead(path)?.posting ?? 0;
    assert.ok(posting === 7 || posting === 8, `byte ${at}: ${posting}`);
  }
});

test("DUR-27 DUR-30 a journal without its last postings is no backup, and salvage says which are gone", async (t) => {
  const { dir, postings } = journalOf(t);
  const good = join(folder(t), "good");
  await backupJournal(dir, good);
  assert.equal(readHead(join(good, "head"))?.posting, postings);
  forget(good, `DELETE FROM posting WHERE id = ${postings}`);
  assert.equal(verifyJournal(good).damage?.code, "JOURNAL_CORRUPT", "nor is a backup that lost them later");

  forget(dir, `DELETE FROM posting WHERE id > ${postings - 2}`);
  await assert.rejects(backupJournal(dir, join(folder(t), "bad")), new RegExp(`${postings} postings were written`));
  const to = join(folder(t), "salvaged");
  const { damage, lost } = salvageJournal(dir, to, HOLDER);
  assert.match(
    damage?.message ?? "",
    new RegExp(`^JOURNAL_CORRUPT at posting ${postings - 1}: it is gone, or not the line`),
  );
  assert.equal(lost, 0, "all records are there");
  assert.equal(readHead(join(to, "head"))?.posting, postings - 2);
  assert.equal(verifyJournal(to).damage, null);
  open(to).close();
});
