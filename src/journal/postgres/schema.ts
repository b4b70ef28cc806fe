// Tables of the journals on Postgres and how they got there (DUR-03, DUR-32): one set for all bots of a store, each row
// with its journal's number. Migrations go forward only, in one transaction; digests must not change once released.

import { sha256Hex } from "../chain.ts";
import { JournalError, WAYS_OUT } from "../errors.ts";
import type { Migration } from "../sqlite-schema.ts";
import type { Row, Statement } from "./protocol.ts";

/** The one that made tables of archives: before it, nothing was archived. */
export const ARCHIVE_MIGRATION = "0002-archive";

/** In order; appended to, never edited. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: "0001-journal",
    sql: `
CREATE TABLE meta (
  journal INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  format INT8 NOT NULL, journalId TEXT NOT NULL, bot TEXT NOT NULL, tag TEXT NOT NULL,
  lineage INT8 NOT NULL, epoch INT8 NOT NULL, genesis TEXT NOT NULL, sum TEXT NOT NULL
);
CREATE TABLE head (
  journal INTEGER PRIMARY KEY REFERENCES meta, epoch INT8 NOT NULL, position INT8 NOT NULL, hash TEXT NOT NULL,
  posting INT8 NOT NULL, postingHash TEXT NOT NULL
) WITH (fillfactor = 20);
CREATE TABLE record (
  journal INTEGER NOT NULL, position INT8 NOT NULL,
  type TEXT NOT NULL, seq INT8 NOT NULL, "index" INT8 NOT NULL, epoch INT8 NOT NULL, atMs INT8 NOT NULL,
  kind TEXT NOT NULL, version INT8 NOT NULL, clientOrderId TEXT, body TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (journal, position)
);
CREATE UNIQUE INDEX place ON record (journal, clientOrderId) WHERE type = 'effect' AND kind = 'place';
CREATE TABLE posting (
  journal INTEGER NOT NULL, id INT8 NOT NULL,
  seq INT8 NOT NULL, position INT8 NOT NULL, cause TEXT NOT NULL, causeId TEXT NOT NULL, line INT8 NOT NULL,
  account TEXT NOT NULL, asset TEXT NOT NULL, amount TEXT NOT NULL, atMs INT8 NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (journal, id), CONSTRAINT posting_once UNIQUE (journal, cause, causeId, line)
);
CREATE TABLE snapshot (
  journal INTEGER NOT NULL, position INT8 NOT NULL,
  version INT8 NOT NULL, seq INT8 NOT NULL, chainHash TEXT NOT NULL, stateHash TEXT NOT NULL, state BYTEA NOT NULL,
  PRIMARY KEY (journal, position)
);
CREATE TABLE config (journal INTEGER NOT NULL, hash TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (journal, hash));
CREATE TABLE lease (
  name TEXT PRIMARY KEY, token TEXT NOT NULL, holder TEXT NOT NULL, expiresAt TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE change (
  change INT8 PRIMARY KEY, act TEXT NOT NULL, id TEXT NOT NULL, tag TEXT NOT NULL, strategy TEXT NOT NULL,
  instruments TEXT NOT NULL, config TEXT NOT NULL, revision INT8 NOT NULL, wanted TEXT NOT NULL, pause TEXT,
  "by" TEXT NOT NULL, reason TEXT NOT NULL, requestId TEXT NOT NULL, address TEXT NOT NULL, atMs INT8 NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX changeOfBot ON change (id, change);
CREATE RULE changeIsFinal AS ON UPDATE TO change DO INSTEAD NOTHING;
CREATE RULE changeStays AS ON DELETE TO change DO INSTEAD NOTHING;
`,
  },
  {
    name: ARCHIVE_MIGRATION,
    sql: `
CREATE TABLE archive (
  journal INTEGER NOT NULL, "to" INT8 NOT NULL,
  "from" INT8 NOT NULL, hashBefore TEXT NOT NULL, hashAfter TEXT NOT NULL,
  seq INT8 NOT NULL, atMs INT8 NOT NULL, effectSeq INT8 NOT NULL, effectIndex INT8 NOT NULL, anchor INT8 NOT NULL,
  PRIMARY KEY (journal, "to")
);
CREATE TABLE frame (
  journal INTEGER NOT NULL, "to" INT8 NOT NULL, number INT8 NOT NULL, packed BYTEA NOT NULL,
  PRIMARY KEY (journal, "to", number)
);
ALTER TABLE frame ALTER COLUMN packed SET STORAGE EXTERNAL;
CREATE TABLE kept (
  journal INTEGER NOT NULL, position INT8 NOT NULL,
  type TEXT NOT NULL, seq INT8 NOT NULL, "index" INT8 NOT NULL, epoch INT8 NOT NULL, atMs INT8 NOT NULL,
  kind TEXT NOT NULL, version INT8 NOT NULL, clientOrderId TEXT, body TEXT NOT NULL, hash TEXT NOT NULL,
  previous TEXT NOT NULL, chain TEXT NOT NULL, PRIMARY KEY (journal, position)
);
ALTER TABLE snapshot ADD COLUMN pinned INT8 NOT NULL DEFAULT 0;
ALTER TABLE record SET (autovacuum_vacuum_scale_factor = 0.05);
`,
  },
];

const plain = (sql: string, values: Statement["values"] = []): Statement => ({ sql, values });

/** Two processes that make the tables at once: the second waits and finds them made. */
export const LOCK_SCHEMA = plain("SELECT pg_advisory_xact_lock(hashtextextended('opensqt/migration', 0))");

export const IS_MADE = plain("SELECT to_regclass('migration') IS NOT NULL");
export const APPLIED = plain("SELECT name, digest FROM migration ORDER BY name");

const CREATE = plain("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, digest TEXT NOT NULL)");
const INSERT = "INSERT INTO migration (name, digest) VALUES ($1, $2)";

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Progress of workflows lies beside the tables, and counts for nothing without the journal it belongs to (DUR-65). */
export const dropFlows = (schema: string): Statement =>
  plain(`DROP SCHEMA IF EXISTS ${quoted(`${schema}_flows`)} CASCADE`);

/** Statements that apply these; each text is one statement after the other. */
export function applying(schema: string, migrations: readonly Migration[]): readonly Statement[] {
  return [
    LOCK_SCHEMA,
    plain(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`),
    CREATE,
    ...migrations.flatMap(({ name, sql }) => [plain(sql), plain(INSERT, [name, sha256Hex(sql)])]),
  ];
}

/** Names not yet applied. Errors: JOURNAL_TOO_NEW, JOURNAL_CORRUPT (a digest that is not ours). */
export function pending(rows: readonly Row[], migrations: readonly Migration[] = MIGRATIONS): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const applied = new Set<string>();
  for (const [name, digest] of rows) {
    const migration = known.get(String(name));
    if (migration === undefined) {
      throw new JournalError(
        "JOURNAL_TOO_NEW",
        `JOURNAL_TOO_NEW: the database's tables were changed by "${String(name)}", which this release does not know. ` +
          "Run the release that wrote it, or a newer one.",
      );
    }
    if (digest !== sha256Hex(migration.sql)) {
      throw new JournalError(
        "JOURNAL_CORRUPT",
        `JOURNAL_CORRUPT: the tables were made by another "${String(name)}" than this release knows. ${WAYS_OUT}`,
      );
    }
    applied.add(migration.name);
  }
  return migrations.filter(({ name }) => !applied.has(name));
}
