import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FAULT_WORDS } from "./catalogue.ts";
import { faultsPage } from "./page.ts";

test("EMU-29 docs/emulator-faults.md says of every fault what the emulator does", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/emulator-faults.md"), "utf8");
  assert.equal(page, faultsPage(), "run: npm run node tools/write-faults-doc.ts");
  for (const name of FAULT_WORDS) assert.ok(page.includes(`| \`${name}\` |`), name);
});
