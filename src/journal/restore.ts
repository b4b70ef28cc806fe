// `opensqt journal restore` and `adopt`: a bot's folder is given another beginning, a backup or none at all. The
// lineage rises, so no id is ever used for two orders (DUR-42); what happened since is found on the exchange.

import { randomUUID } from "node:crypto";
import { copyFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { genesisOf } from "./chain.ts";
import { JournalError } from "./errors.ts";
import { type Head, headOf } from "./head.ts";
import { checkMeta, FIRST_LINEAGE, type Holder, JOURNAL_FORMAT } from "./open-options.ts";
import type { JournalMeta } from "./port.ts";
import { type Generation, ownerOf, type PutInPlace, putInPlace } from "./put-in-place.ts";
import { JOURNAL_FILE, openJournalReader } from "./reader.ts";
import { closeQuietly, openForWriting } from "./sqlite-file.ts";
import { writeMeta } from "./sqlite-rows.ts";
import { makeTables } from "./sqlite-schema.ts";
import { verifyJournal } from "./verify.ts";

export interface Restored extends PutInPlace {
  readonly position: number;
  readonly seq: number;
}

/**
 * Puts the backup in the place of the journal in `dir`, which no bot may hold. Errors: what is wrong with the backup,
 * JOURNAL_FOREIGN for that of another bot, LOCK_HELD, CANNOT_WRITE.
 */
export function restoreJournal(backup: string, dir: string, holder: Holder, lineageMin = FIRST_LINEAGE): Restored {
  if (resolve(backup) === resolve(dir)) {
    throw new JournalError("JOURNAL_EXISTS", `JOURNAL_EXISTS: ${dir} is the backup itself. Name the bot's folder.`);
  }
  refuseLog(backup);
  const { damage } = verifyJournal(backup);
  if (damage !== null) throw damage;
  const reader = openJournalReader(backup);
  const { meta, position, seq, chainHash, newestPosting } = reader;
  reader.close();
  refuseOther(dir, meta);
  const place = putInPlace(dir, {
    bot: meta.bot,
    why: "restore",
    holder,
    lineageMin: Math.max(lineageMin, meta.lineage + 1),
    archivesFrom: backup,
    make: (path, { lineage, epoch }) => {
      copyFileSync(join(backup, JOURNAL_FILE), path);
      writeOwner(path, { ...meta, lineage, epoch: Math.max(meta.epoch, epoch) });
      return headOf({ position, hash: chainHash }, newestPosting);
    },
  });
  return { ...place, position, seq };
}

export interface Adoption {
  readonly bot: string;
  readonly tag: string;
  /** At least so high; needed where no old journal can be read and orders of one are on the exchange. */
  readonly lineageMin: number;
}

/** An empty journal for a bot that goes on from what the exchange shows. Errors: LOCK_HELD, CANNOT_WRITE. */
export function adoptJournal(dir: string, { bot, tag, lineageMin }: Adoption, holder: Holder): PutInPlace {
  const make = (path: string, next: Generation): Head => {
    const owner = { format: JOURNAL_FORMAT, journalId: randomUUID(), bot, tag };
    const genesis = genesisOf(owner);
    const db = openForWriting(path);
    try {
      makeTables(db, () => writeMeta(db, { ...owner, ...next, genesis }));
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      closeQuietly(db);
    }
    return { position: 0, hash: genesis };
  };
  // above the first: that is how the bot knows that others of its orders may be there
  return putInPlace(dir, {
    bot,
    why: "adopt",
    holder,
    lineageMin: Math.max(lineageMin, FIRST_LINEAGE + 1),
    archivesFrom: null,
    make,
  });
}

/** The files of a bot that ran or runs, and no backup: what its log holds would be lost on the way. */
function refuseLog(backup: string): void {
  const log = statSync(join(backup, `${JOURNAL_FILE}-wal`), { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) return;
  throw new JournalError(
    "JOURNAL_EXISTS",
    `JOURNAL_EXISTS: ${backup} is a bot's own folder, with a write-ahead log, and no backup. ` +
      `Make one of it: opensqt journal backup ${backup} TARGET, and restore that.`,
  );
}

function refuseOther(dir: string, meta: JournalMeta): void {
  const owner = ownerOf(dir);
  if (owner !== null) checkMeta(meta, owner);
}

function writeOwner(path: string, meta: JournalMeta): void {
  const db = openForWriting(path);
  try {
    writeMeta(db, meta);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    closeQuietly(db);
  }
}
