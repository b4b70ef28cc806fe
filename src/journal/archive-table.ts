// Tables `archive` and `kept` of a journal: which positions left for which archive, and what of them stayed.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { toSafe } from "../base/integer.ts";
import type { ArchiveRange } from "./archive.ts";
import { corrupt } from "./errors.ts";
import type { KeptEnd, KeptRecord } from "./kept.ts";
import type { RowSource } from "./row-source.ts";
import { insertInto, integer, RECORD_COLUMNS, type Row, recordCells, recordOf } from "./sqlite-rows.ts";

/** One archive, and the tail of the journal as it was at `to` (chain.ts). */
export interface ArchiveRow extends ArchiveRange {
  readonly seq: number;
  readonly atMs: number;
  readonly effectSeq: number;
  readonly effectIndex: number;
  /** Position of the record that says so. */
  readonly anchor: number;
}

export const ARCHIVE_COLUMNS = '"from", "to", hashBefore, hashAfter, seq, atMs, effectSeq, effectIndex, anchor';
export const KEPT_COLUMNS = `${RECORD_COLUMNS}, previous, chain`;

/** Values of an archive in the order of ARCHIVE_COLUMNS. */
export const archiveCells = (row: ArchiveRow): (string | number)[] => [
  row.from,
  row.to,
  row.hashBefore,
  row.hashAfter,
  row.seq,
  row.atMs,
  row.effectSeq,
  row.effectIndex,
  row.anchor,
];

/** Values of a kept record in the order of KEPT_COLUMNS. */
export const keptCells = ({ record, previous, chain }: KeptRecord) => [...recordCells(record), previous, chain];

export class ArchiveTable {
  private readonly source: RowSource;

  constructor(source: RowSource) {
    this.source = source;
  }

  /** The newest, or null when everything is in the journal. */
  base(): ArchiveRow | null {
    const [row] = this.source.ask("newestArchive", 0);
    return row === undefined ? null : archiveOf(row);
  }

  /** Oldest first. */
  all(): readonly ArchiveRow[] {
    return this.source.ask("archives", 0).map(archiveOf);
  }

  hashAt(position: number): string | null {
    const hash = this.source.ask("archiveHashAt", 0, position)[0]?.[0];
    return typeof hash === "string" ? hash : null;
  }

  kept(): readonly KeptRecord[] {
    return this.source.ask("kept", 0).map(keptOf);
  }

  keptEnd(genesis: string): KeptEnd {
    const [row] = this.source.ask("keptEnd", 0);
    return row === undefined
      ? { count: 0, chain: genesis }
      : { count: integer(row[0], 1, "kept"), chain: String(row[1]) };
  }
}

/** The statements that write them in SQLite, inside a transaction of the journal. */
export class ArchiveWrites {
  private readonly insertArchive: StatementSync;
  private readonly insertKept: StatementSync;
  private readonly deleteRecords: StatementSync;
  private readonly deleteSnapshots: StatementSync;
  private readonly pin: StatementSync;

  constructor(db: DatabaseSync) {
    this.insertArchive = db.prepare(insertInto("archive", ARCHIVE_COLUMNS));
    this.insertKept = db.prepare(insertInto("kept", KEPT_COLUMNS));
    this.deleteRecords = db.prepare("DELETE FROM record WHERE position <= ?");
    this.deleteSnapshots = db.prepare("DELETE FROM snapshot WHERE position < ?");
    this.pin = db.prepare("UPDATE snapshot SET pinned = 1 WHERE position = ?");
  }

  /** The snapshot at the end of the archive stays: it is what the journal begins with now. */
  archive(row: ArchiveRow): void {
    this.insertArchive.run(...archiveCells(row));
    this.pin.run(row.to);
    this.deleteSnapshots.run(row.to);
  }

  kept(kept: KeptRecord): void {
    this.insertKept.run(...keptCells(kept));
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
