// What a process writes its log to: complete where somebody reads, and no reason to stay where nobody does.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LineSink } from "./line-sink.ts";

const SINK = new URL("./line-sink.ts", import.meta.url).href;

test("OPS-55 a process whose reader of the log is gone goes on, and ends when it wants to", async () => {
  const program = `
    import { LineSink } from ${JSON.stringify(SINK)};
    const sink = new LineSink(2, 1 << 20);
    process.on("exit", () => sink.flushSync());
    sink.write("begun\\n");
    process.stdin.resume().on("end", () => {
      for (let n = 0; n < 100; n += 1) sink.write("nobody reads this\\n");
      setImmediate(() => sink.write("nor this\\n"));
    });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "pipe" });
  await once(child.stderr, "data");
  child.stderr.destroy();
  await once(child.stderr, "close");
  child.stdin.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("OPS-55 what was written before the end is in the file, in order, and what is too much is dropped", () => {
  const folder = mkdtempSync(join(tmpdir(), "sink-"));
  try {
    const path = join(folder, "log");
    const sink = new LineSink(openSync(path, "w"), 100);
    sink.write("first\n");
    for (let n = 0; n < 50; n += 1) sink.write(`line ${n}\n`);
    sink.write("x".repeat(200));
    sink.flushSync();
    sink.flushSync();
    const lines = readFileSync(path, "utf8").split("\n");
    const numbered = lines.filter((line) => line.startsWith("line "));
    assert.deepEqual(
      numbered,
      numbered.map((_, n) => `line ${n}`),
    );
    assert.ok(numbered.length > 5 && numbered.length < 50);
    assert.equal(
      lines.some((line) => line.includes("xx")),
      false,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
