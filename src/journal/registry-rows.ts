// Rows of the registry of bots: each is a whole bot as it was decided, with who and why, chained by hash. Only ever
// added to; the table itself refuses anything else.

import type { DatabaseSync } from "node:sqlite";
import { canonicalText } from "../base/canonical-writer.ts";
import { sha256Hex } from "./chain.ts";
import { JournalError } from "./errors.ts";

/** What the operator wants of a bot. `created`: never started yet. */
export type WantedState = "created" | "running" | "paused" | "stopped" | "deleted";

/** What a row did. */
export type RegistryAct =
  | "seed"
  | "create"
  | "update"
  | "revert"
  | "start"
  | "pause"
  | "resume"
  | "stop"
  | "flatten"
  | "delete";

/** How a paused bot is held. */
export interface WantedPause {
  readonly cancelEntries: boolean;
  readonly leg: "L" | "S" | "both";
}

/** Who asked for it, by which call (API-10, API-11). */
export interface RegistryCaller {
  readonly by: string;
  readonly reason: string;
  readonly requestId: string;
  readonly address: string;
}

/** One bot, whole, as of one change. */
export interface BotRecord extends RegistryCaller {
  /** Number of the change in the registry: 1, 2, 3 … over all bots. */
  readonly change: number;
  readonly act: RegistryAct;
  readonly id: string;
  /** Six characters, unique per account (DUR-41). */
  readonly tag: string;
  readonly strategy: string;
  readonly instruments: readonly string[];
  /** The configuration as it was written. */
  readonly config: string;
  readonly revision: number;
  readonly wanted: WantedState;
  readonly pause: WantedPause | null;
  /** Unix ms. */
  readonly atMs: number;
}

const TABLES = `
CREATE TABLE change (
  change INTEGER PRIMARY KEY, act TEXT NOT NULL, id TEXT NOT NULL, tag TEXT NOT NULL, strategy TEXT NOT NULL,
  instruments TEXT NOT NULL, config TEXT NOT NULL, revision INTEGER NOT NULL, wanted TEXT NOT NULL, pause TEXT,
  "by" TEXT NOT NULL, reason TEXT NOT NULL, requestId TEXT NOT NULL, address TEXT NOT NULL, atMs INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX changeOfBot ON change (id, change);
CREATE TRIGGER changeIsFinal BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'a change is final'); END;
CREATE TRIGGER changeStays BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'a change stays'); END;
`;
const GENESIS = sha256Hex("registry of bots, format 1");
export const CHANGE_COLUMNS = `change, act, id, tag, strategy, instruments, config, revision, wanted, pause, "by",
  reason, requestId, address, atMs, hash`;
