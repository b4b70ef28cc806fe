// `opensqt journal backup`: a copy of a live journal, made by SQLite itself in one consistent view (DUR-30), with its
// archives, and verified before it is called one. Copying the files of a running bot is no backup: its log may be newer
// than its database.

import { cpSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { ARCHIVE_FOLDER } from "./archive.ts";
import { JournalError } from "./errors.ts";
import { type Head, HeadFile, headOf, readHead } from "./head.ts";
import { assertEmpty, emptyAgain, makeJournalFolder } from "./new-folder.ts";
import type { JournalMeta } from "./port.ts";
import { JOURNAL_FILE, openJournalReader } from "./reader.ts";
import { journalError } from "./sqlite-errors.ts";
import { closeQuietly, openForReading } from "./sqlite-file.ts";
import { integer } from "./sqlite-rows.ts";
import { verifyJournal } from "./verify.ts";

const LOOK_MS = 100;
/** Lies beside a journal once it was backed up; its time is the backup's. */
const BACKUP_MARK = "backed-up.json";

export interface BackedUp {
  readonly meta: JournalMeta;
  readonly position: number;
  readonly seq: number;
  readonly chainHash: string;
  readonly bytes: number;
}

/**
 * Copies the journal in `from` to the new folder `to`; the bot may run. `onProgress`: bytes written of about so many.
 * Errors: JOURNAL_EXISTS, JOURNAL_MISSING, JOURNAL_CORRUPT of what was copied, CANNOT_WRITE. Nothing is left then.
 */
export async function backupJournal(
  from: string,
  to: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<BackedUp> {
  const path = join(to, JOURNAL_FILE);
  assertEmpty(to);
  openJournalReader(from).close(); // says what is wrong with it, before anything is made
  const known = readHead(join(from, "head"));
  makeJournalFolder(to);
  try {
    const total = usedBytes(join(from, JOURNAL_FILE));
    await vacuumInto(join(from, JOURNAL_FILE), path, (done) => onProgress(Math.min(done, total), total));
    // after the database: whatever it says was archived is there
    if (existsSync(join(from, ARCHIVE_FOLDER))) {
      const whole = (name: string): boolean => !name.endsWith(".part");
      cpSync(join(from, ARCHIVE_FOLDER), join(to, ARCHIVE_FOLDER), { recursive: true, filter: whole });
    }
    const copied = copiedTo(to, known);
    const { damage } = verifyJournal(to);
    if (damage !== null) throw damage;
    onProgress(total, total);
    markBackedUp(from, copied.position);
    return { ...copied, bytes: statSync(path).size };
  } catch (error) {
    emptyAgain(to);
    throw journalError(error, { path, goodTo: 0 });
  }
}

/** For whoever asks how old the newest backup is. */
function markBackedUp(from: string, position: number): void {
  try {
    writeFileSync(join(from, BACKUP_MARK), `{"atMs":${Date.now()},"position":${position}}\n`);
  } catch {
    // the backup is whole all the same
  }
}

/** When the journal in `folder` was last backed up by {@link backupJournal}, ms UTC; null where nobody knows. */
export function lastBackupMs(folder: string): number | null {
  return statSync(join(folder, BACKUP_MARK), { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** What was copied, with a `head` of its own. It has at least the postings that the bot's `head` saw before. */
function copiedTo(dir: string, known: Head | null): Omit<BackedUp, "bytes"> {
  const reader = openJournalReader(dir);
  try {
    const { meta, position, seq, chainHash, newestPosting } = reader;
    if (known !== null) reader.checkPostings(known, position);
    const head = new HeadFile(join(dir, "head"));
    head.write(headOf({ position, hash: chainHash }, newestPosting));
    head.close();
    return { meta, position, seq, chainHash };
  } finally {
    reader.close();
  }
}

function usedBytes(path: string): number {
  const db = openForReading(path);
  const number = (name: string): number => integer(db.prepare(`PRAGMA ${name}`).get()?.[name], 0, name);
  const bytes = (number("page_count") - number("freelist_count")) * number("page_size");
  closeQuietly(db);
  return bytes;
}

/** In a thread of its own, so that this one can say how far it is. Errors: those of SQLite, as JournalError. */
async function vacuumInto(from: string, to: string, onProgress: (bytes: number) => void): Promise<void> {
  const worker = new Worker(new URL("./vacuum-worker.ts", import.meta.url), { workerData: { from, to } });
  const look = setInterval(() => onProgress(statSync(to, { throwIfNoEntry: false })?.size ?? 0), LOOK_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once("message", (said: string) => {
        if (said === "") resolve();
        else reject(new JournalError("CANNOT_WRITE", `CANNOT_WRITE ${to}: ${said}. Nothing is left of this backup.`));
      });
      worker.once("error", reject);
    });
  } finally {
    clearInterval(look);
    await worker.terminate();
  }
}
