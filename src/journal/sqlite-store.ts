// A folder of journals: `registry/` and `bots/ID/` below it, each with its SQLite files and its lock.

import { existsSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../config/make-folder.ts";
import type { Holder } from "./open-options.ts";
import { JOURNAL_FILE, openJournalReader, type SqliteReader } from "./reader.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { releaseReserve } from "./reserve.ts";
import type { SqliteJournal } from "./sqlite.ts";
import { openSqliteJournal } from "./sqlite-open.ts";
import type { JournalStore, StoreOptions } from "./store.ts";
import type { JournalAddress } from "./verify-beside.ts";

export class SqliteStore implements JournalStore {
  readonly where: string;

  /** `folder`: the store's. Nothing is held. */
  constructor(folder: string) {
    this.where = folder;
  }

  /** A bot's own folder. */
  folderOf(bot: string): string {
    return join(this.where, "bots", bot);
  }

  private get accountFolder(): string {
    return join(this.where, "account");
  }

  isThere(): boolean {
    return true;
  }

  openRegistry(holder: Holder): Registry {
    return openRegistry(this.where, holder);
  }

  openJournal(options: StoreOptions): SqliteJournal {
    const folder = this.folderOf(options.bot);
    makeFolder(folder);
    return openSqliteJournal(folder, options);
  }

  openAccountJournal(options: StoreOptions): SqliteJournal {
    const folder = this.accountFolder;
    makeFolder(folder);
    return openSqliteJournal(folder, options);
  }

  addressOf(bot: string | null): JournalAddress {
    return { kind: "folder", folder: bot === null ? this.accountFolder : this.folderOf(bot) };
  }

  openReader(bot: string): SqliteReader {
    return openJournalReader(this.folderOf(bot));
  }

  hasJournal(bot: string): boolean {
    return existsSync(join(this.folderOf(bot), JOURNAL_FILE));
  }

  flagsFor(bot: string): string {
    return `--journal ${this.folderOf(bot)}`;
  }

  freeBytes(bot: string): number | null {
    const { bavail, bsize } = statfsSync(this.folderOf(bot));
    return bavail * bsize;
  }

  /** With SQLite's log beside it. */
  bytesOf(bot: string): number {
    const file = join(this.folderOf(bot), JOURNAL_FILE);
    return ["", "-wal"].reduce(
      (sum, end) => sum + (statSync(`${file}${end}`, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  freeReserve(bot: string): boolean {
    return releaseReserve(join(this.folderOf(bot), "reserve"));
  }
}
