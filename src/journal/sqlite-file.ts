// Opening the database file of a journal, for writing and for reading beside the writer. Knows SQLite's switches and
// nothing of records.

import { existsSync, statSync } from "node:fs";
import { platform } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { corrupt, JournalError } from "./errors.ts";
import { isCannotOpen, journalError } from "./sqlite-errors.ts";

/** Longest wait for another program that writes to the file. Nobody should. */
const BUSY_MS = 1000;

/**
 * Opens for writing: WAL, no automatic checkpoint (the journal decides when), synced as `PRAGMA synchronous` says next.
 */
export function openForWriting(path: string): DatabaseSync {
  return guarded(path, () => {
    if (!existsSync(path) && existsSync(`${path}-wal`)) {
      throw corrupt(1, `${path} is gone, though its write-ahead log is there`);
    }
    const db = new DatabaseSync(path, { timeout: BUSY_MS, allowExtension: false });
    return closeOnError(db, () => {
      db.exec("PRAGMA trusted_schema = OFF");
      useLog(db, path);
      db.exec("PRAGMA wal_autocheckpoint = 0");
      if (platform() === "darwin") db.exec("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
      return db;
    });
  });
}

/** Opens beside the writer; on a read-only disk the file is read as it lies, when no log is beside it. */
export function openForReading(path: string): DatabaseSync {
  if (!existsSync(path)) {
    throw new JournalError(
      "JOURNAL_MISSING",
      `JOURNAL_MISSING: there is no journal at ${path}. Check the data folder and the bot's name.`,
    );
  }
  return guarded(path, () => {
    try {
      return readable(new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS }));
    } catch (error) {
      const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
      if (!isCannotOpen(error) || (log !== undefined && log.size > 0)) throw error;
      return readable(new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), { readOnly: true }));
    }
  });
}

function useLog(db: DatabaseSync, path: string): void {
  const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
  if (mode === "wal") return;
  throw new JournalError(
    "UNSUPPORTED_DISK",
    `UNSUPPORTED_DISK: the disk of ${path} gives no shared memory for a write-ahead log. Use a folder on a local disk.`,
  );
}

/** Opening is lazy: the first read tells whether the file can be read at all. */
function readable(db: DatabaseSync): DatabaseSync {
  return closeOnError(db, () => {
    db.exec("PRAGMA trusted_schema = OFF");
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return db;
  });
}

function closeOnError<T>(db: DatabaseSync, work: () => T): T {
  try {
    return work();
  } catch (error) {
    db.close();
    throw error;
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw journalError(error, { path, goodTo: 0 });
  }
}

/**
 * Closes a database that was refused, and leaves its write-ahead log beside it as it lies. The last one that closes
 * moves the log into the database: one that belongs to another file would destroy what the refusal is about.
 */
export function closeUntouched(db: DatabaseSync | null, path: string): void {
  if (db?.isOpen !== true || !existsSync(`${path}-wal`)) {
    closeQuietly(db);
    return;
  }
  let last: DatabaseSync | null = null;
  try {
    // who only reads moves nothing
    last = new DatabaseSync(path, { readOnly: true });
    last.prepare("SELECT count(*) FROM sqlite_schema").get();
  } catch {
    // a log that cannot be read is moved nowhere
  }
  closeQuietly(db);
  closeQuietly(last);
}

/** For ways out of an error: why the handle is closed has been said. */
export function closeQuietly(db: DatabaseSync | null): void {
  try {
    if (db?.isOpen === true) db.close();
  } catch {
    // a failing close adds nothing to it
  }
}
