// What one pass over market rows tells of them: their span, how far the clocks are apart, and the level they can tell.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RowKind, TapeBuilder } from "../market/tape.ts";
import { type TapeFacts, TapeScan } from "./tape-scan.ts";

/** Rows of `kind, local µs, exchange µs, price`, in pieces as a prepared file is read. */
function factsOf(...pieces: readonly (readonly (readonly [RowKind, number, number, number])[])[]): TapeFacts | null {
  const scan = new TapeScan();
  for (const rows of pieces) {
    const tape = new TapeBuilder(1);
    for (const [kind, localUs, exchangeUs, price] of rows) tape.push(kind, 0, localUs, exchangeUs, price, 1, 0, 1);
    scan.take(tape.finish());
  }
  return scan.facts();
}

test("BT-23 the offset is the smallest of all rows, and moves what has the recorder's time alone", () => {
  const { trade, quoteBid, quoteAsk } = RowKind;
  const facts = factsOf(
    [],
    [
      [quoteBid, 900, 0, 10],
      [quoteAsk, 900, 0, 11],
    ],
    [
      [trade, 1_000, 2_250, 12],
      [trade, 1_100, 2_300, 13],
      [trade, 1_200, 2_440, 14],
    ],
    [[quoteBid, 1_400, 0, 15]],
  );
  assert.deepEqual(facts && [facts.offsetUs, facts.startUs, facts.endUs], [-1_250, 2_150, 2_650]);
});

test("BT-23 rows of exchange time begin and end by it; without any, the clocks are taken for one", () => {
  const { trade } = RowKind;
  const both = factsOf([
    [trade, 1_000, 990, 12],
    [trade, 1_100, 1_095, 13],
  ]);
  assert.deepEqual(both && [both.offsetUs, both.startUs, both.endUs], [5, 990, 1_095]);
  const bare = factsOf([
    [trade, 1_000, 0, 12],
    [trade, 1_100, 0, 13],
  ]);
  assert.deepEqual(bare && [bare.offsetUs, bare.startUs, bare.endUs], [0, 1_000, 1_100]);
  assert.equal(factsOf([], []), null, "no row tells nothing");
});

test("BT-14 a snapshot tells depth, a quote the best, candles themselves, and a trade none of them", () => {
  for (const [kind, told] of [
    ["snapshotStart", { depth: true, quotes: false, candles: false }],
    ["quoteBid", { depth: false, quotes: true, candles: false }],
    ["candleOpen", { depth: false, quotes: false, candles: true }],
    ["trade", { depth: false, quotes: false, candles: false }],
    // changes of a book nobody gave are no book
    ["bidLevel", { depth: false, quotes: false, candles: false }],
  ] as const) {
    const facts = factsOf([[RowKind[kind], 1, 1, 5]]);
    assert.deepEqual(facts && { depth: facts.depth, quotes: facts.quotes, candles: facts.candles }, told, kind);
  }
});

test("BT-14 the first price is that of the first row which has one", () => {
  const { mark, askLevel, bidLevel } = RowKind;
  const rows = [
    [mark, 1, 1, 600_000],
    [askLevel, 1, 1, 0],
    [bidLevel, 2, 2, 601],
    [bidLevel, 3, 3, 602],
  ] as const;
  assert.equal(factsOf(rows)?.firstPrice, 601);
  assert.equal(factsOf(rows.slice(0, 2))?.firstPrice, 0);
});
