// Downloads that are stopped, killed in the middle of a line, and asked again for more than before.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { DataError } from "../error.ts";
import { type DownloadOptions, download, type PageSource } from "./download.ts";
import type { DownloadRow } from "./row.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-download-"));
after(() => rmSync(folder, { recursive: true }));

const START = 1_700_000_000_000 - (1_700_000_000_000 % 60_000);
const MINUTE = 60_000;

const candle = (n: number): DownloadRow => {
  const atMs = START + n * MINUTE;
  return { atMs, id: String(atMs), line: `${atMs},1.5,2,1,1.${n},0.25` };
};

/** An exchange with `count` minutes of history that gives `size` a page, and counts what it was asked. */
function history(count: number, size: number): { readonly page: PageSource; readonly asked: number[] } {
  const asked: number[] = [];
  const all = Array.from({ length: count }, (_, n) => candle(n));
  return {
    asked,
    page: async ({ sinceMs }) => {
      asked.push((sinceMs - START) / MINUTE);
      return all.filter(({ atMs }) => atMs >= sinceMs).slice(0, size);
    },
  };
}

const minutes = (from: number, to: number): Pick<DownloadOptions, "kind" | "fromMs" | "toMs"> => ({
  kind: "candles",
  fromMs: START + from * MINUTE,
  toMs: START + to * MINUTE,
});

function fileOf(count: number, from = 0): string {
  const lines = Array.from({ length: count }, (_, n) => candle(from + n).line);
  return ["timestamp_ms,open,high,low,close,volume", ...lines, ""].join("\n");
}

test("BT-07 pages become one file, each row once, whole at the end and nothing beside it", async () => {
  const out = join(folder, "whole.csv");
  const { page } = history(25, 10);
  const result = await download({ ...minutes(0, 20), out, page });
  assert.deepEqual([result.rows, result.fetched, result.complete], [20, 20, true]);
  assert.equal(readFileSync(out, "utf8"), fileOf(20));
  assert.ok(!existsSync(`${out}.part`));
});

test("BT-07 a download that was stopped goes on where it was, and one killed within a line too", async () => {
  const out = join(folder, "stopped.csv");
  const { page, asked } = history(40, 10);
  let pages = 0;
  const stopped = (): boolean => {
    pages += 1;
    return pages > 2;
  };
  const first = await download({ ...minutes(0, 40), out, page, stopped });
  assert.deepEqual([first.complete, first.rows, existsSync(out)], [false, 19, false]);
  appendFileSync(`${out}.part`, "17000000");
  asked.length = 0;
  const second = await download({ ...minutes(0, 40), out, page });
  assert.deepEqual([second.complete, second.rows, second.fetched], [true, 40, 21]);
  assert.equal(asked[0], 18, "what was had is not asked for again");
  assert.equal(readFileSync(out, "utf8"), fileOf(40));
});

test("BT-07 a second run fetches only what is missing before and after, and nothing where nothing is", async () => {
  const out = join(folder, "more.csv.gz");
  const { page, asked } = history(60, 10);
  await download({ ...minutes(20, 30), out, page });
  asked.length = 0;
  const wider = await download({ ...minutes(10, 45), out, page });
  assert.deepEqual([wider.rows, wider.fetched], [35, 25]);
  assert.equal(gunzipSync(readFileSync(out)).toString(), fileOf(35, 10));
  assert.ok(
    asked.every((minute) => minute < 20 || minute >= 29),
    asked.join(" "),
  );
  asked.length = 0;
  const again = await download({ ...minutes(10, 45), out, page });
  assert.deepEqual([again.rows, again.fetched, asked.length], [35, 0, 0]);
});

test("BT-07 a page that fails keeps what was fetched, and a file of another kind is left alone", async () => {
  const out = join(folder, "failed.csv");
  const { page } = history(30, 10);
  let calls = 0;
  const failing: PageSource = async (place) => {
    calls += 1;
    if (calls === 3) throw new Error("503 Service Unavailable");
    return await page(place);
  };
  await assert.rejects(download({ ...minutes(0, 30), out, page: failing }), /503/);
  const { fetched, rows } = await download({ ...minutes(0, 30), out, page });
  assert.deepEqual([rows, fetched], [30, 11]);
  const foreign = join(folder, "foreign.csv");
  writeFileSync(foreign, "a,b\n1,2\n");
  await assert.rejects(download({ ...minutes(0, 3), out: foreign, page }), (error: unknown) => {
    assert.ok(error instanceof DataError);
    assert.match(error.message, /foreign\.csv:1: this file was not written by this command; expected the columns/);
    return true;
  });
  assert.equal(readFileSync(foreign, "utf8"), "a,b\n1,2\n");
});

test("BT-07 trades of one millisecond that a page cuts apart are all there, once", async () => {
  const out = join(folder, "trades.csv");
  const all = Array.from({ length: 30 }, (_, n): DownloadRow => {
    const atMs = START + Math.floor(n / 7);
    return { atMs, id: String(n), line: `${n},60000.1,0.002,${atMs},${n % 2 === 0}` };
  });
  const page: PageSource = async ({ sinceMs }) => all.filter(({ atMs }) => atMs >= sinceMs).slice(0, 10);
  const result = await download({ kind: "trades", fromMs: START, toMs: START + 10, out, page });
  assert.equal(result.rows, 30);
  assert.deepEqual(
    readFileSync(out, "utf8").trim().split("\n").slice(1),
    all.map(({ line }) => line),
  );
});
