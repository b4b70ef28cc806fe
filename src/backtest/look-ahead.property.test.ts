// No look-ahead: whatever comes after a time t, what the bot did up to t is the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Prng } from "../base/prng.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../market/tape.ts";
import { decisionsOf, gridConfig, planOf, START_US, tapeMarket } from "./run.fixture.ts";

const RUNS = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);
const config = gridConfig();

/** A quote and perhaps a trade, each 250 ms. */
interface Moment {
  readonly mid: number;
  readonly trade: { readonly sold: boolean; readonly through: number; readonly lots: number } | null;
}

const STEP_US = 250_000;

function walk(seed: string, moments: number): Moment[] {
  const random = new Prng(seed);
  let mid = 600_000;
  return Array.from({ length: moments }, () => {
    mid += random.integer(-25, 25);
    const trade = { sold: random.chance(0.5), through: random.integer(0, 60), lots: random.integer(1, 40) };
    return { mid, trade: random.chance(0.6) ? trade : null };
  });
}

function tapeOf(moments: readonly Moment[]): Tape {
  const tape = new TapeBuilder(moments.length * 3);
  for (const [i, { mid, trade }] of moments.entries()) {
    const us = START_US + i * STEP_US;
    tape.push(RowKind.quoteBid, 0, us, us, mid - 1, 500, i + 1, i + 1);
    tape.push(RowKind.quoteAsk, RowFlag.frameEnd, us, us, mid + 1, 500, i + 1, i + 1);
    if (trade === null) continue;
    const price = trade.sold ? mid - 1 - trade.through : mid + 1 + trade.through;
    const flags = RowFlag.frameEnd | (trade.sold ? RowFlag.sellerTook : 0);
    tape.push(RowKind.trade, flags, us + 1000, us + 1000, price, trade.lots, i + 1, i + 1);
  }
  return tape.finish();
}

/** Fisher–Yates, so that the future has the same rows in another order. */
function shuffled(moments: readonly Moment[], seed: string): Moment[] {
  const random = new Prng(seed);
  const result = [...moments];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = random.integer(0, i);
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}

const until = (effects: readonly { readonly atMs: number; readonly text: string }[], ms: number): string[] =>
  effects.filter(({ atMs }) => atMs <= ms).map(({ atMs, text }) => `${atMs} ${text}`);

test("BT-24 the grid's effects up to t are the same when everything later than t is shuffled", async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(1_000_000), fc.integer({ min: 20, max: 220 }), async (seed, cut) => {
      const moments = walk(String(seed), 240);
      const other = [...moments.slice(0, cut), ...shuffled(moments.slice(cut), `${seed}/future`)];
      const run = (of: readonly Moment[]) => decisionsOf(planOf(config, tapeMarket(config, tapeOf(of))));
      // feed latency 5 ms: at t the last moment before the cut has arrived, and nothing of what follows
      const ms = (START_US + (cut - 1) * STEP_US) / 1000 + 100;
      const before = until((await run(moments)).effects, ms);
      assert.deepEqual(until((await run(other)).effects, ms), before);
      seen += before.length;
    }),
    { numRuns: RUNS, seed: 24 },
  );
  assert.ok(seen > RUNS, `only ${seen} effects were compared`);
});
