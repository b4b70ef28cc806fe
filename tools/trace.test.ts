// The tracer itself: a tool that decides what is proven must be able to fail.

import assert from "node:assert/strict";
import test from "node:test";
import { idsIn, testNamesIn, trace } from "./trace.ts";

test("TEST-04 ranges and lists in a test name count for every id they span", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["GRID-04…06 levels", ["GRID-04", "GRID-05", "GRID-06"]],
    ["DUR-39, DUR-40 ids", ["DUR-39", "DUR-40"]],
    ["GRID-P3…P5 laws", ["GRID-P3", "GRID-P4", "GRID-P5"]],
    ["TEST-P7 postings sum to zero", ["TEST-P7"]],
    ["BT-48...49 and N-07", ["BT-48", "BT-49", "N-07"]],
    ["RISK-06–RISK-08", ["RISK-06", "RISK-07", "RISK-08"]],
    ["a stale book pulls both quotes", []],
  ];
  for (const [text, ids] of cases) assert.deepEqual(idsIn(text), ids);
});

test("TEST-04 names are read from calls and from tables, not from comments", () => {
  const source = [
    'test("GRID-01 a", () => {});',
    "// test('GRID-02 b')",
    'const rows = [{ name: "GRID-03 c" }];',
    "await t.test(`N-01 d`, options, () => {});",
  ].join("\n");
  assert.deepEqual(testNamesIn(source), ["GRID-01 a", "N-01 d", "GRID-03 c"]);
});

test("TEST-04 a requirement without a test and a test with an unknown id are both failures", () => {
  const known = new Set(["GRID-01", "GRID-02", "RISK-09"]);
  const tests = [
    { file: "a.test.ts", name: "GRID-01 fine", ids: ["GRID-01"] },
    { file: "b.test.ts", name: "RISK-09 comes later, and is welcome", ids: ["RISK-09"] },
    { file: "c.test.ts", name: "GRID-77 a slip", ids: ["GRID-77"] },
  ];
  const { proofs, problems } = trace(["GRID-01", "GRID-02"], known, tests);
  assert.equal(proofs.get("GRID-01")?.length, 1);
  assert.deepEqual(problems, [
    'c.test.ts: "GRID-77 a slip" names GRID-77, which docs/spec/scope.json does not know',
    'GRID-02 has no test: name one after it, or move the id to "later"',
  ]);
});
