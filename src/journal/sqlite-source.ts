// The questions to a journal in SQLite: statements prepared once, failures as the journal's errors. Where an older
// release made the file there are no tables of archives, and nothing was ever archived.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ARCHIVE_COLUMNS, KEPT_COLUMNS } from "./archive-table.ts";
import type { Question, RowSource } from "./row-source.ts";
import { journalError } from "./sqlite-errors.ts";
import { POSTING_COLUMNS, RECORD_COLUMNS, type Row, rowsOf, SNAPSHOT_COLUMNS } from "./sqlite-rows.ts";

export class SqliteSource implements RowSource {
  private readonly db: DatabaseSync;
  private readonly path: string;
  private readonly statements: ReadonlyMap<Question, StatementSync>;

  /** Errors: JOURNAL_CORRUPT when a table is not there. */
  constructor(db: DatabaseSync, path: string) {
    this.db = db;
    this.path = path;
    this.statements = this.guard(0, () => {
      const archives = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'archive'").get();
      const wanted = Object.entries({ ...QUESTIONS, ...(archives === undefined ? {} : ARCHIVE_QUESTIONS) });
      return new Map(wanted.map(([name, sql]) => [name as Question, db.prepare(sql, { returnArrays: true })]));
    });
  }

  ask(question: Question, goodTo: number, ...values: readonly (number | string)[]): readonly Row[] {
    const statement = this.statements.get(question);
    return statement === undefined ? [] : this.guard(goodTo, () => rowsOf(statement.all(...values)));
  }

  /** What `PRAGMA integrity_check` says, or null when it is content. */
  pageProblem(): string | null {
    const [row] = this.guard(0, () => this.db.prepare("PRAGMA integrity_check(1)").all());
    const said = row === undefined ? undefined : Object.values(row)[0];
    return said === "ok" ? null : String(said);
  }

  private guard<T>(goodTo: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw journalError(error, { path: this.path, goodTo });
    }
  }
}

const QUESTIONS = {
  meta: "SELECT format, journalId, bot, tag, lineage, epoch, genesis, sum FROM meta",
  last: `SELECT ${RECORD_COLUMNS} FROM record ORDER BY position DESC LIMIT 1`,
  lastEvent: "SELECT seq, atMs FROM record WHERE type = 'event' ORDER BY position DESC LIMIT 1",
  lastEffect: `SELECT seq, "index" FROM record WHERE type = 'effect' ORDER BY position DESC LIMIT 1`,
  first: "SELECT position, atMs FROM record ORDER BY position LIMIT 1",
  hashAt: "SELECT hash FROM record WHERE position = ?",
  timeAt: "SELECT atMs FROM record WHERE position = ?",
  records: `SELECT ${RECORD_COLUMNS} FROM record WHERE position > ? ORDER BY position LIMIT ?`,
  postings: `SELECT ${POSTING_COLUMNS} FROM posting WHERE id > ? ORDER BY id LIMIT ?`,
  postingSeq: "SELECT seq FROM posting WHERE id = ?",
  lastPosting: "SELECT id, hash FROM posting ORDER BY id DESC LIMIT 1",
  snapshots: `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot ORDER BY position DESC`,
  snapshotPositions: "SELECT position FROM snapshot ORDER BY position",
  snapshotAt: `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE position = ?`,
  config: "SELECT text FROM config WHERE hash = ?",
  configs: "SELECT hash, text FROM config ORDER BY hash",
  place: `SELECT ${RECORD_COLUMNS} FROM record WHERE clientOrderId = ? AND type = 'effect' AND kind = 'place'`,
  fill: "SELECT 1 FROM posting WHERE cause = 'fill' AND causeId = ? AND line = 0",
} as const satisfies Partial<Record<Question, string>>;

const ARCHIVE_QUESTIONS = {
  lastPin: "SELECT position, atMs FROM record WHERE position = (SELECT max(position) FROM snapshot WHERE pinned = 1)",
  archives: `SELECT ${ARCHIVE_COLUMNS} FROM archive ORDER BY "to"`,
  newestArchive: `SELECT ${ARCHIVE_COLUMNS} FROM archive ORDER BY "to" DESC LIMIT 1`,
  archiveHashAt: 'SELECT hashAfter FROM archive WHERE "to" = ?',
  kept: `SELECT ${KEPT_COLUMNS} FROM kept ORDER BY position`,
  keptEnd: "SELECT (SELECT count(*) FROM kept), chain FROM kept ORDER BY position DESC LIMIT 1",
} as const satisfies Partial<Record<Question, string>>;
