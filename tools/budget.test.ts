// The table of what suites took against what they may take.

import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetTable, readBudget } from "./budget.ts";

test("TEST-43 a suite may take a fifth more than its budget, and is named with both figures above it", () => {
  const budget = { crash: 100, unit: 60, wall: 200 };
  assert.deepEqual(budgetTable(new Map([["crash", 120_400]]), budget).over, []);
  const { over, text } = budgetTable(
    new Map([
      ["crash", 121_000],
      ["unit", 59_600],
      ["wall", 200_000],
    ]),
    budget,
  );
  assert.deepEqual(over, ["crash: 121 s of 100 s"]);
  assert.match(text, /crash +121 s of +100 s\n {2}unit +60 s of +60 s/);
});

test("TEST-43 a suite nobody gave a budget is over it", () => {
  assert.deepEqual(budgetTable(new Map([["new", 2000]]), {}).over, [
    "new: 2 s, and test/budget.json has no line for it",
  ]);
});

test("TEST-42 TEST-43 all suites together have less than fifteen minutes, and each has a budget", async () => {
  const budget = readBudget();
  assert.ok((budget["wall"] ?? 900) < 900);
  const { SUITES } = await import("./suites.ts");
  assert.deepEqual(Object.keys(budget).sort(), [...Object.keys(SUITES), "wall"].sort());
});
