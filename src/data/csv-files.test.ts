// Candle, trade and funding files, hand-made: columns by name, units by digits, zones by declaration, findings by row.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { zipOf } from "../../test/zip.ts";
import { RowFlag, RowKind, type Tape } from "../market/tape.ts";
import { tradesDigest } from "./digest.ts";
import { DataError } from "./error.ts";
import type { Loaded, LoadOptions } from "./loaded.ts";
import { loadData } from "./open.ts";

const load = (text: string, options: LoadOptions = {}, name = "made.csv"): Promise<Loaded> =>
  loadData([{ name, bytes: Buffer.from(text) }], options);
const told = (loaded: Loaded): string[] =>
  loaded.findings.map((finding) => `${finding.count} ${finding.name}:${finding.line}`);
const code = (expected: string) => (error: unknown) => error instanceof DataError && error.code === expected;

function column(tape: Tape, kind: number, values: Float64Array): number[] {
  return [...values].filter((_, i) => tape.kind[i] === kind);
}

const HEADER = "timestamp_ms,open,high,low,close,volume";
const T0 = 1_546_300_800_000;

test("BT-03 candle columns are taken by name, whatever their order", async () => {
  const usual = await load(`${HEADER}\n${T0},2,4,1,3,5\n`);
  const other = await load(`volume,close,low,high,open,timestamp_ms\r\n5,3,1,4,2,${T0}\r\n`);
  assert.deepEqual(other.tape, usual.tape);
  assert.deepEqual([...usual.tape.price], [2e8, 4e8, 1e8, 3e8]);
  assert.deepEqual(column(usual.tape, RowKind.candleClose, usual.tape.quantity), [5000]);
});

test("BT-03 a source in O-C-H-L order needs an explicit mapping", async () => {
  const text = `${T0},2,3,4,1,5\n`;
  await assert.rejects(load(text), code("unknownFormat"));
  const columns = ["timestamp_ms", "open", "close", "high", "low", "volume"];
  assert.deepEqual([...(await load(text, { columns })).tape.price], [2e8, 4e8, 1e8, 3e8]);
  await assert.rejects(load(text, { columns: ["timestamp_ms", "open", "open"] }), code("badHeader"));
  await assert.rejects(load("open,high,low,close\n1,1,1,1\n"), code("badHeader"));
});

test("BT-11 candles: missing minutes are told, bad rows dropped", async () => {
  const at = (minute: number): number => T0 + minute * 60_000;
  const loaded = await load(
    [
      HEADER,
      `${at(0)},2,4,1,3,5`,
      `${at(3)},2,4,1,3,0`,
      `${at(4)},2,2.5,1,3,5`, // close above high
      `${at(5)},2,4,0,3,5`,
      `${at(6)},2,4,1,3,-5`,
      `${at(7)},2,4,1,x,5`,
      `${at(3)},2,4,1,3,5`, // doubled
      `${at(8) + 1},2,4,1,3,5`, // off the minute
      `${at(9)},2,4,1,3`,
    ].join("\n"),
  );
  assert.deepEqual(told(loaded), ["1 negativePrice:5", "3 unparsable:6", "2 missingCandle:3", "3 candleShape:4"]);
  assert.equal(loaded.figures["candles"], 2);
  assert.equal(loaded.figures["zeroVolume"], 1);
});

test("BT-01 BT-03 exponents and prices off the grid; volumes are summed exactly", async () => {
  const first = `${T0},3.4e-07,4e-07,1e-7,3e-7,3.4e-07`;
  const text = `${HEADER}\n${first}\n${T0 + 60_000},1e-7,1e-7,1e-7,1e-7,0.1234567890123456789\n`;
  const loaded = await load(text);
  assert.deepEqual([...loaded.tape.price.subarray(0, 4)], [34, 40, 10, 30]);
  assert.equal(loaded.figures["volume"], "0.1234571290123456789");
  const coarse = await load(`${HEADER}\n${T0},100.26,100.3,100.1,100.2,1\n`, {
    symbol: "BTC/USD",
    tickSize: "0.1",
    lotSize: "1",
  });
  assert.deepEqual(told(coarse), ["1 offTick:2"]);
  assert.equal(coarse.tape.price[0], 1003);
});

test("BT-11 a close over 10 % away and back within 3 rows is a priceJump", async () => {
  const closes = [100, 100, 120, 119, 101, 100];
  const rows = closes.map((close, i) => `${T0 + i * 60_000},${close},${close},${close},${close},1`);
  assert.deepEqual(told(await load([HEADER, ...rows].join("\n"))), ["1 priceJump:4"]);
});

const USDM: LoadOptions = { symbol: "BTCUSDT", market: "usdm" };
const ROWS: readonly (readonly [id: number, price: string, quantity: string, ms: number, maker: string])[] = [
  [1, "100.1", "0.5", 1_700_000_000_001, "true"],
  [2, "100.2", "0.001", 1_700_000_000_002, "false"],
];
const AGGREGATED = ROWS.map(([id, p, q, ms, m]) => `${id},${p},${q},${id},${id},${ms},${m}\n`).join("");
const SINGLE = ROWS.map(([id, p, q, ms, m]) => `${id},${p},${q},1.5,${ms},${m}\n`).join("");
const AGGREGATED_HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";
const FORMS: Readonly<Record<string, string>> = {
  "aggTrades with header": `${AGGREGATED_HEADER}\n${AGGREGATED}`,
  "aggTrades without header": AGGREGATED,
  "spot aggTrades, in µs": ROWS.map(
    ([id, p, q, ms, m]) => `${id},${p},${q},${id},${id},${ms}000,${m === "true" ? "True" : "False"},True\n`,
  ).join(""),
  "trades with header": `id,price,qty,quote_qty,time,is_buyer_maker\n${SINGLE}`,
  "spot trades without header": ROWS.map(([id, p, q, ms, m]) => `${id},${p},${q},1.5,${ms},${m},true\n`).join(""),
};

