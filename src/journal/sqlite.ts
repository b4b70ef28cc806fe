// The journal on SQLite (DUR-01…24): one file, one writer, one transaction for each half of a turn. Refuses to start on
// damage and repairs nothing; what failed to be written is not in it.

import { statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { crashPoint } from "../base/crash-point.ts";
import type { EngineEvent } from "../trading/event.ts";
import { type Draft, draftAnchor, draftEffects, draftEvents, draftSeal, holdsCommand, type Tail } from "./chain.ts";
import type { Compactor } from "./compact.ts";
import { fenced, JournalError } from "./errors.ts";
import { type Head, HeadFile, headOf, type LastPosting } from "./head.ts";
import type { JournalLock } from "./lock.ts";
import { checkHead, checkMeta, type OpenOptions } from "./open-options.ts";
import { Pins } from "./pins.ts";
import type { Compacted, ConfigText, Journal, Retention, Snapshot, TurnEffects } from "./port.ts";
import { JOURNAL_FILE, SqliteReader } from "./reader.ts";
import { makeReserve, RESERVE_BYTES } from "./reserve.ts";
import { SNAPSHOTS_KEPT } from "./snapshot-check.ts";
import { sqliteCompactor } from "./sqlite-compact.ts";
import { journalError } from "./sqlite-errors.ts";
import { closeQuietly } from "./sqlite-file.ts";
import { packState, writeMeta } from "./sqlite-rows.ts";
import { SqliteWrites } from "./sqlite-writes.ts";
import { mayPass } from "./write-faults.ts";

/** Pages in the write-ahead log after which it is moved into the database, asked for or not (DUR-29). */
const LOG_PAGES_DUE = 2048;
/** Below this a checkpoint that was asked for is not worth its sync. */
const LOG_PAGES_WORTH = 256;
/** Size of the log that is cut when nobody reads it. It stays below 64 MiB (DUR-29). */
const LOG_BYTES_MAX = 32 * 1024 * 1024;
/** A row without its body, about. */
const ROW_BYTES = 160;

export interface SqliteOptions extends OpenOptions {
  /** Size of the file that is given up when the disk is full; 0 for none. */
  readonly reserveBytes?: number;
}

/** A folder whose lock is held, with its database open and its tables up to date. */
export interface Parts {
  readonly db: DatabaseSync;
  readonly dir: string;
  readonly lock: JournalLock;
  readonly head: Head | null;
  readonly options: SqliteOptions;
}

export class SqliteJournal extends SqliteReader implements Journal {
  private readonly dir: string;
  private readonly path: string;
  private readonly options: SqliteOptions;
  private readonly lock: JournalLock;
  private readonly head: HeadFile;
  private readonly writes: SqliteWrites;
  private readonly pins: Pins;
  private readonly compactor: Compactor;
  private tail: Tail;
  private lastPosting: LastPosting;
  /** After a failure that cannot pass, everything is refused with it (DUR-16). */
  private dead: JournalError | null = null;
  private synced: boolean | null = null;
  private logPages = 0;
  private bytes = 0;

  /** Use openSqliteJournal of `sqlite-open.ts`. */
  constructor({ db, dir, lock, head, options }: Parts) {
    super(db, join(dir, JOURNAL_FILE));
    this.path = join(dir, JOURNAL_FILE);
    this.dir = dir;
    this.lock = lock;
    this.options = options;
    checkMeta(this.meta, options);
    this.tail = this.store.tail(this.meta.genesis);
    this.lastPosting = this.store.lastPosting(this.meta.genesis);
    this.writes = new SqliteWrites(db);
    this.pins = new Pins(this.store.lastPin());
    this.compactor = this.makeCompactor();
    // the chain first: what `head` misses is said of records known to be good
    this.verify(this.newestSnapshot(options.warn)?.position ?? 0);
    this.checkHead(head);
    this.raiseEpoch();
    if (!makeReserve(join(dir, "reserve"), options.reserveBytes ?? RESERVE_BYTES)) {
      options.warn("there is no room for the reserve file: the disk is almost full");
    }
    this.head = new HeadFile(join(dir, "head"));
    this.head.begin(headOf(this.tail, this.lastPosting));
  }

  override get position(): number {
    return this.tail.position;
  }

  override get seq(): number {
    return this.tail.seq;
  }

  override get chainHash(): string {
    return this.tail.hash;
  }

  /** Of records, postings and snapshots this opening has written, about: pages and indexes are not counted (OPS-16). */
  get bytesWritten(): number {
    return this.bytes;
  }

  appendEvents(firstSeq: number, events: readonly EngineEvent[], configs: readonly ConfigText[] = []): void {
    const draft = draftEvents(this.tail, this.meta.epoch, firstSeq, events);
    if (draft.records.length === 0 && configs.length === 0) return;
    const { sync } = this.options;
    this.transact(sync === "all" || (sync === "send" && holdsCommand(events)), () => {
      for (const { hash, text } of configs) this.writes.config(hash, text);
      this.writes.records(draft.records);
    });
    this.advance(draft);
  }

  appendEffects(turn: TurnEffects): void {
    const draft = draftEffects(this.tail, this.meta.epoch, turn);
    if (draft.records.length === 0 && turn.postings.length === 0) return;
    const { sync } = this.options;
    let posted = this.lastPosting;
    this.transact(sync === "all" || (sync === "send" && turn.sends), () => {
      this.writes.records(draft.records);
      posted = this.writes.postings(this.lastPosting, turn.postings, draft.tail.position);
    });
    this.lastPosting = posted;
    this.bytes += turn.postings.length * ROW_BYTES;
    this.advance(draft);
    if (turn.sends) this.writeHead();
  }

  writeSnapshot(snapshot: Snapshot): void {
    crashPoint("snapshot.before-write");
    const packed = packState(snapshot.state);
    const here = { position: snapshot.position, atMs: this.tail.atMs };
    const pinned = this.pins.due(here);
    this.transact(this.options.sync === "all", () => {
      this.writes.snapshot(snapshot, packed, pinned);
      crashPoint("snapshot.half-written");
      this.writes.forgetSnapshots(SNAPSHOTS_KEPT);
    });
    if (pinned) this.pins.pinned(here);
    this.logPages += packed.length >> 12;
    this.bytes += packed.length;
    crashPoint("snapshot.after-write");
  }

  checkpoint(): void {
    if (this.dead !== null) throw this.dead;
    if (this.logPages >= LOG_PAGES_WORTH) this.moveLog();
  }

  compact(retention: Retention, nowMs: number): Compacted {
    if (this.dead !== null) throw this.dead;
    return this.compactor.slice(retention, nowMs);
  }

  seal(atMs: number): void {
    const draft = draftSeal(this.tail, this.meta.epoch, atMs);
    this.transact(true, () => this.writes.records(draft.records));
    this.advance(draft);
    this.writeHead();
    this.moveLog();
  }

  override close(): void {
    if (!this.db.isOpen) return;
    this.compactor.abandon();
    this.head.close();
    closeQuietly(this.db);
    this.lock.release();
    this.dead ??= new JournalError("FENCED", "FENCED: the journal is closed");
  }

  /**
   * One transaction, all or nothing; the epoch is checked in it (DUR-55). `full`: the disk is forced before it returns.
   */
  private transact(full: boolean, work: () => void): void {
    if (this.dead !== null) throw this.dead;
    if (this.logPages >= LOG_PAGES_DUE) this.moveLog();
    try {
      this.forceDisk(full);
      this.writes.begin();
      this.refuseStaleEpoch();
      work();
      this.writes.commit();
    } catch (error) {
      throw this.refused(error);
    }
  }

  private advance(draft: Draft): void {
    this.tail = draft.tail;
    this.logPages += 3 + (draft.records.length >> 3);
    for (const { body } of draft.records) this.bytes += ROW_BYTES + body.length;
  }

  private makeCompactor(): Compactor {
    const { db, dir, store } = this;
    return sqliteCompactor({
      db,
      dir,
      store,
      meta: () => this.meta,
      transact: (work) => this.transact(this.options.sync === "all", work),
      appendAnchor: (body, work) => {
        const draft = draftAnchor(this.tail, this.meta.epoch, body);
        // forced, so that `head` may name it: what it named before is about to leave
        this.transact(true, () => {
          this.writes.records(draft.records);
          work(draft.tail.position);
        });
        this.advance(draft);
        this.writeHead();
      },
      wrote: (pages) => {
        this.logPages += pages;
      },
    });
  }

  /** Under NORMAL a commit survives a kill, under FULL a power cut too. Switched between transactions only (DUR-15). */
  private forceDisk(full: boolean): void {
    if (this.synced === full) return;
    this.db.exec(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    this.synced = full;
  }

  private refuseStaleEpoch(): void {
    const epoch = this.writes.epoch();
    if (epoch !== this.meta.epoch) throw fenced(this.meta.epoch, epoch);
  }

  /**
   * Rolls back and says what happened; a failure that cannot pass ends this handle. The reserve is not given up here:
   * a checkpoint or an archive that has no room stops nobody, and would leave none for the stop.
   */
  private refused(error: unknown): unknown {
    const said = journalError(error, { path: this.path, goodTo: this.tail.position });
    try {
      if (this.db.isTransaction) this.writes.rollback();
    } catch (cause) {
      this.dead = new JournalError("CANNOT_WRITE", `CANNOT_WRITE ${this.path}: rolling back failed.`, {
        disk: "failed",
        cause,
      });
    }
    if (!(said instanceof JournalError)) return said;
    const { disk } = said.facts;
    const passes = said.code === "DUPLICATE" || (disk !== undefined && mayPass(disk));
    if (!passes) this.dead ??= said;
    return said;
  }

  private moveLog(): void {
    this.logPages = 0;
    try {
      this.db.exec("PRAGMA wal_checkpoint(PASSIVE)");
      crashPoint("checkpoint.middle");
      const log = statSync(`${this.path}-wal`, { throwIfNoEntry: false });
      if (log === undefined || log.size < LOG_BYTES_MAX) return;
      // a reader in the way is not waited for: the next time will do
      this.db.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 1000");
    } catch (error) {
      const said = this.refused(error);
      if (this.dead !== null || !(said instanceof JournalError)) throw said;
      this.options.warn(`the write-ahead log stays as it is for now: ${said.message}`);
    }
  }

  private writeHead(): void {
    try {
      this.head.write(headOf(this.tail, this.lastPosting));
    } catch (error) {
      // B is committed and counts; `head` only tells less than it could
      this.options.warn(`head was not written: ${String(error)}`);
    }
  }

  private checkHead(head: Head | null): void {
    const { tail, oldest, meta } = this;
    // archived since: nothing is left to compare
    const isThere = head !== null && head.position >= oldest;
    if (isThere) checkHead(head, tail.position, (at) => (at === 0 ? meta.genesis : this.store.hashAt(at)));
    if (head !== null) this.checkPostings(head, tail.position);
    else if (tail.position > 0) {
      this.options.warn("the file `head` is missing or damaged: a shortened journal would not be noticed");
    }
  }

  /** Synced, with everything before it: what `head` is about to say is on the disk. */
  private raiseEpoch(): void {
    const next = { ...this.meta, epoch: this.meta.epoch + 1 };
    this.transact(true, () => writeMeta(this.db, next));
    this.meta = next;
    this.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}
