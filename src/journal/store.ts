// Where the bots of a process keep their journals: folders with SQLite files, or one database of Postgres. Whoever
// hosts bots asks here; which of the two it is stands in the configuration.

import type { Holder, OpenOptions } from "./open-options.ts";
import type { ConfigText, Journal, JournalReader } from "./port.ts";
import type { Registry } from "./registry.ts";
import type { JournalAddress } from "./verify-beside.ts";

/** A journal as its host has it. */
export interface HeldJournal extends Journal {
  /** Of records, postings and snapshots this opening has written, about (OPS-16). */
  readonly bytesWritten: number;
}

export interface StoredReader extends JournalReader {
  configs(): readonly ConfigText[];
}

export interface StoreOptions extends OpenOptions {
  /** Bytes kept free for the last words of a full disk (DUR-61), where the store is a disk of ours. */
  readonly reserveBytes?: number;
}

export interface JournalStore {
  /** For people: a folder, or host, port and database. */
  readonly where: string;
  /** Whether it can be asked at all, now. */
  isThere(): boolean;
  /** Who has it, has the store: one process. Errors: LOCK_HELD, STORE_UNREACHABLE, JOURNAL_CORRUPT, CANNOT_WRITE. */
  openRegistry(holder: Holder): Registry;
  /** Errors: LOCK_HELD, UNSUPPORTED_DISK, STORE_UNREACHABLE, JOURNAL_* of damage, CANNOT_WRITE. */
  openJournal(options: StoreOptions): HeldJournal;
  /** The account machine's own journal. Errors: as {@link openJournal}. */
  openAccountJournal(options: StoreOptions): HeldJournal;
  /** Beside the writer or without one. Errors: JOURNAL_MISSING, JOURNAL_TOO_NEW, JOURNAL_CORRUPT, STORE_UNREACHABLE. */
  openReader(bot: string): StoredReader;
  hasJournal(bot: string): boolean;
  /** Where the bot's journal lies, for a thread of its own; null: the account machine's. */
  addressOf(bot: string | null): JournalAddress;
  /** What a command that reads the bot's journal is told: flags. */
  flagsFor(bot: string): string;
  /** Room on the disk of ours that the bot's journal lies on; null where it is somebody else's. */
  freeBytes(bot: string): number | null;
  /** Size of the bot's journal; 0 where it cannot be told for one bot. */
  bytesOf(bot: string): number;
  /** Gives up what was kept free for a full disk; false when there was nothing. */
  freeReserve(bot: string): boolean;
}
