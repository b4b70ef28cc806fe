// The ratchet of branch coverage: sums, falls, rises, and the file that holds what was reached.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { byFolder, fallen, PURE, percentOf, raised } from "./ratchet.ts";

test("TEST-08 branches are summed per folder and never rounded up", () => {
  const sums = byFolder([
    { path: "src/risk/safety.ts", branches: 2, covered: 2 },
    { path: "src/base/prng.ts", branches: 4, covered: 1 },
    { path: "src/risk/account/step.ts", branches: 1, covered: 0 },
    { path: "tools/check.ts", branches: 9, covered: 9 },
  ]);
  assert.deepEqual([...sums.values()].map(percentOf), [25, 66.6]);
  assert.deepEqual([...sums.keys()], ["base", "risk"]);
  assert.equal(percentOf({ branches: 0, covered: 0 }), 100);
});

test("TEST-08 the ratchet may only rise; half a percent is a fall in the pure layers alone", () => {
  const before = { risk: 90, host: 80 };
  assert.deepEqual(fallen(before, { risk: 90, host: 79.6, sim: 1 }), []);
  assert.deepEqual(fallen(before, { risk: 89.9, host: 79.4 }), [
    "src/risk: 89.9 % of the branches are taken by a test, it was 90 %",
    "src/host: 79.4 % of the branches are taken by a test, it was 80 %",
  ]);
  assert.deepEqual(raised(before, { risk: 89, host: 81, base: 70 }), { base: 70, host: 81, risk: 90 });
});

test("TEST-08 what the ratchet holds are folders of src, and every pure layer is one", () => {
  const held: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "../coverage.json"), "utf8"));
  assert.ok(typeof held === "object" && held !== null);
  const folders = readdirSync(resolve(import.meta.dirname, "../../src"));
  for (const folder of [...Object.keys(held), ...PURE]) assert.ok(folders.includes(folder), folder);
});
