// Hand-made recordings: sync rules, buffering, and every finding of BT-11 that frames can show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RowKind } from "../market/tape.ts";
import { loadData } from "./open.ts";
import { bookRows, Recording, rows, told } from "./recording.fixture.ts";
import type { Source } from "./source.ts";

test("BT-02 USDⓈ-M drops u < L, starts where U ≤ L ≤ u, and puts kept diffs after their snapshot", async () => {
  const loaded = await new Recording()
    .diff(1, 4, 0, "90x9")
    .diff(5, 9, 4, "100x2")
    .snapshot(7, "100x1 99x1", "101x1")
    .diff(10, 12, 9, "99x0", "102x4")
    .load();
  assert.deepEqual(bookRows(loaded.tape), [
    "0 x 0 @3",
    "1000 x 1000 @3",
    "990 x 1000 @3",
    "1010 x 1000 @3",
    "1000 x 2000 @2",
    "990 x 0 @4",
    "1020 x 4000 @4",
  ]);
  assert.equal(loaded.bookFigures?.dropped, 1);
  assert.deepEqual(told(loaded), []);
  assert.equal(loaded.tape.localUs[4], loaded.tape.localUs[0], "a kept diff happens when its snapshot does");
});

test("BT-02 spot drops u ≤ L and starts where U ≤ L+1 ≤ u", async () => {
  const loaded = await new Recording("spot")
    .diff(1, 7, 0, "90x9")
    .diff(8, 9, 0, "100x2")
    .snapshot(7, "100x1", "101x1")
    .diff(10, 12, 0, "99x3")
    .load();
  assert.deepEqual(bookRows(loaded.tape).slice(3), ["10000 x 200000 @2", "9900 x 300000 @4"]);
  assert.equal(loaded.bookFigures?.applied, 2);
});

test("BT-11 a snapshot that no diff straddles is syncImpossible and refuses", async () => {
  const loaded = await new Recording().snapshot(7, "100x1", "101x1").diff(9, 9, 8, "100x2").load();
  assert.deepEqual(told(loaded), ["1 syncImpossible:2"]);
  assert.equal(loaded.findings[0]?.severity, "refuse");
  assert.equal(rows(loaded.tape, RowKind.bookInvalid).length, 1);
});

test("BT-11 after a sequenceBreak the next snapshot makes the book valid again", async () => {
  const loaded = await new Recording()
    .snapshot(7, "100x1", "101x1")
    .diff(7, 8, 6, "100x2")
    .diff(11, 12, 10, "100x3")
    .diff(13, 14, 12, "100x4")
    .snapshot(13, "98x5", "101x1")
    .diff(15, 16, 14, "99x6")
    .load();
  assert.deepEqual(told(loaded), ["1 sequenceBreak:3"]);
  assert.deepEqual(bookRows(loaded.tape).slice(3), [
    "1000 x 2000 @2",
    "0 x 0 @3",
    "0 x 0 @5",
    "980 x 5000 @5",
    "1010 x 1000 @5",
    "1000 x 4000 @4",
    "990 x 6000 @6",
  ]);
  assert.equal(loaded.bookFigures?.valid, true);
});

test("BT-11 a break between kept diffs is found when they are replayed, once", async () => {
  const loaded = await new Recording()
    .diff(5, 9, 4, "100x2")
    .diff(12, 13, 11, "100x3")
    .snapshot(7, "100x1", "101x1")
    .diff(14, 15, 13, "100x4")
    .load();
  assert.deepEqual(told(loaded), ["1 sequenceBreak:2"]);
  assert.equal(loaded.bookFigures?.valid, false);
});

test("BT-11 a frame seen before is duplicateFrame, an older one staleFrame; both are dropped", async () => {
  const loaded = await new Recording()
    .snapshot(7, "100x1", "101x1")
    .diff(7, 8, 6, "100x2")
    .diff(9, 9, 8, "100x3")
    .diff(9, 9, 8, "100x9")
    .diff(7, 8, 6, "100x8")
    .diff(10, 10, 9, "99x1")
    .load();
  assert.deepEqual(told(loaded), ["1 staleFrame:5", "1 duplicateFrame:4"]);
  assert.equal(loaded.book?.quantity("buy", 1000), 3000);
});

test("BT-11 a crossed book is found after the whole diff only, and is not compared with quotes", async () => {
  const loaded = await new Recording()
    .snapshot(7, "100x1", "101x1")
    .quote(8, "101x1", "102x1")
    .diff(7, 8, 6, "101x1", "101x0 102x1")
    .diff(9, 9, 8, "103x1")
    .diff(10, 10, 9, "103x0")
    .load();
  assert.deepEqual(told(loaded), ["1 crossedBook:4", "1 beyondSnapshot:3"]);
});

