// `--env-file PATH`, anywhere on the command line and repeatable: it is taken before any command reads the environment,
// and the children inherit what it brought (OPS-61).

import { withEnvFiles } from "../../config/env-file.ts";
import { renderProblems } from "../../config/problem.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, usageError } from "./output.ts";

/** The words without the option; `process.env` has what the files add. Errors: CommandError 2 and 3. */
export function takeEnvFiles(words: readonly string[]): readonly string[] {
  const paths: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") return taken(paths, [...rest, ...words.slice(at)]);
    if (word === "--env-file") {
      const path = words[at + 1];
      if (path === undefined || path.startsWith("-")) throw usageError("--env-file needs the path of a file");
      paths.push(path);
      at += 1;
    } else if (word.startsWith("--env-file=")) paths.push(word.slice("--env-file=".length));
    else rest.push(word);
  }
  return taken(paths, rest);
}

function taken(paths: readonly string[], rest: readonly string[]): readonly string[] {
  const read = withEnvFiles(process.env, paths);
  if (!read.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(read.error), "see .env.example");
  for (const [name, value] of Object.entries(read.value)) if (value !== undefined) process.env[name] = value;
  return rest;
}
