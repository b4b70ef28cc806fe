import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BTC, BTC_SPOT, DEFAULTS, factsOf, limitsWith, NOW, PROPERTY_RUNS } from "../../test/risk-examples.ts";
import { type Lots, lots, milliTicks, type Ticks, ticks } from "../market/amounts.ts";
import { approve, initialRiskState } from "./approve.ts";
import { type CloserDecision, type CloserFacts, closeStep } from "./closer.ts";
import { type Depth, largestFit, sizeWithin, slippageMilliBps, throughMark, widenedBps } from "./slippage.ts";

type Levels = readonly (readonly [Ticks, Lots])[];
const levels = (...rows: readonly (readonly [number, number])[]): Levels =>
  rows.map(([price, size]) => [ticks(price), lots(size)]);

/** Levels away from `from`, each so many ticks behind the one before. */
function ladder(from: number, sign: 1 | -1, steps: readonly (readonly [number, number])[]): Levels {
  const rows: [number, number][] = [];
  let price = from;
  for (const [step, size] of steps) {
    price += sign * step;
    rows.push([price, size]);
  }
  return levels(...rows);
}

/** RISK-52's book: tick 0.1, lot 0.001. */
const asks = levels([1_000, 2_000], [1_005, 3_000]);
const depth: Depth = { side: "buy", levels: asks, mid: milliTicks(999_500) };
const wide = { priceBandBps: 10_000, participationBps: 10_000 };

test("RISK-52 slippage: buying 4 costs 30.015 bps, 2.856 is the largest fit within 20", () => {
  assert.equal(slippageMilliBps(depth, 4_000), 30_016, "30.015 and a bit, rounded up");
  assert.equal(largestFit(depth, 20, 10_000), 2_856);
  assert.equal(slippageMilliBps(depth, 2_856), 19_996);
  assert.equal(slippageMilliBps(depth, 2_857), 20_009);
});

test("RISK-36 the limit price is the last level used, the quantity at most the participation", () => {
  assert.deepEqual(sizeWithin(depth, { wanted: 4_000, least: 1 }, { slippageBps: 20, ...wide }), {
    quantity: 2_856,
    price: 1_005,
  });
  assert.deepEqual(sizeWithin(depth, { wanted: 1_500, least: 1 }, { slippageBps: 20, ...wide }), {
    quantity: 1_500,
    price: 1_000,
  });
  const half = { slippageBps: 20, priceBandBps: 10_000, participationBps: 5_000 };
  assert.deepEqual(sizeWithin(depth, { wanted: 4_000, least: 1 }, half), { quantity: 1_428, price: 1_000 });
  assert.equal(
    sizeWithin(depth, { wanted: 4_000, least: 2_857 }, half),
    null,
    "the exchange's smallest order does not fit",
  );
  assert.deepEqual(
    sizeWithin(depth, { wanted: 4_000, least: 2_000 }, half),
    { quantity: 2_000, price: 1_000 },
    "a thin book does not stall",
  );
});

test("RISK-36 no level beyond the price band is used, and a sell is mirrored", () => {
  assert.equal(largestFit(depth, 500, 50), 2_000);
  const bids: Depth = { side: "sell", levels: levels([999, 2_000], [994, 3_000]), mid: milliTicks(999_500) };
  assert.equal(largestFit(bids, 4, 10_000), 0);
  assert.equal(largestFit(bids, 10, 10_000), 2_221);
  assert.equal(slippageMilliBps(bids, 6_000), null, "the book is thinner");
});

test("RISK-36 the largest fit is within the limit and one lot more is not", () => {
  const book = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 500 })), {
    minLength: 1,
    maxLength: 5,
  });
  const law = fc.property(
    book,
    fc.integer({ min: 1, max: 500 }),
    fc.constantFrom("buy" as const, "sell" as const),
    (steps, bps, side) => {
      const sign = side === "buy" ? 1 : -1;
      const rows = ladder(10_000, sign, steps);
      const one: Depth = { side, levels: rows, mid: milliTicks(10_000_000) };
      const fit = largestFit(one, bps, 10_000);
      const milli = slippageMilliBps(one, fit);
      assert.ok(fit === 0 || (milli !== null && milli <= bps * 1_000));
      const more = slippageMilliBps(one, fit + 1);
      assert.ok(more === null || more > bps * 1_000);
    },
  );
  fc.assert(law, { seed: 7, numRuns: PROPERTY_RUNS });
});

