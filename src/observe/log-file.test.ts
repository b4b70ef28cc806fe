// A log file rotates, keeps ten, and survives a disk that refuses.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextRound } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { LogFile } from "./log-file.ts";

test("RISK-49 RISK-54 a file that is full is renamed, ten are kept, no line is lost or doubled on the way", () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-log-"));
  try {
    const path = join(folder, "logs", "connector.log");
    for (let i = 0; i < 45; i += 1) new LogFile(path, { bytesMax: 8, compresses: false }).write(`${i}\n`.padStart(4));
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
        for (let i = from; i <= to; i += 1)
          new LogFile(path, { bytesMax: 8, compresses: false }).write(`${i}\n`.padStart(4));
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

/** Lines of all files of the log, oldest first, whatever form each has. */
function linesIn(folder: string): readonly string[] {
  const numberOf = (name: string): number => Number.parseInt(name.slice("x.log.".length), 10) || 0;
  const names = readdirSync(folder).sort((a, b) => numberOf(b) - numberOf(a));
  return names.flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString().trim().split(/\s+/);
  });
}

const counted = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

/** Waits until every file but the written one is compressed and nothing half done is there. */
async function allCompressed(folder: string): Promise<void> {
  // ends with the last of them, or with the time a test has
  while (readdirSync(folder).some((name) => name !== "x.log" && !/\.\d+\.gz$/.test(name))) await nextRound();
}

test("RISK-54 what was rotated is compressed in the background, while the log goes on and rotates again", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-log-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = new LogFile(join(folder, "x.log"), { bytesMax: 8 });
  for (let i = 100; i <= 160; i += 1) {
    log.write(`${i}\n`);
    // some rotations find the one before under way, some find it done
    for (let rounds = i % 4; rounds > 0; rounds -= 1) await nextRound();
  }
  await allCompressed(folder);
  const kept = linesIn(folder);
  assert.deepEqual(kept, counted(160 - kept.length + 1, 160), "whole, in order, once");
  assert.ok(kept.length >= 20, `${kept.length} lines are kept`);
  assert.equal(readdirSync(folder).length, 11);
  assert.equal(log.lines.lost, 0);
  await log.close();
});

test("RISK-54 killed while it compresses or just after, the next process does it again: each line once", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-log-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "x.log");
  writeFileSync(`${path}.4.gz`, gzipSync("1\n2\n"));
  // killed between the renaming of the compressed file and the end of the plain one
  writeFileSync(`${path}.3.gz`, gzipSync("3\n4\n"));
  writeFileSync(`${path}.3`, "3\n4\n");
  writeFileSync(`${path}.2`, "5\n6\n");
  // killed in the middle of this one
  writeFileSync(`${path}.1`, "7\n8\n");
  writeFileSync(`${path}.gz.part`, gzipSync("7\n8\n").subarray(0, 9));
  writeFileSync(path, "9\n10\n");
  const log = new LogFile(path, { bytesMax: 8 });
  // at once, before anything was put right
  log.write("11\n12\n13\n");
  await allCompressed(folder);
  assert.deepEqual(linesIn(folder), counted(1, 13));
  assert.deepEqual(readdirSync(folder).sort(), ["x.log", ...counted(1, 5).map((n) => `x.log.${n}.gz`)]);
  await log.close();
});

test("RISK-54 OPS-55 closed while it compresses, it leaves the plain file whole", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-log-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "x.log");
  writeFileSync(`${path}.1`, "1\n2\n");
  await new LogFile(path).close();
  assert.deepEqual(linesIn(folder).slice(0, 2), ["1", "2"]);
  const next = new LogFile(path);
  await allCompressed(folder);
  assert.deepEqual(linesIn(folder), ["1", "2"]);
  await next.close();
});
