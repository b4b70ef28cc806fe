// `opensqt journal salvage`: all good records of a damaged journal into a new one, whose lineage is one higher, so that
// no client order id is ever used for two orders (DUR-27, DUR-42). The damaged one is left as it is.

import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { ARCHIVE_FOLDER } from "./archive.ts";
import { ArchiveWrites } from "./archive-table.ts";
import { ChainChecker, draftAnchor, emptyTail, type Tail } from "./chain.ts";
import { JournalError } from "./errors.ts";
import { type Head, HeadFile, headOf, type LastPosting, readHead } from "./head.ts";
import { anchorBody } from "./kept.ts";
import { JournalLock } from "./lock.ts";
import { assertEmpty, emptyAgain } from "./new-folder.ts";
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
  assertEmpty(to);
  const reader = openJournalReader(from);
  const locks: JournalLock[] = [];
  let db: DatabaseSync | null = null;
  let salvagedAll = false;
  try {
    for (const dir of [from, to]) locks.push(new JournalLock(dir, reader.meta.bot, holder));
    if (existsSync(join(from, ARCHIVE_FOLDER))) {
      cpSync(join(from, ARCHIVE_FOLDER), join(to, ARCHIVE_FOLDER), { recursive: true });
    }
    db = openForWriting(path);
    const known = readHead(join(from, "head"));
    const salvaged = copy(reader, db, known);
    const head = new HeadFile(join(to, "head"));
    head.write(salvaged.end);
    head.close();
    const last = Math.max(known?.position ?? 0, salvaged.lastPosition, salvaged.goodTo);
    const { meta, goodTo, seq, damage } = salvaged;
    salvagedAll = true;
    return { meta, goodTo, seq, damage, lost: last - goodTo };
  } catch (error) {
    throw locks.length === 0 ? unlocked(error, from) : journalError(error, { path, goodTo: 0 });
  } finally {
    closeQuietly(db);
    reader.close();
    for (const lock of locks) lock.release();
    if (!salvagedAll && locks.length === 2) emptyAgain(to);
  }
}

/** A failing disk is often mounted read-only by its system: then nobody can lock there, and a copy has to do. */
function unlocked(error: unknown, from: string): unknown {
  if (!(error instanceof JournalError) || error.facts.disk !== "read-only") return error;
  const todo = "Make sure that no bot runs there, copy the folder to another disk, and salvage the copy.";
  return new JournalError("CANNOT_WRITE", `CANNOT_WRITE ${from}: it may not be written, so not be locked. ${todo}`);
}

interface Copied extends Omit<Salvaged, "lost"> {
  /** Where the new journal ends. */
  readonly end: Head;
  readonly lastPosition: number;
}

/** Everything in one transaction: a salvage that is killed leaves nothing that looks like a journal. */
function copy(reader: SqliteReader, db: DatabaseSync, known: Head | null): Copied {
  const meta = { ...reader.meta, lineage: reader.meta.lineage + 1 };
  const checker = new ChainChecker(reader.start);
  let damage: JournalError | null = null;
  let { seq, atMs } = reader.archives().rows.at(-1) ?? { seq: 0, atMs: 0 };
  let end = emptyTail(checker.hash);
  let newest: LastPosting = { id: 0, hash: meta.genesis };
  makeTables(db, () => {
    writeMeta(db, meta);
    const insert = db.prepare(insertInto("record", RECORD_COLUMNS));
    damage = damageOf(() => {
      for (const record of reader.records(0)) {
        checker.check(record);
        insert.run(...recordCells(record));
        if (record.type === "event") ({ seq, atMs } = record);
      }
    });
    const copied = copyPostings(reader, db, { goodTo: checker.goodTo, known });
    newest = copied.newest;
    damage ??= copied.damage;
    copyRest(reader, db, checker.goodTo);
    end = copyArchived(reader, db, { ...end, position: checker.goodTo, hash: checker.hash, seq, atMs });
  });
  let lastPosition = 0;
  damageOf(() => {
    lastPosition = reader.position;
  });
  return { meta, goodTo: checker.goodTo, end: headOf(end, newest), seq, damage, lastPosition };
}

/**
 * Postings of whole turns only: one that was cut is booked again by recovery. Those from the first bad one on are left
 * behind, and it is said so: nothing books them again.
 */
function copyPostings(
  reader: SqliteReader,
  db: DatabaseSync,
  { goodTo, known }: { readonly goodTo: number; readonly known: Head | null },
): { readonly newest: LastPosting; readonly damage: JournalError | null } {
  const insert = db.prepare(insertInto("posting", POSTING_COLUMNS));
  let newest: LastPosting = { id: 0, hash: reader.meta.genesis };
  const damage = damageOf(() => {
    for (const row of reader.postingRows()) {
      if (row.position > goodTo) return;
      if (row.hash !== postingHash(newest.hash, row)) throw badPosting(newest.id + 1);
      insert.run(...postingCells(row));
      newest = { id: row.id, hash: row.hash };
    }
    // all records that `head` saw are there, and not all postings that were written with them
    if (known !== null && known.position <= goodTo && (known.posting ?? 0) > newest.id) throw badPosting(newest.id + 1);
  });
  return { newest, damage };
}

const badPosting = (id: number): JournalError =>
  new JournalError(
    "JOURNAL_CORRUPT",
    `JOURNAL_CORRUPT at posting ${id}: it is gone, or not the line that was written. All good records were copied, ` +
      "and the postings before it; the ledger lines from it on are lost, so profit, fees and funding are told " +
      "without them. The position is the state's, and is compared with the exchange's. A backup with all lines is " +
      "the better way out",
  );

/**
 * What the journal says of its archives; the files are copied beside it. Where the record that says it came after the
 * good ones, the new journal says it again: without its word no archive is believed. Returns where it ends then.
 */
function copyArchived(reader: SqliteReader, db: DatabaseSync, good: Tail): Tail {
  const writes = new ArchiveWrites(db);
  const insert = db.prepare(insertInto("record", RECORD_COLUMNS));
  const { rows, kept } = reader.archives();
  const keptEnd = { count: kept.length, chain: kept.at(-1)?.chain ?? reader.meta.genesis };
  let end = good;
  for (const row of rows) {
    let { anchor } = row;
    if (anchor > good.position) {
      const { from, to, hashBefore, hashAfter } = row;
      const body = anchorBody({ from, to, hashBefore, hashAfter, kept: keptEnd });
      const draft = draftAnchor(end, reader.meta.epoch, body);
      for (const record of draft.records) insert.run(...recordCells(record));
      end = draft.tail;
      anchor = end.position;
    }
    writes.archive({ ...row, anchor });
  }
  for (const record of kept) writes.kept(record);
  return end;
}

function copyRest(reader: SqliteReader, db: DatabaseSync, goodTo: number): void {
  const snapshot = db.prepare(insertInto("snapshot", SNAPSHOT_COLUMNS));
  const config = db.prepare(insertInto("config", "hash, text"));
  damageOf(() => {
    for (const s of reader.snapshots()) {
      if (s.position > goodTo) continue;
      snapshot.run(s.position, s.version, s.seq, s.chainHash, s.stateHash, packState(s.state));
    }
  });
  damageOf(() => {
    for (const { hash, text } of reader.configs()) config.run(hash, text);
  });
}
