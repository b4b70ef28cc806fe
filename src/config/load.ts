// Configuration files → one frozen value, or every problem of the file at once (OPS-01…08, RISK-50). The only reader of
// configuration; it looks at nothing but the file and the environment it is given.

import { fail, ok, type Result } from "../base/result.ts";
import type { Environment } from "./expand.ts";
import { frozen } from "./frozen.ts";
import { judge } from "./judge.ts";
import type { LoadedConfig } from "./loaded.ts";
import { renameOldKeys } from "./old-names.ts";
import type { ConfigProblem } from "./problem.ts";
import { CONFIG_KEYS } from "./schema.ts";
import { type ConfigSource, readSource } from "./source.ts";
import { readTree } from "./tree.ts";

export type { LoadedConfig } from "./loaded.ts";
export { type ConfigProblem, renderProblems } from "./problem.ts";
export type { ConfigSource } from "./source.ts";

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
  const tree = readTree(text, { file, environment: options.environment, infoOf: (key) => CONFIG_KEYS.infoOf(key) });
  if (tree.values === undefined || tree.problems.some((problem) => problem.key === "")) return fail(tree.problems);
  const judged = judge(renameOldKeys(tree), { file, text });
  const found = new Set(tree.problems.map((problem) => problem.key));
  const problems = [...tree.problems, ...judged.problems.filter((problem) => !found.has(problem.key))];
  if (problems.length > 0 || judged.config === null) return fail(problems.sort((a, b) => a.line - b.line));
  return ok(frozen(judged.config));
}
