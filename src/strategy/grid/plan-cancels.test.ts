// Which live orders have to go, one decision alone; and what a scan of the slots counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH } from "../../../test/grid/bench.ts";
import type { Leg } from "../../trading/command.ts";
import { holding, type PlanTold, planOf, type SlotTold } from "./plan.fixture.ts";
import {
  bandEdge,
  cancel,
  entryLevelOf,
  isClosable,
  isInBand,
  ownOpposite,
  place,
  preparePlan,
  sideOf,
} from "./plan.ts";
import { halfWayPrice, planCancels } from "./plan-cancels.ts";
import type { Slot, SlotOrder } from "./state.ts";

const NEUTRAL = { mode: "neutral" };
const entry = (j: number, told: Partial<SlotTold> = {}, state: SlotOrder["state"] = "LIVE"): SlotTold => ({
  j,
  out: { purpose: "entry", price: 300_000 + 200 * (j + (told.leg === "S" ? 1 : 0)), state },
  ...told,
});
const exit = (j: number, held: number, quantity: number, told: Partial<SlotTold> = {}): SlotTold => ({
  ...holding(j, "L", held),
  out: { purpose: "exit", price: 300_200 + 200 * j, quantity },
  ...told,
});

/** Codes of what is cancelled, by slot. */
function cancelled(slots: readonly SlotTold[], told: PlanTold = {}): readonly string[] {
  const { plan, bench } = planOf(slots, told);
  const before = bench.becauses.length;
  planCancels(plan);
  assert.equal(plan.turn.effects, bench.becauses.length - before, "each is counted");
  return bench.becauses.slice(before).map(({ code, slot }) => `${String(slot)} ${code}`);
}

test("GRID-19 an entry goes when its gate closes or the window left it behind, and waits while on its way", () => {
  assert.deepEqual(cancelled([entry(-1), entry(-2), entry(-3)]), []);
  assert.deepEqual(cancelled([entry(-1)], { level: "HOLD" }), []);
  assert.deepEqual(cancelled([entry(-1)], { level: "REDUCE" }), ["-1 cancel.gate"]);
  assert.deepEqual(
    cancelled([entry(-1, {}, "SENT"), entry(-2, {}, "UNKNOWN"), entry(-3, {}, "CANCEL")], { level: "HALT" }),
    [],
  );
  assert.deepEqual(cancelled([entry(-5)]), [], "two levels of slack");
  assert.deepEqual(cancelled([entry(-6)]), ["-6 cancel.window"]);
  assert.deepEqual(cancelled([entry(0)]), [], "one level nearer than the window is left, the book just moved");
  assert.deepEqual(cancelled([entry(1)]), ["1 cancel.window"]);
  assert.deepEqual(
    cancelled([entry(-1, { leg: "S" })], { texts: { mode: "long" } }),
    ["-1 cancel.gate"],
    "the mode has no such leg",
  );
});

test("GRID-19 an exit goes under HALT alone, and when it asks for more than its slot still holds", () => {
  assert.deepEqual(cancelled([exit(0, 10, 10)], { level: "FREEZE" }), []);
  assert.deepEqual(cancelled([exit(0, 10, 10)], { level: "HALT" }), ["0 cancel.gate"]);
  assert.deepEqual(cancelled([exit(0, 9, 10)]), ["0 cancel.over_held"]);
  const { plan, bench } = planOf([exit(0, 6, 10)]);
  for (const route of plan.state.routes.values()) route.booked = 4;
  planCancels(plan);
  assert.equal(bench.take(), "", "four of its ten are executed");
  plan.state.routes.clear();
  planCancels(plan);
  assert.match(bench.take(), /over_held/);
});

