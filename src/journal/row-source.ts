// What is asked of a journal's tables, whatever they are kept in: each question has one statement in each store, and
// its rows have the same columns in the same order. Those who ask know no SQL.

import type { Row } from "./sqlite-rows.ts";

export type Question =
  | "meta"
  /** Newest record, newest event and effect; oldest record (their positions, or seq and index or time). */
  | "last"
  | "lastEvent"
  | "lastEffect"
  | "first"
  /** Hash, and engine time, of the record at a position. */
  | "hashAt"
  | "timeAt"
  /** Records after a position, so many; postings after an id, so many. */
  | "records"
  | "postings"
  | "postingSeq"
  | "lastPosting"
  /** Snapshots, newest first; their positions, oldest first; one; position and engine time of the newest pinned one. */
  | "snapshots"
  | "snapshotPositions"
  | "snapshotAt"
  | "lastPin"
  | "config"
  | "configs"
  /** Place effect of a client order id; whether a fill is booked. */
  | "place"
  | "fill"
  /** Archives, oldest first; the newest; chain hash at the end of one. */
  | "archives"
  | "newestArchive"
  | "archiveHashAt"
  /** What archived records left; how many, and the chain after the last. */
  | "kept"
  | "keptEnd";

export interface RowSource {
  /** `goodTo`: last position known to be good, for what an error says. Errors: {@link JournalError}. */
  ask(question: Question, goodTo: number, ...values: readonly (number | string)[]): readonly Row[];
}
