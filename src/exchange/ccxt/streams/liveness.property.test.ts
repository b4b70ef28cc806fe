// Whether a stream lives is judged by what came of it: the thresholds of EXCH-22, and that silence never makes it
// better.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  Gaps,
  judgeAccount,
  judgeBook,
  judgeCandles,
  judgeFunding,
  judgeOrders,
  judgeTrades,
  type Pulse,
} from "./liveness.ts";
import { STREAM_TIMES as TIMES } from "./times.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

const RANK: Readonly<Record<Pulse, number>> = { live: 0, suspect: 1, stale: 2 };
const T0 = 1_750_000_000_000;
const book = { lastMs: T0, medianGapMs: 100, broken: null, probesOff: 0 };
const mark = { lastMs: T0, nextAtMs: T0 + 3_600_000, exchangeNowMs: T0 };

test("EXCH-22 each stream is suspect and stale at its own thresholds", () => {
  const rows: readonly (readonly [what: string, pulse: Pulse, expected: Pulse])[] = [
    ["a book after 2.0 s", judgeBook(book, TIMES, T0 + 2_000).pulse, "live"],
    ["a book after 2.1 s", judgeBook(book, TIMES, T0 + 2_100).pulse, "suspect"],
    ["a book after 5.1 s", judgeBook(book, TIMES, T0 + 5_100).pulse, "stale"],
    ["a slow book after 5.1 s", judgeBook({ ...book, medianGapMs: 1_000 }, TIMES, T0 + 5_100).pulse, "live"],
    ["a slow book after 20.1 s", judgeBook({ ...book, medianGapMs: 1_000 }, TIMES, T0 + 20_100).pulse, "stale"],
    ["a broken chain", judgeBook({ ...book, broken: "a gap" }, TIMES, T0).pulse, "stale"],
    ["a book that differs from REST once", judgeBook({ ...book, probesOff: 1 }, TIMES, T0).pulse, "live"],
    ["a book that differs from REST twice", judgeBook({ ...book, probesOff: 2 }, TIMES, T0).pulse, "stale"],
    ["a book through the last price", judgeTrades({ passedMs: T0, jumped: null }, TIMES, T0 + 10_100).pulse, "suspect"],
    ["trade ids that jumped", judgeTrades({ passedMs: null, jumped: "7 to 9" }, TIMES, T0).pulse, "stale"],
    ["an order unheard for 3 s", judgeOrders({ unheardMs: T0, missed: null }, TIMES, T0 + 3_000).pulse, "live"],
    ["an order unheard for 3.1 s", judgeOrders({ unheardMs: T0, missed: null }, TIMES, T0 + 3_100).pulse, "suspect"],
    ["an order unheard for 6.1 s", judgeOrders({ unheardMs: T0, missed: null }, TIMES, T0 + 6_100).pulse, "stale"],
    ["a probe that disagrees", judgeOrders({ unheardMs: null, missed: "a fill" }, TIMES, T0).pulse, "stale"],
    ["a candle missing 10.1 s", judgeCandles(T0, TIMES, T0 + 10_100).pulse, "suspect"],
    ["a candle missing 30.1 s", judgeCandles(T0, TIMES, T0 + 30_100).pulse, "stale"],
    ["no mark for 10.1 s", judgeFunding(mark, TIMES, T0 + 10_100).pulse, "suspect"],
    ["no mark for 60.1 s", judgeFunding(mark, TIMES, T0 + 60_100).pulse, "stale"],
    ["a settlement in the past", judgeFunding({ ...mark, exchangeNowMs: T0 + 3_700_000 }, TIMES, T0).pulse, "stale"],
    ["an account that differs once", judgeAccount(1).pulse, "suspect"],
    ["an account that differs twice", judgeAccount(2).pulse, "stale"],
  ];
  for (const [what, pulse, expected] of rows) assert.equal(pulse, expected, what);
});

test("EXCH-22 waiting without new evidence never makes a stream look better", () => {
  const waits = fc.tuple(fc.nat(120_000), fc.nat(120_000));
  fc.assert(
    fc.property(waits, fc.nat(10_000), fc.option(fc.nat(60_000)), ([first, second], medianGapMs, ago) => {
      const [sooner, later] = [Math.min(first, second), Math.max(first, second)];
      const unheardMs = ago === null ? null : T0 - ago;
      const judges: readonly ((nowMs: number) => Pulse)[] = [
        (nowMs) => judgeBook({ ...book, medianGapMs }, TIMES, nowMs).pulse,
        (nowMs) => judgeTrades({ passedMs: unheardMs, jumped: null }, TIMES, nowMs).pulse,
        (nowMs) => judgeOrders({ unheardMs, missed: null }, TIMES, nowMs).pulse,
        (nowMs) => judgeCandles(T0, TIMES, nowMs).pulse,
        (nowMs) => judgeFunding({ ...mark, exchangeNowMs: nowMs }, TIMES, nowMs).pulse,
      ];
      for (const judge of judges) assert.ok(RANK[judge(T0 + sooner)] <= RANK[judge(T0 + later)]);
    }),
    { numRuns },
  );
});

test("EXCH-22 the median of the last 200 gaps forgets what was before them", () => {
  const gaps = new Gaps();
  let nowMs = T0;
  const frames = (count: number, gapMs: number): void => {
    for (let i = 0; i < count; i += 1) {
      nowMs += gapMs;
      gaps.frame(nowMs);
    }
  };
  frames(500, 10_000);
  assert.equal(gaps.median(), 10_000);
  frames(210, 100);
  assert.equal(gaps.median(), 100);
});

test("EXCH-22 how long a socket's first frame took is no gap between frames", () => {
  const gaps = new Gaps();
  gaps.restart(T0);
  gaps.frame(T0 + 3_000);
  assert.equal(gaps.median(), 0);
  gaps.frame(T0 + 3_100);
  gaps.restart(T0 + 9_000);
  gaps.frame(T0 + 12_000);
  gaps.frame(T0 + 12_100);
  assert.deepEqual([gaps.median(), gaps.last], [100, T0 + 12_100]);
});