test("GRID-19 a partly filled entry makes room for its exit half way there, if it can be closed", () => {
  const at = (mid: number, slot: SlotTold, told: PlanTold = {}): readonly string[] =>
    cancelled([slot], { bid: mid - 1, ask: mid + 1, ...told });
  const long = entry(-1, { held: 7 });
  assert.deepEqual([at(299_899, long), at(299_900, long)], [[], ["-1 cancel.partial"]]);
  const short = entry(0, { leg: "S", held: 7 });
  const neutral = { texts: NEUTRAL };
  assert.deepEqual([at(300_101, short, neutral), at(300_100, short, neutral)], [[], ["0 cancel.partial"]]);
  assert.deepEqual(at(299_950, entry(-1)), [], "nothing of it is held");
  assert.deepEqual(
    at(299_950, entry(-1, { held: 6 }), { instrument: { ...ETH, minNotionalOnReduceOnly: true } }),
    [],
    "dust",
  );
  const half = (slot: SlotTold): number => {
    const { plan } = planOf([slot], neutral);
    return halfWayPrice(plan, plan.state.slots.get(slot.j) ?? assert.fail());
  };
  assert.deepEqual([half(long), half(short)], [299_900, 300_100], "the price both turn at");
  const odd = { texts: { ...NEUTRAL, interval: "2.01" } };
  const of = (slot: SlotTold): number => {
    const { plan } = planOf([slot], odd);
    return halfWayPrice(plan, plan.state.slots.get(slot.j) ?? assert.fail());
  };
  assert.deepEqual([of(long), of(short)], [299_900, 300_100], "of 201 ticks 101 are half the way");
});

test("GRID-18 a scan counts orders, exits, slots that are taken, and lots by leg", () => {
  const { plan } = planOf(
    [
      holding(-4, "L", 7),
      holding(4, "S", 7),
      holding(5, "S", 7),
      entry(-1),
      entry(-2, { held: 3 }),
      exit(0, 10, 10),
      { ...exit(1, 10, 10), out: { purpose: "exit", price: 300_400, state: "CANCEL" } },
      { j: 9, width: 3 },
    ],
    { texts: NEUTRAL },
  );
  const { net, open, exits, exitsCancelling, occupied, widthMax, closable } = plan;
  assert.deepEqual(
    { net, open, exits, exitsCancelling, occupied, widthMax },
    {
      net: 2,
      open: 4,
      exits: 2,
      exitsCancelling: 1,
      occupied: 7,
      widthMax: 3,
    },
  );
  assert.deepEqual(
    closable.map(({ j }) => j),
    [-4, 4, 5, 0, 1],
    "three lots are dust where the smallest order is seven",
  );
  assert.equal(planOf([]).plan.widthMax, 1);
  assert.deepEqual([isClosable(plan, { ...(plan.state.slots.get(0) ?? assert.fail()), held: 7 })], [true]);
  assert.equal(isClosable(plan, { ...(plan.state.slots.get(0) ?? assert.fail()), held: 0 }), false);
});

test("GRID-26 a scan finds when the next slot's rest ends", () => {
  const { plan } = planOf(
    [{ j: 1, coolUntilMs: 30 }, { j: 2, coolUntilMs: 20 }, { j: 3, coolUntilMs: 5 }, holding(4)],
    {
      nowMs: 10,
    },
  );
  assert.deepEqual([plan.coolNextMs, plan.slotNextMs], [20, 5], "one whose rest is over is due at once");
  const none = planOf([holding(4)]).plan;
  assert.deepEqual([none.coolNextMs, none.slotNextMs], [0, 0]);
});

test("GRID-19 a leg the mode does not use is reduced, unless something stricter holds it", () => {
  const level = (leg: Leg, told: PlanTold): string => entryLevelOf(planOf([], told).plan, leg);
  assert.deepEqual([level("L", {}), level("S", {})], ["RUN", "REDUCE"]);
  assert.deepEqual([level("S", { level: "HOLD" }), level("S", { level: "FREEZE" })], ["REDUCE", "FREEZE"]);
  assert.equal(level("S", { level: "HALT" }), "HALT");
  assert.equal(level("S", { texts: NEUTRAL }), "RUN");
});

