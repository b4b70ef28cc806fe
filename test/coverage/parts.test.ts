// Parts of coverage in real processes: what a child wrote whole is kept, what it was killed over is not.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const CUT = "coverage-1-1700000000000-0.json";
/** One child ends well, one is killed while it writes: by another, for Node writes its part before it kills itself. */
const program = `
  import { spawnSync } from "node:child_process";
  const child = (text) => spawnSync(process.execPath, ["-e", text]).signal;
  child("0");
  const half = "fs.writeFileSync(process.env.NODE_V8_COVERAGE + '/${CUT}', '{ \\"result\\": [')";
  console.log(child(half + "; child_process.execSync('kill -9 ' + process.pid)"));
`;

test("TEST-08 a child killed while it writes its coverage takes nobody else's away", () => {
  const folder = mkdtempSync(join(tmpdir(), "coverage-"));
  try {
    const preload = new URL("parts.ts", import.meta.url).href;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", preload, "--input-type=module", "-e", program],
      { env: { ...process.env, NODE_V8_COVERAGE: folder }, encoding: "utf8" },
    );
    assert.deepEqual([stdout, stderr], ["SIGKILL\n", ""]);
    const parts = readdirSync(folder).filter((name) => name.endsWith(".json"));
    assert.equal(parts.length, 2, "of the process and of the child that ended well");
    assert.ok(!parts.includes(CUT));
    for (const name of parts) assert.ok("result" in JSON.parse(readFileSync(join(folder, name), "utf8")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
