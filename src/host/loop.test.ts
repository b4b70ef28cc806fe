// One turn: what is on the disk before what, what a failed half leaves behind, and that engine time and timers are
// honest.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../base/virtual-clock.ts";
import { MARK } from "../engine/probe.fixture.ts";
import { initialState } from "../engine/step.ts";
import type { Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import { World } from "./bench.fixture.ts";
import type { Engine, HostEvent } from "./context.ts";
import { TurnLoop } from "./loop.ts";
import { Timers } from "./timers.ts";

const RUNS = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

test("DUR-11 nothing reaches the wire before its record is on the disk", () => {
  const world = new World();
  const { host, journal } = world.start();
  const { fate } = world.village;
  let checked = 0;
  world.village.fate = (what) => {
    const [verb, id] = world.village.mutations.at(-1)?.split(" ") ?? [];
    if (verb === "place" && what === "cancel") assert.fail("a cancel before its turn");
    for (const [known] of host.state.orders) {
      assert.ok(journal?.placeOf(known), `${known} is recorded before anything is sent`);
      checked += 1;
    }
    void id;
    return fate(what);
  };
  world.run(1_000);
  world.village.book(300_000);
  world.run(100);
  assert.equal(world.village.open().length, 2);
  assert.ok(checked > 0);
});

test("DUR-11 a subscriber sees a turn only after it is on the disk", () => {
  const world = new World();
  const { host, journal } = world.start();
  let turns = 0;
  host.observe((turn) => {
    turns += 1;
    assert.equal(journal?.seq, turn.firstSeq + turn.events.length - 1);
    for (const { effect } of turn.effects) {
      if (effect.kind === "place") assert.ok(journal?.placeOf(effect.clientOrderId));
    }
  });
  world.run(1_000);
  world.village.book(300_000);
  world.run(100);
  assert.ok(turns > 3);
});

test("DUR-10 when the events cannot be recorded nothing has happened: the state stands and the events wait", () => {
  const world = new World();
  const { host } = world.running();
  const before = JSON.stringify([host.state.seq, [...host.state.orders.keys()]]);
  world.disk.fault = (write) => (write === "events" ? "failed" : null);
  const sent = world.village.mutations.length;
  const order = world.village.open()[0];
  assert.ok(order !== undefined);
  world.village.fill(order, 10);
  world.run(100);
  assert.equal(JSON.stringify([host.state.seq, [...host.state.orders.keys()]]), before);
  assert.ok(host.loop.mailbox.size >= 1, "what could not be recorded still waits");
  const after = world.village.mutations.slice(sent);
  assert.deepEqual(
    after.filter((text) => text.startsWith("place")),
    [],
  );
});

test("DUR-10 OPS-24 when effects cannot be recorded nothing is sent, the bot stops; recovery decides the same", () => {
  const world = new World();
  const failed: string[] = [];
  const first = world.start({ onJournalFailed: (half) => failed.push(half) });
  world.run(1_000);
  world.disk.fault = (write) => (write === "effects" ? "failed" : null);
  world.village.book(300_000);
  world.run(12_000);
  assert.equal(first.end?.code, "CANNOT_WRITE");
  assert.deepEqual(failed, ["effects"]);
  assert.deepEqual(world.village.arrived, [], "nothing was sent");
  world.disk.fault = () => null;
  const { end } = first;
  assert.equal(end.exitCode, 13);
  const decided = [...first.host.state.orders.keys()];
  assert.equal(decided.length, 2);
  world.kill();
  const second = world.start();
  for (const id of decided) assert.ok(second.journal?.placeOf(id), "the same effects, recorded now");
  world.run(500);
  for (const id of decided) assert.equal(second.host.state.ended.get(id)?.place, "absent", "and never sent");
  world.village.book(300_000);
  world.run(100);
  assert.equal(world.village.open().length, 2);
  for (const id of decided) assert.equal(world.village.orders.has(id), false);
});

test("DUR-12 an empty mailbox writes nothing; what waits together is recorded together", () => {
  const world = new World();
  const { journal, host, turns } = world.running();
  const before = journal?.position;
  assert.equal(host.loop.turn(), false);
  assert.equal(journal?.position, before);
  const count = turns.length;
  for (let i = 0; i < 3; i += 1) host.offer({ ...MARK, symbol: `X${i}` } as HostEvent);
  host.drain();
  assert.equal(turns.length, count + 1);
  assert.equal(turns.at(-1)?.events.length, 3);
});

test("DUR-14 a mark with the state hash is written every 1,000 events", () => {
  const world = new World();
  const { journal, host } = world.running();
  for (let i = 0; i < 2_500; i += 1) {
    host.offer(MARK as HostEvent);
    host.drain();
  }
  const marks = [...(journal?.records(0) ?? [])].filter(({ type }) => type === "mark");
  assert.equal(marks.length, 2);
});

test("DUR-06 a second copy of a fill is refused at the door, in the same turn and in a later one", () => {
  const world = new World();
  const { host, journal } = world.running();
  const order = world.village.open()[0];
  assert.ok(order !== undefined);
  world.village.fill(order, 4);
  const [fill] = world.village.fills;
  assert.ok(fill !== undefined);
  world.village.tell(fill);
  world.run(100);
  world.village.tell(fill);
  world.run(100);
  assert.equal(Math.abs(host.state.ledger.position), 4);
  const fills = [...(journal?.records(0) ?? [])].filter(({ kind }) => kind === "fill");
  assert.equal(fills.length, 1);
});

test("DUR-08 a flood pauses opening at 80 %, cuts the streams at 100 %, and everything missed is read afterwards", () => {
  const world = new World();
  const { host, alerts } = world.running({ mailboxCapacity: 20 });
  const [order] = world.village.open();
  assert.ok(order !== undefined);
  for (let i = 0; i < 30; i += 1) {
    host.fromStream({ ...order, cumulative: order.cumulative, source: "stream" });
  }
  assert.equal(host.loop.mailbox.pressure >= 20, true);
  world.village.fill(order, 3); // nobody listens
  host.drain();
  assert.ok(alerts.some(({ code }) => code === "host-overload"));
  assert.ok(alerts.some(({ code }) => code === "feed-stale"));
  world.run(1_000);
  assert.equal(Math.abs(host.state.ledger.position), 3, "the fill was read after the flood");
  assert.equal(host.state.blocks.has("host-overload"), false);
  assert.equal(host.state.blocks.has("feed-orders"), false);
  world.village.book(300_000);
  world.run(100);
  assert.equal(host.state.blocks.has("feed-book"), false);
});

/** An engine that only remembers when its timers fired, and arms what a test tells it to. */
function timerEngine(fired: [name: string, atMs: number, armedForMs: number][]): Engine {
  return {
    initial: initialState,
    encode: () => "",
    decode: () => assert.fail("not used"),
    step(state, event: EngineEvent) {
      state.seq += 1;
      assert.ok(event.atMs >= state.nowMs, "engine time never decreases");
      state.nowMs = event.atMs;
      const effects: Effect[] = [];
      if (event.kind === "timer") {
        fired.push([event.name, event.atMs, state.timers.get(event.name) ?? Number.NaN]);
        state.timers.delete(event.name);
      } else if (event.kind === "command") {
        for (const [name, afterMs] of JSON.parse(event.reason) as [string, number | null][]) {
          const atMs = afterMs === null ? null : event.atMs + afterMs;
          if (atMs === null) state.timers.delete(name);
          else state.timers.set(name, atMs);
          effects.push({ kind: "timer", name, atMs });
        }
      }
      return { effects, postings: [] };
    },
  };
}

test("TEST-P30 timers fire never early, once for each arming, in order of their times; engine time never decreases", () => {
  const arming = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.option(fc.integer({ min: 0, max: 500 })));
  const move = fc.record({
    waitMs: fc.integer({ min: 0, max: 300 }),
    arm: fc.array(arming, { maxLength: 4 }),
    jumpMs: fc.constantFrom(0, 0, 0, -200),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      const clock = new VirtualClock(1_000_000);
      let shiftMs = 0;
      const wall = {
        nowMs: () => clock.nowMs() + shiftMs,
        monotonicMs: () => clock.monotonicMs(),
        at: (atMs: number, wake: () => void) => clock.at(atMs - shiftMs, wake),
      };
      const fired: [string, number, number][] = [];
      const engine = timerEngine(fired);
      const state = engine.initial({ bot: "t", tag: "timers", lineage: 1 });
      const loop: TurnLoop = new TurnLoop({
        engine,
        state,
        journal: null,
        clock: wall,
        turns: "scheduled",
        onDone: (turn) => {
          for (const event of turn.events) if (event.kind === "timer") timers.seen(event.name);
          for (const { effect } of turn.effects) if (effect.kind === "timer") timers.armed(effect.atMs);
        },
        onFailed: (error) => assert.fail(String(error)),
        onTimerDropped: (name) => timers.seen(name),
        configText: () => null,
      });
      const timers = new Timers(state, wall, (event) => loop.offer(event, true));
      for (const { waitMs, arm, jumpMs } of moves) {
        clock.runUntil(clock.nowUs() + waitMs * 1000);
        shiftMs += jumpMs;
        if (jumpMs !== 0) timers.rearm();
        loop.offer({ kind: "command", command: { name: "resume" }, by: "", reason: JSON.stringify(arm) }, true);
      }
      clock.runUntil(clock.nowUs() + 10_000_000);
      for (const [name, atMs, armedForMs] of fired) assert.ok(atMs >= armedForMs, `${name} fired early`);
      for (const [i, [, , armedForMs]] of fired.entries()) {
        const before = fired[i - 1];
        if (before !== undefined && before[1] === fired[i]?.[1]) assert.ok(before[2] <= armedForMs, "in order");
      }
      assert.equal(state.timers.size, 0, "each armed timer fired");
    }),
    { numRuns: RUNS, seed: 30 },
  );
});
