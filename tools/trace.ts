// Requirement → tests (TEST-04): reads the ids of docs/spec/scope.json and the names of all tests, prints which tests
// prove which requirement, and fails on a requirement in force without a test and on a test naming an unknown id.
// It reads names only: it cannot know whether a test proves what it says.

import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Where tests stand; suites that several implementations run (TEST-10) stand in plain files of test/contract/. */
const TEST_FILES = [
  "src/**/*.test.ts",
  "test/**/*.test.ts",
  "test/contract/*.ts",
  "tools/**/*.test.ts",
  "bench/**/*.test.ts",
];

/** The tracer's own test is full of made-up names. */
const OWN_TEST = "tools/trace.test.ts";

/** One test name as written, with the ids it carries. */
export interface TracedTest {
  readonly file: string;
  readonly name: string;
  readonly ids: readonly string[];
}

interface Trace {
  /** Id → tests, for every id in force. */
  readonly proofs: ReadonlyMap<string, readonly TracedTest[]>;
  /** Sentences about what is wrong. */
  readonly problems: readonly string[];
}

const ID =
  /(?<![A-Za-z0-9-])(GRID|DUR|RISK|BT|TEST|EXCH|EMU|API|LIVE|UI|OPS|TUI|N)-(P?)(\d{1,2})(?:\s*(?:…|\.{2,3}|–)\s*(?:\1-)?P?(\d{1,2}))?(?!\d)/g;
const CALL_NAME = /\b(?:test|it|describe|suite|property|law)(?:\.\w+)?\s*\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/gs;
const LITERAL = /(["'`])((?:GRID|DUR|RISK|BT|TEST|EXCH|EMU|API|LIVE|UI|OPS|TUI|N)-P?\d(?:\\.|(?!\1)[^\\\n])*)\1/g;

/** Ids in a text, ranges expanded: "GRID-04…06 and N-07" → GRID-04, GRID-05, GRID-06, N-07. */
export function idsIn(text: string): string[] {
  const ids: string[] = [];
  for (const [, family = "", law = "", first = "", last = first] of text.matchAll(ID)) {
    const from = Number.parseInt(first, 10);
    const to = Number.parseInt(last, 10);
    for (let number = from; number <= to; number += 1) {
      ids.push(`${family}-${law}${law === "" ? String(number).padStart(2, "0") : number}`);
    }
  }
  return [...new Set(ids)];
}

/** Names of tests in a source text: those of test(), describe() …, and literals that begin with an id (tables). */
export function testNamesIn(source: string): string[] {
  const code = source.replaceAll(/^\s*\/\/.*$/gm, "");
  const called = [...code.matchAll(CALL_NAME)].map((match) => match[2] ?? "");
  const tabled = [...code.matchAll(LITERAL)].map((match) => match[2] ?? "");
  return [...new Set([...called, ...tabled])];
}

/** Joins requirements and tests. `inForce` and `known` are ids, `tests` what {@link readTests} found. */
export function trace(inForce: readonly string[], known: ReadonlySet<string>, tests: readonly TracedTest[]): Trace {
  const proofs = new Map<string, TracedTest[]>(inForce.map((id) => [id, []]));
  const problems: string[] = [];
  for (const test of tests) {
    for (const id of test.ids) {
      proofs.get(id)?.push(test);
      if (!known.has(id))
        problems.push(`${test.file}: "${test.name}" names ${id}, which docs/spec/scope.json does not know`);
    }
  }
  const untested = [...proofs].filter(([, found]) => found.length === 0).map(([id]) => id);
  for (const id of untested) problems.push(`${id} has no test: name one after it, or move the id to "later"`);
  return { proofs, problems };
}

/** Test names of the repository that carry ids. */
export function readTests(root: string): TracedTest[] {
  const files = globSync(TEST_FILES, { cwd: root })
    .filter((file) => !file.includes("fixtures"))
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
  return files.flatMap((file) =>
    testNamesIn(readFileSync(resolve(root, file), "utf8"))
      .filter((name) => file !== OWN_TEST || name.startsWith("TEST-04"))
      .map((name) => ({ file, name, ids: idsIn(name) }))
      .filter((test) => test.ids.length > 0),
  );
}

/** Ids in force and known, from docs/spec/scope.json; each must stand in the copied text of its file. */
export function readScope(root: string): { inForce: string[]; known: Set<string>; problems: string[] } {
  const scope: unknown = JSON.parse(readFileSync(resolve(root, "docs/spec/scope.json"), "utf8"));
  const inForce: string[] = [];
  const known = new Set<string>();
  const problems: string[] = [];
  for (const [file, lists] of Object.entries(scope ?? {})) {
    const { inForce: now, later } = lists as { inForce: string[]; later: string[] };
    const text = readFileSync(resolve(root, "docs/spec", file), "utf8");
    for (const id of now.flatMap(idsIn)) {
      inForce.push(id);
      known.add(id);
      if (!id.includes("-P") && !text.includes(id)) problems.push(`docs/spec/${file} lacks the text of ${id}`);
    }
    for (const id of later.flatMap(idsIn)) known.add(id);
  }
  return { inForce, known, problems };
}

function main(quiet: boolean): number {
  const root = resolve(import.meta.dirname, "..");
  const { inForce, known, problems: gaps } = readScope(root);
  const { proofs, problems } = trace(inForce, known, readTests(root));
  if (!quiet) {
    for (const [id, tests] of proofs) {
      for (const { file, name } of tests) process.stdout.write(`${id.padEnd(9)} ${file}: ${name}\n`);
    }
  }
  for (const problem of [...gaps, ...problems]) process.stdout.write(`${problem}\n`);
  const proven = [...proofs.values()].filter((tests) => tests.length > 0).length;
  process.stdout.write(`trace: ${proven} of ${inForce.length} requirements in force have a test\n`);
  return gaps.length + problems.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main(process.argv.includes("--quiet"));
