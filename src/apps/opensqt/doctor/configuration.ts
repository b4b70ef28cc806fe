// The configuration as a patient: every problem of the file, its warnings, and what of it is at odds.

import type { ConfigProblem } from "../../../config/problem.ts";
import { renderProblems } from "../../../config/problem.ts";
import type { LoadedKind } from "../../../config/process/kinds.ts";
import { type Check, type Finding, fine, stop, warn } from "./check.ts";

/** Problems as the loader found them; null: there were none. */
export function fileCheck(loaded: LoadedKind | null, problems: readonly ConfigProblem[], name: string): Check {
  return {
    area: "configuration",
    name: "file",
    timeoutMs: 1000,
    run: () => (loaded === null ? problems.map(problemFinding) : goodFindings(loaded, name)),
  };
}

const problemFinding = (problem: ConfigProblem): Finding =>
  stop(renderProblems([problem]), "correct the line; docs/configuration.md lists every key");

function goodFindings(config: LoadedKind, name: string): readonly Finding[] {
  const secrets = config.secrets.length === 0 ? "" : `, ${config.secrets.length} secrets read`;
  const found = [fine(`${config.file} is good for ${name}${secrets}`)];
  for (const warning of config.warnings) found.push(warn(warning, "write the new name"));
  if ("grpc" in config && config.grpc.clients.length === 0) {
    found.push(warn("nobody may call this process over gRPC", "name callers in grpc.clients"));
  }
  return found;
}
