// GRID-22, GRID-25: which window levels get an entry, and why the others get none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { holding, type Planned, type PlanTold, planOf, type SlotTold } from "./plan.fixture.ts";
import { type Plan, preparePlan } from "./plan.ts";
import { chooseEntry, planEntries } from "./plan-entries.ts";

const NEUTRAL = { mode: "neutral" };
/** Less than the 20 USDT an exit of a neutral grid needs. */
const DUST = 3;

/** The same slots planned at another stride. */
function strided({ plan, bench }: Planned, stride: number): Plan {
  bench.state.indicators.stride = stride;
  return preparePlan(plan.turn, plan.lattice);
}

/** What becomes of the nearest level of a leg: its reason for being empty, or its lots. */
function nearest(slots: readonly SlotTold[], told: PlanTold = {}, leg: "L" | "S" = "L"): string | number {
  const { skip, quantity } = chooseEntry(planOf(slots, told).plan, leg, 0);
  return skip ?? quantity;
}

test("GRID-14 GRID-22 window levels lie a stride apart, downwards for longs, upwards for shorts", () => {
  const planned = planOf([], { texts: NEUTRAL });
  for (const [stride, longs, shorts] of [
    [1, [299_800, 299_600, 299_400], [300_200, 300_400, 300_600]],
    [2, [299_600, 299_200, 298_800], [300_400, 300_800, 301_200]],
  ] as const) {
    const plan = strided(planned, stride);
    const price = (leg: "L" | "S") => (rank: number) => chooseEntry(plan, leg, rank).price;
    assert.deepEqual([0, 1, 2].map(price("L")), longs);
    assert.deepEqual([0, 1, 2].map(price("S")), shorts);
  }
});

test("GRID-18 GRID-22 a cell with lots is occupied; dust of its own leg and width is topped up, at the cap too", () => {
  const told = { texts: { ...NEUTRAL, heldSlotsMax: 1 } };
  assert.equal(nearest([holding(-1, "L", 10)], told), "occupied");
  assert.equal(nearest([holding(-1, "L", DUST)], told), 7);
  assert.equal(nearest([holding(-1, "S", DUST)], told), "occupied");
  assert.equal(nearest([{ ...holding(-1, "L", DUST), width: 2 }], told), "occupied");
  assert.equal(nearest([holding(5, "S", DUST)], told), "cap");
  // an empty slot that remembers another leg and width is free
  assert.equal(nearest([{ j: -1, leg: "S", width: 2, otherRejects: 1 }], told), 10);
  assert.equal(chooseEntry(planOf([holding(-1, "L", DUST)], told).plan, "L", 0).topUp, true);
});

test("GRID-22 GRID-25 an order or a cooldown at the cell stands in the way, and what overlaps it from below", () => {
  assert.equal(nearest([{ j: -1, out: { purpose: "entry", price: 299_800 } }]), "occupied");
  assert.equal(nearest([{ j: -1, coolUntilMs: 1 }]), "cooldown");
  assert.equal(nearest([{ j: -1, coolUntilMs: 1 }], { nowMs: 1 }), 10);
  assert.equal(nearest([], { level: "HOLD" }), "gate");
  const wide = { ...holding(-2), width: 2 };
  assert.equal(nearest([wide]), "cell");
  assert.equal(nearest([{ j: -2, width: 2, out: { purpose: "entry", price: 299_600 } }]), "cell");
  // the neighbour below ends where the cell begins, however wide others are
  assert.equal(nearest([holding(-2), { ...holding(-10), width: 2 }]), 10);
  // lots too few for an exit of their own, or none, overlap nothing
  assert.equal(nearest([{ ...holding(-2, "L", DUST), width: 2 }], { texts: NEUTRAL }), 10);
  assert.equal(nearest([{ j: -2, width: 2, otherRejects: 1 }]), 10);
  // a cell two levels wide is overlapped from inside
  const inside = strided(planOf([holding(-1)], {}), 2);
  assert.equal(chooseEntry(inside, "L", 0).skip, "cell");
});

test("GRID-25 the bounds, the fees, the quota and the smallest size each have their reason", () => {
  assert.equal(nearest([], { texts: { rangeLow: "2999.00" } }), "range");
  const { plan } = planOf([]);
  const { instrument } = plan.context;
  const dear = { ...plan, context: { ...plan.context, instrument: { ...instrument, makerPpm: 400 } } };
  assert.equal(chooseEntry(dear, "L", 0).skip, "fees");
  assert.equal(chooseEntry({ ...plan, openMax: 0 }, "L", 0).skip, "quota");
  const small = { ...plan, context: { ...plan.context, instrument: { ...instrument, minNotional: 9_000_000 } } };
  assert.deepEqual([chooseEntry(small, "L", 0).skip, chooseEntry(small, "L", 0).quantity], ["too_small", 0]);
});

test("GRID-22 levels beyond the price band are remembered: a new book may free them; others are not", () => {
  const { plan } = planOf([], { texts: { entryLevels: 3, mode: "neutral" } });
  const near = { ...plan, context: { ...plan.context, priceBandFarBps: 10 } };
  planEntries(near);
  assert.deepEqual(near.banded, [
    { side: "buy", price: 299_600 },
    { side: "sell", price: 300_400 },
    { side: "buy", price: 299_400 },
    { side: "sell", price: 300_600 },
  ]);
  const held = planOf([], { level: "HOLD" }).plan;
  planEntries(held);
  assert.deepEqual(held.banded, []);
});

test("GRID-37 an entry is plain only after rejects and with the fallback `all`", () => {
  for (const [postOnlyFallback, plainNext, text] of [
    ["all", true, "BUY 2998.00 x 0.010"],
    ["all", false, "BUY 2998.00 x 0.010 post-only"],
    ["exits", true, "BUY 2998.00 x 0.010 post-only"],
  ] as const) {
    const { plan, bench } = planOf([{ j: -1, plainNext }], { texts: { entryLevels: 1, postOnlyFallback } });
    planEntries(plan);
    assert.equal(bench.take(), text);
  }
});

test("GRID-17 a level without a size is told once; of the levels told the last thousand are remembered", () => {
  for (const [known, first] of [
    [999, 0],
    [1000, 1],
  ] as const) {
    const { plan, bench } = planOf([], { texts: { entryLevels: 1 } });
    for (let level = 0; level < known; level += 1) plan.state.sizeAlerts.set(level, 0);
    const { instrument } = plan.context;
    const small = { ...plan, context: { ...plan.context, instrument: { ...instrument, minNotional: 9_000_000 } } };
    bench.alerts.length = 0;
    for (let i = 0; i < 2; i += 1) planEntries(small);
    const text = "level 2998.00 has no size that orderQuote allows";
    assert.deepEqual(bench.alerts, [{ code: "entry-size", severity: "warning", text, facts: { level: -1 } }]);
    assert.equal(plan.state.sizeAlerts.size, 1000);
    assert.equal(plan.state.sizeAlerts.keys().next().value, first);
  }
});
