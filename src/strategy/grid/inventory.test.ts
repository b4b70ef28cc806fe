// GRID-48, GRID-49: the grid filled to its cap, what it costs and loses, and what of it fits an account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH } from "../../../test/grid/bench.ts";
import { unitMoney } from "../../market/instrument.ts";
import { inventoryOf, reachAdvice, worstCase } from "./inventory.ts";
import { planOf } from "./plan.fixture.ts";
import { type Plan, preparePlan } from "./plan.ts";

const UNIT = unitMoney(ETH);

/** A plan of the worked examples' grid at 3,000.00, at a stride. */
function planWith(texts: object, stride = 1): Plan {
  const { plan, bench } = planOf([], { texts });
  bench.state.indicators.stride = stride;
  return preparePlan(plan.turn, plan.lattice);
}

/** Leg, slots, nearest and farthest entry. */
function filled(texts: object, stride = 1): readonly (string | number)[] {
  const { leg, slots, nearest, farthest } = inventoryOf(planWith(texts, stride));
  return [leg, slots, nearest, farthest];
}

test("GRID-48 a leg fills from the window outwards, a stride apart, up to the cap", () => {
  assert.deepEqual(filled({ heldSlotsMax: 5 }), ["L", 5, 299_800, 299_000]);
  assert.deepEqual(filled({ heldSlotsMax: 5 }, 2), ["L", 5, 299_600, 298_000]);
  assert.deepEqual(filled({ heldSlotsMax: 5, mode: "short" }), ["S", 5, 300_200, 301_000]);
  assert.deepEqual(filled({ heldSlotsMax: 5, mode: "short" }, 2), ["S", 5, 300_400, 302_000]);
});

test("GRID-07 GRID-48 it ends with the fence, whose very edge is used; levels without a size are left out", () => {
  // the fence is 300.00 … 30,000.00; 16,800 … 19,800 are too dear for two lots, too cheap for one
  const texts = { interval: "300.00", heldSlotsMax: 100 };
  assert.deepEqual(filled(texts), ["L", 9, 270_000, 30_000]);
  assert.deepEqual(filled({ ...texts, mode: "short" }), ["S", 79, 330_000, 3_000_000]);
});

test("GRID-07 GRID-48 it ends with the bounds, and begins with them where they lie beyond the price", () => {
  const short = { mode: "short" };
  assert.deepEqual(filled({ rangeLow: "2990.00" }), ["L", 5, 299_800, 299_000]);
  assert.deepEqual(filled({ rangeHigh: "2990.00", heldSlotsMax: 3 }), ["L", 3, 298_800, 298_400]);
  assert.deepEqual(filled({ rangeHigh: "2990.00", rangeLow: "2980.00" }), ["L", 5, 298_800, 298_000]);
  assert.deepEqual(filled({ ...short, rangeHigh: "3010.00" }), ["S", 5, 300_200, 301_000]);
  assert.deepEqual(filled({ ...short, rangeLow: "3010.00", heldSlotsMax: 3 }), ["S", 3, 301_200, 301_600]);
  assert.deepEqual(filled({ ...short, rangeLow: "3010.00", rangeHigh: "3020.00" }), ["S", 5, 301_200, 302_000]);
});

test("GRID-48 of a neutral grid's legs the one that costs more is told; without any size there is nothing", () => {
  assert.deepEqual(filled({ mode: "neutral", heldSlotsMax: 3 }), ["S", 3, 300_200, 300_600]);
  // longs at the falling edge of their sizes: 11 lots each below 2857.14, shorts 10
  assert.deepEqual(filled({ mode: "neutral", heldSlotsMax: 3, anchor: "2856.00", rangeHigh: "3002.00" })[0], "L");
  const plan = planWith({ mode: "neutral" });
  const none = inventoryOf({ ...plan, config: { ...plan.config, orderValue: 1 } });
  assert.deepEqual(none, { leg: "L", slots: 0, lots: 0, value: 0n, average: 0, nearest: 0, farthest: 0 });
});

test("GRID-48 the worst case closes all at the stop, else the bound, else one gap further, with fees", () => {
  const long = { heldSlotsMax: 1 };
  const short = { ...long, mode: "short" };
  for (const [texts, stride, stress, loss] of [
    // ten lots bought at 2998.00, or sold at 3002.00, in ticks times lots
    [{ ...long, stopLow: "2900.00" }, 1, 290_000, 98_000n],
    [{ ...long, rangeLow: "2950.00" }, 1, 295_000, 48_000n],
    [{ ...long, stopLow: "2900.00", rangeLow: "2950.00" }, 1, 290_000, 98_000n],
    [long, 1, 299_600, 2000n],
    [long, 2, 299_200, 4000n],
    [{ ...short, stopHigh: "3100.00" }, 1, 310_000, 98_000n],
    [{ ...short, rangeHigh: "3050.00" }, 1, 305_000, 48_000n],
    [short, 1, 300_400, 2000n],
    [short, 2, 300_800, 4000n],
  ] as const) {
    const plan = planWith(texts, stride);
    const inventory = inventoryOf(plan);
    const worst = worstCase(plan, inventory);
    assert.deepEqual([worst.stressPrice, worst.loss], [stress, loss * UNIT]);
    // maker 2 bps of what it cost, taker 5 bps of what it is closed for
    assert.equal(worst.entryFees, (inventory.value * 2n) / 10_000n);
    assert.equal(worst.exitFees, (BigInt(stress) * 10n * UNIT * 5n) / 10_000n);
    assert.equal(worst.total, worst.loss + worst.entryFees + worst.exitFees);
  }
});

test("GRID-49 the cap that fits an account holds for both legs, to the last unit", () => {
  const two = 10n * (299_800n + 299_600n) * UNIT;
  const long = planWith({ heldSlotsMax: 5 });
  assert.equal(reachAdvice(long, two).heldSlotsMax, 2);
  assert.equal(reachAdvice(long, two - 1n).heldSlotsMax, 1);
  assert.equal(reachAdvice(planWith({ heldSlotsMax: 5, mode: "neutral" }), two).heldSlotsMax, 1);
});

test("GRID-49 the largest order that fits leaves every level a size; there may be none", () => {
  // eight lots at 2998.00, 2996.00 and 2994.00: up to 8.5 lots of 2994.00 they stay eight
  const long = planWith({ heldSlotsMax: 3 });
  const eight = 8n * 898_800n * UNIT;
  assert.equal(reachAdvice(long, eight).orderQuote, "25.449");
  // up to 7.5 lots of 2998.00 that level stays at seven
  assert.equal(reachAdvice(long, eight - 1n).orderQuote, "22.485");
  assert.equal(reachAdvice(long, 7n * 898_800n * UNIT - 1n).orderQuote, null);
  // the shorts would stay eight up to 25.517, but the longs do not
  const neutral = planWith({ heldSlotsMax: 3, mode: "neutral" });
  assert.equal(reachAdvice(neutral, 8n * 901_200n * UNIT).orderQuote, "25.449");
});
