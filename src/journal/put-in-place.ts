// Putting another journal in the place of a bot's (restore, adopt): the old files are kept aside, and a kill in the
// middle leaves a folder that no bot starts from, where the same command can be given again.

import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { DIRECT_LINEAGE } from "../trading/client-order-id.ts";
import { ARCHIVE_FOLDER } from "./archive.ts";
import { JournalError } from "./errors.ts";
import { type Head, HeadFile } from "./head.ts";
import { JournalLock } from "./lock.ts";
import type { Holder } from "./open-options.ts";
import type { JournalMeta } from "./port.ts";
import { JOURNAL_FILE, openJournalReader } from "./reader.ts";
import { NEW_FILE } from "./sqlite-open.ts";

/** Largest lineage an order id has room for (DUR-39), beside that of orders without a journal. */
export const LINEAGE_MAX = DIRECT_LINEAGE - 1;
const ASIDE = "before-";
/** Moved aside, in this order; `head` is copied, and replaced when all the rest is done. */
const MOVED = [`${JOURNAL_FILE}-shm`, `${JOURNAL_FILE}-wal`, ARCHIVE_FOLDER, JOURNAL_FILE];

export interface PutInPlace {
  readonly lineage: number;
  /** Folder that holds what was there before; null where nothing was. */
  readonly aside: string | null;
}

/** What goes into the place. */
export interface Replacement {
  readonly bot: string;
  readonly why: "restore" | "adopt";
  readonly holder: Holder;
  /** At least so high, besides one more than any journal of the folder has. */
  readonly lineageMin: number;
  /** Folder of a journal whose archives go with it. */
  readonly archivesFrom: string | null;
  /** Makes the file at `path`, whole and on the disk; where it ends. */
  readonly make: (path: string, next: Generation) => Head;
}

/** What no later writer may fall below: ids carry the lineage, the connector refuses an older epoch (DUR-53). */
export interface Generation {
  readonly lineage: number;
  readonly epoch: number;
}

/** Added to the epoch where the journal that was here is gone or cannot be read: more starts than it can have had. */
export const UNREAD_EPOCHS = 1_000_000;

/** Errors: LOCK_HELD while a bot runs there, CANNOT_WRITE, those of `make`. */
export function putInPlace(dir: string, what: Replacement): PutInPlace {
  const lock = new JournalLock(dir, what.bot, what.holder);
  try {
    const newest = newestOf(dir);
    const lineage = Math.max(what.lineageMin, newest.lineage + 1);
    if (lineage > LINEAGE_MAX) {
      const text = `JOURNAL_FOREIGN: lineage ${lineage} does not fit an order id. Use a new bot with another tag.`;
      throw new JournalError("JOURNAL_FOREIGN", text);
    }
    const made = join(dir, NEW_FILE);
    for (const end of ["", "-wal", "-shm"]) rmSync(`${made}${end}`, { force: true });
    const head = what.make(made, { lineage, epoch: newest.epoch });
    force(made);
    const aside = moveAside(dir, what);
    if (what.archivesFrom !== null && existsSync(join(what.archivesFrom, ARCHIVE_FOLDER))) {
      cpSync(join(what.archivesFrom, ARCHIVE_FOLDER), join(dir, ARCHIVE_FOLDER), { recursive: true });
    }
    renameSync(made, join(dir, JOURNAL_FILE));
    // last: until then the old one says that this journal is not what it saw
    replaceHead(dir, head);
    force(dir);
    return { lineage, aside };
  } finally {
    lock.release();
  }
}

/** Highest of the journals in the folder, those that were put aside too. */
function newestOf(dir: string): Generation {
  const folders = [dir];
  for (const name of readdirSync(dir)) if (name.startsWith(ASIDE)) folders.push(join(dir, name));
  let [lineage, epoch] = [0, 0];
  // the connector remembers how often it was started, and would refuse a lower number as that of a run that is over
  let unread = existsSync(join(dir, JOURNAL_FILE)) ? 0 : UNREAD_EPOCHS;
  for (const folder of folders) {
    if (!existsSync(join(folder, JOURNAL_FILE))) continue;
    const owner = ownerOf(folder);
    if (owner === null) unread = UNREAD_EPOCHS;
    lineage = Math.max(lineage, owner?.lineage ?? 0);
    epoch = Math.max(epoch, owner?.epoch ?? 0);
  }
  return { lineage, epoch: epoch + unread };
}

/** Whose journal lies in a folder; null where none does, or none that can be read: then the exchange tells (DUR-25). */
export function ownerOf(dir: string): JournalMeta | null {
  try {
    const reader = openJournalReader(dir);
    const { meta } = reader;
    reader.close();
    return meta;
  } catch (error) {
    if (error instanceof JournalError) return null;
    throw error;
  }
}

function moveAside(dir: string, { why, holder }: Replacement): string | null {
  const there = MOVED.filter((name) => existsSync(join(dir, name)));
  if (there.length === 0) return null;
  const stem = `${ASIDE}${why}-${holder.sinceMs}`;
  let name = stem;
  for (let n = 2; existsSync(join(dir, name)); n += 1) name = `${stem}-${n}`;
  const aside = join(dir, name);
  mkdirSync(aside);
  if (existsSync(join(dir, "head"))) copyFileSync(join(dir, "head"), join(aside, "head"));
  for (const each of there) renameSync(join(dir, each), join(aside, each));
  return aside;
}

function replaceHead(dir: string, head: Head): void {
  const path = join(dir, "head");
  rmSync(`${path}.new`, { force: true });
  const file = new HeadFile(`${path}.new`);
  file.write(head);
  file.close();
  renameSync(`${path}.new`, path);
}

/** A file's bytes, or a folder's names, are on the disk. */
function force(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}
