// What only a store of files has: real kills, a lock the kernel holds, damaged files, disks that refuse.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { type CrashPoint, setCrashPoint } from "../../src/base/crash-point.ts";
import { HeadFile, readHead } from "../../src/journal/head.ts";
import { networkFileSystem } from "../../src/journal/lock.ts";
import { openJournalReader } from "../../src/journal/reader.ts";
import { salvageJournal } from "../../src/journal/salvage.ts";
import type { SqliteJournal, SqliteOptions } from "../../src/journal/sqlite.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { MIGRATIONS, migrate } from "../../src/journal/sqlite-schema.ts";
import { verifyJournal } from "../../src/journal/verify.ts";
import { runs } from "../arbitraries/journal.ts";
import { refusal } from "./journal.ts";
import { copyAsKilled, fillDisk, mountSmallDisk, temporaryFolder, withDatabase } from "./journal-sqlite.ts";
import * as bot from "./journal-turns.ts";

const HOLDER = { host: "here", pid: 1, sinceMs: 0 };

function folder(t: TestContext): string {
  const dir = temporaryFolder();
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const open = (dir: string, patch: Partial<SqliteOptions> = {}): SqliteJournal =>
  openSqliteJournal(dir, { ...bot.options(), reserveBytes: 0, ...patch });

/** A closed journal of `count` turns. */
function written(dir: string, count: number): void {
  const journal = open(dir);
  bot.turns(journal, count);
  journal.close();
}

const CHILD = join(import.meta.dirname, "journal-child.ts");

/** Runs the child until it dies; the last position it said was written. */
async function runUntilKilled(dir: string, args: readonly string[], killAfter: number | null): Promise<number> {
  const child = spawn(process.execPath, [CHILD, dir, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let last = 0;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number.parseInt(line, 10);
    lines += 1;
    if (killAfter !== null && lines === killAfter) child.kill("SIGKILL");
  }
  const [, signal] = (await exited) as [number | null, string | null];
  assert.equal(signal, "SIGKILL");
  return last;
}

for (const sync of ["kill", "send", "all"] as const) {
  test(`TEST-10 DUR-15 a process killed in the middle of writing under "${sync}" loses nothing it was told is written`, async (t) => {
    const dir = folder(t);
    let epoch = 0;
    let position = 0;
    for (const turns of [1, 60, 333]) {
      const said = await runUntilKilled(dir, [sync], turns);
      const journal = open(dir);
      epoch += 2;
      assert.ok(journal.position >= said, `${journal.position} records, ${said} were said to be written`);
      assert.ok(said > position);
      assert.equal(journal.verify(0), journal.position);
      assert.equal(journal.meta.epoch, epoch);
      position = journal.position;
      journal.close();
    }
  });
}

const POINTS: readonly (readonly [CrashPoint, string])[] = [
  ["snapshot.before-write", "3"],
  ["snapshot.half-written", "3"],
  ["snapshot.after-write", "3"],
  ["checkpoint.middle", "2"],
];

for (const [point, passage] of POINTS) {
  test(`DUR-19 DUR-21 a kill at ${point} leaves a whole journal and a valid snapshot`, async (t) => {
    const dir = folder(t);
    const said = await runUntilKilled(dir, ["send", point, passage], null);
    const journal = open(dir, { warn: assert.fail });
    assert.equal(journal.position, said);
    assert.equal(journal.verify(0), said);
    const newest = journal.newestSnapshot(assert.fail) ?? assert.fail("no snapshot");
    assert.ok(journal.snapshots().length <= 3);
    if (point !== "checkpoint.middle") assert.equal(newest.seq, point === "snapshot.after-write" ? 21 : 14);
    bot.turns(journal, 3);
    journal.close();
  });
}

test("TEST-10 DUR-54 a second process is refused while the first lives, and takes over when it was killed", async (t) => {
  const dir = folder(t);
  const child = spawn(process.execPath, [CHILD, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  const error = refusal(() => open(dir));
  assert.equal(error.code, "LOCK_HELD");
  assert.match(error.message, new RegExp(`process ${child.pid} on here`));
  child.stdout.resume();
  child.kill("SIGKILL");
  await exited;
  const journal = open(dir);
  assert.equal(journal.verify(0), journal.position);
  journal.close();
});

test("TEST-10 DUR-54 a copy refused inside the holder's own process does not free the lock for others", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  assert.equal(refusal(() => open(dir)).code, "LOCK_HELD");
  const script = `import { openSqliteJournal } from "${join(import.meta.dirname, "../../src/journal/sqlite-open.ts")}";
    import { options } from "${join(import.meta.dirname, "journal-turns.ts")}";
    try { openSqliteJournal(process.argv[1], options()); } catch (error) { console.log(error.code); }`;
  const other = spawnSync(process.execPath, ["--input-type=module", "-e", script, dir], { encoding: "utf8" });
  assert.equal(other.stdout.trim(), "LOCK_HELD", other.stderr);
  journal.close();
});

test("TEST-10 DUR-54 network file systems are known by their statfs type, local ones are not refused", () => {
  assert.equal(networkFileSystem(0x6969), "NFS");
  assert.equal(networkFileSystem(0xff534d42), "CIFS");
  assert.equal(networkFileSystem(0xff534d42 | 0), "CIFS", "as a signed number");
  assert.equal(networkFileSystem(0xef53), null, "ext4");
  assert.equal(networkFileSystem(0x01021994), null, "tmpfs");
});

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

const strace = spawnSync("strace", ["-V"]).status === 0 ? false : "strace is absent";

test("DUR-11 DUR-15 the disk is forced before B returns: never, for B that sends, or always", { skip: strace }, (t) => {
  const counts = (["kill", "send", "all"] as const).map((sync) => {
    const script = `import { openSqliteJournal } from "${join(import.meta.dirname, "../../src/journal/sqlite-open.ts")}";
      import { options, turns } from "${join(import.meta.dirname, "journal-turns.ts")}";
      const journal = openSqliteJournal(process.argv[1], { ...options({ sync: "${sync}" }), reserveBytes: 0 });
      turns(journal, 10);
      process.kill(process.pid, "SIGKILL");`;
    const args = [
      "-f",
      "-e",
      "trace=fsync,fdatasync",
      process.execPath,
      "--input-type=module",
      "-e",
      script,
      folder(t),
    ];
    const { stderr } = spawnSync("strace", args, { encoding: "utf8" });
    return stderr.match(/f(data)?sync\(/g)?.length ?? 0;
  });
  const [kill = 0, send = 0, all = 0] = counts;
  // ten turns: eight send, two book a fill; opening syncs the same in each
  assert.deepEqual([send - kill, all - kill], [8, 20], String(counts));
});

test("DUR-17 after a power cut the journal ends at the last synced commit, and head agrees", (t) => {
  const dir = folder(t);
  const journal = open(dir);
  bot.turns(journal, 4);
  const sent = journal.position;
  const synced = statSync(join(dir, "journal.db-wal")).size;
  journal.appendEvents(5, [bot.book(5)]);
  journal.appendEvents(6, [bot.book(6)]);
  const after = folder(t);
  copyAsKilled(dir, after);
  truncateSync(join(after, "journal.db-wal"), synced);
  const next = open(after, { warn: assert.fail });
  assert.equal(next.position, sent);
  assert.equal(next.verify(0), sent);
  next.close();
  journal.close();
});

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
  assert.equal(damaged("DELETE FROM record WHERE position > 18").damage?.code, "JOURNAL_BEHIND");
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
  const { position } = openJournalReader(dir);
  withDatabase(dir, (db) => db.exec("DELETE FROM record WHERE position > 4"));
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
