// The SQLite journal as a place of the contract suite: a folder of its own, and what can be done to its files.

import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { ARCHIVE_FOLDER } from "../../src/journal/archive.ts";
import type { Journal, JournalReader, JournalRecord, Snapshot } from "../../src/journal/port.ts";
import { openJournalReader, type SqliteReader } from "../../src/journal/reader.ts";
import type { SqliteJournal, SqliteOptions } from "../../src/journal/sqlite.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { insertInto, packState, RECORD_COLUMNS, recordCells } from "../../src/journal/sqlite-rows.ts";
import type { JournalStore } from "./journal.ts";
import type { CompactedPlace, CompactingStore } from "./journal-compact-cases.ts";
import { options, snapshotOf, turns } from "./journal-turns.ts";

/**
 * What a killed process leaves: not its lock, which the kernel frees, and not the index of the log, which is rebuilt.
 */
const LEFT_BEHIND = ["journal.db", "journal.db-wal", "head"];

/** Copies the files as they lie at this instant, which is what a SIGKILL leaves. */
export function copyAsKilled(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of LEFT_BEHIND) if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
  const archives = join(from, ARCHIVE_FOLDER);
  if (existsSync(archives)) cpSync(archives, join(to, ARCHIVE_FOLDER), { recursive: true });
}

/** In memory where the system has such a disk: thousands of journals are opened, each with its syncs. */
const FAST = "/dev/shm";

/** A temporary folder; whoever asked for it removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(existsSync(FAST) ? FAST : tmpdir(), "opensqt-journal-"));
}

/** Runs SQL on a journal nobody holds. */
export function withDatabase(dir: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(dir, "journal.db"));
  try {
    work(db);
  } finally {
    db.close();
  }
}

/** A folder that is gone when the test is over. */
export function folder(t: TestContext): string {
  const dir = temporaryFolder();
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export const open = (dir: string, patch: Partial<SqliteOptions> = {}): SqliteJournal =>
  openSqliteJournal(dir, { ...options(), reserveBytes: 0, ...patch });

/** Four snapshots forty turns apart, and what stands before the oldest that is kept goes to an archive. */
export function compactAll(journal: Journal): void {
  for (let i = 0; i < 4; i += 1) {
    turns(journal, 40);
    journal.writeSnapshot(snapshotOf(journal));
  }
  while (!journal.compact({ keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER).done);
}

/** Files of a folder that this process holds open; none where its system does not tell. */
export function openFilesIn(dir: string): readonly string[] {
  if (!existsSync("/proc/self/fd")) return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    const path = linkOf(join("/proc/self/fd", fd));
    return path?.startsWith(dir) === true ? [path] : [];
  });
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null; // the one that reading the list itself held
  }
}

/** A closed journal of `count` turns. */
export function written(dir: string, count: number): void {
  const journal = open(dir);
  turns(journal, count);
  journal.close();
}

class SqlitePlace implements CompactedPlace {
  private readonly root: string;
  private readonly unmount: () => void;
  private readonly opened: (Journal | JournalReader)[] = [];
  private generation = 0;

  constructor(root: string, unmount: () => void) {
    this.root = root;
    this.unmount = unmount;
  }

  private get dir(): string {
    return join(this.root, `bot-${this.generation}`);
  }

  open(options: Parameters<CompactedPlace["open"]>[0]): Journal {
    const journal = openSqliteJournal(this.dir, { reserveBytes: 0, ...options });
    this.opened.push(journal);
    return journal;
  }

  reader(archives: boolean): SqliteReader {
    const reader = openJournalReader(this.dir, { archives });
    this.opened.push(reader);
    return reader;
  }

  kill(): void {
    const from = this.dir;
    this.generation += 1;
    copyAsKilled(from, this.dir);
  }

  breakLock(): void {
    rmSync(join(this.dir, "lock.db"));
  }

  mark(): void {
    copyAsKilled(this.dir, join(this.root, "marked"));
  }

  loseEnd(): void {
    const head = join(this.root, "marked", "head");
    copyFileSync(join(this.dir, "head"), head);
    for (const name of LEFT_BEHIND) rmSync(join(this.dir, name), { force: true });
    copyAsKilled(join(this.root, "marked"), this.dir);
  }

  tamper(change: (records: readonly JournalRecord[]) => readonly JournalRecord[]): void {
    const reader = openJournalReader(this.dir);
    const records = [...reader.records(0)];
    reader.close();
    withDatabase(this.dir, (db) => {
      db.exec("BEGIN; DROP INDEX IF EXISTS place; DELETE FROM record");
      const insert = db.prepare(insertInto("record", RECORD_COLUMNS));
      for (const record of change(records)) insert.run(...recordCells(record));
      db.exec("COMMIT");
    });
  }

  tamperSnapshots(change: (snapshots: readonly Snapshot[]) => readonly Snapshot[]): void {
    const reader = openJournalReader(this.dir);
    const snapshots = reader.snapshots();
    reader.close();
    withDatabase(this.dir, (db) => {
      db.exec("BEGIN; DELETE FROM snapshot");
      const insert = db.prepare(insertInto("snapshot", "position, version, seq, chainHash, stateHash, state"));
      for (const s of change(snapshots)) {
        insert.run(s.position, s.version, s.seq, s.chainHash, s.stateHash, packState(s.state));
      }
      db.exec("COMMIT");
    });
  }

  dispose(): void {
    for (const journal of this.opened) journal.close();
    this.unmount();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A small disk of its own, or why there is none. `bytes` is rounded up to pages. */
export function mountSmallDisk(bytes: number): { readonly dir: string; readonly unmount: () => void } | string {
  const dir = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", dir], { stdio: "pipe" });
  } catch {
    rmSync(dir, { recursive: true });
    return "a small disk cannot be mounted here (needs root and Linux)";
  }
  const unmount = (): void => {
    execFileSync("umount", ["-l", dir], { stdio: "pipe" });
    rmSync(dir, { recursive: true, force: true });
  };
  return { dir, unmount };
}

/** Takes all room of the disk `dir` lies on; returns what gives it back. */
export function fillDisk(dir: string): () => void {
  const path = join(dir, "filler");
  writeFileSync(path, "");
  const file = openSync(path, "a");
  const page = Buffer.alloc(4096);
  try {
    while (writeSync(file, page) === page.length);
  } catch {
    // full: that is what it was for
  }
  closeSync(file);
  return () => rmSync(path, { force: true });
}

export const sqliteStore: JournalStore & CompactingStore = {
  name: "sqlite",
  make: () => new SqlitePlace(temporaryFolder(), () => {}),
  fullDisk: () => {
    const disk = mountSmallDisk(4 * 1024 * 1024);
    if (typeof disk === "string") return disk;
    return { place: new SqlitePlace(disk.dir, disk.unmount), fillUp: () => fillDisk(disk.dir) };
  },
};
