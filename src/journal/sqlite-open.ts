// The way into a SQLite journal: lock, head, database, tables, and then the journal itself. Whatever is not as it
// should be stops here, and everything taken on the way is given back.

import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { ARCHIVE_FOLDER } from "./archive.ts";
import { genesisOf } from "./chain.ts";
import { behind, corrupt } from "./errors.ts";
import { type Head, readHead } from "./head.ts";
import { JournalLock } from "./lock.ts";
import { FIRST_LINEAGE, JOURNAL_FORMAT, type OpenOptions } from "./open-options.ts";
import { JOURNAL_FILE } from "./reader.ts";
import { SqliteJournal, type SqliteOptions } from "./sqlite.ts";
import { journalError } from "./sqlite-errors.ts";
import { closeUntouched, openForWriting } from "./sqlite-file.ts";
import { writeMeta } from "./sqlite-rows.ts";
import { isMade, makeTables, migrate } from "./sqlite-schema.ts";

/** A journal that is about to be put in place (put-in-place.ts): where it lies, the old one may be gone already. */
export const NEW_FILE = "new.db";

/**
 * Opens the journal in a bot's folder as its only writer, or makes a new one; verifies it from the newest valid
 * snapshot on and raises the epoch. Errors: LOCK_HELD, UNSUPPORTED_DISK, JOURNAL_* of damage, CANNOT_WRITE.
 */
export function openSqliteJournal(dir: string, options: SqliteOptions): SqliteJournal {
  const path = join(dir, JOURNAL_FILE);
  const lock = new JournalLock(dir, options.bot, options.holder);
  let db: DatabaseSync | null = null;
  try {
    const head = readHead(join(dir, "head"));
    db = openForWriting(path);
    if (isMade(db)) migrate(db, path);
    else makeNew(db, path, head, options);
    return new SqliteJournal({ db, dir, lock, head, options });
  } catch (error) {
    closeUntouched(db, path);
    lock.release();
    throw journalError(error, { path, goodTo: 0 });
  }
}

function makeNew(db: DatabaseSync, path: string, head: Head | null, options: OpenOptions): void {
  if (head !== null && head.position > 0) throw behind(0, head.position);
  const dir = dirname(path);
  if (existsSync(join(dir, NEW_FILE))) throw corrupt(1, "a restore was cut short: give its command again");
  // a head of position 0 is that of a bot that never sent anything
  const left = (head === null ? ["head", ARCHIVE_FOLDER] : [ARCHIVE_FOLDER]).find((name) => isLeft(dir, name));
  if (left !== undefined) throw corrupt(1, `${path} is empty or gone, though ${left} of a journal is there`);
  const strange = db.prepare("SELECT name FROM sqlite_schema LIMIT 1").get();
  if (strange !== undefined) throw corrupt(1, `${path} holds other tables than a journal's`);
  const owner = { format: JOURNAL_FORMAT, journalId: randomUUID(), bot: options.bot, tag: options.tag };
  makeTables(db, () => writeMeta(db, { ...owner, lineage: FIRST_LINEAGE, epoch: 0, genesis: genesisOf(owner) }));
}

/** Whether an earlier journal left this: a new one has neither. */
function isLeft(dir: string, name: string): boolean {
  if (!existsSync(join(dir, name))) return false;
  return name !== ARCHIVE_FOLDER || readdirSync(join(dir, name)).length > 0;
}