const base: CloserFacts = {
  nowMs: NOW,
  startedAtMs: NOW,
  instrument: BTC,
  position: 10,
  urgent: false,
  slotKey: "closer",
  live: { buys: 0, sells: 0, reduceBuys: 0, reduceSells: 0 },
  bids: levels([599_999, 4], [599_900, 100]),
  asks: levels([600_001, 4], [600_100, 100]),
  mark: milliTicks(600_000_000),
};
const close = (change: Partial<CloserFacts>, limits = DEFAULTS): CloserDecision =>
  closeStep(limits, { ...base, ...change });

/** `sell 0.004 at 59999.9` and the like. */
function said(decision: CloserDecision): string {
  if (decision.kind === "done") return `done, dust ${decision.dust}`;
  if (decision.kind === "wait") return `wait: ${decision.why}`;
  const { side, quantity, price, timeInForce, reduceOnly } = decision.order;
  return `${side} ${quantity} at ${price} ${timeInForce}${reduceOnly ? " reduce-only" : ""}`;
}

test("RISK-36 a position is closed by reduce-only slices that the limits of orders allow", () => {
  assert.equal(said(close({})), "sell 8 at 599900 IOC reduce-only", "500 USDT an order");
  assert.equal(said(close({ position: -3 })), "buy 3 at 600001 IOC reduce-only");
  assert.equal(said(close({}, limitsWith({ orderQuantityMax: "0.002" }))), "sell 2 at 599900 IOC reduce-only");
  assert.equal(said(close({ position: 0 })), "done, dust 0");
});

test("RISK-36 a slice is an order that never rests, with the band it is judged by and the time of the next", () => {
  assert.deepEqual(close({ position: 3 }), {
    kind: "order",
    order: {
      symbol: BTC.symbol,
      side: "sell",
      price: ticks(599_999),
      quantity: lots(3),
      timeInForce: "IOC",
      postOnly: false,
      reduceOnly: true,
      slotKey: "closer",
    },
    priceBandBps: 100,
    nextAtMs: NOW + 1_000,
  });
});

test("RISK-36 flat is done, book or not; a mark of less than one tick is no price", () => {
  const blind = { bids: [], asks: [], urgent: true };
  assert.equal(said(close({ ...blind, position: 0 })), "done, dust 0");
  assert.equal(said(close({ ...blind, position: 0, urgent: false })), "done, dust 0", "nothing to wait for a book for");
  assert.equal(said(close({ ...blind, mark: milliTicks(999) })), "wait: there is no book to close into");
  assert.equal(said(close({ ...blind, mark: milliTicks(1_000) })), "sell 10 at 1 IOC reduce-only");
  // a billion USDT of a coin at 10⁻⁸: more lots than a safe integer holds
  const tiny = { ...BTC, tickSize: "0.00000001" };
  const rich = limitsWith({ orderNotionalMax: "1000000000" });
  const all = close({ ...blind, mark: milliTicks(1_000), instrument: tiny }, rich);
  assert.equal(said(all), "sell 10 at 1 IOC reduce-only");
});

test("RISK-24 the smallest notional is spared where reduce-only is, and asked at the price it takes", () => {
  const large = { ...BTC, minNotional: 3_000_005 };
  assert.equal(said(close({ position: 4, instrument: large })), "sell 4 at 599999 IOC reduce-only");
  const asked = { ...large, minNotionalOnReduceOnly: true };
  assert.equal(said(close({ position: 4, instrument: asked })), "done, dust 4");
  // 5 lots at the ask of 60,000.1 are 300.0005 USDT, at the bid of 59,999.9 they are less
  assert.equal(said(close({ position: -5, instrument: asked })), "buy 5 at 600100 IOC reduce-only");
  assert.equal(said(close({ position: 5, instrument: asked })), "done, dust 5");
  const spot = { ...BTC_SPOT, minNotional: 3_000_005, minNotionalOnReduceOnly: false };
  assert.equal(said(close({ position: 4, instrument: spot })), "done, dust 4", "spot knows no reduce-only");
});

test("RISK-36 where the limits allow less than the exchange takes it waits, by the book and by the mark", () => {
  const instrument = { ...BTC, minLots: lots(5) };
  const four = limitsWith({ orderQuantityMax: "0.004" });
  const five = limitsWith({ orderQuantityMax: "0.005" });
  const blind = { bids: [], asks: [], urgent: true };
  for (const change of [{ instrument }, { instrument, ...blind }]) {
    assert.equal(said(close(change, four)), "wait: nothing fits the slippage limit");
    assert.match(said(close(change, five)), /^sell 5 at/);
  }
});

