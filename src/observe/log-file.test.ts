// A log file rotates, keeps ten, and survives a disk that refuses.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

test("RISK-54 killed anywhere in a rotation, the next one loses no line and repeats none", () => {
  const LINES = 21;
  for (let renames = 0; renames <= 10; renames += 1) {
    const folder = mkdtempSync(join(tmpdir(), "opensqt-log-"));
    try {
      const path = join(folder, "x.log");
      const write = (from: number, to: number): void => {
        for (let i = from; i <= to; i += 1) new LogFile(path, 8).write(`${i}\n`.padStart(4));
      };
      // ten full files and a full one that is written: the next line rotates
      write(1, LINES + 1);
      // as many of its renames as happened before the kill; the last is the file that is written
      for (let done = 0, i = 9; done < renames; done += 1, i -= 1) {
        renameSync(i === 0 ? path : `${path}.${i}`, `${path}.${i + 1}`);
      }
      write(LINES + 2, LINES + 4);
      const names = readdirSync(folder).filter((name) => name !== "x.log");
      const inOrder = names.sort((a, b) => Number.parseInt(b.slice(6), 10) - Number.parseInt(a.slice(6), 10));
      const kept = [...inOrder, "x.log"].flatMap((name) =>
        readFileSync(join(folder, name), "utf8").trim().split(/\s+/),
      );
      const last = LINES + 4;
      assert.deepEqual(
        kept,
        Array.from({ length: kept.length }, (_, i) => String(last - kept.length + 1 + i)),
        `after ${renames} renames: whole, in order, once`,
      );
      assert.ok(kept.length >= 20, `after ${renames} renames ${kept.length} lines are kept`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
});
