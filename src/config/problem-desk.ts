// Collects what is wrong with a configuration and gives each finding its place and its words (RISK-50). One finding a
// key: the first.

import type { z } from "zod";
import { namingVariables } from "./from-environment.ts";
import { allowedText, type KeyInfo } from "./key.ts";
import type { Renamed } from "./old-names.ts";
import { type ConfigProblem, nearest, shownValue } from "./problem.ts";
import type { KnownKeys } from "./schema-walk.ts";

/** Plain data of a section. */
export type Section = { readonly [key: string]: unknown };

export const isSection = (value: unknown): value is Section =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Turns findings into problems with a place: one a key, the first that was found. */
export class ProblemDesk {
  readonly problems: ConfigProblem[] = [];
  private readonly said = new Set<string>();
  private readonly tree: Renamed;
  private readonly file: string;
  private readonly keys: KnownKeys;

  constructor(tree: Renamed, file: string, keys: KnownKeys) {
    this.tree = tree;
    this.file = file;
    this.keys = keys;
  }

  say(key: string, text: string, value: string | null = null): void {
    if (this.said.has(key)) return;
    this.said.add(key);
    const secret = this.keys.infoOf(key)?.type === "secret";
    const written = secret ? "[secret]" : (value ?? this.tree.places.get(key)?.written ?? null);
    this.problems.push({ ...this.problem(key, text), value: written === null ? null : this.named(key, written) });
  }

  /** A problem that has its place already. */
  take(problem: ConfigProblem): void {
    if (this.said.has(problem.key)) return;
    this.said.add(problem.key);
    this.problems.push(problem);
  }

  problem(key: string, text: string): ConfigProblem {
    return { file: this.file, line: this.lineOf(key), key, value: null, text: this.named(key, text) };
  }

  private named(key: string, text: string): string {
    const { inserted, places } = this.tree;
    // a renamed key has its value, and with it the text it was written as, from the old one
    return namingVariables(text, inserted, (one) => one.key === key || one.written === places.get(key)?.written);
  }

  /** A finding of the schema in the words of RISK-50. */
  issue(issue: z.core.$ZodIssue): void {
    const key = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
      for (const name of issue.keys) this.unknownKey(issue.path, name);
      return;
    }
    const value = valueAt(this.tree.values, issue.path);
    const info = this.keys.infoOf(key);
    const shown = shownFor(info, value);
    if (info === undefined) {
      const names = this.keys.namesAt(issue.path);
      this.say(key, `${shown} is not allowed; give a section with ${names.join(", ")}`, shown);
      return;
    }
    if (info.type === "list" && Array.isArray(value)) {
      this.say(key, `${value.length} entries are not allowed; give ${allowedText(info)}`, shown);
      return;
    }
    const quoted =
      info.type === "decimal" && typeof value === "number" ? `, in quotes: "${this.written(key, shown)}"` : "";
    this.say(key, `${this.written(key, shown)} is not allowed; give ${allowedText(info)}${quoted}`, shown);
  }

  /** Its value is not repeated: it may be anything, a secret too. */
  private unknownKey(path: readonly PropertyKey[], name: string): void {
    const key = [...path, name].join(".");
    const names = this.keys.namesAt(path);
    const near = nearest(name, names);
    const elsewhere = this.keys.elsewhere(name, String(path[0] ?? ""));
    if (elsewhere !== undefined) this.say(key, `is not a key here; it stands at ${elsewhere}`, "");
    else if (near !== null) this.say(key, `is not a key; the nearest is ${near}`, "");
    else this.say(key, `is not a key; give one of ${names.join(", ")}`, "");
  }

  /** Numbers as they were written: 1e3 stays 1e3. */
  private written(key: string, shown: string): string {
    const value = valueAt(this.tree.values, key.split("."));
    return typeof value === "number" ? shownValue(this.tree.places.get(key)?.written ?? shown) : shown;
  }

  /** Line of the key, or of the nearest section around it. */
  private lineOf(key: string): number {
    let at = key;
    while (at !== "") {
      const place = this.tree.places.get(at);
      if (place !== undefined) return place.line;
      at = at.slice(0, Math.max(0, at.lastIndexOf(".")));
    }
    return 1;
  }
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  let at = values;
  for (const name of path) {
    if (Array.isArray(at)) at = at[Number.parseInt(String(name), 10)];
    else at = isSection(at) && Object.hasOwn(at, name) ? at[String(name)] : undefined;
  }
  return at;
}

/** A text given as a secret is never repeated. */
const shownFor = (info: KeyInfo | undefined, value: unknown): string =>
  info?.type === "secret" && typeof value === "string" ? "[secret]" : shownValue(value);
