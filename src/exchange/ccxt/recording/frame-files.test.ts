// Recorded files: whole however the process ends, bounded, and never in the way.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { VirtualClock } from "../../../base/virtual-clock.ts";
import { SILENT_LOG } from "../../../observe/log.ts";
import { FrameFiles } from "./frame-files.ts";

const START_MS = Date.UTC(2026, 10, 21, 13, 59, 59);

function stage(context: TestContext, bytesMax = 1_000_000) {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-frames-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new VirtualClock(START_MS);
  const lost = { lines: 0 };
  const open = (into = folder): FrameFiles =>
    new FrameFiles({
      folder: into,
      prefix: "binance-perpetual",
      bytesMax,
      clock,
      log: SILENT_LOG,
      lost: (lines) => {
        lost.lines += lines;
      },
    });
  const linesOf = (name: string): readonly string[] =>
    gunzipSync(readFileSync(join(folder, name)))
      .toString()
      .trimEnd()
      .split("\n");
  return { folder, clock, lost, open, linesOf };
}

test("EXCH-60 one file a name and hour; another process continues none of an earlier one", async (t) => {
  const { open, folder, linesOf } = stage(t);
  const first = open();
  first.write("BTCUSDT", "2026-11-21T13", "1 {}");
  first.write("BTCUSDT", "2026-11-21T14", "2 {}");
  first.write("ETHUSDT", "2026-11-21T13", "3 {}");
  await first.close();
  const second = open();
  second.write("BTCUSDT", "2026-11-21T13", "4 {}");
  await second.close();
  assert.deepEqual(readdirSync(folder).sort(), [
    "binance-perpetual-BTCUSDT-2026-11-21T13-2.gz",
    "binance-perpetual-BTCUSDT-2026-11-21T13.gz",
    "binance-perpetual-BTCUSDT-2026-11-21T14.gz",
    "binance-perpetual-ETHUSDT-2026-11-21T13.gz",
  ]);
  assert.deepEqual(linesOf("binance-perpetual-BTCUSDT-2026-11-21T13.gz"), ["1 {}"]);
  assert.deepEqual(linesOf("binance-perpetual-BTCUSDT-2026-11-21T13-2.gz"), ["4 {}"]);
});

test("EXCH-60 every flush leaves a file that reads to its end", async (t) => {
  const { open, folder, clock, linesOf } = stage(t);
  const files = open();
  const name = "binance-perpetual-BTCUSDT-2026-11-21T13.gz";
  for (const line of ["1 {}", "2 {}", "3 {}"]) {
    files.write("BTCUSDT", "2026-11-21T13", line);
    clock.runUntil(clock.nowUs() + 1_000_000);
    const count = Number.parseInt(line, 10);
    // a file that was made a moment ago has no byte yet
    const isThere = (): boolean => readdirSync(folder).includes(name) && statSync(join(folder, name)).size > 0;
    while (!isThere() || linesOf(name).length < count) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await files.close();
  assert.deepEqual(linesOf(name), ["1 {}", "2 {}", "3 {}"]);
});

test("EXCH-60 the oldest files go first when the bound is reached", async (t) => {
  const { open, folder } = stage(t, 300);
  for (const [index, name] of ["old.gz", "older.gz", "mine.txt"].entries()) {
    writeFileSync(join(folder, name), Buffer.alloc(180));
    utimesSync(join(folder, name), 2000 - index * 1000 + 1000, 2000 - index * 1000 + 1000);
  }
  const files = open();
  files.write("BTCUSDT", "2026-11-21T13", "1 {}".repeat(10));
  await files.close();
  const left = readdirSync(folder).sort();
  assert.deepEqual(left, ["binance-perpetual-BTCUSDT-2026-11-21T13.gz", "mine.txt", "old.gz"]);
  const gz = left.filter((name) => name.endsWith(".gz")).map((name) => statSync(join(folder, name)).size);
  assert.ok(gz.reduce((sum, size) => sum + size, 0) <= 300);
});

test("EXCH-60 a disk that takes nothing costs lines, which are counted, and nobody waits", async (t) => {
  const { open, folder, lost } = stage(t);
  writeFileSync(join(folder, "no-folder"), "");
  const files = open(join(folder, "no-folder", "frames"));
  for (let n = 0; n < 5; n += 1) files.write("BTCUSDT", "2026-11-21T13", `${n} {}`);
  await files.close();
  assert.equal(lost.lines, 5);
});

test("EXCH-60 a disk that is slow costs lines beyond the bound of what may wait", async (t) => {
  const { open, lost } = stage(t, 1e9);
  const files = open();
  const line = `1 ${"x".repeat(1024 * 1024)}`;
  for (let n = 0; n < 40; n += 1) files.write("BTCUSDT", "2026-11-21T13", line);
  assert.ok(lost.lines > 0 && lost.lines < 10, String(lost.lines));
  await files.close();
});
