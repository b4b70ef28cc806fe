// Makes a folder and what is missing above it. Node's own way of doing so never ends where a file system answers that
// there is no such place, as /proc does; here that is an error like any other.

import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** `mode`: of every folder that is made. Errors: those of mkdir (EACCES, ENOENT, ENOTDIR, EROFS, …). */
export function makeFolder(path: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  // what is there may be a file: that is said too
  if (missing.length === 0) mkdirSync(path, { recursive: true });
  for (const folder of missing) made(folder, mode);
}

function made(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere) throw error;
    // somebody else made it meanwhile
  }
}
