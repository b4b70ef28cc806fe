// What is said to be in force: its text is there to be read, and of the laws none is left out but those of strategies
// that are not built.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import test from "node:test";
import { readScope, readTests } from "./trace.ts";

const root = resolve(import.meta.dirname, "..");
const spec = (file: string): string => readFileSync(resolve(root, "docs/spec", file), "utf8");
/** The head notes of a file name ids too; a requirement's text stands below them. */
const body = (file: string): string => spec(file).replaceAll(/^> .*$/gm, "");

/** Laws of arbitrage and dip, and of quoting. */
const NOT_BUILT = [21, 22].map((number) => `TEST-P${number}`);

test("TEST-09 every law of the table is in force and has a test, but those of strategies that are not built", () => {
  const laws = [...spec("testing.md").matchAll(/^\| P(\d+) \|/gm)].map(([, number]) => `TEST-P${number}`);
  assert.equal(laws.length, 32);
  const { inForce } = readScope(root);
  assert.deepEqual(
    laws.filter((law) => !inForce.includes(law)),
    NOT_BUILT,
  );
  const proven = new Set(readTests(root).flatMap(({ ids }) => ids));
  assert.deepEqual(
    laws.filter((law) => !proven.has(law)),
    NOT_BUILT,
  );
});

test("a requirement in force stands in the text of its file, not only among the notes at its head", () => {
  const scope: Record<string, { inForce: string[] }> = JSON.parse(spec("scope.json"));
  const lacking = Object.keys(scope).flatMap((file) => {
    const text = body(file);
    const { inForce } = readScope(root);
    const family = /\b(GRID|DUR|RISK|BT|TEST|EXCH|EMU|API|LIVE|UI|OPS|TUI|N)-/;
    const own = new Set(scope[file]?.inForce.map((line) => family.exec(line)?.[1] ?? ""));
    return inForce
      .filter((id) => own.has(family.exec(id)?.[1] ?? "") && !id.includes("-P") && !text.includes(id))
      .map((id) => `${file} ${id}`);
  });
  assert.deepEqual(lacking, []);
});

test("EXCH-56 what the old requirements became stands in force and has tests", () => {
  const line = /- \*\*EXCH-56\*\* ([\s\S]*?)(?=\n- \*\*|\n#|$)/.exec(spec("exchanges.md"))?.[1] ?? "";
  const became = [...new Set([...line.matchAll(/EXCH-(\d+)(?:…(\d+))?((?:, \d+)*)/g)].flatMap(numbersOf))];
  assert.deepEqual(
    became.sort((a, b) => a - b),
    [9, 10, 11, 15, 20, 39, 40, 41, 42, 45],
  );
  const proven = new Set(readTests(root).flatMap(({ ids }) => ids));
  const { inForce } = readScope(root);
  for (const number of became) {
    const id = `EXCH-${String(number).padStart(2, "0")}`;
    assert.ok(inForce.includes(id) && proven.has(id), id);
  }
});

/** `EXCH-09…11` and `EXCH-15, 40` name several. */
function numbersOf([, first = "", last = first, more = ""]: RegExpExecArray): readonly number[] {
  const [from, to] = [Number.parseInt(first, 10), Number.parseInt(last, 10)];
  const range = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  return [...range, ...[...more.matchAll(/\d+/g)].map(([digits]) => Number.parseInt(digits, 10))];
}
