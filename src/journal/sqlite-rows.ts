// Rows of the SQLite journal ↔ what they mean, checked before anyone sees them: a damaged row is a JournalError.

import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { encodeCanonical } from "../base/canonical.ts";
import { type Money, money } from "../market/amounts.ts";
import type { Account, Posting, PostingCause } from "../trading/ledger.ts";
import type { Members } from "./body.ts";
import { genesisOf, sha256Hex } from "./chain.ts";
import { postingText } from "./codec.ts";
import { corrupt } from "./errors.ts";
import type { JournalMeta, JournalRecord, PostingToAppend, RecordType, Snapshot } from "./port.ts";

/** Largest state a snapshot may unpack to. */
const STATE_BYTES_MAX = 1 << 30;

export type Row = readonly SQLOutputValue[];

/** Rows of a statement that was prepared with `returnArrays`, which its type does not know. */
export const rowsOf = (rows: readonly unknown[]): readonly Row[] => rows as readonly Row[];

const TYPES: Members<RecordType> = { event: true, effect: true, mark: true, anchor: true, seal: true };
const CAUSES: Members<PostingCause> = { fill: true, funding: true, adjustment: true, adoption: true };
const ACCOUNTS: Members<Account> = {
  cash: true,
  holding: true,
  market: true,
  fee: true,
  funding: true,
  adjustment: true,
};

export const RECORD_COLUMNS = 'position, type, seq, "index", epoch, atMs, kind, version, clientOrderId, body, hash';
export const POSTING_COLUMNS = "id, seq, position, cause, causeId, line, account, asset, amount, atMs, hash";

export const SNAPSHOT_COLUMNS = "position, version, seq, chainHash, stateHash, state";

/** Statement that inserts one row with these columns. */
export const insertInto = (table: string, columns: string): string =>
  `INSERT INTO ${table} (${columns}) VALUES (${columns.split(",").fill("?").join(", ")})`;

/** Values of a record in the order of RECORD_COLUMNS. */
export const recordCells = (r: JournalRecord): SQLInputValue[] => [
  r.position,
  r.type,
  r.seq,
  r.index,
  r.epoch,
  r.atMs,
  r.kind,
  r.version,
  r.clientOrderId,
  r.body,
  r.hash,
];

/** Values of a posting in the order of POSTING_COLUMNS. */
export function postingCells(row: PostingRow): SQLInputValue[] {
  const { cause, causeId, account, asset, amount, atMs } = row.posting;
  return [row.id, row.seq, row.position, cause, causeId, row.line, account, asset, amount.toString(), atMs, row.hash];
}

/** A posting with where it stands: `position` is the journal's after the B that wrote it. */
export interface PostingRow extends PostingToAppend {
  readonly id: number;
  readonly position: number;
  readonly line: number;
  readonly hash: string;
}

/** What the `sum` column of `meta` covers: a flipped lineage or epoch would reuse ids or let two writers in. */
export const metaSum = (meta: JournalMeta): string => sha256Hex(encodeCanonical(meta));

