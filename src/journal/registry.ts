// The registry of bots (OPS-18): which bots there are, by which configuration, and what the operator wants of each. It
// is the truth; files seed an id once. Every change is on the disk before anybody acts on it, and none is ever removed.
// One process owns it.

import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { fail, ok, type Result } from "../base/result.ts";
import { JournalError } from "./errors.ts";
import { JournalLock } from "./lock.ts";
import type { Holder } from "./open-options.ts";
import {
  addChange,
  type BotRecord,
  type ChangeLog,
  damagedRegistry,
  makeRegistry,
  type RegistryAct,
  type RegistryCaller,
  readChanges,
  type WantedPause,
  type WantedState,
} from "./registry-rows.ts";
import { journalError } from "./sqlite-errors.ts";
import { closeQuietly, openForReading, openForWriting } from "./sqlite-file.ts";
import { cannotWrite } from "./write-faults.ts";

export type { BotRecord, RegistryAct, RegistryCaller, WantedPause, WantedState } from "./registry-rows.ts";

/** Folder below the store folder, and the database in it. */
export const REGISTRY_FOLDER = "registry";
export const REGISTRY_FILE = "registry.db";

/** Why a change was not taken; nothing was written. */
export interface RegistryRefusal {
  readonly code: "EXISTS" | "TAG_TAKEN" | "UNKNOWN_BOT" | "STALE_REVISION";
  readonly text: string;
}

/** What a bot is made of. */
export type BotDefinition = Pick<BotRecord, "id" | "tag" | "strategy" | "instruments" | "config">;

/** Who, and when by the wall clock. */
export interface Stamp extends RegistryCaller {
  readonly atMs: number;
}

type Taken = Result<BotRecord, RegistryRefusal>;

export class Registry {
  private readonly log: ChangeLog;
  private readonly changes: BotRecord[];
  private readonly newest = new Map<string, BotRecord>();
  private hash: string;

  /** Use {@link openRegistry}, or the store's. */
  constructor(log: ChangeLog) {
    this.log = log;
    const { records, hash } = log.read();
    this.changes = records;
    this.hash = hash;
    for (const record of records) this.newest.set(record.id, record);
  }

  /** Every bot that is not deleted, in the order of their ids. */
  bots(): readonly BotRecord[] {
    const live = [...this.newest.values()].filter(({ wanted }) => wanted !== "deleted");
    return live.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The bot as it was last decided, a deleted one too; null for an id that was never there. */
  get(id: string): BotRecord | null {
    return this.newest.get(id) ?? null;
  }

  /** Every change of one bot, or of all, oldest first. */
  history(id?: string): readonly BotRecord[] {
    return id === undefined ? this.changes : this.changes.filter((record) => record.id === id);
  }

  /**
   * A new bot, or one that was deleted and comes back to its own journal. Its revision is 1, or one more than it had.
   * Errors: EXISTS, TAG_TAKEN; JournalError when it cannot be written.
   */
  create(bot: BotDefinition, act: "seed" | "create", stamp: Stamp): Taken {
    const before = this.newest.get(bot.id);
    if (before !== undefined && (act === "seed" || before.wanted !== "deleted")) {
      return refuse("EXISTS", `there is a bot ${bot.id} already`);
    }
    const owner = [...this.newest.values()].find(({ id, tag }) => tag === bot.tag && id !== bot.id);
    if (owner !== undefined) {
      const text = `tag ${bot.tag} is that of bot ${owner.id}: order ids begin with it, so give ${bot.id} another one`;
      return refuse("TAG_TAKEN", text);
    }
    const revision = (before?.revision ?? 0) + 1;
    const wanted = act === "seed" ? "running" : "created";
    return ok(this.append({ ...definitionOf(bot), ...stampOf(stamp), act, revision, wanted, pause: null }));
  }

  /** A new configuration. Errors: UNKNOWN_BOT, STALE_REVISION; JournalError. */
  update(bot: BotDefinition, expected: number, stamp: Stamp, act: "update" | "revert" = "update"): Taken {
    const before = this.live(bot.id);
    if (before === null) return unknown(bot.id);
    if (before.revision !== expected) {
      const text = `${bot.id} is at revision ${before.revision}, not ${expected}: it was changed meanwhile; look again`;
      return refuse("STALE_REVISION", text);
    }
    const { wanted, pause } = before;
    const revision = before.revision + 1;
    return ok(this.append({ ...definitionOf(bot), ...stampOf(stamp), act, revision, wanted, pause }));
  }

  /** What the operator wants of a bot from now on. Errors: UNKNOWN_BOT; JournalError. */
  want(
    id: string,
    to: { readonly act: RegistryAct; readonly wanted: WantedState; readonly pause?: WantedPause },
    stamp: Stamp,
  ): Taken {
    const before = this.live(id);
    if (before === null) return unknown(id);
    const { act, wanted, pause = null } = to;
    const { revision } = before;
    return ok(this.append({ ...definitionOf(before), ...stampOf(stamp), act, revision, wanted, pause }));
  }

  /** Null while this process owns the bots; else why not any more: then it ends. */
  lost(): string | null {
    return this.log.lost();
  }

  /** A second call does nothing: the folder may be somebody else's by then. */
  close(): void {
    this.log.close();
  }

  private live(id: string): BotRecord | null {
    const record = this.newest.get(id);
    return record === undefined || record.wanted === "deleted" ? null : record;
  }

  private append(given: Omit<BotRecord, "change">): BotRecord {
    const record: BotRecord = { change: this.changes.length + 1, ...given };
    this.hash = this.log.add(record, this.hash);
    this.changes.push(record);
    this.newest.set(record.id, record);
    return record;
  }
}

/** The file below a store folder, owned. */
class SqliteChanges implements ChangeLog {
  readonly where: string;
  private readonly db: DatabaseSync;
  private readonly lock: JournalLock;