test("RISK-36 a level at the very edge of the band is used; a buy through the mark is rounded down", () => {
  const edge: Depth = { side: "buy", levels: levels([1_005, 10]), mid: milliTicks(1_000_000) };
  assert.equal(largestFit(edge, 500, 50), 10);
  assert.equal(largestFit(edge, 500, 49), 0);
  assert.equal(throughMark("buy", milliTicks(600_000_333), 20), 601_200);
});

test("RISK-36 orders that may still execute are waited for, never doubled", () => {
  const live = { ...base.live, reduceSells: 8 };
  assert.equal(said(close({ live })), "sell 2 at 599999 IOC reduce-only");
  assert.equal(
    said(close({ live: { ...base.live, sells: 10 } })),
    "wait: orders that may still execute hold the position",
  );
});

test("RISK-36 where nothing fits it waits a slice, and only kill and margin widen the limit", () => {
  const bids = levels([597_000, 100]);
  const wait = close({ bids });
  assert.equal(said(wait), "wait: nothing fits the slippage limit");
  assert.equal(wait.kind === "wait" && wait.untilMs, NOW + 1_000);
  assert.match(said(close({ bids, startedAtMs: NOW - 60_000 })), /^wait/);
  assert.match(said(close({ bids, urgent: true, startedAtMs: NOW - 9_999 })), /^wait/);
  assert.equal(said(close({ bids, urgent: true, startedAtMs: NOW - 10_000 })), "sell 8 at 597000 IOC reduce-only");
  assert.deepEqual(
    [0, 9_999, 10_000, 20_000, 30_000, 40_000, 50_000, 1e9].map((ms) => widenedBps(20, ms)),
    [20, 20, 40, 80, 160, 320, 500, 500],
  );
});

test("RISK-37 without a book only the urgent act: at mark less the limit", () => {
  assert.equal(said(close({ bids: [] })), "wait: there is no book to close into");
  assert.equal(said(close({ bids: [], urgent: true })), "sell 8 at 598800 IOC reduce-only");
  assert.equal(said(close({ bids: [], asks: [], urgent: true, position: -2 })), "buy 2 at 601200 IOC reduce-only");
  assert.equal(said(close({ bids: [], urgent: true, mark: null })), "wait: there is no book to close into");
  assert.equal(throughMark("sell", milliTicks(600_000_333), 20), 598_801, "rounded away from aggression");
});

test("RISK-24 what is smaller than the exchange takes is dust, not a position", () => {
  assert.equal(said(close({ position: 4, instrument: { ...BTC, minLots: lots(5) } })), "done, dust 4");
  const spot = { ...BTC_SPOT, minNotional: 3_000_000 };
  assert.equal(said(close({ position: 5, instrument: spot })), "done, dust 5", "0.005 at 59,999.9 is below 300 USDT");
  assert.equal(said(close({ position: 6, instrument: spot })), "sell 6 at 599900 IOC");
});

test("RISK-36 every order of the closer is approved as the closer's, even while killed", () => {
  const size = fc.integer({ min: 1, max: 40 });
  const side = fc.array(fc.tuple(fc.integer({ min: 1, max: 4_000 }), size), { maxLength: 5 });
  const law = fc.property(
    side,
    side,
    fc.integer({ min: -60, max: 60 }),
    fc.nat(60_000),
    fc.boolean(),
    (low, high, position, waited, urgent) => {
      const bids = ladder(600_000, -1, low);
      const asksOfBook = ladder(600_000, 1, high);
      const decision = close({ bids, asks: asksOfBook, position, urgent, startedAtMs: NOW - waited });
      if (decision.kind !== "order") return;
      const facts = factsOf({
        position: lots(position),
        bid: bids[0]?.[0] ?? null,
        ask: asksOfBook[0]?.[0] ?? null,
        mode: { mode: "killed", reason: "drill", sinceMs: 0, blocks: "both", reducingAllowed: false },
        closer: { priceBandBps: decision.priceBandBps },
      });
      const approval = approve(DEFAULTS, initialRiskState(), facts, decision.order);
      assert.ok(approval.ok, approval.ok ? "" : approval.text);
    },
  );
  fc.assert(law, { seed: 9, numRuns: PROPERTY_RUNS });
});
