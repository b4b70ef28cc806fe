// A log file rotates, keeps ten, and survives a disk that refuses.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LogFile } from "./log-file.ts";

test("RISK-49 RISK-54 a file that is full is renamed, ten are kept, no line is lost or doubled on the way", () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-log-"));
  try {
    const path = join(folder, "logs", "connector.log");
    for (let i = 0; i < 45; i += 1) new LogFile(path, 8).write(`${i}\n`.padStart(4));
    const names = readdirSync(join(folder, "logs"));
    assert.equal(names.length, 11);
    const lines = (name: string): string[] =>
      readFileSync(join(folder, "logs", name), "utf8")
        .trim()
        .split(/\s+/);
    const kept = [...Array.from({ length: 10 }, (_, i) => `connector.log.${10 - i}`), "connector.log"].flatMap(lines);
    assert.deepEqual(
      kept,
      Array.from({ length: 21 }, (_, i) => String(i + 24)),
    );
    writeFileSync(join(folder, "file"), "");
    const refused = new LogFile(join(folder, "file", "x.log"));
    refused.write("lost\n");
    assert.equal(refused.lines.lost, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
