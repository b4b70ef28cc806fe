// Bytes that are not what they should be: each gives one clear error naming the place, or the finding `truncated`.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { zipOf } from "../../test/zip.ts";
import { DataError } from "./error.ts";
import { loadData } from "./open.ts";
import { firstLines, readLines, type Source } from "./source.ts";

const memory = (name: string, bytes: Uint8Array | string): Source => ({ name, bytes: Buffer.from(bytes) });
const CSV = "timestamp_ms,open,high,low,close,volume\n60000,1,1,1,1,1\n120000,1,1,1,1,1\n";

const BAD: readonly (readonly [what: string, source: Source, code: string, message: RegExp])[] = [
  ["a missing file", "/nonexistent/x.gz", "missing", /x\.gz: no such file/],
  ["a folder", import.meta.dirname, "directory", /this is a folder/],
  ["an empty file", memory("e.csv", ""), "empty", /e\.csv: the file is empty/],
  ["a .gz that is no gzip", memory("e.gz", CSV), "notGzip", /e\.gz: the name says it is compressed/],
  ["a .zip that is no zip", memory("e.zip", CSV), "damaged", /e\.zip: the name says it is compressed/],
  ["a gzip cut in its head", memory("e.gz", gzipSync(CSV).subarray(0, 8)), "damaged", /no whole line/],
  ["a zip cut short", memory("e.zip", zipOf("a", CSV).subarray(0, 60)), "damaged", /cut short or damaged/],
  [
    "binary garbage",
    memory("e.bin", Buffer.from([0, 1, 2, 255, 10, 3])),
    "unknownFormat",
    /e\.bin:1: .* is nothing known/,
  ],
  ["text of another kind", memory("e.txt", "hello\nworld\n"), "unknownFormat", /hello/],
  [
    "a line without end",
    memory("e.txt", Buffer.alloc(17 * 1024 * 1024, 65)),
    "lineTooLong",
    /e\.txt:1: a line of more/,
  ],
];

for (const [what, source, code, message] of BAD) {
  test(`${what} gives one clear error`, async () => {
    await assert.rejects(loadData([source]), (error) => {
      assert.ok(error instanceof DataError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.message, /; expected .+\. .+\.$/, "it says what was expected and what to do");
      return true;
    });
  });
}

test("a gzip with a flipped byte is damaged, and the error names the line", async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `${(i + 1) * 60_000},${i + 1},${i + 1},${i + 1},${i + 1},1`);
  const packed = gzipSync(`timestamp_ms,open,high,low,close,volume\n${rows.join("\n")}\n`);
  for (const at of [packed.length >> 1, packed.length - 6]) {
    const broken = Buffer.from(packed);
    broken[at] = (broken[at] ?? 0) ^ 0xff;
    await assert.rejects(
      loadData([memory("c.gz", broken)]),
      (error) => error instanceof DataError && (error.code === "damaged" || error.code === "unknownFormat"),
    );
  }
});

test("a zip with a flipped byte is damaged", async () => {
  const packed = zipOf("a.csv", CSV.repeat(50));
  for (let at = 36; at < 60; at += 1) {
    const broken = Buffer.from(packed);
    broken[at] = (broken[at] ?? 0) ^ 0x10;
    await assert.rejects(loadData([memory("c.zip", broken)]), (error) => error instanceof DataError);
  }
});

test("BT-11 a gzip cut in its last eight bytes is still noticed as truncated", async () => {
  for (const missing of [1, 4, 8]) {
    const packed = gzipSync(CSV);
    const loaded = await loadData([memory("c.gz", packed.subarray(0, packed.length - missing))]);
    assert.deepEqual(
      loaded.findings.map((finding) => finding.name),
      ["truncated"],
    );
    assert.equal(loaded.figures["candles"], 2);
  }
});

test("lines are the same whatever the chunks, the packing and the last line end", async () => {
  const text = Array.from({ length: 30_000 }, (_, i) => `row ${i} ${"x".repeat(i % 97)}`).join("\n");
  const folder = mkdtempSync(join(tmpdir(), "opensqt-source-"));
  try {
    const plain = join(folder, "plain");
    writeFileSync(plain, text);
    const packed = join(folder, "packed");
    writeFileSync(packed, Buffer.concat([gzipSync(text.slice(0, 700_001)), gzipSync(text.slice(700_001))]));
    for (const source of [plain, packed, memory("zip", zipOf("a", `${text}\n`))]) {
      const lines: string[] = [];
      const progress: number[] = [];
      const facts = await readLines(
        source,
        (bytes, start, end) => {
          lines.push(Buffer.from(bytes.subarray(start, end)).toString());
        },
        (done) => progress.push(done.bytesDone / done.bytesTotal),
      );
      assert.equal(lines.join("\n"), text);
      assert.equal(facts.lines, 30_000);
      assert.equal(progress.at(-1), 1);
      assert.ok(progress.every((part, i) => part >= (progress[i - 1] ?? 0)));
    }
    assert.deepEqual(await firstLines(packed, 2), ["row 0 ", "row 1 x"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a zip archive of one file is read line by line", async () => {
  assert.deepEqual(await firstLines({ name: "a.zip", bytes: zipOf("a.csv", "one\ntwo\r\nthree") }, 9), [
    "one",
    "two",
    "three",
  ]);
});
