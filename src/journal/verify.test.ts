// What verify finds, and what it says of a journal that is whole.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  compactAll,
  copyAsKilled,
  folder,
  open,
  openFilesIn,
  withDatabase,
} from "../../test/contract/journal-sqlite.ts";
import * as bot from "../../test/contract/journal-turns.ts";
import { recordHash } from "./chain.ts";
import { JournalError } from "./errors.ts";
import { HeadFile } from "./head.ts";
import { openJournalReader } from "./reader.ts";
import { damageOf, verifyJournal, verifyReader } from "./verify.ts";

test("DUR-26 verify looks at everything: chain, bodies, postings, snapshots, head, pages", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 9);
  journal.writeSnapshot(bot.snapshotOf(journal));
  bot.turns(journal, 3);
  const live = verifyJournal(dir);
  assert.deepEqual(
    [live.goodTo, live.lastPosition, live.damage, live.headFound],
    [journal.position, journal.position, null, true],
  );
  assert.deepEqual(live.snapshots, [{ position: 17, problem: null }]);
  journal.close();
  const damaged = (sql: string) => {
    const copy = folder(t);
    copyAsKilled(dir, copy);
    withDatabase(copy, (db) => db.exec(sql));
    return verifyJournal(copy);
  };
  assert.equal(damaged("UPDATE record SET body = body || ' ' WHERE position = 5").goodTo, 4);
  const posting = damaged("DELETE FROM posting WHERE id = 2");
  assert.match(posting.damage?.message ?? "", /posting 2/);
  assert.equal(posting.goodTo, live.goodTo);
  const packed = damaged("UPDATE snapshot SET state = x'00'");
  const unread = [{ position: null, problem: "snapshot at position 17 is skipped: its bytes cannot be unpacked" }];
  assert.deepEqual([packed.damage, packed.snapshots], [null, unread]);
  assert.match(damaged("UPDATE snapshot SET stateHash = 'x'").snapshots[0]?.problem ?? "", /hash/);
  assert.equal(
    damaged("DELETE FROM record WHERE position > 18; DELETE FROM posting WHERE position > 18").damage?.code,
    "JOURNAL_BEHIND",
  );
});

/** `head` as a writer that stood there would have left it. */
function putHead(dir: string, position: number, hash: string): void {
  rmSync(join(dir, "head"));
  const file = new HeadFile(join(dir, "head"));
  file.write({ position, hash });
  file.close();
}

test("DUR-26 snapshots that no start can read are damage of their own, after records that are all good", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 9);
  journal.writeSnapshot(bot.snapshotOf(journal));
  journal.close();
  withDatabase(dir, (db) => db.exec("UPDATE snapshot SET seq = 9223372036854775807"));
  const { damage, goodTo, lastPosition, snapshots } = verifyJournal(dir);
  assert.equal(damage?.code, "JOURNAL_CORRUPT");
  assert.deepEqual([goodTo, lastPosition, snapshots], [17, 17, []]);
});

test("DUR-26 DUR-28 an archived journal is verified with its archives, or from its base where they are gone", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  compactAll(journal);
  bot.turns(journal, 3);
  const { position, oldest, chainHash } = journal;
  assert.ok(oldest > 0, "something was archived");
  const snapshots = journal.snapshots().map((each) => ({ position: each.position, problem: null }));
  assert.equal(snapshots.at(-1)?.position, oldest);
  journal.close();
  const whole = verifyJournal(dir);
  assert.deepEqual([whole.start, whole.goodTo, whole.hash, whole.damage], [0, position, chainHash, null]);
  rmSync(join(dir, "archive"), { recursive: true });
  const rest = verifyJournal(dir);
  assert.deepEqual([rest.start, rest.goodTo, rest.hash, rest.damage], [oldest, position, chainHash, null]);
  assert.deepEqual(rest.snapshots, snapshots, "the one that stands where the archives end too");
  putHead(dir, oldest - 1, bot.hashOf("long ago"));
  assert.equal(verifyJournal(dir).damage, null, "a head of before cannot be compared with anything");
  putHead(dir, oldest, bot.hashOf("another"));
  assert.match(
    verifyJournal(dir).damage?.message ?? "",
    new RegExp(`at position ${oldest}: the record is not the one`),
  );
});

test("DUR-26 DUR-04 a body out of form is found though the chain holds, and a lost head is told", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 4);
  const last = [...journal.records(7)][0] ?? assert.fail();
  const before = [...journal.records(6)][0] ?? assert.fail();
  journal.close();
  rmSync(join(dir, "head"));
  const body = `${last.body} `;
  const hash = recordHash(before.hash, last, body);
  withDatabase(dir, (db) => db.prepare("UPDATE record SET body = ?, hash = ? WHERE position = 8").run(body, hash));
  const { damage, goodTo, headFound } = verifyJournal(dir);
  assert.match(damage?.message ?? "", /at position 8: the body of place is not in canonical form/);
  assert.deepEqual([goodTo, headFound], [7, false]);
});

const INDEX_PAGE = 0x0a;

test("DUR-26 an index that lost an order is found, though every record is good", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 4);
  journal.close();
  const path = join(dir, "journal.db");
  const bytes = readFileSync(path);
  const size = bytes.readUInt16BE(16);
  for (let page = size; page < bytes.length; page += size) {
    if (bytes[page] !== INDEX_PAGE) continue;
    const at = bytes.subarray(page, page + size).indexOf(bot.idOf(3));
    if (at >= 0) bytes.write("p", page + at);
  }
  writeFileSync(path, bytes);
  const { damage, goodTo } = verifyJournal(dir);
  assert.match(damage?.message ?? "", /^JOURNAL_CORRUPT: all records are good, but .*index place/);
  assert.equal(goodTo, 8);
});

test("OPS-55 DUR-26 verify leaves nothing open, and what is no damage of a journal is not taken for one", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 2);
  journal.close();
  const reader = openJournalReader(dir);
  assert.equal(verifyReader(reader, null).damage, null);
  assert.deepEqual(openFilesIn(dir), []);
  assert.throws(() => damageOf(() => [...reader.records(0)]), /finalized|not open/);
  const error = new JournalError("JOURNAL_BEHIND", "");
  assert.equal(
    damageOf(() => {
      throw error;
    }),
    error,
  );
});
