// The journal a person names: a bot's folder, its file, or `env:NAME/BOT` (`env:NAME/SCHEMA/BOT`) of a database whose
// URL is in the variable NAME, since a URL holds a password and a command line is seen by others.

import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Head } from "../../journal/head.ts";
import { readHead } from "../../journal/head.ts";
import type { Snapshot } from "../../journal/port.ts";
import { openJournalReader } from "../../journal/reader.ts";
import type { StoredReader } from "../../journal/store.ts";
import { botInDatabase, isDatabase } from "./journal-database.ts";
import { CommandError, usageError } from "./output.ts";

/** What can be asked of a journal wherever it lies. */
export interface NamedReader extends StoredReader {
  readonly start: { readonly position: number; readonly hash: string };
  checkPages(): void;
  checkPostings(head: Head, goodTo: number): void;
  snapshots(unread?: (text: string) => void): readonly Snapshot[];
}

/** Opens it to be read. Whoever opens it closes it. Errors: JournalError, CommandError 3 and 2. */
export function openReaderAt(path: string): { readonly reader: NamedReader; readonly head: Head | null } {
  if (!isDatabase(path)) {
    const folder = folderOf(path);
    return { reader: openJournalReader(folder, { archives: true }), head: readHead(join(folder, "head")) };
  }
  const { store, bot } = botInDatabase(path);
  try {
    const reader = store.openReader(bot, { archives: true });
    reader.onClose(() => void store.close());
    return { reader, head: reader.head() };
  } catch (error) {
    void store.close();
    throw error;
  }
}

/** The folder of a journal given as folder or file. */
export function folderOf(path: string): string {
  refuseDatabase(path);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new CommandError(3, `there is no journal at ${path}: give the folder of a bot, such as data/bots/NAME`);
  return stat.isDirectory() ? path : basename(path) === "journal.db" ? dirname(path) : path;
}

/** For commands on files. Errors: CommandError 2 for a journal in a database. */
export function refuseDatabase(path: string): void {
  if (!isDatabase(path)) return;
  throw usageError(
    `${path} is in a database, and this command is for folders. A database is backed up with PostgreSQL's own tools ` +
      "(pg_dump, or its archive of the log) and put back with them; then `opensqt journal restore env:NAME` lets the " +
      "bots go on. docs/postgres.md has the commands.",
  );
}
