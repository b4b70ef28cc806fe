// BT-12 to the letter: one thing of the USDⓈ-M capture is changed in memory, and exactly that is found.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { presentData, skipWithoutData } from "../../test/data.ts";
import { bookDigest } from "./digest.ts";
import { DataError } from "./error.ts";
import { assertAccepted, type Finding, refusals } from "./finding.ts";
import type { Loaded } from "./loaded.ts";
import { loadData } from "./open.ts";

const USDM = "ticks/binance-usdm-btcusdt_20240808.gz";
const NAME = "capture";
const FINAL_BOOK = "40665883ff74124f2935339a0dc1bc6291406abf2a3a494b3e872a9f86723da6";
const skip = skipWithoutData(USDM);

let original: readonly string[] = [];

/** The capture's lines after `change`, loaded; the file itself is never touched. */
async function mutated(change: (lines: string[]) => void): Promise<Loaded> {
  if (original.length === 0)
    original = gunzipSync(readFileSync(presentData(USDM)))
      .toString("latin1")
      .trimEnd()
      .split("\n");
  const lines = [...original];
  change(lines);
  return loadData([{ name: NAME, bytes: Buffer.from(`${lines.join("\n")}\n`, "latin1") }]);
}

/** Findings besides the two the untouched capture has. */
const news = (loaded: Loaded): Finding[] =>
  loaded.findings.filter((finding) => finding.name !== "clockSkew" && finding.name !== "beyondSnapshot");
const told = (loaded: Loaded): string[] => news(loaded).map((finding) => `${finding.count} ${finding.name}`);
const refused = (loaded: Loaded): string[] => refusals(loaded.findings, []).map((finding) => finding.name);

const line = (lines: readonly string[], number: number): string => {
  const text = lines[number - 1];
  assert.ok(text !== undefined);
  return text;
};

test("TEST-31 BT-12 deleting the 1,000th depth frame is one sequenceBreak at the next one", skip, async () => {
  const loaded = await mutated((lines) => {
    assert.match(line(lines, 12880), /@depth@/);
    assert.match(line(lines, 12885), /"pu":5123112201823/);
    lines.splice(12880 - 1, 1);
  });
  assert.deepEqual(told(loaded), ["1 sequenceBreak"]);
  assert.equal(news(loaded)[0]?.line, 12885 - 1);
  assert.equal(loaded.bookFigures?.valid, false);
  assert.deepEqual(refused(loaded), []);
  assert.ok(
    loaded.findings.every((finding) => finding.name !== "beyondSnapshot"),
    "the book was invalid by then",
  );
});

test("TEST-31 BT-12 repeating it is one duplicateFrame, and the final book is unchanged", skip, async () => {
  const loaded = await mutated((lines) => lines.splice(12880, 0, line(lines, 12880)));
  assert.deepEqual(told(loaded), ["1 duplicateFrame"]);
  assert.equal(news(loaded)[0]?.line, 12881);
  assert.ok(loaded.book !== null);
  assert.equal(bookDigest(loaded.book), FINAL_BOOK);
});

test("BT-12 swapping its JSON with the 1,001st's is a break, a stale frame and a clock going back", skip, async () => {
  const loaded = await mutated((lines) => {
    const [a, b] = [line(lines, 12880), line(lines, 12885)];
    lines[12880 - 1] = a.slice(0, 20) + b.slice(20);
    lines[12885 - 1] = b.slice(0, 20) + a.slice(20);
  });
  assert.deepEqual(told(loaded), ["1 sequenceBreak", "1 staleFrame", "1 clockBackwards"]);
  assert.deepEqual(
    news(loaded).map((finding) => finding.line),
    [12880, 12885, 12885],
  );
  assert.deepEqual(refused(loaded), []);
});

test("BT-12 a price of −1 in the 1,000th trade is one negativePrice, and 21,312 trades are used", skip, async () => {
  const loaded = await mutated((lines) => {
    assert.match(line(lines, 6353), /@trade.*"p":"61833\.40"/);
    lines[6353 - 1] = line(lines, 6353).replace('"p":"61833.40"', '"p":"-1"');
  });
  assert.deepEqual(told(loaded), ["1 negativePrice"]);
  assert.equal(news(loaded)[0]?.line, 6353);
  assert.equal(loaded.trades?.trades, 21312);
});

test("BT-12 another symbol in it is one foreignSymbol and one tradeIdGap", skip, async () => {
  const loaded = await mutated((lines) => {
    lines[6353 - 1] = line(lines, 6353).replace('"s":"BTCUSDT"', '"s":"ETHUSDT"');
  });
  assert.deepEqual(told(loaded), ["1 tradeIdGap", "1 foreignSymbol"]);
  assert.equal(news(loaded)[1]?.line, 6353);
});

test("BT-12 its local stamp two seconds back is one clockBackwards, refused", skip, async () => {
  const loaded = await mutated((lines) => {
    const text = line(lines, 6353);
    lines[6353 - 1] = String(BigInt(text.slice(0, 19)) - 2_000_000_000n) + text.slice(19);
  });
  assert.deepEqual(told(loaded), ["1 clockBackwards"]);
  assert.equal(news(loaded)[0]?.line, 6353);
  assert.deepEqual(refused(loaded), ["clockBackwards"]);
});

test(
  "BT-12 a gzip cut at half its bytes is truncated, refused; accepted, all whole lines before the cut are used",
  skip,
  async () => {
    const packed = readFileSync(presentData(USDM));
    const cut = packed.subarray(0, packed.length >> 1);
    const loaded = await loadData([{ name: "half.gz", bytes: cut }]);
    assert.deepEqual(told(loaded), ["1 truncated"]);
    assert.deepEqual(refused(loaded), ["truncated"]);
    assert.throws(
      () => assertAccepted(loaded.findings, []),
      (error) => error instanceof DataError && error.code === "refused" && error.message.includes("--accept truncated"),
    );
    assertAccepted(loaded.findings, ["truncated"]);
    // whatever an independent reader can still unpack, up to its last line end
    const whole = gunzipSync(cut, { finishFlush: (await import("node:zlib")).constants.Z_SYNC_FLUSH });
    const lines = whole.toString("latin1").split("\n").length - 1;
    assert.equal(loaded.sources[0]?.lines, lines);
    assert.ok(lines > 40_000);
    const { figures } = loaded;
    const used = ["depth", "quotes", "trades", "snapshots"].reduce((sum, key) => sum + Number(figures[key]), 0);
    assert.equal(used, lines);
  },
);