for (const [name, text] of Object.entries(FORMS)) {
  test(`BT-04 trade file: ${name}, as csv, gzip and zip`, async () => {
    const expected = await load(FORMS["trades with header"] ?? "", USDM);
    assert.deepEqual([...expected.tape.price], [1001, 1002]);
    assert.deepEqual([...expected.tape.flags], [RowFlag.frameEnd | RowFlag.sellerTook, RowFlag.frameEnd]);
    const forms = [Buffer.from(text), gzipSync(text), zipOf("BTCUSDT-trades.csv", text)];
    for (const bytes of forms) {
      const loaded = await loadData([{ name: "misleading-name.dat", bytes }], USDM);
      assert.equal(tradesDigest(loaded.tape), tradesDigest(expected.tape));
      assert.deepEqual(loaded.tape.exchangeUs, expected.tape.exchangeUs);
      assert.deepEqual(told(loaded), []);
    }
  });
}

test("BT-04 a row whose time has another digit count than its file is unparsable", async () => {
  const row = (id: number, time: string): string => `${id},100.1,1,1,${time},true\n`;
  const loaded = await load(row(1, "1700000000001") + row(2, "1700000000002000") + row(3, "1700000000003"), USDM);
  assert.deepEqual(told(loaded), ["1 tradeIdGap:3", "1 unparsable:2"]);
  await assert.rejects(load(row(1, "1700000000001")), code("unknownInstrument"));
});

test("BT-11 interleaved parts of a month are told, and sorted only if asked", async () => {
  const row = (id: number): string => `${id},100.1,1,1,${1_700_000_000_000 + id * 10},true\n`;
  const text = [1, 5, 2, 6, 3, 7, 4, 8].map(row).join("");
  const kept = await load(text, USDM);
  assert.deepEqual([...kept.tape.id], [1, 5, 2, 6, 3, 7, 4, 8]);
  assert.deepEqual(told(kept), ["4 tradeIdGap:2", "3 tradeIdBackwards:3", "3 clockBackwards:3"]);
  const sorted = await load(text, { ...USDM, sort: true });
  assert.deepEqual([...sorted.tape.id], [1, 2, 3, 4, 5, 6, 7, 8]);
});

const FUNDING = "Symbol,Date,Funding Rate";

test("BT-05 stamps are read in the declared zone and normalised to the settlement grid", async () => {
  const text = `${FUNDING}\nBTC-USDT,2020-01-01 03:00:00.047,0.0001\nBTC-USDT,2020-01-01 10:59:59.990,2.6e-05\n`;
  const loaded = await load(text, { timeZone: "+03:00" });
  assert.deepEqual([...loaded.tape.exchangeUs], [Date.UTC(2020, 0, 1) * 1000, Date.UTC(2020, 0, 1, 8) * 1000]);
  assert.deepEqual([...loaded.tape.price], [1e8, 2.6e7]);
  assert.equal(loaded.figures["jitterRemoved"], 2);
  assert.deepEqual(told(loaded), []);
  await assert.rejects(load(text, { timeZone: "Mars" }), code("badOption"));
  assert.equal((await load(text, { timeZone: "+03:00", symbol: "BTC/USDT:USDT" })).rows, 2);
  await assert.rejects(load(text, { symbol: "ETHUSDT" }), code("wrongSymbol"));
});

test("BT-11 a missing settlement refuses; skip goes on without it, carry repeats the rate before", async () => {
  const text = `${FUNDING}\nBTC-USDT,2020-01-01 00:00:00,0.0001\nBTC-USDT,2020-01-02 00:00:00,0.0002\n`;
  const refused = await load(text);
  assert.deepEqual(told(refused), ["2 missingFunding:3"]);
  assert.equal(refused.findings[0]?.severity, "refuse");
  const skipped = await load(text, { missingFunding: "skip" });
  assert.equal(`${skipped.findings[0]?.severity} ${skipped.rows}`, "warn 2");
  const carried = await load(text, { missingFunding: "carry" });
  assert.deepEqual([...carried.tape.price], [1e8, 1e8, 1e8, 2e8]);
  assert.deepEqual(
    [...carried.tape.exchangeUs].map((us) => new Date(us / 1000).getUTCHours()),
    [0, 8, 16, 0],
  );
});

test("BT-11 funding rows that are doubled, old, foreign or unreadable are dropped", async () => {
  const rows = ["BTC-USDT,2020-01-01 00:00:00,0.0001", "BTC-USDT,2020-01-01 08:00:00,0.0001"];
  const text = [
    FUNDING,
    ...rows,
    rows[1],
    rows[0],
    "ETH-USDT,2020-01-01 16:00:00,1",
    "BTC-USDT,2020-02-30 00:00:00,0.1",
    "BTC-USDT,2020-01-01 16:00:00,abc",
    "BTC-USDT",
  ].join("\n");
  const loaded = await load(text);
  assert.deepEqual(told(loaded), ["1 staleFrame:5", "1 duplicateFrame:4", "1 foreignSymbol:6", "3 unparsable:7"]);
  assert.equal(loaded.rows, 2);
});
