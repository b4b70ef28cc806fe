// The statements that write a SQLite journal. Each runs inside a transaction of the journal, which decides when.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { corrupt } from "./errors.ts";
import type { LastPosting } from "./head.ts";
import type { JournalRecord, PostingToAppend, Snapshot } from "./port.ts";
import { postingLines } from "./posting-lines.ts";
import { isConstraint } from "./sqlite-errors.ts";
import {
  insertInto,
  integer,
  POSTING_COLUMNS,
  postingCells,
  postingHash,
  RECORD_COLUMNS,
  recordCells,
  SNAPSHOT_COLUMNS,
} from "./sqlite-rows.ts";
import { duplicatePlace, duplicatePosting } from "./write-faults.ts";

export class SqliteWrites {
  private readonly sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.sql = prepare(db);
  }

  begin(): void {
    this.sql.begin.run();
  }

  /** Lease of the newest writer; read in each transaction, so it does no more than that. */
  epoch(): number {
    const row = this.sql.epoch.get();
    return integer(row?.["epoch"], 1, "epoch");
  }

  commit(): void {
    this.sql.commit.run();
  }

  rollback(): void {
    this.sql.rollback.run();
  }

  config(hash: string, text: string): void {
    this.sql.config.run(hash, text);
  }

  /** Errors: DUPLICATE for a second place of one client order id, JOURNAL_CORRUPT for a position that is taken. */
  records(records: readonly JournalRecord[]): void {
    for (const record of records) {
      try {
        this.sql.record.run(...recordCells(record));
      } catch (error) {
        if (!isConstraint(error)) throw error;
        const { clientOrderId, position } = record;
        if (clientOrderId !== null && this.sql.place.get(clientOrderId) !== undefined) {
          throw duplicatePlace(clientOrderId);
        }
        throw corrupt(position, "there is a record already where the next one goes", error);
      }
    }
  }

  /** Errors: DUPLICATE for a second posting of one cause. */
  postings(after: LastPosting, postings: readonly PostingToAppend[], position: number): LastPosting {
    if (postings.length === 0) return after;
    const lines = postingLines(postings);
    let { id, hash } = after;
    postings.forEach(({ seq, posting }, i) => {
      const line = lines[i] ?? 0;
      id += 1;
      hash = postingHash(hash, { id, seq, position, line, posting });
      try {
        this.sql.posting.run(...postingCells({ id, seq, position, line, posting, hash }));
      } catch (error) {
        throw isConstraint(error) ? duplicatePosting(posting.cause, posting.causeId) : error;
      }
    });
    return { id, hash };
  }

  /** `pinned`: kept beyond the newest, for a prefix of the journal to end at (DUR-28). */
  snapshot(s: Snapshot, packed: Uint8Array, pinned: boolean): void {
    this.sql.snapshot.run(s.position, s.version, s.seq, s.chainHash, s.stateHash, packed, pinned ? 1 : 0);
  }

  forgetSnapshots(kept: number): void {
    this.sql.forget.run(kept);
  }
}

function prepare(db: DatabaseSync) {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    epoch: db.prepare("SELECT epoch FROM meta"),
    commit: db.prepare("COMMIT"),
    rollback: db.prepare("ROLLBACK"),
    record: db.prepare(insertInto("record", RECORD_COLUMNS)),
    place: db.prepare("SELECT 1 FROM record WHERE clientOrderId = ? AND type = 'effect' AND kind = 'place'"),
    posting: db.prepare(insertInto("posting", POSTING_COLUMNS)),
    config: db.prepare("INSERT OR IGNORE INTO config (hash, text) VALUES (?, ?)"),
    snapshot: db.prepare(insertInto("snapshot", `${SNAPSHOT_COLUMNS}, pinned`).replace("INSERT", "INSERT OR REPLACE")),
    forget: db.prepare(
      `DELETE FROM snapshot WHERE pinned = 0
        AND position NOT IN (SELECT position FROM snapshot ORDER BY position DESC LIMIT ?)`,
    ),
  } satisfies Record<string, StatementSync>;
}
