// The statements of a journal on Postgres. Each append is one statement, so it is one way there and back: it moves
// `head` from where the writer left it, or finds that it cannot and then writes nothing.

import { POSTING_COLUMNS, RECORD_COLUMNS, SNAPSHOT_COLUMNS } from "../sqlite-rows.ts";

/** Values 1 to 10 of every append: whose, the epoch, head before, head after, sync. */
const MOVE = `mine AS (
  UPDATE head SET position = $5, hash = $6, posting = $7, postingHash = $8
  WHERE journal = $1 AND epoch = $2 AND position = $3 AND posting = $4 RETURNING 1)`;
const SYNC = "set_config('synchronous_commit', $9, true)";
const FIRST_FREE = 10;

const RECORD_TYPES = ["int8", "text", "int8", "int8", "int8", "int8", "text", "int8", "text", "text", "text"];
const POSTING_TYPES = ["int8", "int8", "int8", "text", "text", "int8", "text", "text", "text", "int8", "text"];

/** Lists of cells, one a column, from parameter `from` on. */
const unnest = (types: readonly string[], from: number): string =>
  `unnest(${types.map((type, i) => `$${from + i}::${type}[]`).join(", ")})`;

const insertLists = (table: string, columns: string, lists: string): string =>
  `INSERT INTO ${table} (journal, ${columns}) SELECT $1, cells.* FROM mine, ${lists} AS cells`;

/** What one append brings besides the move of `head`. */
export interface AppendShape {
  readonly records: boolean;
  readonly postings: boolean;
  readonly configs: boolean;
}

/** The statement for such an append; its values are head's nine, then records', postings', configurations' lists. */
export function appendStatement(shape: AppendShape): { readonly sql: string; readonly name: string } {
  const name = ["append", ...(["records", "postings", "configs"] as const).filter((part) => shape[part])].join(" ");
  const sql = APPENDS.get(name) ?? appendSql(shape);
  APPENDS.set(name, sql);
  return { sql, name };
}

const APPENDS = new Map<string, string>();

function appendSql({ records, postings, configs }: AppendShape): string {
  const parts = [MOVE];
  let from = FIRST_FREE;
  if (records) {
    parts.push(`r AS (${insertLists("record", RECORD_COLUMNS, unnest(RECORD_TYPES, from))})`);
    from += RECORD_TYPES.length;
  }
  if (postings) {
    parts.push(`p AS (${insertLists("posting", POSTING_COLUMNS, unnest(POSTING_TYPES, from))})`);
    from += POSTING_TYPES.length;
  }
  if (configs) {
    const lists = unnest(["text", "text"], from);
    parts.push(`c AS (${insertLists("config", "hash, text", lists)} ON CONFLICT DO NOTHING)`);
  }
  return `WITH ${parts.join(", ")} SELECT (SELECT count(*) FROM mine), ${SYNC}`;
}

/** Writes a snapshot, if the epoch is still the writer's. Values: journal, epoch, the columns, sync. */
export const SNAPSHOT = `WITH mine AS (SELECT 1 FROM head WHERE journal = $1 AND epoch = $2 FOR SHARE),
s AS (INSERT INTO snapshot (journal, ${SNAPSHOT_COLUMNS})
  SELECT $1, $3::int8, $4::int8, $5::int8, $6, $7, $8::bytea FROM mine
  ON CONFLICT (journal, position) DO UPDATE SET version = excluded.version, seq = excluded.seq,
    chainHash = excluded.chainHash, stateHash = excluded.stateHash, state = excluded.state)
SELECT (SELECT count(*) FROM mine), set_config('synchronous_commit', $9, true)`;

export const FORGET_SNAPSHOTS = `DELETE FROM snapshot WHERE journal = $1 AND position NOT IN
  (SELECT position FROM snapshot WHERE journal = $1 ORDER BY position DESC LIMIT $2)`;

export const HEAD = "SELECT epoch, position, hash, posting, postingHash FROM head WHERE journal = $1";
export const META_COLUMNS = "format, journalId, bot, tag, lineage, epoch, genesis, sum";
export const NEW_META = `INSERT INTO meta (name, ${META_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
export const NEW_HEAD = `INSERT INTO head (journal, epoch, position, hash, posting, postingHash)
  SELECT journal, 0, 0, $2, 0, $2 FROM meta WHERE name = $1`;
export const RAISE_META = "UPDATE meta SET lineage = $2, epoch = $3, sum = $4 WHERE journal = $1";
export const RAISE_HEAD = "UPDATE head SET epoch = $2 WHERE journal = $1 AND epoch = $3";

/** Questions of a reader; the first value is the journal. */
export const QUERIES = {
  meta: `SELECT ${META_COLUMNS} FROM meta WHERE journal = $1`,
  last: `SELECT ${RECORD_COLUMNS} FROM record WHERE journal = $1 ORDER BY position DESC LIMIT 1`,
  lastEvent: "SELECT seq, atMs FROM record WHERE journal = $1 AND type = 'event' ORDER BY position DESC LIMIT 1",
  lastEffect: `SELECT seq, "index" FROM record WHERE journal = $1 AND type = 'effect' ORDER BY position DESC LIMIT 1`,
  first: "SELECT position FROM record WHERE journal = $1 ORDER BY position LIMIT 1",
  hashAt: "SELECT hash FROM record WHERE journal = $1 AND position = $2",
  records: `SELECT ${RECORD_COLUMNS} FROM record WHERE journal = $1 AND position > $2 ORDER BY position LIMIT $3`,
  postings: `SELECT ${POSTING_COLUMNS} FROM posting WHERE journal = $1 AND id > $2 ORDER BY id LIMIT $3`,
  postingSeq: "SELECT seq FROM posting WHERE journal = $1 AND id = $2",
  lastPosting: "SELECT id, hash FROM posting WHERE journal = $1 ORDER BY id DESC LIMIT 1",
  snapshots: `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE journal = $1 ORDER BY position DESC`,
  config: "SELECT text FROM config WHERE journal = $1 AND hash = $2",
  configs: "SELECT hash, text FROM config WHERE journal = $1 ORDER BY hash",
  place: `SELECT ${RECORD_COLUMNS} FROM record
    WHERE journal = $1 AND clientOrderId = $2 AND type = 'effect' AND kind = 'place'`,
  fill: "SELECT 1 FROM posting WHERE journal = $1 AND cause = 'fill' AND causeId = $2 AND line = 0",
  head: HEAD,
} as const;

export type Query = keyof typeof QUERIES;
