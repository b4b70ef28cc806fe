// Files that change under a running server.

import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { watchFiles } from "./file-watch.ts";
import { HandTimers } from "./topic.fixture.ts";

test("API-30 a file that is written, replaced or removed is noticed within two seconds, and closing ends it", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-watch-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(cert, "a");
  writeFileSync(key, "b");
  const timers = new HandTimers();
  let count = 0;
  const changed = (): void => {
    count += 1;
  };
  const watch = watchFiles([cert, key], changed, timers);
  timers.pass(10_000);
  assert.equal(count, 0);
  writeFileSync(cert, "aa");
  timers.pass(2_000);
  assert.equal(count, 1);
  writeFileSync(join(folder, "new"), "c");
  renameSync(join(folder, "new"), key);
  timers.pass(2_000);
  assert.equal(count, 2);
  rmSync(cert);
  timers.pass(4_000);
  assert.equal(count, 3);
  watch.close();
  writeFileSync(cert, "d");
  timers.pass(10_000);
  assert.equal(count, 3);
  assert.equal(timers.pending, 0);
});
