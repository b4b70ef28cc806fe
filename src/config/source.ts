// Where a configuration is, and its text (OPS-01).

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../base/result.ts";
import type { ConfigProblem } from "./problem.ts";

/** A file, or the text itself with the name problems give it. */
export type ConfigSource = { readonly path: string } | { readonly text: string; readonly file: string };

/** What is saved otherwise would be read with other letters than were written. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** A file's text under its name; one problem when it cannot be read. */
export function readSource(
  source: ConfigSource,
): Result<{ readonly file: string; readonly text: string }, readonly ConfigProblem[]> {
  if ("text" in source) return ok(source);
  const file = source.path;
  try {
    return ok({ file, text: UTF8.decode(readFileSync(resolve(file))) });
  } catch (error) {
    const text = `cannot be read (${reasonOf(error)}); name the file with --config or OPENSQT_CONFIG`;
    return fail([{ file, line: 0, key: "", value: null, text }]);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "it is not UTF-8: save it as UTF-8";
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  return typeof code === "string" ? code : "unknown reason";
}
