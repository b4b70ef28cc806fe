// GRID-24: the exact conditions under which a new book leaves a plan without effects as it is. That resting changes no
// effect is the property's to show; here each condition stands by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { latticeOf } from "./lattice.ts";
import { holding, type Planned, type PlanTold, planOf, type SlotTold } from "./plan.fixture.ts";
import { runPlanner } from "./planner.ts";
import { isQuiet, memoryOf, type Quiet, quietAfter } from "./quiet.ts";

const NEVER_BELOW = Number.MIN_SAFE_INTEGER;
const NEVER_ABOVE = Number.MAX_SAFE_INTEGER;

interface Rested {
  readonly quiet: Quiet;
  readonly bench: Planned["bench"];
  /** Whether the grid would rest at this book. */
  readonly rests: (bid: number, ask: number, quiet?: Quiet) => boolean;
}

/** The grid after its planner found nothing more to do, its orders acknowledged. */
function rested(slots: readonly SlotTold[], told: PlanTold = {}): Rested {
  const { plan: first, bench } = planOf(slots, { level: "HOLD", ...told });
  const { state } = bench;
  let plan = first;
  for (let effects = 1; effects > 0; ) {
    const turn = { state, context: bench.context, out: bench, effects: 0 };
    plan = runPlanner(turn, latticeOf(first.lattice.spec));
    effects = turn.effects;
    for (const slot of state.slots.values()) if (slot.order?.state === "SENT") slot.order.state = "LIVE";
  }
  const quiet = quietAfter(plan);
  const rests = (bid: number, ask: number, of = quiet): boolean => {
    state.reference = { bid, ask, ref0: Math.floor((bid + ask) / 2), first: 0, second: 0 };
    return isQuiet(of, state, bench.context);
  };
  return { quiet, bench, rests };
}

const ranges = ({ quiet }: Rested): readonly number[] => [quiet.low2, quiet.high2, quiet.halfAbove, quiet.halfBelow];
const OPEN = [NEVER_BELOW, NEVER_ABOVE, NEVER_ABOVE, NEVER_BELOW];

test("GRID-20 GRID-24 the price may move until another exit is among the nearest", () => {
  const texts = { exitLevels: 2, windowSlack: 1 };
  assert.deepEqual(ranges(rested([holding(-1), holding(-2)], { texts })), OPEN);
  // exits at 3000.00 and 2998.00 work, those at 2996.00 and 3012.00 do not
  const more = rested([holding(-1), holding(-2), holding(-3), holding(5)], { texts });
  assert.deepEqual(ranges(more), [299_600 + 300_000, 301_200 + 299_800, NEVER_ABOVE, NEVER_BELOW]);
  // the window of the price itself: first levels as they would be computed
  const window = (ref0: number): Quiet => {
    more.rests(ref0 - 1, ref0 + 1, { ...more.quiet, low2: NEVER_BELOW, high2: NEVER_ABOVE });
    return { ...more.quiet, kL: more.quiet.frame.kL, kS: more.quiet.frame.kS };
  };
  const cases: readonly (readonly [number, boolean])[] = [
    [299_800, false],
    [299_801, true],
    [300_499, true],
    [300_500, false],
  ];
  for (const [ref0, quiet] of cases) assert.equal(more.rests(ref0 - 1, ref0 + 1, window(ref0)), quiet, `${ref0}`);
});

test("GRID-21 GRID-24 an exit that waits for a farther one to be cancelled keeps the slack's order, too", () => {
  const texts = { exitLevels: 1, windowSlack: 1 };
  const far = { purpose: "exit", price: 300_600 } as const;
  const waits = rested([holding(0), { ...holding(2), out: far }, holding(-6)], { texts });
  assert.equal(waits.quiet.plan.missing, 1);
  assert.deepEqual(ranges(waits).slice(0, 2), [299_000 + 300_600, 300_600 + 300_200]);
});