test("RISK-06 GRID-20 the price band is near on the side that meets the book and far on the other", () => {
  const { plan, bench } = planOf([]);
  const context = { ...bench.context, priceBandBps: 100, priceBandFarBps: 1_000 };
  const { reference } = plan.state;
  const passes = (side: "buy" | "sell", price: number): boolean => isInBand(context, reference, side, price);
  assert.deepEqual([passes("buy", 303_000), passes("buy", 303_001)], [true, false]);
  assert.deepEqual([passes("buy", 270_000), passes("buy", 269_999)], [true, false]);
  assert.deepEqual([passes("sell", 297_000), passes("sell", 296_999)], [true, false]);
  assert.deepEqual([passes("sell", 330_000), passes("sell", 330_001)], [true, false]);
  assert.deepEqual([bandEdge(context, reference, "buy"), bandEdge(context, reference, "sell")], [303_000, 297_000]);
});

test("GRID-20 the own order that would be met is the highest buy, or the lowest sell", () => {
  const sell = (j: number): SlotTold => entry(j, { leg: "S" });
  const { plan } = planOf([entry(-2), entry(-1), entry(-3), sell(2), sell(1), sell(3)], { texts: NEUTRAL });
  assert.deepEqual([ownOpposite(plan, "sell"), ownOpposite(plan, "buy")], [299_800, 300_400]);
  const one = planOf([entry(-1)]).plan;
  assert.deepEqual([ownOpposite(one, "sell"), ownOpposite(one, "buy")], [299_800, 0]);
  const sides = (["L", "S"] as const).flatMap((leg) => [sideOf(leg, "entry"), sideOf(leg, "exit")]);
  assert.deepEqual(sides, ["buy", "sell", "sell", "buy"]);
});

test("GRID-28 what a run places and cancels counts for the rest of the run", () => {
  const { plan, bench } = planOf([holding(0), { j: -1 }, { ...exit(1, 10, 10) }]);
  const slot = (j: number): Slot => plan.state.slots.get(j) ?? assert.fail();
  const decision = { price: 300_200, quantity: 10, postOnly: true, code: "x", rank: 0 };
  place(plan, slot(0), { ...decision, purpose: "exit" });
  assert.deepEqual([plan.open, plan.exits, plan.occupied, plan.turn.effects], [2, 2, 2, 1]);
  place(plan, slot(-1), { ...decision, purpose: "entry" });
  assert.deepEqual([plan.open, plan.exits, plan.occupied, plan.turn.effects], [3, 2, 3, 2]);
  cancel(plan, slot(1), "x", null);
  assert.deepEqual([plan.exitsCancelling, plan.turn.effects, slot(1).order?.state], [1, 3, "CANCEL"]);
  const [, exitOrder, entryOrder] = bench.placed.slice(-3).map(({ order }) => order);
  assert.deepEqual([exitOrder?.reduceOnly, entryOrder?.reduceOnly, entryOrder?.timeInForce], [true, false, "GTC"]);
  const spot = planOf([holding(0)], { instrument: { ...ETH, kind: "spot" } });
  place(spot.plan, spot.plan.state.slots.get(0) ?? assert.fail(), { ...decision, purpose: "exit" });
  assert.equal(spot.bench.placed.at(-1)?.order.reduceOnly, false, "spot knows no reduce-only");
});

test("GRID-39 fewest wins: the configuration's open orders, or what risk and the exchange leave", () => {
  const open = (texts: object, openOrdersLimit: number): number => planOf([], { texts, openOrdersLimit }).plan.openMax;
  assert.deepEqual([open({ openOrdersMax: 9 }, 180), open({ openOrdersMax: 90 }, 20)], [9, 20]);
  const { plan } = planOf([]);
  assert.equal(preparePlan(plan.turn, plan.lattice).waiting.length, 0);
});
