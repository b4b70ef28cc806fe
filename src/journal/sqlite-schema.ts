// Tables of the SQLite journal (DUR-03) and how they got there (DUR-32): migrations go forward only, one transaction
// each; their digests are recorded and must not change once released. Plain SQL, because opening a journal is
// synchronous.

import { existsSync, renameSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { crashPoint } from "../base/crash-point.ts";
import { sha256Hex } from "./chain.ts";
import { JournalError, WAYS_OUT } from "./errors.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In order; appended to, never edited. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: "0001-journal",
    sql: `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  format INTEGER NOT NULL, journalId TEXT NOT NULL, bot TEXT NOT NULL, tag TEXT NOT NULL,
  lineage INTEGER NOT NULL, epoch INTEGER NOT NULL, genesis TEXT NOT NULL, sum TEXT NOT NULL
) STRICT;
CREATE TABLE record (
  position INTEGER PRIMARY KEY,
  type TEXT NOT NULL, seq INTEGER NOT NULL, "index" INTEGER NOT NULL, epoch INTEGER NOT NULL, atMs INTEGER NOT NULL,
  kind TEXT NOT NULL, version INTEGER NOT NULL, clientOrderId TEXT, body TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX place ON record (clientOrderId) WHERE type = 'effect' AND kind = 'place';
CREATE TABLE posting (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL, position INTEGER NOT NULL, cause TEXT NOT NULL, causeId TEXT NOT NULL, line INTEGER NOT NULL,
  account TEXT NOT NULL, asset TEXT NOT NULL, amount TEXT NOT NULL, atMs INTEGER NOT NULL, hash TEXT NOT NULL,
  UNIQUE (cause, causeId, line)
) STRICT;
CREATE TABLE snapshot (
  position INTEGER PRIMARY KEY,
  version INTEGER NOT NULL, seq INTEGER NOT NULL, chainHash TEXT NOT NULL, stateHash TEXT NOT NULL, state BLOB NOT NULL
) STRICT;
CREATE TABLE config (hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
`,
  },
  {
    name: "0002-archive",
    sql: `
CREATE TABLE archive (
  "to" INTEGER PRIMARY KEY,
  "from" INTEGER NOT NULL, hashBefore TEXT NOT NULL, hashAfter TEXT NOT NULL,
  seq INTEGER NOT NULL, atMs INTEGER NOT NULL, effectSeq INTEGER NOT NULL, effectIndex INTEGER NOT NULL,
  anchor INTEGER NOT NULL
) STRICT;
CREATE TABLE kept (
  position INTEGER PRIMARY KEY,
  type TEXT NOT NULL, seq INTEGER NOT NULL, "index" INTEGER NOT NULL, epoch INTEGER NOT NULL, atMs INTEGER NOT NULL,
  kind TEXT NOT NULL, version INTEGER NOT NULL, clientOrderId TEXT, body TEXT NOT NULL, hash TEXT NOT NULL,
  previous TEXT NOT NULL, chain TEXT NOT NULL
) STRICT;
ALTER TABLE snapshot ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
`,
  },
];

const CREATE = "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT";
const INSERT = "INSERT INTO migration (name, digest) VALUES (?, ?)";

/** True when the file holds our tables; false for a new or half-made one, which holds nothing yet. */
export const isMade = (db: DatabaseSync): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'").get() !== undefined;

/** Names not yet applied. Errors: JOURNAL_TOO_NEW, JOURNAL_CORRUPT (a digest that is not ours). */
export function pending(db: DatabaseSync, migrations: readonly Migration[] = MIGRATIONS): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const applied = new Set<string>();
  for (const row of db.prepare("SELECT name, digest FROM migration ORDER BY name").all()) {
    const name = String(row["name"]);
    const migration = known.get(name);
    if (migration === undefined) {
      throw new JournalError(
        "JOURNAL_TOO_NEW",
        `JOURNAL_TOO_NEW: the journal's tables were changed by "${name}", which this release does not know. ` +
          "Run the release that wrote it, or a newer one.",
      );
    }
    if (row["digest"] !== sha256Hex(migration.sql)) {
      throw new JournalError(
        "JOURNAL_CORRUPT",
        `JOURNAL_CORRUPT: the journal's tables were made by another "${name}" than this release knows. ${WAYS_OUT}`,
      );
    }
    applied.add(name);
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

/** Makes all tables of a new journal and lets `fill` write its first rows, in one transaction. */
export function makeTables(db: DatabaseSync, fill: () => void): void {
  transaction(db, () => {
    db.exec(CREATE);
    for (const migration of MIGRATIONS) apply(db, migration);
    fill();
  });
}

/** Brings older tables up to date, after a backup beside the journal (DUR-32). */
export function migrate(db: DatabaseSync, backupBase: string, migrations: readonly Migration[] = MIGRATIONS): void {
  for (const migration of pending(db, migrations)) {
    backUp(db, `${backupBase}-before-${migration.name}.db`);
    transaction(db, () => {
      apply(db, migration);
      crashPoint("migrate.middle");
    });
  }
}

/** The file has its name when it is whole: one that a kill cut short is made again. */
function backUp(db: DatabaseSync, path: string): void {
  if (existsSync(path)) return;
  rmSync(`${path}.part`, { force: true });
  db.prepare("VACUUM INTO ?").run(`${path}.part`);
  renameSync(`${path}.part`, path);
}

function apply(db: DatabaseSync, migration: Migration): void {
  db.exec(migration.sql);
  db.prepare(INSERT).run(migration.name, sha256Hex(migration.sql));
}

function transaction(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
