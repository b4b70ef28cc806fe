// Prepared files and the commands around them: what is written is what is read, or one clear error.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { presentData, skipWithoutData } from "../../test/data.ts";
import type { Tape } from "../market/tape.ts";
import { type DataOutput, dataCheck, dataExport, dataPrepare, progressText } from "./commands.ts";
import { tradesDigest } from "./digest.ts";
import { DataError } from "./error.ts";
import { loadData } from "./open.ts";
import { PreparedFile } from "./prepared.ts";
import { PreparedWriter } from "./prepared-writer.ts";

const root = resolve(import.meta.dirname, "..", "..");
const USDM = "ticks/binance-usdm-btcusdt_20240808.gz";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "opensqt-prepared-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

class Screen implements DataOutput {
  text = "";
  errors = "";
  out(text: string): void {
    this.text += text;
  }
  err(text: string): void {
    this.errors += text;
  }
}

/** A small candle file with a gap, written into `path`. */
function candles(path: string, rows = 100): string {
  const file = join(path, "c.csv");
  const lines = Array.from(
    { length: rows },
    (_, i) => `${(i + (i > 5 ? 3 : 1)) * 60_000},${i + 2},${i + 3},${i + 1},${i + 2},1.5`,
  );
  writeFileSync(file, `timestamp_ms,open,high,low,close,volume\n${lines.join("\n")}\n`);
  return file;
}

function concatenated(pieces: readonly Tape[]): number[] {
  return pieces.flatMap((piece) => [...piece.price]);
}

test("BT-10 a prepared file holds the same rows, findings, figures and source hashes", async (t) => {
  const path = folder(t);
  const file = candles(path);
  const out = join(path, "c.osq");
  const screen = new Screen();
  assert.equal(await dataPrepare({ files: [file], out, pieceRows: 40 }, screen), 0);
  const raw = await loadData([file]);
  const loaded = await loadData([out]);
  const prepared = PreparedFile.open(out);
  assert.deepEqual(loaded, { ...raw, book: null, tapeSha256: prepared.footer.tapeSha256 });
  prepared.close();
  assert.match(screen.errors, /missingCandle +2/);
  assert.deepEqual(readdirSync(path).sort(), ["c.csv", "c.osq"], "nothing else is left");
  const again = join(path, "d.osq");
  assert.equal(await dataPrepare({ files: [file], out: again }, screen), 0);
  assert.deepEqual(readFileSync(again), readFileSync(out), "pieces of any size make the same bytes");
});

test("BT-10 pieces of a prepared file are its rows, in memory that worker threads can share", async (t) => {
  const path = folder(t);
  const out = join(path, "c.osq");
  await dataPrepare({ files: [candles(path)], out }, new Screen());
  const file = PreparedFile.open(out);
  t.after(() => file.close());
  const { tape } = file.load(true);
  assert.ok(tape.price.buffer instanceof SharedArrayBuffer);
  file.verify();
  for (const rows of [1, 7, 4096]) {
    const pieces = [...file.pieces(rows)];
    assert.deepEqual(concatenated(pieces), [...tape.price]);
    assert.ok(pieces.every((piece) => (piece.flags.at(-1) ?? 0) & 1));
  }
});

test("BT-10 a truncated, foreign, newer or changed prepared file is refused by name", async (t) => {
  const path = folder(t);
  const out = join(path, "c.osq");
  await dataPrepare({ files: [candles(path)], out }, new Screen());
  const good = readFileSync(out);
  const change = (edit: (bytes: Buffer) => Buffer): string => {
    const bytes = Buffer.from(good);
    writeFileSync(out, edit(bytes));
    return out;
  };
  const flip = (at: number) => (bytes: Buffer) => {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };
  const cases: readonly (readonly [string, (bytes: Buffer) => Buffer, string])[] = [
    ["cut in its rows", (bytes) => bytes.subarray(0, 1000), "damaged"],
    ["cut in its head", (bytes) => bytes.subarray(0, 20), "damaged"],
    ["longer", (bytes) => Buffer.concat([bytes, Buffer.from("x")]), "damaged"],
    ["a flipped row byte", flip(4000), "damaged"],
    ["a flipped footer byte", flip(good.length - 10), "damaged"],
    ["a newer version", flip(9), "newerVersion"],
    [
      "another file",
      () => Buffer.from("not at all a prepared file, but long enough to look like one, perhaps"),
      "foreignFile",
    ],
  ];
  for (const [what, edit, code] of cases) {
    const file = change(edit);
    assert.throws(
      () => PreparedFile.open(file).load(),
      (error) => error instanceof DataError && error.code === code && error.message.startsWith("c.osq"),
      what,
    );
  }
  change(flip(4000));
  await assert.rejects(loadData([out], { onPiece: () => undefined }), /do not match their SHA-256/);
});

test("BT-10 refused data leave no prepared file, and an old one stays as it was", async (t) => {
  const path = folder(t);
  const file = join(path, "f.csv");
  writeFileSync(file, "Symbol,Date,Funding Rate\nBTC-USDT,2020-01-01 00:00:00,0.1\nBTC-USDT,2020-01-02 00:00:00,0.1\n");
  const out = join(path, "f.osq");
  writeFileSync(out, "old");
  const screen = new Screen();
  assert.equal(await dataPrepare({ files: [file], out }, screen), 3);
  assert.match(screen.errors, /missingFunding.*--accept missingFunding/s);
  assert.deepEqual(readdirSync(path).sort(), ["f.csv", "f.osq"]);
  assert.equal(readFileSync(out, "utf8"), "old");
  assert.equal(await dataPrepare({ files: [file], out, accept: ["missingFunding"] }, screen), 0);
  assert.equal((await loadData([out])).rows, 2);
});

