// Disks that are full or read-only, and what is done with whole files: migrate, read beside the writer.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { sha256Hex } from "../../src/journal/chain.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { releaseReserve } from "../../src/journal/reserve.ts";
import { MIGRATIONS, migrate } from "../../src/journal/sqlite-schema.ts";
import { verifyJournal } from "../../src/journal/verify.ts";
import { refusal } from "./journal.ts";
import { fillDisk, folder, mountSmallDisk, open, withDatabase, written } from "./journal-sqlite.ts";
import * as bot from "./journal-turns.ts";

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
  const journal = open(dir, { reserveBytes: 1024 * 1024 });
  assert.equal(statSync(join(dir, "reserve")).size, 1024 * 1024);
  bot.turns(journal, 10);
  const makeRoom = fillDisk(disk.dir);
  const { position, chainHash } = journal;
  const error = refusal(() => journal.appendEvents(11, [bot.book(11)]));
  assert.deepEqual([error.code, error.exitCode, error.facts.disk], ["CANNOT_WRITE", 13, "full"]);
  assert.match(error.message, /disk is full.*Free some space/);
  assert.deepEqual([journal.position, journal.chainHash], [position, chainHash]);
  assert.equal(releaseReserve(join(dir, "reserve")), true, "it is there for the one who stops");
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
