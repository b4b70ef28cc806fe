// What `opensqt journal compact`, `restore` and `adopt` do where the journals are in a database. The leases say that
// nobody runs them.

import { hostname } from "node:os";
import type { Holder } from "../../journal/open-options.ts";
import type { Journal } from "../../journal/port.ts";
import { adoptInDatabase, type Raised, raiseRestored } from "../../journal/postgres/put-right.ts";
import { PostgresStore } from "../../journal/postgres/store.ts";
import { CommandError, note, usageError } from "./output.ts";

const PLACE = /^env:([A-Za-z_][A-Za-z0-9_]*)\/(?:([a-z_][a-z0-9_]{0,62})\/)?([a-z0-9][a-z0-9-]{0,31})$/;

export interface InDatabase {
  readonly store: PostgresStore;
  readonly bot: string;
}

/** True for what stands for a database rather than a folder. */
export const isDatabase = (path: string): boolean => path.startsWith("env:");

/** `env:NAME/BOT` or `env:NAME/SCHEMA/BOT`. Whoever asked closes the store. Errors: CommandError 2 and 3. */
export function botInDatabase(path: string): InDatabase {
  const [, name = "", schema, bot = ""] = PLACE.exec(path) ?? [];
  if (bot === "")
    throw usageError(`${path} is not allowed; give env:NAME/BOT, the variable that holds the URL and the bot`);
  return { store: storeOf(name, schema), bot };
}

const STORE = /^env:([A-Za-z_][A-Za-z0-9_]*)(?:\/([a-z_][a-z0-9_]{0,62}))?$/;

/** `env:NAME` or `env:NAME/SCHEMA`. Errors: as {@link botInDatabase}. */
export function databaseAt(path: string): PostgresStore {
  const [, name = "", schema] = STORE.exec(path) ?? [];
  if (name === "") throw usageError(`${path} is not allowed; give env:NAME, the variable that holds the URL`);
  return storeOf(name, schema);
}

function storeOf(name: string, schema: string | undefined): PostgresStore {
  const url = process.env[name] ?? "";
  if (url === "") throw new CommandError(3, `the variable ${name} is not set: it holds the URL of the database`);
  return new PostgresStore({ url, name: "opensqt command", ...(schema === undefined ? {} : { schema }) });
}

const holder = (): Holder => ({ host: hostname(), pid: process.pid, sinceMs: Date.now() });

/** The bot's journal, opened to be written; the store ends with it. Errors: LOCK_HELD while the bot runs, JOURNAL_*. */
export async function withJournal(path: string, work: (journal: Journal) => void): Promise<void> {
  const { store, bot } = botInDatabase(path);
  try {
    const { tag } = store.openReader(bot).meta; // one that is not there is not made
    const journal = store.openJournal({ bot, tag, sync: "all", holder: holder(), warn: note });
    try {
      work(journal);
    } finally {
      journal.close();
    }
  } finally {
    await store.close();
  }
}

export async function restoredDatabase(path: string, lineageMin: number): Promise<readonly Raised[]> {
  const store = databaseAt(path);
  try {
    return raiseRestored(store, holder(), lineageMin);
  } finally {
    await store.close();
  }
}

export interface Adopting {
  readonly bot: string | undefined;
  readonly tag: string | undefined;
  readonly lineageMin: number;
}

/** Errors: CommandError 2 where the tag is neither given nor to be read. */
export async function adoptedInDatabase(path: string, given: Adopting) {
  const { store, bot } = botInDatabase(path);
  try {
    if (given.bot !== undefined && given.bot !== bot) throw usageError(`--bot ${given.bot} is not the bot of ${path}`);
    const tag = given.tag ?? store.tagOf(bot);
    if (tag === null) throw usageError(`${path} does not say whose it is: give --tag, as the configuration has it`);
    if (!/^[0-9a-z]{6}$/.test(tag)) throw usageError(`--tag ${tag} is not allowed; give six of 0-9 and a-z`);
    return { bot, tag, ...adoptInDatabase(store, { bot, tag, lineageMin: given.lineageMin }, holder()) };
  } finally {
    await store.close();
  }
}
