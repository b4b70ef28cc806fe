// Configuration files → one frozen value, or every problem of the file at once (OPS-01…08, RISK-50). The only reader of
// configuration; it looks at nothing but the file and the environment it is given.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../base/result.ts";
import type { Environment } from "./expand.ts";
import { judge } from "./judge.ts";
import type { LoadedConfig } from "./loaded.ts";
import { renameOldKeys } from "./old-names.ts";
import type { ConfigProblem } from "./problem.ts";
import { KEY_INFO } from "./problem-desk.ts";
import { readTree } from "./tree.ts";

export type { LoadedConfig } from "./loaded.ts";
export { type ConfigProblem, renderProblems } from "./problem.ts";

/** A file, or the text itself with the name problems give it. */
export type ConfigSource = { readonly path: string } | { readonly text: string; readonly file: string };

export interface LoadOptions {
  /** What `${VAR}` reads: `process.env` from a main. */
  readonly environment: Environment;
}

/** Where the configuration is (OPS-01): `--config`, OPENSQT_CONFIG_YAML, OPENSQT_CONFIG, `./opensqt.yaml`. */
export function configSource(path: string | undefined, environment: Environment): ConfigSource {
  if (path !== undefined) return { path };
  const text = environment["OPENSQT_CONFIG_YAML"];
  if (text !== undefined && text !== "") return { text, file: "OPENSQT_CONFIG_YAML" };
  const named = environment["OPENSQT_CONFIG"];
  return { path: named === undefined || named === "" ? "opensqt.yaml" : named };
}

/** Reads, expands, checks and freezes. Never throws; all problems are in the order of the file. */
export function loadConfig(
  source: ConfigSource | string,
  options: LoadOptions,
): Result<LoadedConfig, readonly ConfigProblem[]> {
  const given = typeof source === "string" ? { path: source } : source;
  const read = readSource(given);
  if (!read.ok) return read;
  const { file, text } = read.value;
  const tree = readTree(text, { file, environment: options.environment, infoOf: (key) => KEY_INFO.get(key) });
  if (tree.values === undefined || tree.problems.some((problem) => problem.key === "")) return fail(tree.problems);
  const judged = judge(renameOldKeys(tree), { file, text });
  const found = new Set(tree.problems.map((problem) => problem.key));
  const problems = [...tree.problems, ...judged.problems.filter((problem) => !found.has(problem.key))];
  if (problems.length > 0 || judged.config === null) return fail(problems.sort((a, b) => a.line - b.line));
  return ok(frozen(judged.config));
}

function readSource(
  source: ConfigSource,
): Result<{ readonly file: string; readonly text: string }, readonly ConfigProblem[]> {
  if ("text" in source) return ok(source);
  const file = source.path;
  try {
    return ok({ file, text: readFileSync(resolve(file), "utf8") });
  } catch (error) {
    const text = `cannot be read (${reasonOf(error)}); name the file with --config or OPENSQT_CONFIG`;
    return fail([{ file, line: 0, key: "", value: null, text }]);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  return typeof code === "string" ? code : "unknown reason";
}

/** Frozen all the way down (OPS-02). */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) frozen(item);
  return value;
}
