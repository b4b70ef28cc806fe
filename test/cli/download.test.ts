// `opensqt data download` against an emulated exchange on the wire: what it writes is what the exchange knows, and the
// other commands read it.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type Emulator, FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { assertRefused, opensqt, type Said, startOpensqt, withFolder } from "./command-line.ts";

const START_MS = Date.parse("2026-11-20T00:00:00Z");

/** An emulator whose market has lived for twelve minutes. */
async function emulated(t: TestContext): Promise<Emulator> {
  const emulator = await startEmulator({
    protocols: ["binance-usdm"],
    ports: FREE_PORTS,
    controlPort: null,
    seed: "3",
    clock: { mode: "manual", startMs: START_MS },
  });
  t.after(() => emulator.close());
  await emulator.control.clock({ advanceMs: 12 * 60_000 + 5_000 });
  return emulator;
}

/** The emulator lives in this process, so the command may not be waited for with all else standing. */
const run = (words: readonly string[]): Promise<Said> => startOpensqt(words).ended;

test("BT-07 candles and trades of an exchange are downloaded, checked, and not fetched twice", async (t) => {
  const emulator = await emulated(t);
  const endpoint = `http://127.0.0.1:${emulator.ports["binance-usdm"]}`;
  await withFolder(async (folder) => {
    const out = join(folder, "btc.csv.gz");
    const from = ["--exchange", "binance", "--symbol", "BTC/USDT:USDT", "--from", "2026-11-20", "--endpoint", endpoint];
    const words = ["data", "download", "candles", ...from, "--to", "2026-11-20T00:10:00Z", "--out", out];
    const first = await run(words);
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /10 rows, 10 of them fetched now/);
    const lines = gunzipSync(readFileSync(out)).toString().trim().split("\n");
    assert.deepEqual(
      lines.slice(1).map((line) => Number.parseInt(line, 10)),
      minutes(10),
    );
    const again = await run([...words, "--json"]);
    const { data } = JSON.parse(again.out) as { readonly data: { readonly rows: number; readonly fetched: number } };
    assert.deepEqual([data.rows, data.fetched], [10, 0]);
    const checked = opensqt(["data", "check", out, "--symbol", "BTCUSDT"]);
    assert.match(checked.out, /candles 10, /);

    const tape = join(folder, "trades.csv");
    // the emulator remembers the newest trades only
    const late = from.map((word) => (word === "2026-11-20" ? "2026-11-20T00:11:30Z" : word));
    const trades = await run(["data", "download", "trades", ...late, "--to", "2026-11-20T00:13:00Z", "--out", tape]);
    assert.equal(trades.code, 0, trades.err);
    const ids = readFileSync(tape, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    assert.ok(ids.length > 10, `${ids.length} trades`);
    assert.equal(new Set(ids).size, ids.length);
  });
});

test("BT-07 an exchange nobody reaches is said so, with exit 5, and nothing is left", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "btc.csv");
    const words = ["data", "download", "candles", "--exchange", "binance", "--symbol", "BTC/USDT:USDT"];
    const said = await run([...words, "--from", "2026-11-20", "--out", out, "--endpoint", "http://127.0.0.1:9"]);
    assert.equal(said.code, 5, said.err);
    assert.match(said.err, /binance could not be asked/);
    assert.ok(!existsSync(out));
  });
});

test("OPS-11 a download that asks for what cannot be is refused with what can", () => {
  const words = ["data", "download", "candles", "--exchange", "binance", "--from", "2026-11-20", "--symbol"];
  assertRefused(opensqt([...words, "BTCUSDT"]), 2, /--symbol BTCUSDT is not allowed; give BTC\/USDT/);
  assertRefused(opensqt([...words, "BTC/USDT", "--to", "2026-11-19"]), 2, /--to 2026-11-19 is not after --from/);
  assertRefused(opensqt([...words, "BTC/USDT", "--to", "soon"]), 2, /--to soon is no date; give 2024-08-01/);
  assertRefused(opensqt([...words, "BTC/USDT", "--out"]), 2, /--out/);
});

const minutes = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => START_MS + n * 60_000);
