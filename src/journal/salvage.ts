// `opensqt journal salvage`: all good records of a damaged journal into a new one, whose lineage is one higher, so that
// no client order id is ever used for two orders (DUR-27, DUR-42). The damaged one is left as it is.

import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { ARCHIVE_FOLDER } from "./archive.ts";
import { ArchiveWrites } from "./archive-table.ts";
import { ChainChecker } from "./chain.ts";
import { JournalError } from "./errors.ts";
import { HeadFile, readHead } from "./head.ts";
import { JournalLock } from "./lock.ts";
import type { Holder } from "./open-options.ts";
import type { JournalMeta } from "./port.ts";
import { JOURNAL_FILE, openJournalReader, type SqliteReader } from "./reader.ts";
import { journalError } from "./sqlite-errors.ts";
import { closeQuietly, openForWriting } from "./sqlite-file.ts";
import {
  insertInto,
  POSTING_COLUMNS,
  packState,
  postingCells,
  postingHash,
  RECORD_COLUMNS,
  recordCells,
  SNAPSHOT_COLUMNS,
  writeMeta,
} from "./sqlite-rows.ts";
import { makeTables } from "./sqlite-schema.ts";
import { damageOf } from "./verify.ts";

export interface Salvaged {
  readonly meta: JournalMeta;
  /** Records 1 to `goodTo` were copied. */
  readonly goodTo: number;
  /** Newest event among them. */
  readonly seq: number;
  /** Records known to have been written and not copied. */
  readonly lost: number;
  /** What the copying stopped at, or null when everything was good. */
  readonly damage: JournalError | null;
}

/**
 * Copies what is good in `from` to the new folder `to`. No bot may hold `from`. The new journal goes on where the good
 * records end; what came after them is found on the exchange by recovery.
 * Errors: LOCK_HELD, JOURNAL_EXISTS, CANNOT_WRITE, and what makes `from` unreadable altogether.
 */
export function salvageJournal(from: string, to: string, holder: Holder): Salvaged {
  const path = join(to, JOURNAL_FILE);
  if (existsSync(path) || existsSync(join(to, "head"))) {
    throw new JournalError("JOURNAL_EXISTS", `JOURNAL_EXISTS: there is a journal in ${to} already. Name a new folder.`);
  }
  const reader = openJournalReader(from);
  const locks: JournalLock[] = [];
  let db: DatabaseSync | null = null;
  try {
    for (const dir of [from, to]) locks.push(new JournalLock(dir, reader.meta.bot, holder));
    if (existsSync(join(from, ARCHIVE_FOLDER))) {
      cpSync(join(from, ARCHIVE_FOLDER), join(to, ARCHIVE_FOLDER), { recursive: true });
    }
    db = openForWriting(path);
    const salvaged = copy(reader, db);
    const known = readHead(join(from, "head"))?.position ?? 0;
    const head = new HeadFile(join(to, "head"));
    head.write({ position: salvaged.goodTo, hash: salvaged.hash });
    head.close();
    const last = Math.max(known, salvaged.lastPosition, salvaged.goodTo);
    const { meta, goodTo, seq, damage } = salvaged;
    return { meta, goodTo, seq, damage, lost: last - goodTo };
  } catch (error) {
    throw journalError(error, { path, goodTo: 0 });
  } finally {
    closeQuietly(db);
    reader.close();
    for (const lock of locks) lock.release();
  }
}

interface Copied extends Omit<Salvaged, "lost"> {
  readonly hash: string;
  readonly lastPosition: number;
}

/** Everything in one transaction: a salvage that is killed leaves nothing that looks like a journal. */
function copy(reader: SqliteReader, db: DatabaseSync): Copied {
  const meta = { ...reader.meta, lineage: reader.meta.lineage + 1 };
  const checker = new ChainChecker(reader.start);
  let damage: JournalError | null = null;
  let seq = reader.archives().rows.at(-1)?.seq ?? 0;
  makeTables(db, () => {
    writeMeta(db, meta);
    const insert = db.prepare(insertInto("record", RECORD_COLUMNS));
    damage = damageOf(() => {
      for (const record of reader.records(0)) {
        checker.check(record);
        insert.run(...recordCells(record));
        if (record.type === "event") seq = record.seq;
      }
    });
    const postings = copyPostings(reader, db, checker.goodTo);
    damage ??= postings;
    copyRest(reader, db, checker.goodTo);
    copyArchived(reader, db);
  });
  let lastPosition = 0;
  damageOf(() => {
    lastPosition = reader.position;
  });
  return { meta, goodTo: checker.goodTo, hash: checker.hash, seq, damage, lastPosition };
}

/** Postings of whole turns only: one that was cut is booked again by recovery. */
function copyPostings(reader: SqliteReader, db: DatabaseSync, goodTo: number): JournalError | null {
  const insert = db.prepare(insertInto("posting", POSTING_COLUMNS));
  let previous = reader.meta.genesis;
  return damageOf(() => {
    for (const row of reader.postingRows()) {
      if (row.position > goodTo || row.hash !== postingHash(previous, row)) return;
      insert.run(...postingCells(row));
      previous = row.hash;
    }
  });
}

/** What the journal says of its archives; the files are copied beside it. */
function copyArchived(reader: SqliteReader, db: DatabaseSync): void {
  const writes = new ArchiveWrites(db);
  const { rows, kept } = reader.archives();
  for (const row of rows) writes.archive(row);
  for (const record of kept) writes.kept(record);
}

function copyRest(reader: SqliteReader, db: DatabaseSync, goodTo: number): void {
  const snapshot = db.prepare(insertInto("snapshot", SNAPSHOT_COLUMNS));
  const config = db.prepare(insertInto("config", "hash, text"));
  damageOf(() => {
    for (const s of reader.snapshots()) {
      if (s.position > goodTo) continue;
      snapshot.run(s.position, s.version, s.seq, s.chainHash, s.stateHash, packState(s.state));
    }
    for (const { hash, text } of reader.configs()) config.run(hash, text);
  });
}
