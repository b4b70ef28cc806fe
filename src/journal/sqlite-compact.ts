// A compactor of a SQLite journal: archives are files beside the database, what is told of them are rows in it. The
// journal gives it its transactions.

import type { DatabaseSync } from "node:sqlite";
import { ArchiveWriter } from "./archive.ts";
import { ArchiveWrites } from "./archive-table.ts";
import { Compactor } from "./compact.ts";
import type { JournalMeta } from "./port.ts";
import type { RecordStore } from "./record-store.ts";
import { integer } from "./sqlite-rows.ts";

/** Of pages that hold something. */
const LIVE_BYTES = `SELECT (page_count - freelist_count) * page_size AS n
  FROM pragma_page_count, pragma_freelist_count, pragma_page_size`;

export interface SqliteCompactorParts {
  readonly db: DatabaseSync;
  readonly dir: string;
  readonly store: RecordStore;
  readonly meta: () => JournalMeta;
  readonly transact: (work: () => void) => void;
  /** One transaction: the record that says what was archived, and `work`, which is told its position. */
  readonly appendAnchor: (body: string, work: (position: number) => void) => void;
  /** Pages that were changed, about. */
  readonly wrote: (pages: number) => void;
}

export function sqliteCompactor({ db, dir, store, meta, transact, appendAnchor, wrote }: SqliteCompactorParts) {
  const writes = new ArchiveWrites(db);
  const live = db.prepare(LIVE_BYTES);
  return new Compactor({
    store,
    meta,
    bytes: () => integer(live.get()?.["n"], 1, "size"),
    sink: (range) => new ArchiveWriter(dir, meta(), range),
    forget: (position) => {
      let deleted = 0;
      transact(() => {
        deleted = writes.forget(position);
      });
      wrote(deleted >> 2);
      return deleted;
    },
    register: ({ row, kept, body }) => {
      appendAnchor(body, (anchor) => {
        for (const record of kept) writes.kept(record);
        writes.archive({ ...row, anchor });
      });
      wrote(2 + (kept.length >> 2));
    },
  });
}