/** Puts the one row of `meta`. */
export function writeMeta(db: DatabaseSync, meta: JournalMeta): void {
  const columns = "id, format, journalId, bot, tag, lineage, epoch, genesis, sum";
  const { format, journalId, bot, tag, lineage, epoch, genesis } = meta;
  db.prepare(`INSERT OR REPLACE INTO meta (${columns}) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
    format,
    journalId,
    bot,
    tag,
    lineage,
    epoch,
    genesis,
    metaSum(meta),
  );
}

/** Chain of the postings: each line covers the one before it. */
export const postingHash = (previous: string, row: Omit<PostingRow, "hash">): string =>
  sha256Hex(`${previous}[${row.id},${row.seq},${row.position},${row.line}]${postingText(row.posting)}`);

/** State text as a snapshot row holds it. */
export const packState = (state: string): Buffer =>
  zstdCompressSync(state, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });

/** The packed state of a snapshot row as text, or null when it cannot be unpacked. */
function unpack(state: SQLOutputValue | undefined): string | null {
  if (!(state instanceof Uint8Array)) return null;
  try {
    return zstdDecompressSync(state, { maxOutputLength: STATE_BYTES_MAX }).toString("utf8");
  } catch {
    return null; // damaged bytes: the snapshot is skipped with a warning (DUR-20)
  }
}

export function snapshotOf(row: Row): Snapshot | string {
  const [position, version, seq, chainHash, stateHash] = row;
  const state = unpack(row[5]);
  const whole = typeof position === "number" && typeof version === "number" && typeof seq === "number";
  if (!whole || typeof chainHash !== "string" || typeof stateHash !== "string")
    return "a snapshot row is damaged; skipped";
  if (state === null) return `snapshot at position ${position} is skipped: its bytes cannot be unpacked`;
  return { position, version, seq, chainHash, stateHash, state };
}

export function metaOf(row: Row): JournalMeta {
  const meta: JournalMeta = {
    format: integer(row[0], 1, "format"),
    journalId: text(row[1], 1, "journalId"),
    bot: text(row[2], 1, "bot"),
    tag: text(row[3], 1, "tag"),
    lineage: integer(row[4], 1, "lineage"),
    epoch: integer(row[5], 1, "epoch"),
    genesis: text(row[6], 1, "genesis"),
  };
  if (metaSum(meta) !== row[7] || genesisOf(meta) !== meta.genesis) {
    throw corrupt(1, "the row that says whose journal this is was changed");
  }
  return meta;
}

export function recordOf(row: Row, expected = 1): JournalRecord {
  const position = integer(row[0], expected, "position");
  const type = row[1];
  const clientOrderId = row[8];
  if (typeof type !== "string" || !Object.hasOwn(TYPES, type)) throw corrupt(position, "its type is damaged");
  return {
    position,
    type: type as RecordType,
    seq: integer(row[2], position, "seq"),
    index: integer(row[3], position, "index"),
    epoch: integer(row[4], position, "epoch"),
    atMs: integer(row[5], position, "atMs"),
    kind: text(row[6], position, "kind"),
    version: integer(row[7], position, "version"),
    clientOrderId: clientOrderId === null ? null : text(clientOrderId, position, "clientOrderId"),
    body: text(row[9], position, "body"),
    hash: text(row[10], position, "hash"),
  };
}

export function postingOf(row: Row): PostingRow {
  const id = integer(row[0], 1, "id of a posting");
  const what = (name: string): string => `${name} of posting ${id}`;
  const position = integer(row[2], 1, what("position"));
  const cause = oneOf(row[3], CAUSES, position, what("cause"));
  const account = oneOf(row[6], ACCOUNTS, position, what("account"));
  const posting: Posting = {
    cause,
    causeId: text(row[4], position, what("causeId")),
    account,
    asset: text(row[7], position, what("asset")),
    amount: amount(row[8], position, what("amount")),
    atMs: integer(row[9], position, what("atMs")),
  };
  const seq = integer(row[1], position, what("seq"));
  const line = integer(row[5], position, what("line"));
  return { id, seq, position, line, posting, hash: text(row[10], position, what("hash")) };
}

export function integer(value: SQLOutputValue | undefined, position: number, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw corrupt(position, `its ${what} is damaged`);
}

function text(value: SQLOutputValue | undefined, position: number, what: string): string {
  if (typeof value === "string") return value;
  throw corrupt(position, `its ${what} is damaged`);
}

// tidy-ok: the same four facts as its neighbours
function oneOf<T extends string>(value: unknown, members: Members<T>, position: number, what: string): T {
  if (typeof value === "string" && Object.hasOwn(members, value)) return value as T;
  throw corrupt(position, `the ${what} is damaged`);
}

function amount(value: SQLOutputValue | undefined, position: number, what: string): Money {
  if (typeof value === "string" && /^(?:0|-?[1-9]\d{0,99})$/.test(value)) return money(BigInt(value));
  throw corrupt(position, `the ${what} is damaged`);
}
