// YAML text → plain values with the line of every key (OPS-05, RISK-50). Total: whatever the text, it answers with
// problems and never throws. Aliases and tags are refused: one value, one place.

import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import { type Environment, expand } from "./expand.ts";
import type { Inserted } from "./from-environment.ts";
import type { KeyInfo } from "./key.ts";
import { type ConfigProblem, shownValue } from "./problem.ts";

/** Where a key stands and how its value was written. */
export interface Place {
  readonly line: number;
  readonly written: string;
}

export interface Tree {
  /** Plain data for the schema; null is absent. */
  readonly values: unknown;
  /** Dotted key → place. */
  readonly places: ReadonlyMap<string, Place>;
  readonly problems: readonly ConfigProblem[];
  /** Texts that variables stood in. */
  readonly inserted: readonly Inserted[];
}

export interface TreeOptions {
  readonly file: string;
  readonly environment: Environment;
  /** What is known of a dotted key, for values that come from variables. */
  readonly infoOf: (key: string) => KeyInfo | undefined;
}

/** Longest text that is read: a configuration is written by a person. */
const TEXT_MAX = 200_000;
const NESTING_MAX = 64;

export function readTree(text: string, options: TreeOptions): Tree {
  const fault = (line: number, said: string): Tree => ({
    values: undefined,
    places: new Map(),
    inserted: [],
    problems: [{ file: options.file, line, key: "", value: null, text: said }],
  });
  if (text.length > TEXT_MAX) return fault(0, `is longer than ${TEXT_MAX} characters; that is no configuration`);
  // the parser's time grows with the square of the depth
  if (nesting(text) > NESTING_MAX) return fault(0, "cannot be read as YAML: it is nested too deeply");
  try {
    return new TreeReader(text, options).read();
  } catch {
    // the parser is recursive: only nesting without end comes here
    return fault(0, "cannot be read as YAML: it is nested too deeply");
  }
}

/** Deepest place of brackets and of indented lines. */
function nesting(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/[[{\]}]|^[ \-?]+/gm)) {
    if (token === "]" || token === "}") open = Math.max(0, open - 1);
    else if (token === "[" || token === "{") open += 1;
    const indented = token.length > 1 ? token.replaceAll("-", "  ").length / 4 : 0;
    deepest = Math.max(deepest, open, indented);
  }
  return deepest;
}

class TreeReader {
  private readonly lines = new LineCounter();
  private readonly places = new Map<string, Place>();
  private readonly problems: ConfigProblem[] = [];
  private readonly inserted: Inserted[] = [];
  private readonly missing = new Map<string, { readonly line: number; readonly key: string }[]>();
  private readonly text: string;
  private readonly options: TreeOptions;

  constructor(text: string, options: TreeOptions) {
    this.text = text;
    this.options = options;
  }

  read(): Tree {
    const document = parseDocument(this.text, { lineCounter: this.lines, version: "1.2", schema: "core" });
    // what comes after the first fault is mostly its consequence
    for (const error of [...document.errors, ...document.warnings].slice(0, 1)) {
      this.say(error.linePos?.[0].line ?? 0, "", `is no YAML we read: ${firstLine(error.message)}`);
    }
    const values = this.problems.length > 0 ? undefined : this.root(document);
    for (const [name, uses] of this.missing) {
      const where = uses.map((use) => `${this.options.file}:${use.line} ${use.key}`).join(", ");
      this.say(
        uses[0]?.line ?? 0,
        uses[0]?.key ?? "",
        `the variable ${name} is not set or empty; it is used at ${where}`,
      );
    }
    return { values, places: this.places, problems: this.problems, inserted: this.inserted };
  }

  private root(document: Document.Parsed): unknown {
    const { contents } = document;
    if (isMap(contents)) return this.value(contents, "");
    this.say(this.lineOf(contents), "", "is not a configuration: it must begin with keys such as bot: and store:");
    return undefined;
  }

  private value(node: unknown, key: string): unknown {
    if (isMap(node)) return this.section(node.items, key);
    if (isSeq(node)) return node.items.map((item, index) => this.entry(item, `${key}.${index}`));
    if (isScalar(node)) {
      return typeof node.value === "string"
        ? this.string(node.value, key, this.lineOf(node))
        : (node.value ?? undefined);
    }
    if (isAlias(node)) this.say(this.lineOf(node), key, "aliases are not read; write the value out");
    return undefined;
  }

  private entry(node: unknown, key: string): unknown {
    this.places.set(key, { line: this.lineOf(node), written: this.written(node) });
    return this.value(node, key);
  }

  private section(items: readonly Pair[], prefix: string): unknown {
    const entries: [string, unknown][] = [];
    for (const { key: name, value: node } of items) {
      if (!isScalar(name) || name.value === null) {
        this.say(this.lineOf(name), prefix, "has a key that is not a word");
        continue;
      }
      const own = typeof name.value === "string" ? name.value : shownValue(name.value);
      const key = prefix === "" ? own : `${prefix}.${own}`;
      this.places.set(key, { line: this.lineOf(name), written: this.written(node) });
      // a limit whose value was forgotten must not become no limit; a section without keys is one of defaults
      if (isForgotten(node) && this.options.infoOf(key) !== undefined) {
        this.say(this.lineOf(name), key, "has no value; write one, or leave the key out for its default");
      }
      const value = this.value(node, key);
      if (value !== undefined) entries.push([own, value]);
    }
    return Object.fromEntries(entries);
  }

  private string(text: string, key: string, line: number): unknown {
    const expanded = expand(text, this.options.environment);
    if (expanded.fault !== null) this.say(line, key, expanded.fault);
    for (const name of expanded.missing) this.missing.set(name, [...(this.missing.get(name) ?? []), { line, key }]);
    const { variables, text: whole } = expanded;
    if (variables.length > 0) this.inserted.push({ key, written: text, whole, variables });
    if (!expanded.varied) return expanded.text;
    return typed(expanded.text, this.options.infoOf(key));
  }

  private written(node: unknown): string {
    return isScalar(node) ? (node.source ?? shownValue(node.value)) : "";
  }

  private lineOf(node: unknown): number {
    const start = (node as Node | null)?.range?.[0];
    return start === undefined ? 0 : this.lines.linePos(start).line;
  }

  private say(line: number, key: string, text: string): void {
    this.problems.push({ file: this.options.file, line, key, value: null, text });
  }
}

/** `key:` and nothing more; a written null is meant. */
const isForgotten = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === null && (node.source ?? "") === "");

/** Numbers and booleans that come from variables are read strictly; anything else stays text. */
function typed(text: string, info: KeyInfo | undefined): unknown {
  if (info?.type === "whole number" && /^-?\d{1,16}$/.test(text)) return Number.parseInt(text, 10);
  if (info?.type === "yes or no" && (text === "true" || text === "false")) return text === "true";
  return text;
}

const firstLine = (message: string): string =>
  (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
