// Properties of grid.md section 13: whatever the market, the exchange and the network do. A failing run prints its
// seed.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Entry, Recorder, type Watch, World } from "../../../test/grid/world.ts";
import { decodeCanonical, encodeCanonical } from "../../base/canonical.ts";
import { isAtLeast, levelOf } from "./gates.ts";
import { gridStrategy, patientGrid } from "./grid.ts";
import { heldTotal } from "./held.ts";
import { type Lattice, latticeOf } from "./lattice.ts";
import { entryLevel, exitLevel } from "./plan.ts";
import { exitMinLots, minLots } from "./sizes.ts";
import type { GridState, Slot } from "./state.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const STEPS = 150;

/** One world a seed; the watch looks on after every step. */
function forAll(watch: Watch, check: (world: World) => void = () => {}): void {
  const seeds = fc.integer({ min: 0, max: 1_000_000_000 });
  fc.assert(
    fc.property(seeds, (seed) => check(new World(seed, watch).run(STEPS))),
    { numRuns: RUNS },
  );
}

const lattice = (state: GridState): Lattice | null => (state.lattice === null ? null : latticeOf(state.lattice));
const slotsOf = (world: World): readonly Slot[] => [...world.state.slots.values()];

/** Runs a journal again, from an empty state. */
function replay(
  world: World,
  how: { readonly strategy?: typeof gridStrategy; readonly crash?: boolean; readonly twice?: boolean } = {},
) {
  const strategy = how.strategy ?? gridStrategy;
  let state = strategy.initial(world.config, world.instrument);
  const effects: string[][] = [];
  const again: string[][] = [];
  world.journal.forEach(({ context, input }: Entry, seq) => {
    const out = new Recorder(seq);
    strategy.step(world.config, context, state, input, out);
    effects.push(out.texts);
    if (how.crash === true && seq % 7 === 3) state = recovered(state);
    if (how.twice === true && input.kind === "order") {
      const second = new Recorder(seq);
      strategy.step(world.config, context, state, input, second);
      again.push(second.texts);
    }
  });
  return { state, effects, again };
}

function recovered(state: GridState): GridState {
  const decoded: unknown = decodeCanonical(encodeCanonical(state));
  return decoded as GridState;
}

/** Lots are conserved (GRID-30). */
const conserved: Watch = ({ state }) => {
  const { fills, adopted, writtenOff } = state.tally;
  const held = heldTotal(state, "L") - heldTotal(state, "S") + state.stray;
  assert.equal(held, fills + adopted - writtenOff - state.baseFeeLots);
  for (const slot of state.slots.values()) assert.ok(slot.held >= 0);
};

/** By the ledger, what was earned is what the closed cycles earned, and each earned its gap or more. */
function ledgerTies(world: World): void {
  const ladder = lattice(world.state);
  let cash = 0n;
  let earned = 0n;
  for (const order of world.orders.values()) {
    cash += order.order.side === "sell" ? order.value : -order.value;
    if (order.purpose === "entry" || order.executed === 0) continue;
    const executed = BigInt(order.executed);
    const gain = order.value - BigInt(order.entryPrice) * executed;
    const gap = BigInt(Math.abs(order.exitPrice - order.entryPrice)) * executed;
    const profit = order.order.side === "sell" ? gain : -gain;
    assert.ok(profit >= gap);
    if (order.order.postOnly && order.order.price === order.exitPrice) assert.equal(profit, gap);
    earned += profit;
  }
  let cost = 0n;
  for (const slot of slotsOf(world)) {
    const price = BigInt(ladder?.price(entryLevel(slot)) ?? 0) * BigInt(slot.held);
    cost += slot.leg === "L" ? price : -price;
  }
  assert.equal(cash + cost, earned);
}

/** Every order the grid knows is live on the exchange, and the other way round. */
function allSettled(world: World): void {
  for (const slot of slotsOf(world)) assert.ok(slot.order === null || slot.order.state === "LIVE");
  const resting = [...world.orders.values()].filter((order) => order.open).map((order) => order.id);
  const known = slotsOf(world).flatMap((slot) => (slot.order === null ? [] : [slot.order.id]));
  assert.deepEqual(known.sort(), resting.sort());
}

test("TEST-P19 TEST-P20 GRID-P1 GRID-P16 GRID-P17 GRID-30 N-19 lots are conserved, orders settle, each cycle earns its gap", () => {
  forAll(conserved, (world) => {
    world.rest();
    assert.equal(heldTotal(world.state, "L") - heldTotal(world.state, "S"), world.position);
    assert.equal(world.state.stray, 0);
    allSettled(world);
    ledgerTies(world);
  });
});

const noOverlap: Watch = (world) => {
  const prices = new Set<string>();
  const busy = slotsOf(world).filter((slot) => slot.order !== null || isClosableNow(world, slot));
  for (const slot of busy) {
    for (const other of busy) {
      const apart = slot === other || slot.j >= other.j + other.width || other.j >= slot.j + slot.width;
      assert.ok(apart || world.state.stray !== 0, `slots ${slot.j} and ${other.j} overlap`);
    }
    if (slot.order?.purpose !== "entry") continue;
    const key = `${slot.order.side} ${slot.order.price}`;
    assert.ok(!prices.has(key), key);
    prices.add(key);
  }
};

function isClosableNow(world: World, slot: Slot): boolean {
  const ladder = lattice(world.state);
  if (ladder === null || slot.held === 0) return false;
  return slot.held >= exitMinLots(world.instrument, world.config, ladder.price(exitLevel(slot)));
}

