// The tape's builder: rows come out as they went in, however often it had to grow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RowFlag, RowKind, TapeBuilder } from "./tape.ts";

test("BT-01 a tape keeps kind, both times, price, quantity, id and source position of each row", () => {
  const builder = new TapeBuilder(1);
  for (let i = 0; i < 100; i += 1) {
    builder.sourceFile = i % 3;
    builder.push(RowKind.trade, i % 2 === 0 ? RowFlag.sellerTook : 0, i, i + 1, i + 2, i + 3, i + 4, i + 5);
  }
  builder.endFrame();
  const tape = builder.finish();
  assert.equal(tape.length, 100);
  for (let i = 0; i < 100; i += 1) {
    const row = [
      tape.localUs[i],
      tape.exchangeUs[i],
      tape.price[i],
      tape.quantity[i],
      tape.id[i],
      tape.line[i],
      tape.file[i],
    ];
    assert.deepEqual(row, [i, i + 1, i + 2, i + 3, i + 4, i + 5, i % 3]);
  }
  assert.equal(tape.flags[99], RowFlag.frameEnd);
  assert.deepEqual([...tape.kind.subarray(0, 2)], [RowKind.trade, RowKind.trade]);
});

test("BT-01 a piece taken from a builder is its own, and the builder begins anew", () => {
  const builder = new TapeBuilder(4);
  builder.push(RowKind.trade, RowFlag.frameEnd, 1, 1, 1, 1, 1, 1);
  const first = builder.take();
  assert.equal(builder.rows, 0);
  builder.push(RowKind.trade, RowFlag.frameEnd, 2, 2, 2, 2, 2, 2);
  const second = builder.take();
  assert.deepEqual([first.price[0], second.price[0], builder.finish().length], [1, 2, 0]);
});
