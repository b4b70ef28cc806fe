// Files of `NAME=value` lines for --env-file (OPS-61). They fill in what the environment does not have; they hold
// secrets, so a file others may read is refused.

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../base/result.ts";
import type { Environment } from "./expand.ts";
import type { ConfigProblem } from "./problem.ts";

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/;

/** The environment with what the files add: of two files the later wins, and the environment over both. */
export function withEnvFiles(
  environment: Environment,
  paths: readonly string[],
): Result<Environment, readonly ConfigProblem[]> {
  const read: { [name: string]: string } = {};
  const problems: ConfigProblem[] = [];
  for (const path of paths) {
    const values = envFile(path);
    if (values.ok) Object.assign(read, values.value);
    else problems.push(...values.error);
  }
  if (problems.length > 0) return fail(problems);
  const own = Object.entries(environment).filter(([, value]) => value !== undefined);
  return ok({ ...read, ...Object.fromEntries(own) });
}

function envFile(path: string): Result<{ [name: string]: string }, readonly ConfigProblem[]> {
  const whole = (text: string) => fail([{ file: path, line: 0, key: "", value: null, text }]);
  let content: string;
  try {
    const stat = statSync(resolve(path));
    if (!stat.isFile()) return whole("is no regular file; name one with NAME=value lines");
    const mode = stat.mode & 0o777;
    if ((mode & 0o066) !== 0) {
      return whole(`may be read or written by others (mode ${mode.toString(8)}); run: chmod 600 ${path}`);
    }
    content = readFileSync(resolve(path), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return whole(`cannot be read (${code === "ENOENT" ? "there is no such file" : code}); name it with --env-file`);
  }
  return parseEnvLines(content, path);
}

/** `NAME=value`, `export NAME=value`, `# …` and blank lines; a value may stand in quotes. Values are never repeated. */
export function parseEnvLines(
  content: string,
  file: string,
): Result<{ [name: string]: string }, readonly ConfigProblem[]> {
  const values: { [name: string]: string } = {};
  const problems: ConfigProblem[] = [];
  for (const [index, raw] of content
    .replace(/^\ufeff/, "")
    .split("\n")
    .entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, rest] = LINE.exec(line) ?? [];
    const value = rest === undefined ? null : plainValue(rest.trim());
    if (name === undefined) problems.push(problem(file, index, "is not NAME=value"));
    else if (value === null) problems.push(problem(file, index, `${name} begins with a quote that does not end`));
    else values[name] = value;
  }
  return problems.length > 0 ? fail(problems) : ok(values);
}

const problem = (file: string, index: number, text: string): ConfigProblem => ({
  file,
  line: index + 1,
  key: "",
  value: null,
  text,
});

/** Null: an open quote. What follows ` #` outside quotes is a comment. */
function plainValue(text: string): string | null {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return text.replace(/\s+#.*$/, "");
  const end = text.indexOf(quote, 1);
  const after = text.slice(end + 1).trim();
  return end > 0 && (after === "" || after.startsWith("#")) ? text.slice(1, end) : null;
}
