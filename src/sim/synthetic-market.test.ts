import assert from "node:assert/strict";
import { test } from "node:test";
import { tapeOf } from "../../test/try-market.ts";
import { encodeCanonical } from "../base/canonical.ts";
import { FastDepth } from "../market/depth.ts";
import { RowFlag, RowKind, type Tape } from "../market/tape.ts";
import { bootstrapDay } from "./bootstrap-day.ts";
import { CALM_BTC, type Shock, SyntheticMarket, type SyntheticOptions } from "./synthetic-market.ts";

function market(options: Partial<SyntheticOptions> = {}): SyntheticMarket {
  return new SyntheticMarket({ ...CALM_BTC, seed: "7", startUs: 1_000_000_000, ...options });
}

/** Walks rows, checking that the book never crosses after a frame; returns mids and trades. */
function walk(tapes: readonly Tape[]): { mids: number[]; trades: number[]; spreads: number[]; funding: number[] } {
  const book = new FastDepth();
  const seen = { mids: [] as number[], trades: [] as number[], spreads: [] as number[], funding: [] as number[] };
  let mid = 0;
  for (const tape of tapes) {
    for (let i = 0; i < tape.length; i += 1) {
      const price = tape.price[i] ?? 0;
      switch (tape.kind[i] ?? 0) {
        case RowKind.snapshotStart:
          book.clear();
          break;
        case RowKind.bidLevel:
          book.set("buy", price, tape.quantity[i] ?? 0);
          break;
        case RowKind.askLevel:
          book.set("sell", price, tape.quantity[i] ?? 0);
          break;
        case RowKind.trade:
          seen.trades.push(Math.abs(price - mid));
          break;
        case RowKind.funding:
          seen.funding.push(price);
          break;
        default:
      }
      if (((tape.flags[i] ?? 0) & RowFlag.frameEnd) === 0 || book.count("buy") * book.count("sell") === 0) continue;
      const [bid, ask] = [book.best("buy"), book.best("sell")];
      assert.ok(bid < ask && bid > 0, "the book is crossed");
      if (tape.kind[i] === RowKind.quoteAsk) {
        mid = (bid + ask) / 2;
        seen.mids.push(mid);
        seen.spreads.push(ask - bid);
      }
    }
  }
  return seen;
}

const take = (source: SyntheticMarket, chunks: number): Tape[] => Array.from({ length: chunks }, () => source.next());

test("BT-09 the same seed makes the same market, and it is restored at any chunk", () => {
  const [one, two] = [market(), market()];
  take(one, 3);
  take(two, 3);
  const saved = one.save();
  const next = one.next();
  assert.deepEqual(two.next(), next);
  const third = market();
  third.restore(saved);
  assert.equal(encodeCanonical(third.save()), encodeCanonical(saved));
  assert.deepEqual(third.next(), next);
  assert.notDeepEqual(market({ seed: "8" }).next(), market().next());
});

test("BT-09 takers reach a distance with intensity A·exp(−k·δ)", () => {
  const tapes = take(market({ volatilityTicks: 1, noisePerSecond: 0, takersPerSecond: 20 }), 200);
  const { trades } = walk(tapes);
  // takers that reach the nth level beyond the best: 2·A·exp(−k·(half + n·step)) a second
  const reached = (n: number): number =>
    trades.filter((distance) => Math.abs(distance - (1 + n * 10)) < 5).length / 2_000;
  for (const n of [0, 2, 5]) {
    const expected = 40 * Math.exp(-0.02 * (1 + n * 10));
    assert.ok(Math.abs(reached(n) / expected - 1) < 0.1, `level ${n}: ${reached(n)} a second, expected ${expected}`);
  }
});

test("BT-09 shocks: gap, wide spread, trend day, outage, funding spike", () => {
  const of = (shock: Shock, options: Partial<SyntheticOptions> = {}) =>
    walk(take(market({ volatilityTicks: 10, shocks: [shock], ...options }), 6));
  const gap = of({ kind: "gap", afterUs: 5_000_000, ticks: -3_000 }).mids;
  assert.ok(gap.some((mid, i) => i > 0 && mid - (gap[i - 1] ?? 0) === -3_000));
  const spread = of({ kind: "spread", afterUs: 5_000_000, forUs: 5_000_000, factor: 20 }).spreads;
  assert.ok(Math.max(...spread) >= 40 && Math.min(...spread) === 2);
  const trend = of({ kind: "trend", afterUs: 0, forUs: 60_000_000, ticksPerSecond: 10 }, { volatilityTicks: 30 }).mids;
  assert.ok((trend.at(-1) ?? 0) - (trend[0] ?? 0) > 300);
  const outage = take(market({ shocks: [{ kind: "outage", afterUs: 10_000_000, forUs: 60_000_000 }] }), 2);
  const silence = (outage[1]?.exchangeUs[0] ?? 0) - (outage[0]?.exchangeUs.at(-1) ?? 0);
  assert.ok(silence >= 60_000_000);
  const spike: Shock = { kind: "funding", afterUs: 0, forUs: 60_000_000, ratePpt: 3_000_000_000 };
  assert.deepEqual(of(spike, { fundingIntervalMs: 30_000 }).funding, [3_000_000_000, 3_000_000_000]);
});

test("BT-09 a day drawn by blocks from a capture: whole books, joined prices, ids chained anew", () => {
  const joined = tapeOf(
    "0 book 1000x5 / 1010x5\n500 sold 1000x1\n1000 diff 1001x4\n2000 diff / 1009x2\n4000 diff 1001x0",
  );
  const day = bootstrapDay(joined, { seed: "1", lengthUs: 20_000_000, blockUs: 1_000_000, startUs: 0 });
  const { trades } = walk([day]);
  assert.ok(day.length > 60 && trades.length > 0);
  const times = [...day.localUs];
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const tradeIds = [...day.id].filter((_, i) => day.kind[i] === RowKind.trade);
  assert.deepEqual(
    tradeIds,
    tradeIds.map((_, i) => i + 1),
  );
  const again = bootstrapDay(joined, { seed: "1", lengthUs: 20_000_000, blockUs: 1_000_000, startUs: 0 });
  assert.deepEqual(again, day);
});
