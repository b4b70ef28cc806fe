// Where the bots of a process keep their journals: folders with SQLite files, or one database of Postgres. Whoever hosts
// bots asks here; which of the two it is stands in the configuration.

import type { OpenOptions } from "./open-options.ts";
import type { ConfigText, Journal, JournalReader } from "./port.ts";

/** A journal as its host has it. */
export interface HeldJournal extends Journal {
  /** Of records, postings and snapshots this opening has written, about (OPS-16). */
  readonly bytesWritten: number;
  /** False from the moment on at which another process may have taken over (DUR-56); always true where a lock cannot end. */
  holds(): boolean;
}

export interface StoredReader extends JournalReader {
  configs(): readonly ConfigText[];
}

export interface JournalStore {
  /** For people: a folder, or host, port and database. */
  readonly where: string;
  /** Errors: LOCK_HELD, UNSUPPORTED_DISK, STORE_UNREACHABLE, JOURNAL_* of damage, CANNOT_WRITE. */
  openJournal(options: OpenOptions & { readonly reserveBytes?: number }): HeldJournal;
  /** Beside the writer or without one. Errors: JOURNAL_MISSING, JOURNAL_TOO_NEW, JOURNAL_CORRUPT, STORE_UNREACHABLE. */
  openReader(bot: string): StoredReader;
  hasJournal(bot: string): boolean;
  /** Bots that have a journal, sorted. */
  bots(): readonly string[];
}
