// Collects what is wrong with a configuration and gives each finding its place and its words (RISK-50). One finding a
// key: the first.

import type { z } from "zod";
import { allowedText, type KeyInfo } from "./key.ts";
import type { Renamed } from "./old-names.ts";
import { type ConfigProblem, nearest, shownValue } from "./problem.ts";
import { CONFIG_SCHEMA } from "./schema.ts";
import { keysOf, namesAt } from "./schema-walk.ts";

/** Plain data of a section. */
export type Section = { readonly [key: string]: unknown };

export const isSection = (value: unknown): value is Section =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is known of every key. */
export const KEY_INFO: ReadonlyMap<string, KeyInfo> = new Map(
  keysOf(CONFIG_SCHEMA).map(({ key, info }) => [key, info]),
);

/** Turns findings into problems with a place: one a key, the first that was found. */
export class ProblemDesk {
  readonly problems: ConfigProblem[] = [];
  private readonly said = new Set<string>();
  private readonly tree: Renamed;
  private readonly file: string;

  constructor(tree: Renamed, file: string) {
    this.tree = tree;
    this.file = file;
  }

  say(key: string, text: string, value: string | null = null): void {
    if (this.said.has(key)) return;
    this.said.add(key);
    this.problems.push({ ...this.problem(key, text), value: value ?? this.tree.places.get(key)?.written ?? null });
  }

  problem(key: string, text: string): ConfigProblem {
    return { file: this.file, line: this.lineOf(key), key, value: null, text };
  }

  /** A finding of the schema in the words of RISK-50. */
  issue(issue: z.core.$ZodIssue): void {
    const key = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
      for (const name of issue.keys) this.unknownKey(issue.path, name);
      return;
    }
    const value = valueAt(this.tree.values, issue.path);
    const info = KEY_INFO.get(key);
    const shown = shownValue(value);
    if (info === undefined) {
      const names = namesAt(CONFIG_SCHEMA, issue.path) ?? [];
      this.say(key, `${shown} is not allowed; give a section with ${names.join(", ")}`, shown);
      return;
    }
    const quoted =
      info.type === "decimal" && typeof value === "number" ? `, in quotes: "${this.written(key, shown)}"` : "";
    this.say(key, `${this.written(key, shown)} is not allowed; give ${allowedText(info)}${quoted}`, shown);
  }

  /** Its value is not repeated: it may be anything, a secret too. */
  private unknownKey(path: readonly PropertyKey[], name: string): void {
    const key = [...path, name].join(".");
    const near = nearest(name, namesAt(CONFIG_SCHEMA, path) ?? []);
    const elsewhere = [...KEY_INFO.keys()].find((known) => known.endsWith(`.${name}`) || known === name);
    if (elsewhere !== undefined) this.say(key, `is not a key here; it stands at ${elsewhere}`, "");
    else if (near !== null) this.say(key, `is not a key; the nearest is ${near}`, "");
    else this.say(key, `is not a key; give one of ${(namesAt(CONFIG_SCHEMA, path) ?? []).join(", ")}`, "");
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
  for (const name of path) at = isSection(at) && Object.hasOwn(at, name) ? at[String(name)] : undefined;
  return at;
}
