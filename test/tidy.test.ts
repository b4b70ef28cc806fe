// The style guide as a test (TEST-41). It fails closed, each message names the fix, and a fixture proves that each rule
// bites. `// tidy-ok: reason` excuses a line; the number of excuses and of old sins in ratchet.json may only fall.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test, { after, suite } from "node:test";
import { NOT_YET } from "./tidy/completeness.ts";
import { functionsIn } from "./tidy/functions.ts";
import { Tree } from "./tidy/rule.ts";
import { excuses, groups, judge, printFinding } from "./tidy/rules.ts";
import { readSource } from "./tidy/source.ts";

const root = resolve(import.meta.dirname, "..");
const fixtures = join(root, "test/fixtures/tidy");
const ratchet: Record<string, number> = JSON.parse(readFileSync(join(root, "test/tidy/ratchet.json"), "utf8"));
const counted = new Map<string, number>();
const repository = readRepository();

/** Every text file git knows or would add, the fixtures of bad code and generated code left out. */
function readRepository(): Tree {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const paths = listed
    .toString()
    .split("\0")
    .filter((path) => path !== "" && !path.startsWith("test/fixtures/tidy/") && !path.startsWith("src/rpc/generated/"))
    .filter((path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true);
  return new Tree(new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")])));
}

/**
 * A fixture is a small repository in one file: `//! path: …` begins a file, `//! bad` ends a line the rule must find,
 * and `//! pad 9` becomes nine letters.
 */
function readFixture(name: string): { tree: Tree; expected: string[] } {
  const parts = readFileSync(join(fixtures, name), "utf8").split(/^\/\/! path: (.*)\n/m);
  const texts = new Map<string, string>();
  const expected: string[] = [];
  for (let at = 1; at + 1 < parts.length; at += 2) {
    const path = parts[at] ?? "";
    const lines = (parts[at + 1] ?? "").split("\n");
    for (const [index, line] of lines.entries()) if (line.endsWith("//! bad")) expected.push(`${path}:${index + 1}`);
    const bare = lines.map((line) => line.replace(/\s*\/\/! bad$/, "")).join("\n");
    const padded = bare.replaceAll(/\/\/! pad (\d+)/g, (_, count: string) => "x".repeat(Number.parseInt(count, 10)));
    texts.set(path, padded);
  }
  return { tree: new Tree(texts), expected: expected.sort() };
}

test("TEST-41 the repository is really read", () => {
  assert.ok(repository.production().length > 20, "production code was not found");
  assert.ok(repository.tests().length > 0, "tests were not found");
  assert.ok(repository.text("package-lock.json") !== null, "the lockfile was not found");
});

/** What else of testing.md a group of rules holds. */
const HOLDS: Readonly<Record<string, string>> = {
  completeness: "TEST-44 a figure in README has its evidence",
  tests: "TEST-01 TEST-02 TEST-03 TEST-06 TEST-33 real parts, no sleep, port or network, sentences, no second try",
};

for (const { name, rules } of groups) {
  suite(`TEST-41 ${name}${name in HOLDS ? `: ${HOLDS[name]}` : ""}`, () => {
    for (const rule of rules) {
      test(rule.id, (t) => {
        const found = judge(rule, repository).map((finding) => printFinding(rule, finding));
        const allowed = rule.ratchet === true ? (ratchet[rule.id] ?? 0) : 0;
        if (rule.ratchet === true) counted.set(rule.id, found.length);
        assert.ok(found.length <= allowed, `${found.length} found, ${allowed} allowed\n${found.join("\n")}`);
        if (found.length < allowed) t.diagnostic(`${rule.id}: lower the ratchet to ${found.length}`);
      });
      test(`${rule.id} bites`, () => {
        const { tree, expected } = readFixture(`${rule.id.replace("/", "--")}.txt`);
        const found = judge(rule, tree).map(({ path, line }) => `${path}:${line}`);
        assert.ok(expected.length > 0, "the fixture marks no line as bad");
        assert.deepEqual([...new Set(found)].sort(), expected);
      });
    }
  });
}

test("TEST-41 every excuse has a reason, and their number only falls", (t) => {
  const found = excuses(repository);
  const bare = found.filter(({ what }) => what.trim().length <= 3).map(({ path, line }) => `${path}:${line}`);
  assert.deepEqual(bare, [], "write the reason after tidy-ok:");
  const allowed = ratchet["excuses"] ?? 0;
  counted.set("excuses", found.length);
  const list = found.map(({ path, line, what }) => `${path}:${line}: ${what}`).join("\n");
  assert.ok(found.length <= allowed, `${found.length} excuses, ${allowed} allowed: correct one instead\n${list}`);
  if (found.length < allowed) t.diagnostic(`excuses: lower the ratchet to ${found.length}`);
});

/** `OPENSQT_TIDY_LOWER=1 node --test test/tidy.test.ts` writes the numbers that fell. */
after(() => {
  if (process.env["OPENSQT_TIDY_LOWER"] !== "1") return;
  const lower = Object.entries(ratchet).map(([id, allowed]) => [id, Math.min(allowed, counted.get(id) ?? allowed)]);
  writeFileSync(join(root, "test/tidy/ratchet.json"), `${JSON.stringify(Object.fromEntries(lower), null, 2)}\n`);
});

test("TEST-41 what the style guide asks and nothing here holds yet names what brings it", (t) => {
  for (const { about, comesWith } of NOT_YET) {
    assert.ok(comesWith.trim().length > 3, `${about}: say what brings it`);
    t.diagnostic(`not held yet: ${about}; comes with ${comesWith}`);
  }
});

test("TEST-41 every fixture belongs to a rule", () => {
  const known = new Set(groups.flatMap(({ rules }) => rules.map(({ id }) => `${id.replace("/", "--")}.txt`)));
  assert.deepEqual(
    readdirSync(fixtures).filter((name) => !known.has(name)),
    [],
  );
});

test("TEST-41 comments, strings, templates and regular expressions are told from code", () => {
  const source = [
    'const a = "Date // no"; // Date',
    "const b = `Date $" + "{Date} Date`;",
    "const c = /Date\\/[/]Date/.test(x) / y;",
  ];
  const { code, spoken } = readSource("x.ts", source.join("\n"));
  const blanks = (count: number): string => " ".repeat(count);
  assert.deepEqual(
    code.split("\n").map((line) => line.trimEnd()),
    [
      `const a = "${blanks(10)}";`,
      `const b = \`${blanks(5)}\${Date}${blanks(5)}\`;`,
      `const c = /${blanks(13)}/.test(x) / y;`,
    ],
  );
  assert.equal(spoken.split("\n")[0]?.trimEnd(), 'const a = "Date // no";');
});

test("TEST-41 functions are measured past their return types", () => {
  const source = [
    "export function plain(a: number, b: string): { readonly x: number } {",
    "  return { x: a };",
    "}",
    "const arrow = async (a: Map<string, number>, b = [1, 2]): Promise<void> => {",
    "  await a;",
    "};",
    "class Box {",
    "  method<T>(a: T, b: (x: number, y: number) => void, c: T, d: T): void {",
    "    if (a) {",
    "    }",
    "  }",
    "}",
    "call(1, 2, 3, 4);",
  ];
  assert.deepEqual(
    functionsIn(source.join("\n")).map(({ name, lines, parameters }) => [name, lines, parameters]),
    [
      ["plain", 3, 2],
      ["method", 4, 4],
      ["arrow", 3, 2],
    ],
  );
});
