// Text of a process's file → values that passed its schema, with the desk that gives every later problem its place. The
// part all processes share.

import type { z } from "zod";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Environment } from "../expand.ts";
import { type Renamed, renameOldKeys } from "../old-names.ts";
import { type ConfigProblem, renderProblems } from "../problem.ts";
import { isSection, ProblemDesk } from "../problem-desk.ts";
import type { KnownKeys } from "../schema-walk.ts";
import { type ConfigSource, readSource } from "../source.ts";
import { readTree } from "../tree.ts";

export interface ReadFile<V> {
  readonly file: string;
  readonly text: string;
  /** Null: the schema refused; its problems are at the desk. */
  readonly values: V | null;
  /** Before defaults, with variables in their places. */
  readonly written: unknown;
  readonly desk: ProblemDesk;
  readonly warnings: readonly string[];
}

export interface FileKind<S extends z.ZodType> {
  readonly schema: S;
  readonly keys: KnownKeys;
}

/** Reads, expands and checks against the schema. Only a text that is no YAML fails; the rest is at the desk. */
export function readProcessFile<S extends z.ZodType>(
  source: ConfigSource | string,
  environment: Environment,
  kind: FileKind<S>,
): Result<ReadFile<z.infer<S>>, readonly ConfigProblem[]> {
  const read = readSource(typeof source === "string" ? { path: source } : source);
  if (!read.ok) return read;
  const { file, text } = read.value;
  const tree = readTree(text, { file, environment, infoOf: (key) => kind.keys.infoOf(key) });
  if (tree.values === undefined || tree.problems.some(({ key }) => key === "")) return fail(tree.problems);
  const renamed = renameOldKeys(tree, botsIn(tree.values));
  const desk = new ProblemDesk(renamed, file, kind.keys);
  for (const one of tree.problems) desk.take(one);
  for (const one of renamed.problems) desk.say(one.key, one.text);
  sayLater(renamed, desk, kind.keys);
  const parsed = kind.schema.safeParse(renamed.values);
  if (!parsed.success) for (const issue of parsed.error.issues) desk.issue(issue);
  return ok({
    file,
    text,
    values: parsed.success ? parsed.data : null,
    written: renamed.values,
    desk,
    warnings: renamed.warnings.map((one) => renderProblems([desk.problem(one.key, one.text)])),
  });
}

/** Sections the design names and a later release brings: said as that, not as a slip of the pen. */
const LATER = ["alerts", "record", "risk", "portfolio", "pairs", "connectors"];

function sayLater(renamed: Renamed, desk: ProblemDesk, keys: KnownKeys): void {
  if (!isSection(renamed.values)) return;
  const there = keys.namesAt([]);
  for (const key of LATER) {
    if (!there.includes(key) && Object.hasOwn(renamed.values, key))
      desk.say(key, "comes with a later release; leave it out", "");
  }
}

/** Where bots stand in the values: `bot`, `bots.0`, `bots.1`, …. */
export function botsIn(values: unknown): readonly string[] {
  if (!isSection(values)) return [];
  const list = values["bots"];
  const listed = Array.isArray(list) ? list.map((_, index) => `bots.${index}`) : [];
  return isSection(values["bot"]) ? ["bot", ...listed] : listed;
}
