// Kills at random: whatever the instant and whatever the wire loses, after the restart no order is there twice, none is
// forgotten, and position, ledger and journal agree with the exchange (DUR-71).

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CrashPoint, setCrashPoint } from "../base/crash-point.ts";
import { Prng } from "../base/prng.ts";
import { openMemoryJournal } from "../journal/memory.ts";
import { TAG, World } from "./bench.fixture.ts";
import { productionEngine } from "./engine.ts";
import { replayTail } from "./replay-tail.ts";
import type { Fate } from "./village.fixture.ts";

const RUNS = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

class Killed extends Error {}

/** Points at which the process may die: what it stands in the middle of is simply gone. */
const POINTS: readonly CrashPoint[] = [
  "turn.before-events-commit",
  "turn.after-events-commit",
  "turn.after-step",
  "turn.before-effects-commit",
  "turn.after-effects-commit",
  "turn.after-sync",
  "send.before-write",
  "send.after-write",
  "send.after-reply",
  "send.outcome-queued",
  "send.batch-half-answered",
  "cancel.after-write",
  "settle.before-lookup",
  "settle.after-lookup",
  "stream.fill-received",
  "stream.between-partial-fills",
  "config.after-commit",
  "snapshot.before-write",
  "snapshot.half-written",
  "snapshot.after-write",
  "recover.after-lock",
  "recover.after-snapshot",
  "recover.replay-middle",
  "recover.settle-middle",
  "recover.after-backfill",
];

const FATES: readonly Fate[] = ["lost", "deaf", "refused", "not-sent"];

/** One life of a bot with many deaths; returns the points at which it died. */
function live(seed: number, steps: number): { readonly world: World; readonly died: readonly string[] } {
  const random = new Prng(seed);
  const world = new World();
  const died: string[] = [];
  let faulty = true;
  world.village.fate = (what) => {
    if (!faulty || !random.chance(0.2)) return "fine";
    return what === "lookup" || what === "read" ? "lost" : random.pick(FATES as [Fate, ...Fate[]]);
  };
  let left = random.integer(1, random.chance(0.3) ? 1 : 60);
  const point = (): CrashPoint => random.pick(POINTS as [CrashPoint, ...CrashPoint[]]);
  let where = point();
  setCrashPoint((name) => {
    if (!faulty || name !== where || world.dead) return;
    left -= 1;
    if (left > 0) return;
    died.push(name);
    where = point();
    left = random.integer(1, 20);
    world.kill(); // first, so that whatever catches the error below is dead already
    throw new Killed(name);
  });
  const survive = (what: () => void): void => {
    try {
      what();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  };
  const begin = (): void => {
    for (let i = 0; i < 20 && world.process === null; i += 1)
      survive(() => world.start({ snapshots: { events: 15, ms: 5_000 } }));
  };
  try {
    for (let i = 0; i < steps; i += 1) {
      if (random.chance(0.1)) {
        where = point();
        left = random.integer(1, 3);
      }
      if (world.process === null) begin();
      survive(() => act(world, random));
      if (random.chance(0.03)) {
        died.push("anywhere");
        world.kill();
      }
    }
    faulty = false;
    if (world.process === null) begin();
    heal(world);
  } finally {
    setCrashPoint(null);
  }
  return { world, died };
}

function act(world: World, random: Prng): void {
  const { village } = world;
  const open = village.open();
  const kind = random.integer(0, 5);
  if (kind <= 2) village.book(village.mid + random.integer(-300, 300));
  const [order] = open.length === 0 ? [] : [open[random.integer(0, open.length - 1)]];
  if (kind === 3 && order !== undefined) {
    const quantity = random.integer(1, order.quantity - order.cumulative);
    village.fill(order, quantity, random.chance(0.8));
  }
  if (kind === 4 && random.chance(0.3))
    world.process?.host.command({ name: "pause", cancelEntries: true, leg: "both" }, WHO, () => {});
  if (kind === 5) world.process?.host.command({ name: "resume" }, WHO, () => {});
  world.run(random.integer(0, random.chance(0.2) ? 5_000 : 400));
}

const WHO = { by: "test", reason: "test" };

/** No faults any more: two minutes in which everything must settle. */
function heal(world: World): void {
  world.run(20_000);
  world.village.book(world.village.mid);
  world.run(40_000);
}

function check(world: World): void {
  const { village, process } = world;
  assert.ok(process !== null);
  assert.equal(process.end, null, process.end?.text ?? "");
  const { state } = process.host;
  assert.equal(state.phase, "running");
  // 1: one exchange order per id, each of a recorded place
  assert.equal(new Set(village.arrived).size, village.arrived.length, "an order arrived twice");
  for (const id of village.arrived) assert.ok(process.journal?.placeOf(id), `${id} was sent unrecorded`);
  // 2, 3: every fill once, position the same
  const booked = [...(process.journal?.postings(0) ?? [])].filter(({ posting }) => posting.cause === "fill");
  const identities = new Set(booked.map(({ posting }): string => posting.causeId));
  assert.equal(identities.size, village.fills.length, "fills in the journal are those on the tape");
  assert.equal(state.ledger.position, village.position);
  // 4: postings balance
  const sums = new Map<string, bigint>();
  for (const { posting } of booked) sums.set(posting.asset, (sums.get(posting.asset) ?? 0n) + posting.amount);
  for (const [asset, sum] of sums) assert.equal(sum, 0n, `postings in ${asset}`);
  // 5: the same open orders on both sides, nothing unknown
  const ours = [...state.orders.keys()].sort();
  assert.deepEqual(
    ours,
    village
      .open()
      .map(({ clientOrderId }) => clientOrderId)
      .sort(),
  );
  for (const order of state.orders.values()) assert.equal(order.place, "acknowledged");
  // 6, 7: the chain holds and replays to the state of the live process
  const live = productionEngine.encode(state);
  world.kill();
  const journal = openMemoryJournal(world.disk, { bot: "probe", tag: TAG });
  assert.ok(journal.verify(0) > 0);
  const identity = { bot: "probe", tag: TAG, lineage: journal.meta.lineage };
  const replayed = replayTail(journal, { engine: productionEngine, identity, warn: () => {} });
  assert.equal(productionEngine.encode(replayed.state), live);
}

test("DUR-49 DUR-47 DUR-71 killed anywhere, again and again, a bot sends no order twice and forgets none", () => {
  const points = new Set<string>();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const { world, died } = live(seed, 100);
      for (const point of died) points.add(point);
      check(world);
    }),
    { numRuns: RUNS, seed: 20_261_121 },
  );
  if (RUNS >= 200)
    assert.deepEqual(
      [...POINTS].filter((point) => !points.has(point)),
      [],
      "points never died at",
    );
});
