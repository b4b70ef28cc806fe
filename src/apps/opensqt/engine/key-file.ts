// A file that holds an API key: read only where nobody else may read it.

import { readFileSync, statSync } from "node:fs";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError } from "../output.ts";

/** Errors: CommandError 9 where others may read it, 3 where it cannot be read. */
export function keyOf(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      const hint = `Take the rights of others away: chmod 600 ${path}`;
      throw new CommandError(EXIT_CODES.credentials, `${path} can be read by others`, hint);
    }
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT_CODES.refused, `the key file cannot be read: ${why}`);
  }
}
