// What a thousand callers that come and go leave behind in a connector, measured in a process of its own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const CHILD = join(import.meta.dirname, "../../../test/contract/rounds-child.ts");
const FIVE_MEGABYTES = 5 * 1_024 * 1_024;

test("API-21 a thousand rounds of subscribing and leaving leave less than 5 MB and no handle", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", CHILD, "1000"], { timeout: 110_000 });
  const left = JSON.parse(stdout) as { readonly bytes: number; readonly handles: number };
  assert.equal(left.handles, 0);
  assert.ok(left.bytes < FIVE_MEGABYTES, `${left.bytes} bytes are left`);
});
