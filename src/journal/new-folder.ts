// The folder a copy of a journal is made in: new or empty, so that nothing of somebody else's is mixed with it, and
// nothing is left in it when the copy does not come about.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../config/make-folder.ts";
import { JournalError } from "./errors.ts";
import { JOURNAL_FILE } from "./reader.ts";
import { cannotWrite } from "./write-faults.ts";

/** What a file system makes by itself. */
const NOBODYS = "lost+found";

/** Errors: JOURNAL_EXISTS where something lies there already; changes nothing. */
export function assertEmpty(dir: string): void {
  const there = namesIn(dir);
  if (there.length === 0) return;
  const what = there.includes(JOURNAL_FILE) || there.includes("head") ? "there is a journal in" : "something lies in";
  throw new JournalError("JOURNAL_EXISTS", `JOURNAL_EXISTS: ${what} ${dir} already. Name a new folder.`);
}

/** Errors: CANNOT_WRITE where none can be made. */
export function makeJournalFolder(dir: string): void {
  try {
    makeFolder(dir);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOSPC" || code === "EDQUOT") throw cannotWrite("full", dir, error);
    if (code === "EIO") throw cannotWrite("failed", dir, error);
    // in /proc nothing can be made, nor below a file
    throw cannotWrite("read-only", dir, error);
  }
}

/** Removes everything from a folder that was empty before. */
export function emptyAgain(dir: string): void {
  for (const name of namesIn(dir)) rmSync(join(dir, name), { recursive: true, force: true });
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name !== NOBODYS);
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (isAbsent) return []; // making it says what is wrong
    throw cannotWrite("read-only", dir, error);
  }
}