  constructor(db: DatabaseSync, lock: JournalLock, path: string) {
    this.db = db;
    this.lock = lock;
    this.where = path;
  }

  read(): ReturnType<ChangeLog["read"]> {
    return readChanges(this.db, this.where);
  }

  add(record: BotRecord, lastHash: string): string {
    try {
      return addChange(this.db, record, lastHash);
    } catch (error) {
      const known = journalError(error, { path: this.where, goodTo: record.change - 1 });
      throw known instanceof JournalError ? known : cannotWrite("failed", this.where, error);
    }
  }

  /** The kernel keeps the lock as long as the process lives. */
  lost(): string | null {
    return null;
  }

  close(): void {
    if (!this.db.isOpen) return;
    closeQuietly(this.db);
    this.lock.release();
  }
}

/**
 * Opens the registry below a store folder as its only owner, or makes a new one. Errors: LOCK_HELD, UNSUPPORTED_DISK,
 * JOURNAL_CORRUPT, CANNOT_WRITE.
 */
export function openRegistry(storeFolder: string, holder: Holder): Registry {
  const folder = join(storeFolder, REGISTRY_FOLDER);
  const path = join(folder, REGISTRY_FILE);
  const lock = new JournalLock(folder, "registry", holder);
  let db: DatabaseSync | null = null;
  try {
    db = openForWriting(path);
    // rare and decisive: every change is synced before it is answered
    db.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 100");
    makeRegistry(db);
    return new Registry(new SqliteChanges(db, lock, path));
  } catch (error) {
    closeQuietly(db);
    lock.release();
    const known = journalError(error, { path, goodTo: 0 });
    // what the file itself is said to be speaks of a journal's position, what the rows are said to be does not
    const isFile = known instanceof JournalError && known.code === "JOURNAL_CORRUPT" && "position" in known.facts;
    throw isFile ? damagedRegistry(`${path} is no registry of ours`, error) : known;
  }
}

/** Every change as it stands, beside its owner (`config diff`). Errors: JOURNAL_MISSING, JOURNAL_CORRUPT. */
export function readRegistry(storeFolder: string): readonly BotRecord[] {
  const path = join(storeFolder, REGISTRY_FOLDER, REGISTRY_FILE);
  const db = openForReading(path);
  try {
    return readChanges(db, path).records;
  } finally {
    db.close();
  }
}

const refuse = (code: RegistryRefusal["code"], text: string): Taken => fail({ code, text });
const unknown = (id: string): Taken => refuse("UNKNOWN_BOT", `there is no bot ${id}`);

const definitionOf = ({ id, tag, strategy, instruments, config }: BotDefinition): BotDefinition => ({
  id,
  tag,
  strategy,
  instruments,
  config,
});
const stampOf = ({ by, reason, requestId, address, atMs }: Stamp): Stamp => ({ by, reason, requestId, address, atMs });
