// What a message of a recording may look like, and which rows cannot be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RowKind } from "../market/tape.ts";
import { DataError } from "./error.ts";
import type { Finding } from "./finding.ts";
import { loadData } from "./open.ts";
import { Recording, rows, told } from "./recording.fixture.ts";
import type { Source } from "./source.ts";

test("BT-02 unusual JSON means the same: blanks, escapes, doubled keys, numbers without quotes", async () => {
  const plain = new Recording().trade(1, "100.5").trade(2, "101.5").snapshot(7, "100x1", "101x1");
  const usual = await plain.load();
  const odd = new Recording();
  const [first = "", second = "", third = ""] = plain.lines;
  odd.raw(first.replace('"p":"100.5"', '"p":"7","p":"\\u0031\\u00300.5"').replace('{"stream"', ' { "stream" '));
  odd.raw(second.replace('"p":"101.5"', '"p":101.50').replace('"X":"MARKET"', '"X":{"a":[1,{"b":"]"}]}'));
  odd.raw(third.replace('["100","1"]', "[100.0,1]").replace('"asks"', '"x":null,"asks"'));
  const loaded = await odd.load();
  assert.deepEqual(loaded.tape, usual.tape);
  assert.deepEqual(told(loaded), []);
});

test("BT-02 sides in the other order, and a side told twice, mean what JSON means", async () => {
  const head = '1700000000000000000 {"lastUpdateId":7,';
  const bids = '"bids":[["100","1"],["99","2"]]';
  const asks = '"asks":[["101","3"],["102","4"],["103","5"]]';
  const usual = await new Recording().raw(`${head}${bids},${asks}}`).load({ tickSize: "0.1", lotSize: "0.001" });
  assert.equal(usual.tape.length, 6);
  for (const text of [`${asks},${bids}`, `"asks":[["1","1"]],${bids},${asks}`]) {
    const loaded = await new Recording().raw(`${head}${text}}`).load({ tickSize: "0.1", lotSize: "0.001" });
    assert.deepEqual(loaded.tape, usual.tape);
  }
});

test("BT-02 aggTrade, markPrice and streams we do not use", async () => {
  const agg = {
    e: "aggTrade",
    E: 1_700_000_000_010,
    s: "BTCUSDT",
    a: 77,
    p: "100.5",
    q: "0.2",
    f: 1,
    l: 9,
    T: 1_700_000_000_010,
    m: true,
  };
  const mark = {
    e: "markPriceUpdate",
    E: 1_700_000_000_020,
    s: "BTCUSDT",
    p: "11794.15000000",
    i: "1",
    P: "2",
    r: "0.00038167",
    T: 1_700_006_400_000,
  };
  const loaded = await new Recording()
    .frame("aggTrade", agg)
    .frame("markPrice@1s", mark)
    .frame("kline_1m", { e: "kline", s: "BTCUSDT", k: { o: "1" } })
    .trade(9, "100.5")
    .load();
  assert.deepEqual(rows(loaded.tape, RowKind.trade), ["1005 x 200 @1"]);
  assert.deepEqual(rows(loaded.tape, RowKind.mark), ["117941500 x 0 @2"]);
  assert.deepEqual(rows(loaded.tape, RowKind.fundingPredicted), ["381670000 x 1700006400000 @2"]);
  assert.equal(loaded.figures["ignored:btcusdt@kline_1m"], 1);
  assert.equal(loaded.figures["ignored:@trade, because @aggTrade tells the same trades"], 1);
  assert.deepEqual(told(loaded), []);
});

test("BT-11 rows that cannot be read are dropped one by one", async () => {
  const recording = new Recording().trade(1, "100");
  for (const bad of [
    "",
    "x",
    "123 {}",
    "1700000000000000000 {",
    "1700000000000000000 []",
    '1700000000000000000 {"a":1}',
  ]) {
    recording.raw(bad);
  }
  const loaded = await recording.trade(2, "1e999").trade(3, "99999999999999999999").trade(2, "100").load();
  const finding: Finding | undefined = loaded.findings.find((item) => item.name === "unparsable");
  assert.equal(finding?.count, 8);
  assert.equal(loaded.trades?.trades, 2);
});

test("a wrong symbol, an unknown instrument and mixed files are errors with a name", async () => {
  const recording = new Recording().trade(1, "100").trade(2, "100");
  const code = (expected: string) => (error: unknown) => error instanceof DataError && error.code === expected;
  await assert.rejects(recording.load({ symbol: "ETHUSDT", tickSize: "0.01", lotSize: "0.001" }), code("wrongSymbol"));
  await assert.rejects(recording.load({ symbol: "ETHUSDT" }), code("unknownInstrument"));
  await assert.rejects(recording.load({ tickSize: "0" }), code("badOption"));
  const candles: Source = {
    name: "c.csv",
    bytes: Buffer.from("timestamp_ms,open,high,low,close,volume\n60000,1,1,1,1,1\n"),
  };
  await assert.rejects(loadData([recording.source(), candles]), code("mixedFormats"));
  await assert.rejects(loadData([]), code("missing"));
});

test("BT-02 pieces handed on one by one are the whole tape, and end with a frame each", async () => {
  const recording = new Recording().snapshot(7, "100x1 99x1 98x1", "101x1").diff(7, 8, 6, "100x2");
  for (let id = 1; id <= 20; id += 1) recording.trade(id, "100").quote(id + 8, "100x2", "101x1");
  const whole = await recording.load();
  const kinds: number[] = [];
  const pieced = await recording.load({
    pieceRows: 4,
    onPiece: (piece) => {
      assert.equal((piece.flags[piece.length - 1] ?? 0) & 1, 1);
      kinds.push(...piece.kind);
    },
  });
  assert.deepEqual(kinds, [...whole.tape.kind]);
  assert.equal(pieced.rows, whole.rows);
  assert.equal(pieced.tape.length, 0);
});