test("BT-11 BT-49 quote and book are compared at the same update id, whichever came first", async () => {
  const same = await new Recording()
    .snapshot(7, "100x1", "101x1")
    .quote(8, "100x2", "101x1")
    .diff(7, 8, 6, "100x2")
    .diff(9, 12, 8, "100x5")
    .quote(11, "100x5", "101x1")
    .quote(13, "100x7", "101x1")
    .load();
  assert.deepEqual(told(same), []);
  assert.equal(same.figures["quotesCompared"], 2);
  const other = await new Recording()
    .snapshot(7, "100x1", "101x1")
    .quote(8, "100x3", "101x1")
    .diff(7, 8, 6, "100x2")
    .load();
  assert.deepEqual(told(other), ["1 quoteMismatch:3"]);
  assert.equal(other.findings[0]?.detail, "1 of 1 compared");
});

test("BT-11 the best leaving the snapshot's range is beyondSnapshot, once an excursion", async () => {
  const loaded = await new Recording()
    .snapshot(7, "100x1 99x1", "101x1 102x1")
    .diff(7, 8, 6, "100x0 99x0 98x1")
    .diff(9, 9, 8, "97x1")
    .diff(10, 10, 9, "100x1")
    .diff(11, 11, 10, "100x0")
    .load();
  assert.deepEqual(told(loaded), ["2 beyondSnapshot:2"]);
});

test("BT-11 trade ids: a gap, a doubled and a falling one are told; a doubled row is dropped", async () => {
  const loaded = await new Recording().trade(5, "100").trade(7, "100").trade(7, "100").trade(6, "100").load();
  assert.deepEqual(told(loaded), ["1 tradeIdGap:2", "1 duplicateTrade:3", "1 tradeIdBackwards:4"]);
  assert.equal(loaded.trades?.trades, 3);
});

test("BT-11 prices and quantities not above zero drop their row", async () => {
  const loaded = await new Recording()
    .trade(1, "0")
    .trade(2, "-5")
    .trade(3, "100", "0")
    .trade(4, "100")
    .quote(1, "-1x1", "101x1")
    .snapshot(7, "100x1 -3x1", "101x1")
    .load();
  assert.deepEqual(told(loaded), ["4 negativePrice:1", "1 zeroTrade:3"]);
  assert.equal(loaded.trades?.trades, 1);
  assert.equal(loaded.book?.count("buy"), 1);
});

test("BT-11 a clock going back over a second refuses, under a second it warns and local time is held", async () => {
  const slow = new Recording().trade(1, "100").frame("x@y", {}, -500).trade(2, "100");
  const warned = await slow.load();
  assert.deepEqual(told(warned), ["1 clockBackwards:2"]);
  assert.equal(warned.findings[0]?.severity, "warn");
  const refused = await new Recording().trade(1, "100").frame("x@y", {}, -5000).trade(2, "100").load();
  assert.equal(refused.findings[0]?.severity, "refuse");
});

test("BT-11 BT-23 a clock behind the exchange's, or far ahead of it, is clockSkew", async () => {
  const at = (localMs: number, eventMs: number): Source => {
    const trade = { e: "trade", E: eventMs, T: eventMs, s: "BTCUSDT", t: 1, p: "100", q: "1", X: "MARKET", m: true };
    return {
      name: "skew",
      bytes: Buffer.from(`${localMs}000000 ${JSON.stringify({ stream: "btcusdt@trade", data: trade })}\n`),
    };
  };
  const behind = await loadData([at(1_700_000_000_000, 1_700_000_000_001)]);
  assert.deepEqual(told(behind), ["1 clockSkew:1"]);
  assert.equal(behind.clock?.medianNs, 1_000_000);
  const ahead = await loadData([at(1_700_000_005_001, 1_700_000_000_000)]);
  assert.deepEqual(told(ahead), ["1 clockSkew:1"]);
  assert.deepEqual(told(await loadData([at(1_700_000_004_999, 1_700_000_000_000)])), []);
});

test("BT-11 one side taking in over 99 % of trades is oneSidedTape, a jump there and back priceJump", async () => {
  const recording = new Recording();
  for (let id = 1; id <= 1000; id += 1) recording.trade(id, id === 500 ? "120" : "100", "0.001", true);
  const loaded = await recording.load();
  assert.deepEqual(told(loaded), ["1 oneSidedTape:1", "1 priceJump:500"]);
});

test("BT-11 a price that moves over 10 % and stays is no priceJump", async () => {
  const recording = new Recording();
  for (let id = 1; id <= 20; id += 1) recording.trade(id, id < 10 ? "100" : "120");
  assert.deepEqual(told(await recording.load()), []);
});

test("BT-01 BT-11 a value off the grid is counted and rounded: prices to the nearest, quantities down", async () => {
  const loaded = await new Recording().trade(1, "100.06", "0.0019").trade(2, "1.0005e2", "1e-3").load();
  assert.deepEqual(told(loaded), ["3 offTick:1"]);
  assert.deepEqual(rows(loaded.tape, RowKind.trade), ["1001 x 1 @1", "1001 x 1 @2"]);
});
