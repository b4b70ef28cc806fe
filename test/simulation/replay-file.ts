// A run as a file of explicit decisions: the scenario as drawn and every strike and hit. It needs no dice of the swarm,
// so it stays the same bug when what seeds draw changes (TEST-18).

import { readFileSync, writeFileSync } from "node:fs";
import { reviveCanonical } from "../../src/base/canonical.ts";
import type { Decisions } from "./decisions.ts";
import type { Scenario } from "./scenario.ts";

export interface Replay {
  /** What it showed, for a person. */
  readonly about: string;
  readonly scenario: Scenario;
  readonly decisions: Decisions;
}

/** Bigints and Maps as the journal writes them; rates are fractions, so it is plain JSON otherwise. */
const worded = (_key: string, value: unknown): unknown => {
  if (typeof value === "bigint") return { $n: String(value) };
  return value instanceof Map ? { $m: [...value] } : value;
};

export function writeReplay(path: string, replay: Replay): void {
  writeFileSync(path, `${JSON.stringify(replay, worded, 1)}\n`);
}

/** Throws on a file that is none. */
export function readReplay(path: string): Replay {
  const read: unknown = reviveCanonical(JSON.parse(readFileSync(path, "utf8")));
  if (!isReplay(read)) throw new Error(`${path} is no replay: about, scenario and decisions are wanted`);
  return read;
}

function isReplay(value: unknown): value is Replay {
  return typeof value === "object" && value !== null && "about" in value && "scenario" in value && "decisions" in value;
}
