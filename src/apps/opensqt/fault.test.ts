// The handler of the unexpected, with a real fault in a real process.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { faultText, writeFault } from "./fault.ts";

test("OPS-13 a fault leaves a report that only its owner reads, with what is known and the way to it in the message", () => {
  const error = new Error("the sum is not zero", { cause: new Error("a posting was lost") });
  const path = writeFault(error, "1.2.3");
  assert.ok(path !== null);
  try {
    const report = readFileSync(path, "utf8");
    for (const known of ["OpenSQT 1.2.3", "the sum is not zero", "a posting was lost", "fault.test.ts"]) {
      assert.ok(report.includes(known), known);
    }
    assert.equal(statSync(path).mode & 0o077, 0);
    const text = faultText(error, path);
    assert.ok(text.includes(path) && text.includes("what is journaled is safe"));
  } finally {
    rmSync(path, { force: true });
  }
});

test("OPS-13 a report that cannot be written does not throw into the handler: the message itself tells all", () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-fault-"));
  rmSync(folder, { recursive: true });
  const program = `
    import { faultText, writeFault } from ${JSON.stringify(join(import.meta.dirname, "fault.ts"))};
    const error = new Error("lost");
    process.stdout.write(faultText(error, writeFault(error, "1.2.3")));
  `;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: folder },
  });
  assert.equal(status, 0);
  assert.match(stdout, /unexpected fault: Error: lost\n.* at /s);
});
