// What SQLite and the file system throw → what the journal says. The only place that knows their numbers.

import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { BugError } from "../base/assert.ts";
import { corrupt, JournalError } from "./errors.ts";
import { cannotWrite } from "./write-faults.ts";

/** Primary result codes (sqlite3.h). */
const SQLITE = {
  ERROR: 1,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  CONSTRAINT: 19,
  NOTADB: 26,
};

/** Where a failure happened. `goodTo`: last position known to be good. */
export interface Failing {
  readonly path: string;
  readonly goodTo: number;
}

/** SQLite's primary result code, or null where the error is not SQLite's. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}

export const isBusy = (error: unknown): boolean => {
  const code = sqliteCode(error);
  return code === SQLITE.BUSY || code === SQLITE.LOCKED;
};

export const isCannotOpen = (error: unknown): boolean => sqliteCode(error) === SQLITE.CANTOPEN;

/** A unique key was there already. */
export const isConstraint = (error: unknown): boolean => sqliteCode(error) === SQLITE.CONSTRAINT;

/** The error as a JournalError; one that is neither the disk's nor the file's is given back as it is. */
export function journalError(error: unknown, failing: Failing): unknown {
  if (error instanceof JournalError || error instanceof BugError) return error;
  const code = sqliteCode(error);
  if (code !== null) return fromSqlite(code, error, failing);
  if (!(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return cannotWrite("full", failing.path, error);
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return cannotWrite("read-only", failing.path, error);
    case "EIO":
      return cannotWrite("failed", failing.path, error);
    case "ERR_OUT_OF_RANGE":
      // node:sqlite on an integer beyond 2^53: never written by us
      return corrupt(failing.goodTo + 1, "a number is out of range", error);
    default:
      return error;
  }
}

function fromSqlite(code: number, error: unknown, failing: Failing): JournalError {
  const at = failing.goodTo + 1;
  const text = error instanceof Error ? error.message : String(error);
  switch (code) {
    case SQLITE.CORRUPT:
      return corrupt(at, `a page of ${failing.path} is destroyed`, error);
    case SQLITE.NOTADB:
      return corrupt(at, `${failing.path} is not a journal database`, error);
    case SQLITE.ERROR:
      return corrupt(at, `the tables of ${failing.path} are not as they were made (${text})`, error);
    case SQLITE.FULL:
      return cannotWrite("full", failing.path, error);
    case SQLITE.READONLY:
      return cannotWrite("read-only", failing.path, error);
    case SQLITE.CANTOPEN:
      return cannotWrite(readOnly(failing.path) ? "read-only" : "failed", failing.path, error);
    case SQLITE.BUSY:
    case SQLITE.LOCKED:
      return cannotWrite("busy", failing.path, error);
    default:
      return cannotWrite("failed", failing.path, error);
  }
}

function readOnly(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return false;
  } catch {
    return true; // whatever stands in the way, this process may not write there
  }
}
