// Disks that are full or read-only, and what is done with whole files: verify, salvage, migrate, read beside the
// writer.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { sha256Hex } from "../../src/journal/chain.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { salvageJournal } from "../../src/journal/salvage.ts";
import { MIGRATIONS, migrate } from "../../src/journal/sqlite-schema.ts";
import { verifyJournal } from "../../src/journal/verify.ts";
import { refusal } from "./journal.ts";
import { copyAsKilled, fillDisk, folder, mountSmallDisk, open, withDatabase, written } from "./journal-sqlite.ts";
import * as bot from "./journal-turns.ts";

const HOLDER = { host: "here", pid: 1, sinceMs: 0 };

test("TEST-10 DUR-68 a reader beside the writer sees what is committed and holds nobody up", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 600);
  const reader = openJournalReader(dir);
  const slow = reader.records(0);
  assert.equal(slow.next().value?.position, 1);
  bot.turns(journal, 500);
  journal.checkpoint();
  assert.equal(reader.position, journal.position);
  assert.equal(reader.chainHash, journal.chainHash);
  assert.equal(reader.verify(0), journal.position);
  assert.equal([...slow].length, journal.position - 1, "a slow reading goes on while the writer does");
  reader.close();
  bot.turn(journal);
  journal.close();
});

test("DUR-68 a journal that is not there is said to be missing", (t) => {
  const error = refusal(() => openJournalReader(folder(t)));
  assert.deepEqual([error.code, error.exitCode], ["JOURNAL_MISSING", 3]);
});

test("DUR-29 the write-ahead log is moved into the database without being asked, and stays small", (t) => {
  const dir = folder(t);
  const journal = open(dir, { sync: "kill" });
  bot.turns(journal, 5000);
  const log = statSync(join(dir, "journal.db-wal")).size;
  assert.ok(log < 16 * 1024 * 1024, `${log} bytes`);
  assert.equal(journal.verify(0), journal.position);
  journal.close();
});

test("DUR-13 a turn without sync takes well under a millisecond in the middle of 500", (t) => {
  const journal = open(folder(t), { sync: "kill" });
  const took: number[] = [];
  for (let i = 0; i < 500; i += 1) {
    const start = performance.now();
    bot.turn(journal);
    took.push(performance.now() - start);
  }
  const median = took.toSorted((a, b) => a - b)[250] ?? assert.fail();
  assert.ok(median < 1, `${median} ms`);
  journal.close();
});

test("DUR-61 DUR-60 on a disk that fills up the reserve is given back, the stop is recorded, and a later start goes on", (t) => {
  const disk = mountSmallDisk(6 * 1024 * 1024);
  if (typeof disk === "string") return t.skip(disk);
  t.after(disk.unmount);
  const dir = join(disk.dir, "bot");
  const warnings: string[] = [];
  const journal = open(dir, { reserveBytes: 1024 * 1024, warn: (text) => warnings.push(text) });
  assert.equal(statSync(join(dir, "reserve")).size, 1024 * 1024);
  bot.turns(journal, 10);
  const makeRoom = fillDisk(disk.dir);
  const { position, chainHash } = journal;
  const error = refusal(() => journal.appendEvents(11, [bot.book(11)]));
  assert.deepEqual([error.code, error.exitCode, error.facts.disk], ["CANNOT_WRITE", 13, "full"]);
  assert.match(error.message, /disk is full.*Free some space/);
  assert.deepEqual([journal.position, journal.chainHash], [position, chainHash]);
  assert.match(warnings.join(), /reserve file was deleted/);
  journal.appendEvents(11, [{ kind: "stop-requested", atMs: bot.book(11).atMs, by: "disk" }]);
  journal.seal(bot.book(11).atMs);
  journal.close();
  makeRoom();
  const next = open(dir, { reserveBytes: 1024 * 1024 });
  assert.equal(next.verify(0), position + 2);
  assert.ok(existsSync(join(dir, "reserve")));
  next.close();
});

test("DUR-16 DUR-61 a write the system refuses is final: nothing is tried again, and what was told is written is there", (t) => {
  const dir = folder(t);
  const script = `import { openSqliteJournal } from "${join(import.meta.dirname, "../../src/journal/sqlite-open.ts")}";
    import { options, turn } from "${join(import.meta.dirname, "journal-turns.ts")}";
    const journal = openSqliteJournal(process.argv[1], { ...options(), reserveBytes: 0 });
    const errors = [];
    while (errors.length < 3) {
      const { position } = journal;
      try { turn(journal); } catch (error) { errors.push([error.code, error.exitCode, error.facts?.disk, position, error.message]); }
    }
    console.log(JSON.stringify(errors));`;
  // no file may grow beyond 200 blocks: the log's next page is refused with EFBIG, which SQLite calls an I/O error
  const limited = ["-c", 'ulimit -f 200; exec "$0" "$@"', process.execPath, "--input-type=module", "-e", script, dir];
  const { stdout, stderr } = spawnSync("sh", limited, { encoding: "utf8" });
  const errors = JSON.parse(stdout === "" ? assert.fail(stderr) : stdout) as readonly unknown[][];
  assert.deepEqual(errors[0]?.slice(0, 3), ["CANNOT_WRITE", 13, "failed"]);
  assert.deepEqual(errors[1], errors[0]);
  assert.deepEqual(errors[2], errors[0]);
  const journal = open(dir);
  assert.ok(journal.position >= Number(errors[0]?.[3]) && journal.position > 10);
  assert.equal(journal.verify(0), journal.position);
  journal.close();
});

