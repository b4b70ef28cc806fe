// The statements of a journal on Postgres. Each append is one statement, so it is one way there and back: it moves
// `head` from where the writer left it, or finds that it cannot and then writes nothing.

import { ARCHIVE_COLUMNS, KEPT_COLUMNS } from "../archive-table.ts";
import type { Question } from "../row-source.ts";
import { POSTING_COLUMNS, RECORD_COLUMNS, SNAPSHOT_COLUMNS } from "../sqlite-rows.ts";

/** Values 1 to 10 of every append: whose, the epoch, head before, head after, sync. */
const MOVE = `mine AS (
  UPDATE head SET position = $5, hash = $6, posting = $7, postingHash = $8
  WHERE journal = $1 AND epoch = $2 AND position = $3 AND posting = $4 RETURNING 1)`;
const SYNC = "set_config('synchronous_commit', $9, true)";
const FIRST_FREE = 10;

const RECORD_TYPES = ["int8", "text", "int8", "int8", "int8", "int8", "text", "int8", "text", "text", "text"];
const KEPT_TYPES = [...RECORD_TYPES, "text", "text"];
const ARCHIVE_TYPES = ["int8", "int8", "text", "text", "int8", "int8", "int8", "int8", "int8"];
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
  /** What an anchor stands for: one row, and the lists of what is kept. */
  readonly archive: boolean;
}

/** The statement for such an append; its values are head's nine, then records', postings', configurations'… lists. */
export function appendStatement(shape: AppendShape): { readonly sql: string; readonly name: string } {
  const name = [
    "append",
    ...(["records", "postings", "configs", "archive"] as const).filter((part) => shape[part]),
  ].join(" ");
  const sql = APPENDS.get(name) ?? appendSql(shape);
  APPENDS.set(name, sql);
  return { sql, name };
}

const APPENDS = new Map<string, string>();

function appendSql({ records, postings, configs, archive }: AppendShape): string {
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
    from += 2;
  }
  if (archive) parts.push(...archiveParts(from));
  return `WITH ${parts.join(", ")} SELECT (SELECT count(*) FROM mine), ${SYNC}`;
}

/** The snapshot at its end stays: it is what the journal begins with now. */
function archiveParts(from: number): readonly string[] {
  const row = ARCHIVE_TYPES.map((type, i) => `$${from + i}::${type}`).join(", ");
  const end = `$${from + 1}`;
  return [
    `a AS (INSERT INTO archive (journal, ${ARCHIVE_COLUMNS}) SELECT $1, ${row} FROM mine)`,
    `k AS (${insertLists("kept", KEPT_COLUMNS, unnest(KEPT_TYPES, from + ARCHIVE_TYPES.length))})`,
    `s AS (UPDATE snapshot SET pinned = 1 FROM mine WHERE journal = $1 AND position = ${end})`,
    `d AS (DELETE FROM snapshot USING mine WHERE journal = $1 AND position < ${end})`,
  ];
}

/** Whether the epoch is still the writer's; no other takes it while the transaction lasts. */
const STILL = "mine AS (SELECT 1 FROM head WHERE journal = $1 AND epoch = $2 FOR SHARE)";

/** Writes a frame of an archive that is being made. Values: journal, epoch, end of the archive, number, bytes. */
export const FRAME = `WITH ${STILL}, f AS (INSERT INTO frame (journal, "to", number, packed)
  SELECT $1, $3::int8, $4::int8, $5::bytea FROM mine ON CONFLICT DO NOTHING)
SELECT (SELECT count(*) FROM mine)`;

/** Frames of an archive the journal was never told of. Values: journal, epoch. */
export const FORGET_FRAMES = `WITH ${STILL}, d AS (DELETE FROM frame USING mine WHERE journal = $1
  AND "to" > (SELECT coalesce(max("to"), 0) FROM archive WHERE journal = $1))
SELECT (SELECT count(*) FROM mine)`;

/** Records that are archived, up to a position. Values: journal, epoch, position. */
export const FORGET_RECORDS = `WITH ${STILL},
  d AS (DELETE FROM record USING mine WHERE journal = $1 AND position <= $3 RETURNING 1)
SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM d)`;

/** Mean size of a body, of some 250 from everywhere; all snapshots. Values: journal, first and last position. */
export const SIZES = `SELECT
  (SELECT coalesce(avg(octet_length(body)), 0)::int8 FROM record WHERE journal = $1 AND position IN
    (SELECT generate_series($2::int8, $3::int8, greatest(1, ($3::int8 - $2::int8) / 250)))),
  (SELECT coalesce(sum(octet_length(state)), 0)::int8 FROM snapshot WHERE journal = $1)`;

/**
 * Writes a snapshot, and forgets all but the newest and those pinned. Values: journal, epoch, the columns, sync, how
 * many stay besides this one.
 */
export const SNAPSHOT = `WITH ${STILL},
s AS (INSERT INTO snapshot (journal, ${SNAPSHOT_COLUMNS}, pinned)
  SELECT $1, $3::int8, $4::int8, $5::int8, $6, $7, $8::bytea, $9::int8 FROM mine
  ON CONFLICT (journal, position) DO UPDATE SET version = excluded.version, seq = excluded.seq,
    chainHash = excluded.chainHash, stateHash = excluded.stateHash, state = excluded.state, pinned = excluded.pinned),
d AS (DELETE FROM snapshot USING mine WHERE journal = $1 AND pinned = 0 AND position <> $3::int8 AND position NOT IN
  (SELECT position FROM snapshot WHERE journal = $1 AND position <> $3::int8 ORDER BY position DESC LIMIT $11))
SELECT (SELECT count(*) FROM mine), set_config('synchronous_commit', $10, true)`;

