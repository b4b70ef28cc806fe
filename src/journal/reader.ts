// A journal in a folder opened to be read: replay, explain and verify use it on a live bot's journal or a stopped
// one's, without the lock and without writing (DUR-68).

import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { folderShelf } from "./archive-shelf.ts";
import { corrupt, JournalError, WAYS_OUT } from "./errors.ts";
import { RecordReader } from "./record-reader.ts";
import { journalError } from "./sqlite-errors.ts";
import { openForReading } from "./sqlite-file.ts";
import { isMade, pending } from "./sqlite-schema.ts";
import { SqliteSource } from "./sqlite-source.ts";

/** Name of the database in a bot's folder. */
export const JOURNAL_FILE = "journal.db";

/**
 * Opens the journal in a bot's folder. `archives`: begin with what was archived, as far back as the files are there.
 * Errors: JOURNAL_MISSING, JOURNAL_TOO_NEW, JOURNAL_CORRUPT.
 */
export function openJournalReader(
  dir: string,
  { archives = false }: { readonly archives?: boolean } = {},
): SqliteReader {
  const path = join(dir, JOURNAL_FILE);
  const db = openForReading(path);
  try {
    if (!isMade(db)) throw corrupt(1, `${path} holds no journal`);
    pending(db); // says so when the tables are newer than this release
    return new SqliteReader(db, path, archives);
  } catch (error) {
    db.close();
    throw journalError(error, { path, goodTo: 0 });
  }
}

/** What reader and writer have in common. */
export class SqliteReader extends RecordReader {
  protected readonly db: DatabaseSync;
  private readonly source: SqliteSource;

  /** Use {@link openJournalReader}. */
  constructor(db: DatabaseSync, path: string, withArchives = false) {
    const source = new SqliteSource(db, path);
    super({ source, shelfOf: ({ journalId }) => folderShelf(dirname(path), journalId), withArchives });
    this.db = db;
    this.source = source;
  }

  /** SQLite's own check of pages and indexes: what the chain does not see, such as an index that lost a row. */
  checkPages(): void {
    const problem = this.source.pageProblem();
    if (problem !== null) {
      throw new JournalError("JOURNAL_CORRUPT", `JOURNAL_CORRUPT: all records are good, but ${problem}. ${WAYS_OUT}`);
    }
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }
}