const withinLimits: Watch = (world) => {
  const slots = slotsOf(world);
  const open = slots.filter((slot) => slot.order !== null);
  assert.ok(open.length <= world.config.openOrdersMax);
  const exits = open.filter((slot) => slot.order?.purpose === "exit");
  assert.ok(exits.length <= world.config.exitLevels);
  const occupied = slots.filter((slot) => slot.held > 0 || slot.order?.purpose === "entry");
  assert.ok(occupied.length <= world.config.heldSlotsMax);
};

const neverMoreThanHeld: Watch = (world) => {
  let reducing = 0;
  for (const slot of slotsOf(world)) {
    if (slot.order?.purpose !== "exit") continue;
    const booked = world.state.routes.get(slot.order.id)?.booked ?? 0;
    assert.ok(slot.order.quantity - booked <= slot.held);
    reducing += slot.order.quantity - booked;
  }
  if (world.config.mode === "neutral") return;
  assert.ok(reducing <= heldTotal(world.state, world.config.mode === "long" ? "L" : "S"));
  let resting = 0;
  for (const order of world.orders.values()) {
    if (order.open && order.order.reduceOnly) resting += order.order.quantity - order.executed;
  }
  assert.ok(resting <= Math.abs(world.position));
};

test("GRID-P2 GRID-P3 GRID-P12 GRID-28 GRID-39 one order a slot, no overlap, within quota, cap and what is held", () => {
  forAll((world, step) => {
    noOverlap(world, step);
    withinLimits(world, step);
    neverMoreThanHeld(world, step);
  });
});

const pricesAndSizes: Watch = (world, { out }) => {
  const ladder = lattice(world.state);
  for (const { order, because } of out.placed) {
    assert.ok(ladder !== null);
    const entry = Number(because["entry"]);
    const exit = Number(because["exit"]);
    assert.equal(ladder.price(ladder.nearestLevel(entry, 1)), entry);
    if (because.code.startsWith("entry")) {
      assert.equal(order.price, entry);
      assert.ok(order.quantity >= minLots(world.instrument, order.price));
    } else {
      assert.ok(order.side === "sell" ? order.price >= exit && exit > entry : order.price <= exit && exit < entry);
      assert.ok(order.quantity >= exitMinLots(world.instrument, world.config, order.price));
    }
  }
};

const neverCrosses: Watch = (world, { out }) => {
  for (const { order, because } of out.placed) {
    assert.equal(because["bid"], world.state.reference.bid);
    if (!order.postOnly) continue;
    if (order.side === "buy") assert.ok(order.price < world.state.reference.ask);
    else assert.ok(order.price > world.state.reference.bid);
  }
};

const gatesHold: Watch = (world, { out }) => {
  for (const { because } of out.placed) {
    const level = levelOf(world.state, because["leg"] === "L" ? "L" : "S");
    assert.ok(!isAtLeast(level, because.code.startsWith("entry") ? "HOLD" : "FREEZE"), because.code);
  }
  if (world.state.phase !== "running") return;
  for (const slot of slotsOf(world)) {
    const level = levelOf(world.state, slot.leg);
    if (level === "HALT") assert.notEqual(slot.order?.state, "LIVE");
    if (isAtLeast(level, "REDUCE") && slot.order?.purpose === "entry") assert.notEqual(slot.order.state, "LIVE");
  }
};

test("GRID-P4 GRID-P5 GRID-P6 GRID-P7 GRID-15 prices, sizes and gates are kept by every order that is placed", () => {
  forAll((world, step) => {
    pricesAndSizes(world, step);
    neverCrosses(world, step);
    gatesHold(world, step);
  });
});

test("GRID-P8 GRID-24 the planner run again with no event between does nothing and changes nothing", () => {
  forAll((world, { entry }) => {
    // encoding is what this test costs: the effects are compared after every step, the state after every fifth
    const before = entry.context.seq % 5 === 0 ? encodeCanonical(world.state) : null;
    const out = new Recorder(999_999);
    patientGrid.step(world.config, entry.context, world.state, { kind: "timer", name: "nothing" }, out);
    assert.deepEqual(out.texts, []);
    if (before !== null) assert.equal(encodeCanonical(world.state), before);
  });
});

const ordersIn = (effects: readonly (readonly string[])[]) =>
  effects.flat().filter((text) => /^(place|cancel)/.test(text));

test("GRID-P9 GRID-P10 GRID-P11 GRID-31 GRID-43 a journal runs again to the same effects and state", () => {
  forAll(
    () => {},
    (world) => {
      const end = encodeCanonical(world.state);
      // never resting between events, the long way, is the same as resting where nothing can change
      const long = replay(world, { strategy: patientGrid });
      assert.deepEqual(long.effects, world.effects);
      assert.equal(encodeCanonical(long.state), end);
      const crashed = replay(world, { crash: true });
      assert.deepEqual(crashed.effects, world.effects);
      assert.equal(encodeCanonical(crashed.state), end);
      const twice = replay(world, { twice: true });
      for (const texts of twice.again) assert.deepEqual(ordersIn([texts]), []);
      assert.deepEqual(ordersIn(twice.effects), ordersIn(world.effects));
      assert.equal(encodeCanonical(twice.state.slots), encodeCanonical(world.state.slots));
      assert.deepEqual(twice.state.tally, world.state.tally);
    },
  );
});
