// Files that appear whole or not at all: written beside their place, synced, then renamed onto it.

import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DataError } from "./error.ts";

/** Name of a temporary file in the same folder, so that the rename stays on one disk. */
export function temporaryFor(path: string, purpose: string): string {
  return join(dirname(path), `.${basename(path)}.${purpose}-${process.pid}`);
}

/** Syncs `temporary` and gives it its name. Throws {@link DataError} `cannotWrite`; then nothing of it is left. */
export function commitFile(temporary: string, path: string): void {
  try {
    const file = openSync(temporary, "r+");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    discardFile(temporary);
    throw DataError.fromSystem(error, path, "write");
  }
}

/** Removes a temporary file if it is there. */
export function discardFile(temporary: string): void {
  rmSync(temporary, { force: true });
}