test("BT-10 a place that cannot be written gives code 13 and leaves nothing", async (t) => {
  const path = folder(t);
  const screen = new Screen();
  const out = join(path, "absent", "c.osq");
  assert.equal(await dataPrepare({ files: [candles(path)], out }, screen), 13);
  assert.match(screen.errors, /cannot be written/);
  assert.throws(() => new PreparedWriter(out), DataError);
  assert.deepEqual(readdirSync(path), ["c.csv"]);
});

test("BT-10 a disk that fills up while preparing gives code 13 and leaves nothing", (t) => {
  const path = folder(t);
  const file = candles(path, 5000);
  const out = join(path, "c.osq");
  // a file size limit of 100 blocks stands in for the full disk
  const script = `import("./src/data/commands.ts").then(async ({ dataPrepare }) => {
    const screen = { out: () => undefined, err: (text) => process.stderr.write(text) };
    process.exitCode = await dataPrepare({ files: [process.argv[1]], out: process.argv[2] }, screen);
  })`;
  const limited = 'trap "" XFSZ; ulimit -f 100; exec "$0" "$@"';
  const run = spawnSync("sh", ["-c", limited, process.execPath, "-e", script, file, out], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(run.status, 13, run.stderr);
  assert.match(run.stderr, /c\.osq: .*(EFBIG|disk is full)/);
  assert.deepEqual(readdirSync(path), ["c.csv"]);
});

test("BT-11 data check exits 0, 4 on a refusal, 3 on files that cannot be read, 2 on a wrong option", async (t) => {
  const path = folder(t);
  const good = candles(path);
  const funding = join(path, "f.csv");
  writeFileSync(
    funding,
    "Symbol,Date,Funding Rate\nBTC-USDT,2020-01-01 00:00:00,0.1\nBTC-USDT,2020-01-02 00:00:00,0.1\n",
  );
  const check = (files: string[], rest = {}): Promise<number> => dataCheck({ files, ...rest }, new Screen());
  assert.equal(await check([good]), 0);
  assert.equal(await check([good], { strict: true }), 0, "a note is no warning");
  assert.equal(await check([funding]), 4);
  assert.equal(await check([good, funding]), 4, "files of two kinds are looked at apart");
  assert.equal(await check([funding], { accept: ["missingFunding"] }), 0);
  assert.equal(await check([join(path, "absent")]), 3);
  assert.equal(await check([]), 3);
  assert.equal(await check([good], { accept: ["nothing"] }), 2);
  writeFileSync(good, `${readFileSync(good, "utf8")}rubbish\n`);
  assert.equal(await check([good]), 0);
  assert.equal(await check([good], { strict: true }), 4);
});

test("BT-11 data check prints finding, count, first position, effect and what a run does, or JSON", async (t) => {
  const path = folder(t);
  const file = candles(path);
  const screen = new Screen();
  await dataCheck({ files: [file] }, screen);
  assert.match(
    screen.text,
    /missingCandle +2 +note +c\.csv:8\n +minutes without a row.*\n.*\n +a run: no event in that minute/,
  );
  assert.match(screen.text, /nothing refused\n$/);
  assert.doesNotMatch(screen.text, /\/tmp|opensqt-prepared/, "no path of this machine");
  const json = new Screen();
  await dataCheck({ files: [file], json: true }, json);
  const report = JSON.parse(json.text);
  assert.equal(report.ok, true);
  assert.equal(report.streams[0].findings[0].name, "missingCandle");
  assert.equal(report.streams[0].figures.candles, 100);
  const failed = new Screen();
  assert.equal(await dataCheck({ files: [join(path, "absent")], json: true }, failed), 3);
  assert.equal(JSON.parse(failed.text).error.code, "missing");
});

test("loading tells how far it is", async (t) => {
  const seen: string[] = [];
  await loadData([candles(folder(t))], { onProgress: (progress) => seen.push(progressText(progress)) });
  assert.match(seen.at(-1) ?? "", /^100 % {2}101 lines {2}400 rows/);
});

test("BT-10 trades exported as aggTrades and loaded again are the same trades", skipWithoutData(USDM), async (t) => {
  const path = folder(t);
  const osq = join(path, "usdm.osq");
  const screen = new Screen();
  assert.equal(await dataPrepare({ files: [presentData(USDM)], out: osq }, screen), 0);
  const loaded = await loadData([osq]);
  assert.equal(tradesDigest(loaded.tape), "24cf0dccbefd5fc90e0924c5fd48fefb2385bf7700e32aef3bcdcd11d6b1c702");
  for (const name of ["t.csv", "t.csv.gz"]) {
    const out = join(path, name);
    assert.equal(await dataExport({ files: [osq], out, format: "aggtrades" }, screen), 0);
    const again = await loadData([out], { symbol: "BTCUSDT", market: "usdm" });
    assert.equal(tradesDigest(again.tape), tradesDigest(loaded.tape));
    assert.deepEqual(again.trades, loaded.trades);
    assert.deepEqual(again.findings, []);
  }
  assert.equal(await dataExport({ files: [osq], out: join(path, "x"), format: "excel" }, screen), 2);
  assert.deepEqual(readdirSync(path).sort(), ["t.csv", "t.csv.gz", "usdm.osq"]);
});
