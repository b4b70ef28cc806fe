// `opensqt journal verify` beside a live bot said JOURNAL_CORRUPT when a fill was booked between its reading of the
// records and its reading of the postings. Found by the crash test.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { JournalRecord } from "../../src/journal/port.ts";
import { JOURNAL_FILE } from "../../src/journal/reader.ts";
import { type Archived, RecordStore } from "../../src/journal/record-store.ts";
import { openForReading } from "../../src/journal/sqlite-file.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { SqliteSource } from "../../src/journal/sqlite-source.ts";
import { options, turns } from "../contract/journal-turns.ts";

/** Lets somebody write when the last record was read. */
class InterruptedStore extends RecordStore {
  whenRead: () => void = () => {};

  override *records(after: number, archived: Archived): IterableIterator<JournalRecord> {
    yield* super.records(after, archived);
    this.whenRead();
  }
}

test("DUR-26 a journal is found good while its bot goes on booking fills", () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-regression-"));
  const journal = openSqliteJournal(folder, options());
  const path = join(folder, JOURNAL_FILE);
  const db = openForReading(path);
  try {
    turns(journal, 10);
    const store = new InterruptedStore(new SqliteSource(db, path));
    store.whenRead = () => turns(journal, 10);
    const before = journal.position;
    const { genesis } = journal.meta;
    assert.equal(
      store.verify({ position: 0, hash: genesis, whole: true }, genesis, () => null),
      before,
    );
  } finally {
    db.close();
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