test("DUR-61 a disk that is full from the start refuses the start and leaves nothing half-made", (t) => {
  const disk = mountSmallDisk(1024 * 1024);
  if (typeof disk === "string") return t.skip(disk);
  t.after(disk.unmount);
  const dir = join(disk.dir, "bot");
  const makeRoom = fillDisk(disk.dir);
  const error = refusal(() => open(dir));
  assert.deepEqual([error.code, error.exitCode, error.facts.disk], ["CANNOT_WRITE", 13, "full"]);
  makeRoom();
  const warnings: string[] = [];
  const journal = open(dir, { reserveBytes: 64 * 1024 * 1024, warn: (text) => warnings.push(text) });
  assert.match(warnings.join(), /no room for the reserve/);
  assert.equal(existsSync(join(dir, "reserve")), false);
  bot.turns(journal, 3);
  journal.close();
});

test("DUR-61 DUR-68 on a read-only disk a start is refused with exit code 13, and reading still works", (t) => {
  const disk = mountSmallDisk(4 * 1024 * 1024);
  if (typeof disk === "string") return t.skip(disk);
  t.after(disk.unmount);
  written(disk.dir, 6);
  execFileSync("mount", ["-o", "remount,ro", disk.dir]);
  for (const dir of [disk.dir, join(disk.dir, "new")]) {
    const error = refusal(() => open(dir));
    assert.deepEqual([error.code, error.exitCode, error.facts.disk], ["CANNOT_WRITE", 13, "read-only"], error.message);
  }
  assert.equal(verifyJournal(disk.dir).goodTo, 11);
});

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
  assert.match(damaged("UPDATE snapshot SET state = x'00'").damage?.message ?? "none", /none/);
  assert.match(damaged("UPDATE snapshot SET stateHash = 'x'").snapshots[0]?.problem ?? "", /hash/);
  assert.equal(
    damaged("DELETE FROM record WHERE position > 18; DELETE FROM posting WHERE position > 18").damage?.code,
    "JOURNAL_BEHIND",
  );
});

test("DUR-27 DUR-42 salvage copies all good records into a new journal of the next lineage, and leaves the old one alone", (t) => {
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

test("DUR-32 an older journal is migrated in one transaction after a backup; a kill in the middle changes nothing", (t) => {
  const dir = folder(t);
  written(dir, 5);
  const path = join(dir, "journal.db");
  const next = [...MIGRATIONS, { name: "0002-note", sql: "ALTER TABLE meta ADD COLUMN note TEXT" }];
  const columns = (): readonly string[] => {
    const names: string[] = [];
    withDatabase(dir, (db) => {
      for (const row of db.prepare("SELECT name FROM pragma_table_info('meta')").all()) names.push(String(row["name"]));
    });
    return names;
  };
  setCrashPoint((name) => {
    if (name === "migrate.middle") throw new Error("killed");
  });
  t.after(() => setCrashPoint(null));
  withDatabase(dir, (db) => assert.throws(() => migrate(db, path, next), /killed/));
  assert.equal(columns().includes("note"), false);
  const backup = folder(t);
  copyFileSync(`${path}-before-0002-note.db`, join(backup, "journal.db"));
  assert.equal(verifyJournal(backup).goodTo, 9);
  setCrashPoint(null);
  withDatabase(dir, (db) => migrate(db, path, next));
  assert.equal(columns().includes("note"), true);
  assert.equal(refusal(() => open(dir)).code, "JOURNAL_TOO_NEW");
});

test("DUR-32 the digests of released migrations are fixed", () => {
  assert.deepEqual(
    MIGRATIONS.map(({ name, sql }) => [name, sha256Hex(sql)]),
    [
      ["0001-journal", "044e9fbe1960f25d9f8b0664a93fe863a7300a527aeed4a4e950f8416c01bce9"],
      ["0002-archive", "1260ddbdc07145fa35f5625c4e1eb1e42a0148126e0ea65ce7a3c27861aa1974"],
    ],
    "a released migration is never edited: append another one",
  );
});

test("DUR-14 a mark every thousand events and one at a snapshot are records like any other", (t) => {
  const journal = open(folder(t));
  journal.appendEvents(1, [bot.book(1)]);
  journal.appendEffects({ ...bot.NOTHING, mark: { seq: 1, atMs: bot.book(1).atMs, stateHash: "s" } });
  const mark = [...journal.records(1)][0];
  assert.deepEqual([mark?.type, mark?.kind, mark?.body, mark?.seq], ["mark", "state", '{"stateHash":"s"}', 1]);
  journal.close();
});

test("DUR-18 a snapshot's state is packed on the disk and comes back byte for byte", (t) => {
  const journal = open(folder(t));
  bot.turn(journal);
  const state = JSON.stringify({ big: "abc".repeat(200_000) });
  const { position, seq, chainHash } = journal;
  const snapshot = { version: 1, position, seq, chainHash, stateHash: bot.hashOf(state), state };
  journal.writeSnapshot(snapshot);
  assert.deepEqual(journal.newestSnapshot(assert.fail), snapshot);
  journal.close();
});
