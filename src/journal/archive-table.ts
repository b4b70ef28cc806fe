// Tables `archive` and `kept` of a SQLite journal: which positions left for which archive, and what of them stayed.
// Reads them; where an older release made the file they are not there, and nothing was ever archived.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { toSafe } from "../base/integer.ts";
import type { ArchiveRange } from "./archive.ts";
import { corrupt } from "./errors.ts";
import type { KeptEnd, KeptRecord } from "./kept.ts";
import { insertInto, integer, RECORD_COLUMNS, type Row, recordCells, recordOf, rowsOf } from "./sqlite-rows.ts";

/** One archive, and the tail of the journal as it was at `to` (chain.ts). */
export interface ArchiveRow extends ArchiveRange {
  readonly seq: number;
  readonly atMs: number;
  readonly effectSeq: number;
  readonly effectIndex: number;
  /** Position of the record that says so. */
  readonly anchor: number;
}

const COLUMNS = '"from", "to", hashBefore, hashAfter, seq, atMs, effectSeq, effectIndex, anchor';
const KEPT_COLUMNS = `${RECORD_COLUMNS}, previous, chain`;

interface Statements {
  readonly newest: StatementSync;
  readonly all: StatementSync;
  readonly hashAt: StatementSync;
  readonly kept: StatementSync;
  readonly keptEnd: StatementSync;
}

export class ArchiveTable {
  private readonly sql: Statements | null;

  constructor(db: DatabaseSync) {
    const made = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'archive'").get();
    const prepare = (sql: string): StatementSync => db.prepare(sql, { returnArrays: true });
    this.sql =
      made === undefined
        ? null
        : {
            newest: prepare(`SELECT ${COLUMNS} FROM archive ORDER BY "to" DESC LIMIT 1`),
            all: prepare(`SELECT ${COLUMNS} FROM archive ORDER BY "to"`),
            hashAt: prepare('SELECT hashAfter FROM archive WHERE "to" = ?'),
            kept: prepare(`SELECT ${KEPT_COLUMNS} FROM kept ORDER BY position`),
            keptEnd: prepare("SELECT (SELECT count(*) FROM kept), chain FROM kept ORDER BY position DESC LIMIT 1"),
          };
  }

  /** The newest, or null when everything is in the journal. */
  base(): ArchiveRow | null {
    const row = this.sql?.newest.get() as Row | undefined;
    return row === undefined ? null : archiveOf(row);
  }

  /** Oldest first. */
  all(): readonly ArchiveRow[] {
    return this.sql === null ? [] : rowsOf(this.sql.all.all()).map(archiveOf);
  }

  hashAt(position: number): string | null {
    const hash = (this.sql?.hashAt.get(position) as Row | undefined)?.[0];
    return typeof hash === "string" ? hash : null;
  }

  kept(): readonly KeptRecord[] {
    return this.sql === null ? [] : rowsOf(this.sql.kept.all()).map(keptOf);
  }

  keptEnd(genesis: string): KeptEnd {
    const row = this.sql?.keptEnd.get() as Row | undefined;
    return row === undefined
      ? { count: 0, chain: genesis }
      : { count: integer(row[0], 1, "kept"), chain: String(row[1]) };
  }
}

/** The statements that write them, inside a transaction of the journal. */
export class ArchiveWrites {
  private readonly insertArchive: StatementSync;
  private readonly insertKept: StatementSync;
  private readonly deleteRecords: StatementSync;
  private readonly deleteSnapshots: StatementSync;
  private readonly pin: StatementSync;

  constructor(db: DatabaseSync) {
    this.insertArchive = db.prepare(insertInto("archive", COLUMNS));
    this.insertKept = db.prepare(insertInto("kept", KEPT_COLUMNS));
    this.deleteRecords = db.prepare("DELETE FROM record WHERE position <= ?");
    this.deleteSnapshots = db.prepare("DELETE FROM snapshot WHERE position < ?");
    this.pin = db.prepare("UPDATE snapshot SET pinned = 1 WHERE position = ?");
  }

  /** The snapshot at the end of the archive stays: it is what the journal begins with now. */
  archive(row: ArchiveRow): void {
    const { from, to, hashBefore, hashAfter, seq, atMs, effectSeq, effectIndex, anchor } = row;
    this.insertArchive.run(from, to, hashBefore, hashAfter, seq, atMs, effectSeq, effectIndex, anchor);
    this.pin.run(to);
    this.deleteSnapshots.run(to);
  }

  kept({ record, previous, chain }: KeptRecord): void {
    this.insertKept.run(...recordCells(record), previous, chain);
  }

  /** Records up to `position`, all of which are archived. Returns how many. */
  forget(position: number): number {
    const { changes } = this.deleteRecords.run(position);
    return typeof changes === "bigint" ? toSafe(changes) : changes;
  }
}

function archiveOf(row: Row): ArchiveRow {
  const at = integer(row[1], 1, "archive");
  const number = (column: number): number => integer(row[column], at, "archive");
  const [, , hashBefore, hashAfter] = row;
  if (typeof hashBefore !== "string" || typeof hashAfter !== "string")
    throw corrupt(at, "its archive's row is damaged");
  const tail = { seq: number(4), atMs: number(5), effectSeq: number(6), effectIndex: number(7) };
  return { from: number(0), to: at, hashBefore, hashAfter, ...tail, anchor: number(8) };
}

function keptOf(row: Row): KeptRecord {
  const record = recordOf(row);
  const [previous, chain] = row.slice(11);
  if (typeof previous !== "string" || typeof chain !== "string") {
    throw corrupt(record.position, "what was kept of it is damaged");
  }
  return { record, previous, chain };
}