const INSERT = `INSERT INTO change (${CHANGE_COLUMNS})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Where changes are kept: a file of SQLite's or a table of Postgres. */
export interface ChangeLog {
  /** For people. */
  readonly where: string;
  /** Every row in order, its chain checked. Errors: JOURNAL_CORRUPT naming the row. */
  read(): { readonly records: BotRecord[]; readonly hash: string };
  /** Adds one row after `lastHash`'s, on the disk when it returns; returns its hash. Errors: JournalError. */
  add(record: BotRecord, lastHash: string): string;
  /** Null while this process owns it; else why not any more. */
  lost(): string | null;
  /** Gives back what is held; a second call does nothing. */
  close(): void;
}

/** Makes the table where there is none. */
export function makeRegistry(db: DatabaseSync): void {
  const made = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'change'").get();
  if (made === undefined) db.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
}

/** Adds one row after the one with `lastHash`; returns its hash. */
export function addChange(db: DatabaseSync, record: BotRecord, lastHash: string): string {
  const { cells, hash } = changeCells(record, lastHash);
  db.prepare(INSERT).run(...cells);
  return hash;
}

/** A change as the values of CHANGE_COLUMNS, and its hash. */
export function changeCells(record: BotRecord, lastHash: string): { readonly cells: Cells; readonly hash: string } {
  const hash = hashOf(record, lastHash);
  const pause = record.pause === null ? null : JSON.stringify(record.pause);
  const { change, act, id, tag, strategy, config, revision, wanted, by, reason, requestId, address, atMs } = record;
  const instruments = JSON.stringify(record.instruments);
  const what = [change, act, id, tag, strategy, instruments, config, revision, wanted, pause];
  return { cells: [...what, by, reason, requestId, address, atMs, hash], hash };
}

type Cells = readonly (string | number | null)[];

/** Every row in order, its chain checked. Errors: JOURNAL_CORRUPT naming the row. */
export const readChanges = (db: DatabaseSync, path: string): { records: BotRecord[]; hash: string } =>
  checkedChanges(db.prepare("SELECT * FROM change ORDER BY change").iterate(), path);

/** Rows by their columns, in order. Errors: JOURNAL_CORRUPT naming the row. */
export function checkedChanges(rows: Iterable<Row>, path: string): { records: BotRecord[]; hash: string } {
  const records: BotRecord[] = [];
  let hash = GENESIS;
  for (const row of rows) {
    const record = recordOf(row);
    if (record === null || record.change !== records.length + 1 || hashOf(record, hash) !== row["hash"]) {
      throw damagedRegistry(`row ${records.length + 1} of ${path} is not what was written`);
    }
    hash = hashOf(record, hash);
    records.push(record);
  }
  return { records, hash };
}

/** The commands that put a journal right know no registry: it is put back, or begun anew from the files. */
export function damagedRegistry(what: string, cause?: unknown): JournalError {
  const text =
    `JOURNAL_CORRUPT: the registry of bots is damaged: ${what}. Nothing was changed, no bot was started, and own ` +
    "orders may be open on the exchange. The bots' journals are another matter. Put a backup of it back, or " +
    "move it away: then the bots of the configuration file go on with their journals, `opensqt bot add FILE` brings " +
    "back the others, and what was paused or stopped trades until it is paused or stopped again.";
  return new JournalError("JOURNAL_CORRUPT", text, { cause });
}

const hashOf = (record: BotRecord, before: string): string => sha256Hex(`${before}\n${canonicalText({ ...record })}`);

type Row = { readonly [column: string]: unknown };

/** A row as a record, or null when a column is not what this release writes. */
function recordOf(row: Row): BotRecord | null {
  const pause = row["pause"] === null ? null : pauseOf(textOf(row, "pause"));
  const instruments = listOf(textOf(row, "instruments"));
  const act = ACTS.find((each) => each === row["act"]);
  const wanted = WANTED.find((each) => each === row["wanted"]);
  if (act === undefined || wanted === undefined || instruments === null || pause === undefined) return null;
  return {
    change: integerOf(row, "change"),
    act,
    id: textOf(row, "id"),
    tag: textOf(row, "tag"),
    strategy: textOf(row, "strategy"),
    instruments,
    config: textOf(row, "config"),
    revision: integerOf(row, "revision"),
    wanted,
    pause,
    by: textOf(row, "by"),
    reason: textOf(row, "reason"),
    requestId: textOf(row, "requestId"),
    address: textOf(row, "address"),
    atMs: integerOf(row, "atMs"),
  };
}

const ACTS: readonly RegistryAct[] = [
  "seed",
  "create",
  "update",
  "revert",
  "start",
  "pause",
  "resume",
  "stop",
  "flatten",
  "delete",
];
const WANTED: readonly WantedState[] = ["created", "running", "paused", "stopped", "deleted"];
const LEGS = ["L", "S", "both"] as const;

const textOf = (row: Row, column: string): string => {
  const value = row[column];
  return typeof value === "string" ? value : "";
};

/** −1 for what is no integer: no row of ours has one. */
const integerOf = (row: Row, column: string): number => {
  const value = row[column];
  return typeof value === "number" ? value : -1;
};

function listOf(text: string): readonly string[] | null {
  const value = parsed(text);
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : null;
}

function pauseOf(text: string): WantedPause | undefined {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { cancelEntries, leg } = value as { readonly cancelEntries?: unknown; readonly leg?: unknown };
  const known = LEGS.find((each) => each === leg);
  return typeof cancelEntries === "boolean" && known !== undefined ? { cancelEntries, leg: known } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
