// Rows of a journal as Postgres is given them: one list a column, so that one statement takes any number of rows.

import { type ArchiveRow, archiveCells, keptCells } from "../archive-table.ts";
import type { KeptRecord } from "../kept.ts";
import type { PostingToAppend } from "../port.ts";
import { postingLines } from "../posting-lines.ts";
import { postingCells, postingHash } from "../sqlite-rows.ts";
import type { Cell } from "./protocol.ts";

/** Where the chain of postings ends. */
export interface LastPosting {
  readonly id: number;
  readonly hash: string;
}

/** Rows turned into one list a column. */
export function columns(rows: readonly (readonly unknown[])[]): (string | number | null)[][] {
  const [first] = rows;
  if (first === undefined) return [];
  return first.map((_, column) => rows.map((row) => row[column] as string | number | null));
}

/** Rows of postings with their numbers and chain, and where it ends. `position`: the journal's after this append. */
export function chained(
  postings: readonly PostingToAppend[],
  after: LastPosting,
  position: number,
): { readonly rows: readonly (readonly unknown[])[]; readonly last: LastPosting } {
  const lines = postingLines(postings);
  let { id, hash } = after;
  const rows = postings.map(({ seq, posting }, i) => {
    const line = lines[i] ?? 0;
    id += 1;
    hash = postingHash(hash, { id, seq, position, line, posting });
    return postingCells({ id, seq, position, line, posting, hash });
  });
  return { rows, last: { id, hash } };
}

/** Columns of a kept record: eleven of the record, the hash before it, the chain. */
const KEPT_WIDTH = 13;

/** The row of an archive, then the lists of what is kept of it; of none, empty lists. */
export function archiveValues(row: ArchiveRow, kept: readonly KeptRecord[]): Cell[] {
  const lists = kept.length === 0 ? Array.from({ length: KEPT_WIDTH }, () => []) : columns(kept.map(keptCells));
  return [...archiveCells(row), ...lists];
}
