// Folders are made with what is missing above them, or refused in the words of the system, and never tried for ever.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "./make-folder.ts";

test("OPS-10 a folder is made with what is missing above it; a place that cannot hold one is refused at once", (t) => {
  const root = mkdtempSync(join(tmpdir(), "make-folder-"));
  t.after(() => rmSync(root, { recursive: true }));
  const deep = join(root, "a", "b", "c");
  makeFolder(deep, 0o700);
  makeFolder(deep);
  assert.equal(statSync(join(root, "a")).mode & 0o777, 0o700);
  const file = join(root, "file");
  writeFileSync(file, "");
  assert.throws(() => makeFolder(file), { code: "EEXIST" });
  assert.throws(() => makeFolder(join(file, "below")), { code: "ENOTDIR" });
  // Linux: nothing can be made there, and mkdir says that there is no such place
  if (process.platform === "linux") assert.throws(() => makeFolder("/proc/opensqt/data"), { code: "ENOENT" });
});
