// Backups, and what puts them back: a live journal is copied whole, the old files are kept, the lineage rises, and a
// kill in the middle leaves nothing a bot would start from.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { backupJournal, lastBackupMs } from "../../src/journal/backup.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { adoptJournal, restoreJournal } from "../../src/journal/restore.ts";
import { salvageJournal } from "../../src/journal/salvage.ts";
import { verifyJournal } from "../../src/journal/verify.ts";
import { refusal } from "./journal.ts";
import { folder, open, withDatabase, written } from "./journal-sqlite.ts";
import * as bot from "./journal-turns.ts";

const HOLDER = { host: "here", pid: 1, sinceMs: 1_700_000_000_000 };

async function refusalOf(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return refusal(() => {
    throw error;
  });
}

test("DUR-30 a backup of a journal that is written meanwhile is one moment of it, archives and all", async (t) => {
  const dir = folder(t);
  const journal = open(dir);
  for (let i = 0; i < 4; i += 1) {
    bot.turns(journal, 40);
    journal.writeSnapshot(bot.snapshotOf(journal));
  }
  while (!journal.compact({ keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER).done);
  bot.turns(journal, 500);
  const to = join(folder(t), "backup");
  assert.equal(lastBackupMs(dir), null);
  const said: number[] = [];
  const copying = backupJournal(dir, to, (done, total) => said.push(done / total));
  const during = journal.position;
  bot.turns(journal, 20);
  const { position, meta, chainHash } = await copying;
  assert.ok(position >= during && position <= journal.position, `${position}`);
  assert.deepEqual([meta.lineage, said.at(-1)], [1, 1]);
  const whole = openJournalReader(to, { archives: true });
  assert.deepEqual([whole.oldest, whole.position, whole.chainHash], [0, position, chainHash]);
  assert.deepEqual([...whole.records(0)].at(-1), [...journal.records(position - 1)][0]);
  whole.close();
  assert.equal(verifyJournal(to).damage, null);
  assert.ok(Math.abs((lastBackupMs(dir) ?? 0) - statSync(join(to, "head")).mtimeMs) < 60_000, "its age is known");
  assert.equal((await refusalOf(backupJournal(dir, to))).code, "JOURNAL_EXISTS");
  journal.close();
});

test("DUR-30 what is damaged is no backup, and nothing of the try is left", async (t) => {
  const dir = folder(t);
  written(dir, 20);
  withDatabase(dir, (db) => db.exec("UPDATE record SET body = '{}' WHERE position = 5"));
  const to = join(folder(t), "backup");
  const error = await refusalOf(backupJournal(dir, to));
  assert.deepEqual([error.code, error.facts.position], ["JOURNAL_CORRUPT", 5]);
  assert.deepEqual(readdirSync(to), []);
});

test("DUR-30 DUR-27 a copy is made in a new or an empty folder alone: what lies there stays as it is", async (t) => {
  const dir = folder(t);
  written(dir, 5);
  const mine = folder(t);
  mkdirSync(join(mine, "archive"));
  for (const refused of [await refusalOf(backupJournal(dir, mine)), refusal(() => salvageJournal(dir, mine, HOLDER))]) {
    assert.equal(refused.code, "JOURNAL_EXISTS");
    assert.match(refused.message, /something lies in .* already\. Name a new folder/);
  }
  assert.deepEqual(readdirSync(mine), ["archive"]);
  assert.equal(
    (await refusalOf(backupJournal(dir, join(dir, "journal.db", "x")))).code,
    "CANNOT_WRITE",
    "below a file",
  );
  await backupJournal(dir, folder(t));
});

/** A journal of 20 turns, its backup, 10 turns more. */
async function life(t: Parameters<typeof folder>[0]): Promise<{ dir: string; backup: string }> {
  const dir = folder(t);
  const backup = join(folder(t), "backup");
  const journal = open(dir);
  bot.turns(journal, 20);
  await backupJournal(dir, backup);
  bot.turns(journal, 10);
  const error = refusal(() => restoreJournal(backup, dir, HOLDER));
  assert.equal(error.code, "LOCK_HELD", "a running bot's journal is not replaced");
  journal.close();
  return { dir, backup };
}

test("DUR-27 DUR-42 a restored journal has the next lineage and a newer epoch; the old one is kept", async (t) => {
  const { dir, backup } = await life(t);
  const old = readFileSync(join(dir, "journal.db"));
  const restored = restoreJournal(backup, dir, HOLDER);
  assert.deepEqual([restored.lineage, restored.seq, restored.position], [2, 20, 38]);
  assert.deepEqual(readFileSync(join(restored.aside ?? "", "journal.db")), old);
  const journal = open(dir, { warn: assert.fail });
  assert.deepEqual([journal.position, journal.meta.lineage, journal.meta.epoch], [38, 2, 2]);
  bot.turn(journal);
  journal.close();
  assert.equal(verifyJournal(dir).damage, null);
  // again: above everything that was ever here, the journals aside too
  assert.equal(restoreJournal(backup, dir, HOLDER).lineage, 3);
  assert.equal(restoreJournal(backup, dir, HOLDER).lineage, 4);
});

test("DUR-27 a restore over a journal nobody can read takes an epoch no start can have had", async (t) => {
  const { dir, backup } = await life(t);
  writeFileSync(join(dir, "journal.db"), "gone ".repeat(1000));
  assert.equal(restoreJournal(backup, dir, HOLDER, 7).lineage, 7);
  const journal = open(dir, { warn: assert.fail });
  assert.ok(journal.meta.epoch > 1_000_000);
  journal.close();
});

for (const [step, headLost] of [
  ["when the new file is made", false],
  ["when the old ones are aside", false],
  ["when the old ones are aside, and head was lost before", true],
  ["when the new one is in place, and head is the old one's", false],
] as const) {
  test(`DUR-27 a restore killed ${step} leaves nothing to start from, and can be given again`, async (t) => {
    const { dir, backup } = await life(t);
    const head = readFileSync(join(dir, "head"));
    const { aside } = restoreJournal(backup, dir, HOLDER);
    // back to how the kill found it
    if (step.startsWith("when the new file") || step.startsWith("when the old")) {
      renameSync(join(dir, "journal.db"), join(dir, "new.db"));
    }
    if (step.startsWith("when the new file")) renameSync(join(aside ?? "", "journal.db"), join(dir, "journal.db"));
    if (headLost) rmSync(join(dir, "head"));
    else writeFileSync(join(dir, "head"), head);
    if (step.startsWith("when the new file")) open(dir, { warn: assert.fail }).close();
    else assert.match(refusal(() => open(dir)).message, /JOURNAL_BEHIND by|a restore was cut short/);
    const again = restoreJournal(backup, dir, { ...HOLDER, sinceMs: HOLDER.sinceMs + 1 });
    assert.ok(again.lineage >= 2);
    const journal = open(dir, { warn: assert.fail });
    assert.deepEqual([journal.position, existsSync(join(dir, "new.db"))], [38, false]);
    journal.close();
  });
}

test("DUR-27 a damaged backup, another bot's, and the folder itself are refused untouched", async (t) => {
  const { dir, backup } = await life(t);
  const names = (): readonly string[] =>
    readdirSync(dir)
      .filter((name) => !/-(?:shm|wal)$/.test(name))
      .toSorted();
  const before = names();
  assert.equal(refusal(() => restoreJournal(dir, dir, HOLDER)).code, "JOURNAL_EXISTS");
  const other = folder(t);
  open(other, { bot: "grid-9", tag: "grid99" }).close();
  assert.equal(refusal(() => restoreJournal(other, dir, HOLDER)).code, "JOURNAL_FOREIGN");
  truncateSync(join(backup, "journal.db"), 8192);
  assert.equal(refusal(() => restoreJournal(backup, dir, HOLDER)).exitCode, 6);
  assert.equal(refusal(() => restoreJournal(join(backup, "nothing"), dir, HOLDER)).code, "JOURNAL_MISSING");
  assert.deepEqual(names(), before);
  open(dir, { warn: assert.fail }).close();
});

test("DUR-27 DUR-42 an adopted journal is empty, of a lineage above every one there was", async (t) => {
  const { dir } = await life(t);
  const adopted = adoptJournal(dir, { bot: bot.BOT, tag: bot.TAG, lineageMin: 1 }, HOLDER);
  assert.equal(adopted.lineage, 2);
  const journal = open(dir, { warn: assert.fail });
  assert.deepEqual([journal.position, journal.meta.lineage], [0, 2]);
  journal.close();
  const empty = join(folder(t), "new");
  mkdirSync(empty);
  assert.deepEqual(adoptJournal(empty, { bot: bot.BOT, tag: bot.TAG, lineageMin: 1 }, HOLDER), {
    lineage: 2,
    aside: null,
  });
});

test("DUR-27 DUR-53 where the journal is gone altogether, no start it can have had was of a later epoch", async (t) => {
  const { backup } = await life(t);
  const [restored, adopted] = [join(folder(t), "restored"), join(folder(t), "adopted")];
  restoreJournal(backup, restored, HOLDER);
  adoptJournal(adopted, { bot: bot.BOT, tag: bot.TAG, lineageMin: 1 }, HOLDER);
  for (const dir of [restored, adopted]) {
    const journal = open(dir, { warn: assert.fail });
    assert.ok(journal.meta.epoch > 1_000_000, "a connector that remembers the old one would refuse it");
    journal.close();
  }
});
