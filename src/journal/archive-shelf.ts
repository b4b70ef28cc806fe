// The archives of one journal, read as if their records were still in it. Knows which there should be from the journal;
// each that is read proves itself. Where they lie is a shelf: a folder, or a table. Writes nothing.

import { parseClientOrderId } from "../trading/client-order-id.ts";
import { hasArchive, readArchive } from "./archive.ts";
import type { ArchiveRow } from "./archive-table.ts";
import type { JournalRecord } from "./port.ts";

export interface ArchiveShelf {
  has(row: ArchiveRow): boolean;
  /** The newest of all these that is not there, or null. */
  newestMissing(rows: readonly ArchiveRow[]): ArchiveRow | null;
  /** Its records, checked. Errors: JOURNAL_MISSING, JOURNAL_CORRUPT. */
  read(row: ArchiveRow): readonly JournalRecord[];
}

/** Files beside the database. */
export const folderShelf = (dir: string, journalId: string): ArchiveShelf => ({
  has: (row) => hasArchive(dir, row),
  newestMissing: (rows) => rows.findLast((row) => !hasArchive(dir, row)) ?? null,
  read: (row) => readArchive(dir, row, journalId),
});

export class Archives {
  private readonly shelf: ArchiveShelf;
  private readonly rows: () => readonly ArchiveRow[];
  /** The one that was read last: questions come in neighbourhoods. */
  private cached: { readonly to: number; readonly records: readonly JournalRecord[] } | null = null;

  constructor(shelf: ArchiveShelf, rows: () => readonly ArchiveRow[]) {
    this.shelf = shelf;
    this.rows = rows;
  }

  /** Position before the first record that can be read without a gap up to the journal's own. */
  oldest(): number {
    return this.shelf.newestMissing(this.rows())?.to ?? 0;
  }

  /** Archived records with position > `after`, or null when none were archived. Errors: those of the shelf. */
  after(after: number): Iterable<JournalRecord> | null {
    const rows = this.rows().filter(({ to }) => to > after);
    return rows.length === 0 ? null : this.read(rows, after);
  }

  /** The place effect of this client order id: its event number says in which archive it is. */
  placeOf(clientOrderId: string): JournalRecord | null {
    const parts = parseClientOrderId(clientOrderId);
    if (parts === null) return null;
    const rows = this.rows();
    const at = rows.findIndex(({ seq }) => seq >= parts.seq);
    // its turn may have ended in the next one
    for (const row of at === -1 ? [] : rows.slice(at, at + 2)) {
      if (!this.shelf.has(row)) continue;
      const found = this.recordsOf(row).find((r) => r.kind === "place" && r.clientOrderId === clientOrderId);
      if (found !== undefined) return found;
    }
    return null;
  }

  private *read(rows: readonly ArchiveRow[], after: number): IterableIterator<JournalRecord> {
    for (const row of rows) {
      const records = this.recordsOf(row);
      for (let i = Math.max(0, after + 1 - row.from); i < records.length; i += 1) {
        const record = records[i];
        if (record !== undefined) yield record;
      }
    }
  }

  private recordsOf(row: ArchiveRow): readonly JournalRecord[] {
    if (this.cached?.to !== row.to) this.cached = { to: row.to, records: this.shelf.read(row) };
    return this.cached.records;
  }
}