test("GRID-19 GRID-24 the price may move until a partly filled entry is half way to its exit", () => {
  const partial = (j: number, leg: "L" | "S", out: object = {}): SlotTold => {
    const price = 300_000 + 200 * (leg === "L" ? j : j + 1);
    return { ...holding(j, leg), out: { purpose: "entry", price, ...out } };
  };
  const texts = { mode: "short" } as const;
  const long = rested([partial(-2, "L"), partial(-3, "L")], { bid: 299_449, ask: 299_451 });
  assert.deepEqual(ranges(long), [NEVER_BELOW, NEVER_ABOVE, 299_500, NEVER_BELOW]);
  const short = rested([partial(2, "S"), partial(1, "S")], { texts, bid: 300_549, ask: 300_551 });
  assert.deepEqual(ranges(short), [NEVER_BELOW, NEVER_ABOVE, NEVER_ABOVE, 300_500]);
  // only the two bounds are asked here: the window is taken from the price itself
  const of = (ref0: number): boolean => {
    short.rests(ref0 - 1, ref0 + 1, { ...short.quiet, halfBelow: NEVER_BELOW });
    const { kL, kS } = short.quiet.frame;
    return short.rests(ref0 - 1, ref0 + 1, { ...short.quiet, halfAbove: 300_700, kL, kS });
  };
  assert.deepEqual([300_500, 300_501, 300_699, 300_700].map(of), [false, true, true, false]);
  // what is no resting entry, or too little to close, waits for nothing
  const none = [{ state: "CANCEL" }, { state: "UNKNOWN" }, { purpose: "exit", price: 300_000 }] as const;
  for (const out of none) assert.deepEqual(ranges(rested([partial(-1, "L", out)])), OPEN);
  assert.deepEqual(ranges(rested([{ ...partial(-1, "L"), held: 0 }])), OPEN);
  assert.deepEqual(ranges(rested([holding(-1)])), OPEN);
});

test("GRID-26 GRID-24 it rests until a cooldown or a lock is over, and for ever where there is none", () => {
  const plain = rested([]);
  const { state } = plain.bench;
  assert.equal(plain.quiet.wakeMs, 0);
  state.nowMs = 10_000;
  assert.equal(plain.rests(299_999, 300_001), true);
  const cooling = rested([{ ...holding(-1), coolUntilMs: 5000 }]);
  assert.equal(cooling.quiet.wakeMs, 5000);
  cooling.bench.state.nowMs = 4999;
  assert.equal(cooling.rests(299_999, 300_001), true);
  cooling.bench.state.nowMs = 5000;
  assert.equal(cooling.rests(299_999, 300_001), false);
  state.lock = { untilMs: 30_000, lengthMs: 10_000 };
  assert.equal(quietAfter(plain.quiet.plan).wakeMs, 0);
  state.gates.set("margin", { L: "HOLD", S: "HOLD", reason: "test" });
  assert.equal(quietAfter(plain.quiet.plan).wakeMs, 30_000);
});

test("GRID-13 GRID-24 it rests only while the first entry levels and the rules it was planned by are the same", () => {
  const { bench, rests } = rested([]);
  const cases: readonly (readonly [number, boolean])[] = [
    [300_000, true],
    [300_019, true],
    [300_020, false],
    [299_981, true],
    [299_980, false],
  ];
  for (const [ref0, quiet] of cases) assert.equal(rests(ref0 - 1, ref0 + 1), quiet, `${ref0}`);
  const rules = { instrument: bench.instrument, openOrdersLimit: 180, priceBandBps: 100, priceBandFarBps: 3000 };
  const changes = [
    { instrument: { ...bench.instrument } },
    { openOrdersLimit: 181 },
    { priceBandBps: 101 },
    { priceBandFarBps: 3001 },
  ];
  for (const change of changes) {
    Object.assign(bench, rules, change);
    assert.equal(rests(299_999, 300_001), false, Object.keys(change).join());
  }
  Object.assign(bench, rules);
  assert.equal(rests(299_999, 300_001), true);
});

test("GRID-22 GRID-20 GRID-24 it rests only while what lies outside the price band stays there", () => {
  const { quiet, rests } = rested([]);
  const banded = (price: number): Quiet => ({ ...quiet, plan: { ...quiet.plan, banded: [{ side: "buy", price }] } });
  assert.equal(rests(299_999, 300_001, banded(200_000)), true);
  assert.equal(rests(299_999, 300_001, banded(299_800)), false);
  const held = rested([{ ...holding(-1), coolUntilMs: 5000 }]);
  const slot = held.bench.slots()[0] ?? assert.fail();
  const waiting = { ...held.quiet, plan: { ...held.quiet.plan, waiting: [slot] } };
  assert.equal(held.rests(299_999, 300_001, waiting), true);
  slot.coolUntilMs = 0;
  assert.equal(held.rests(299_999, 300_001, waiting), false);
});

test("GRID-24 what is remembered belongs to one state, and is the same each time it is asked for", () => {
  const [one, other] = [rested([]).bench.state, rested([]).bench.state];
  assert.deepEqual(memoryOf({ ...one }), { quiet: null });
  assert.equal(memoryOf(one), memoryOf(one));
  assert.notEqual(memoryOf(one), memoryOf(other));
});
