// What a fleet says when it does not do what was asked: nothing was changed. Values, since callers must tell them
// apart.

import { fail, type Result } from "../../base/result.ts";
import type { ConfigProblem } from "../../config/problem.ts";
import type { RegistryRefusal } from "../../journal/registry.ts";

/** `CONDITION`: a condition is missing that may come; `CONFIG`: the text itself is wrong; `LIMIT`: there is no room. */
export type FleetRefusalCode =
  | RegistryRefusal["code"]
  | "CONDITION"
  | "CONFIG"
  | "LIMIT"
  | "UNAVAILABLE"
  | "CANNOT_WRITE"
  | "CLOSING";

export interface FleetRefusal {
  readonly code: FleetRefusalCode;
  readonly text: string;
  /** What is wrong with the text, with lines and keys (CONFIG). */
  readonly problems: readonly ConfigProblem[];
}

export const refuse = (code: FleetRefusalCode, text: string): Result<never, FleetRefusal> =>
  fail({ code, text, problems: [] });

export function refuseConfig(problems: readonly ConfigProblem[]): Result<never, FleetRefusal> {
  const [first] = problems;
  const text = first === undefined ? "the configuration is refused" : `${first.key}: ${first.text}`;
  return fail({ code: "CONFIG", text, problems });
}

/** A problem of the configuration as a whole. */
export const wholeProblem = (text: string, key = ""): ConfigProblem => ({ file: "", line: 0, key, value: null, text });
