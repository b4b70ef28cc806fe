// Data that are wrong: the check names finding, file and line; a run stops before it starts, writes nothing, and goes
// on only when the finding is accepted by name.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { assertRefused, opensqt, withFolder } from "./command-line.ts";
import { candleLines, changed, frameLines, packed, put } from "./market-files.ts";

interface Checked {
  readonly ok: boolean;
  readonly data: {
    readonly streams: readonly { readonly findings: readonly { name: string; file: string; line: number }[] }[];
  };
}

/** `name file:line` of all findings of a file. */
function findingsOf(file: string): string[] {
  const said = opensqt(["data", "check", file, "--json"]);
  const { data } = JSON.parse(said.out) as Checked;
  return data.streams.flatMap(({ findings }) => findings.map(({ name, file: of, line }) => `${name} ${of}:${line}`));
}

const half = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));
const crossed = (line: string): string => line.replaceAll(/"a":\[/g, '"a":[["100.0","1.000"],');

test("BT-11 a truncated file is refused by check (4) and run (3), and used as far as it goes when accepted", () => {
  withFolder((folder) => {
    const file = put(folder, "cut.csv.gz", half(packed(candleLines(2000))));
    const out = join(folder, "report");
    const check = opensqt(["data", "check", file]);
    assert.equal(check.code, 4);
    assert.match(check.out, /truncated +1 +REFUSED +cut\.csv\.gz:\d+/);
    assert.match(check.out, /--accept truncated/);
    const run = ["backtest", "run", "--data", file, "--out", out, "--quiet"];
    assertRefused(opensqt(run), 3, /cut\.csv\.gz:\d+: truncated .*--accept truncated/);
    assert.deepEqual(readdirSync(folder), ["cut.csv.gz"]);
    assert.equal(opensqt([...run, "--accept", "truncated"]).code, 0);
  });
});

test("BT-11 unsorted, doubled, crossed, negative and foreign rows are found with their line", () => {
  withFolder((folder) => {
    const candles = candleLines();
    const [a = "", b = ""] = [candles[100], candles[101]];
    const swapped = candles.map((line) => (line === a ? b : line === b ? a : line));
    const doubled = changed(candles, 50, (line) => `${line}\n${line}`);
    const negative = changed(candles, 60, (line) => line.replace(/,(\d+\.\d\d),/, ",-$1,"));
    assert.deepEqual(findingsOf(put(folder, "swapped.csv", swapped)), [
      "missingCandle swapped.csv:101",
      "candleShape swapped.csv:102",
    ]);
    assert.deepEqual(findingsOf(put(folder, "doubled.csv", doubled)), ["candleShape doubled.csv:51"]);
    assert.deepEqual(findingsOf(put(folder, "negative.csv", negative)).at(0), "negativePrice negative.csv:60");
    const frames = changed(frameLines(), 100, crossed);
    assert.ok(findingsOf(put(folder, "crossed.txt", frames)).includes("crossedBook crossed.txt:100"));
    const foreign = changed(frameLines(), 101, (line) => line.replace('"s":"BTCUSDT"', '"s":"ETHUSDT"'));
    assert.ok(findingsOf(put(folder, "foreign.txt", foreign)).includes("foreignSymbol foreign.txt:101"));
  });
});

test("files that are no data are refused with exit 3 and the reason, by check and by run", () => {
  withFolder((folder) => {
    mkdirSync(join(folder, "folder"));
    const cases: readonly (readonly [path: string, ...words: (string | RegExp)[]])[] = [
      [join(folder, "none.gz"), "no such file"],
      [join(folder, "folder"), "folder"],
      [put(folder, "empty.csv", ""), "empty.csv"],
      [put(folder, "plain.csv.gz", "this is no gzip"), "plain.csv.gz"],
      [put(folder, "story.txt", "once upon a time\n"), "story.txt:1", "expected recorded Binance frames"],
      [put(folder, "header.csv", "timestamp_ms,open,high,low,close,volume\n"), "header.csv"],
    ];
    for (const [path, ...words] of cases) {
      const out = join(folder, "report");
      if (!path.endsWith("header.csv")) assertRefused(opensqt(["data", "check", path, "--quiet"]), 3, ...words);
      assertRefused(opensqt(["backtest", "run", "--data", path, "--out", out, "--quiet"]), 3, ...words);
      assert.equal(existsSync(out), false);
    }
  });
});

test("data of another instrument than the configuration's are refused with both names", () => {
  withFolder((folder) => {
    const file = put(folder, "frames.txt", frameLines());
    const text = (symbol: string) =>
      `bot: { id: b, strategy: grid, instrument: "${symbol}", grid: { interval: "100", orderQuote: "200" } }\n`;
    const run = (symbol: string) =>
      opensqt(["backtest", "run", "--config", put(folder, "grid.yaml", text(symbol)), "--data", file, "--quiet"]);
    assertRefused(run("ETH/USDT:USDT"), 3, "ETH/USDT:USDT", "BTCUSDT");
    assertRefused(run("BTC/USDT"), 3, "BTC/USDT (spot)", "bot.instrument");
  });
});

test("BT-14 a level the data cannot tell is refused, with the one they can", () => {
  withFolder((folder) => {
    const candles = put(folder, "candles.csv", candleLines());
    const frames = put(folder, "frames.txt", frameLines());
    const run = (file: string, level: string) =>
      opensqt(["backtest", "run", "--data", file, "--level", level, "--quiet"]);
    assertRefused(run(candles, "L2"), 3, "level L2 needs depth with a snapshot", "give level L0");
    assertRefused(run(frames, "L0"), 3, "level L0 needs candles", "give level L2");
  });
});

test("BT-10 prepare writes one whole file or nothing, and a damaged one is refused", () => {
  withFolder((folder) => {
    const file = put(folder, "candles.csv", candleLines());
    const osq = join(folder, "c.osq");
    assert.equal(opensqt(["data", "prepare", file, "--out", osq, "--quiet"]).code, 0);
    assert.equal(opensqt(["backtest", "run", "--data", osq, "--out", join(folder, "r"), "--quiet"]).code, 0);
    const cut = put(folder, "cut.osq", Buffer.from("OPENSQT1garbage"));
    assertRefused(opensqt(["backtest", "run", "--data", cut, "--quiet"]), 3, "cut.osq");
    const truncated = put(folder, "t.csv.gz", half(packed(candleLines(2000))));
    const refused = opensqt(["data", "prepare", truncated, "--out", join(folder, "t.osq"), "--quiet"]);
    assert.equal(refused.code, 3);
    assert.equal(existsSync(join(folder, "t.osq")), false);
  });
});

test("--accept of what is no finding, and --strict, say so", () => {
  withFolder((folder) => {
    const file = put(
      folder,
      "doubled.csv",
      changed(candleLines(), 50, (line) => `${line}\n${line}`),
    );
    assertRefused(opensqt(["data", "check", file, "--accept", "gremlins", "--quiet"]), 2, "gremlins", "duplicateFrame");
    assert.equal(opensqt(["data", "check", file]).code, 0);
    const strict = opensqt(["data", "check", file, "--strict"]);
    assert.equal(strict.code, 4);
    assert.match(strict.out, /refused by --strict/);
  });
});
