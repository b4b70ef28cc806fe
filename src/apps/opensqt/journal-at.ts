// The journal a person names: a bot's folder, its file, or `env:NAME/BOT` (`env:NAME/SCHEMA/BOT`) of a database whose
// URL is in the variable NAME, since a URL holds a password and a command line is seen by others.

import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Head } from "../../journal/head.ts";
import { readHead } from "../../journal/head.ts";
import { PostgresStore } from "../../journal/postgres/store.ts";
import { openJournalReader } from "../../journal/reader.ts";
import type { StoredReader } from "../../journal/store.ts";
import { CommandError, usageError } from "./output.ts";

const IN_DATABASE = /^env:([A-Za-z_][A-Za-z0-9_]*)\/(?:([a-z_][a-z0-9_]{0,62})\/)?([a-z0-9][a-z0-9-]{0,31})$/;

/** What can be asked of a journal wherever it lies. */
export interface NamedReader extends StoredReader {
  readonly start: { readonly position: number; readonly hash: string };
  checkPages(): void;
}

/** Opens it to be read. Whoever opens it closes it. Errors: JournalError, CommandError 3 and 2. */
export function openReaderAt(path: string): { readonly reader: NamedReader; readonly head: Head | null } {
  if (!path.startsWith("env:")) {
    const folder = folderOf(path);
    return { reader: openJournalReader(folder, { archives: true }), head: readHead(join(folder, "head")) };
  }
  const [, name = "", schema, bot = ""] = IN_DATABASE.exec(path) ?? [];
  if (bot === "")
    throw usageError(`${path} is not allowed; give env:NAME/BOT, the variable that holds the URL and the bot`);
  const url = process.env[name] ?? "";
  if (url === "") throw new CommandError(3, `the variable ${name} is not set: it holds the URL of the database`);
  const store = new PostgresStore({ url, name: "opensqt command", ...(schema === undefined ? {} : { schema }) });
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
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new CommandError(3, `there is no journal at ${path}: give the folder of a bot, such as data/bots/NAME`);
  return stat.isDirectory() ? path : basename(path) === "journal.db" ? dirname(path) : path;
}