export const HEAD = "SELECT epoch, position, hash, posting, postingHash FROM head WHERE journal = $1";
export const META_COLUMNS = "format, journalId, bot, tag, lineage, epoch, genesis, sum";
export const NEW_META = `INSERT INTO meta (name, ${META_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
export const NEW_HEAD = `INSERT INTO head (journal, epoch, position, hash, posting, postingHash)
  SELECT journal, 0, 0, $2, 0, $2 FROM meta WHERE name = $1`;
/** Both together or neither: no row where another writer raised the epoch since it was read ($3, $5). */
export const RAISE_META = `UPDATE meta SET lineage = $2, epoch = $3, sum = $4 WHERE journal = $1 AND epoch = $5
  RETURNING 1`;
export const RAISE_HEAD = "UPDATE head SET epoch = $2 WHERE journal = $1 AND epoch = $3 RETURNING 1";

/**
 * Changes nothing, and is committed synchronously: with it, all that was committed before is on the disk, and on that
 * of a synchronous standby. Values: journal, epoch.
 */
export const FORCE = `UPDATE head SET epoch = epoch WHERE journal = $1 AND epoch = $2
  RETURNING set_config('synchronous_commit', 'on', true)`;

/** Questions of readers and of the compactor; the first value is the journal. */
export const QUESTIONS = {
  meta: `SELECT ${META_COLUMNS} FROM meta WHERE journal = $1`,
  last: `SELECT ${RECORD_COLUMNS} FROM record WHERE journal = $1 ORDER BY position DESC LIMIT 1`,
  lastEvent: "SELECT seq, atMs FROM record WHERE journal = $1 AND type = 'event' ORDER BY position DESC LIMIT 1",
  lastEffect: `SELECT seq, "index" FROM record WHERE journal = $1 AND type = 'effect' ORDER BY position DESC LIMIT 1`,
  first: "SELECT position, atMs FROM record WHERE journal = $1 ORDER BY position LIMIT 1",
  hashAt: "SELECT hash FROM record WHERE journal = $1 AND position = $2",
  timeAt: "SELECT atMs FROM record WHERE journal = $1 AND position = $2",
  records: `SELECT ${RECORD_COLUMNS} FROM record WHERE journal = $1 AND position > $2 ORDER BY position LIMIT $3`,
  postings: `SELECT ${POSTING_COLUMNS} FROM posting WHERE journal = $1 AND id > $2 ORDER BY id LIMIT $3`,
  postingSeq: "SELECT seq FROM posting WHERE journal = $1 AND id = $2",
  lastPosting: "SELECT id, hash FROM posting WHERE journal = $1 ORDER BY id DESC LIMIT 1",
  snapshots: `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE journal = $1 ORDER BY position DESC`,
  snapshotPositions: "SELECT position FROM snapshot WHERE journal = $1 ORDER BY position",
  snapshotAt: `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE journal = $1 AND position = $2`,
  lastPin: `SELECT position, atMs FROM record WHERE journal = $1
    AND position = (SELECT max(position) FROM snapshot WHERE journal = $1 AND pinned = 1)`,
  config: "SELECT text FROM config WHERE journal = $1 AND hash = $2",
  configs: "SELECT hash, text FROM config WHERE journal = $1 ORDER BY hash",
  place: `SELECT ${RECORD_COLUMNS} FROM record
    WHERE journal = $1 AND clientOrderId = $2 AND type = 'effect' AND kind = 'place'`,
  fill: "SELECT 1 FROM posting WHERE journal = $1 AND cause = 'fill' AND causeId = $2 AND line = 0",
  archives: `SELECT ${ARCHIVE_COLUMNS} FROM archive WHERE journal = $1 ORDER BY "to"`,
  newestArchive: `SELECT ${ARCHIVE_COLUMNS} FROM archive WHERE journal = $1 ORDER BY "to" DESC LIMIT 1`,
  archiveHashAt: 'SELECT hashAfter FROM archive WHERE journal = $1 AND "to" = $2',
  kept: `SELECT ${KEPT_COLUMNS} FROM kept WHERE journal = $1 ORDER BY position`,
  keptEnd: `SELECT (SELECT count(*) FROM kept WHERE journal = $1), chain FROM kept WHERE journal = $1
    ORDER BY position DESC LIMIT 1`,
} as const satisfies Record<Question, string>;

/** Of these there is no table in a database that an older release made: then nothing was ever archived. */
export const OF_ARCHIVES: ReadonlySet<Question> = new Set<Question>([
  "lastPin",
  "archives",
  "newestArchive",
  "archiveHashAt",
  "kept",
  "keptEnd",
]);

/** Frames of an archive; whether there is one; the end of the newest archive without any. */
export const FRAMES = 'SELECT packed FROM frame WHERE journal = $1 AND "to" = $2 ORDER BY number';
export const HAS_FRAMES = 'SELECT EXISTS (SELECT FROM frame WHERE journal = $1 AND "to" = $2)';
export const WITHOUT_FRAMES = `SELECT max("to") FROM archive AS a WHERE journal = $1
  AND NOT EXISTS (SELECT FROM frame AS f WHERE f.journal = a.journal AND f."to" = a."to")`;
