// The memory of a process against its bound.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryWithin } from "./memory-bound.ts";

test("OPS-16 a process above its bound of memory fails its check with both figures, and one within does not", () => {
  assert.deepEqual(memoryWithin(200, 200 * 1024 * 1024), { ok: true, text: "200 MiB" });
  assert.deepEqual(memoryWithin(200, 200 * 1024 * 1024 + 1), {
    ok: false,
    text: "201 MiB, above limits.memoryMibMax 200",
  });
  assert.equal(memoryWithin(1).ok, false, "this very process takes more than that");
});
