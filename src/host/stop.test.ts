// Stopping (DUR-58…60) and what the machine underneath can do to a bot (DUR-61).

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../base/virtual-clock.ts";
import { type Process, World } from "./bench.fixture.ts";
import { CommitWatch, Watch } from "./watch.ts";

const records = (process: Process): readonly string[] =>
  [...(process.journal?.records(0) ?? [])].map(({ type }) => type);

const ended = ({ end }: Process): string | undefined => (end === null ? undefined : `${end.code} ${end.exitCode}`);

test("DUR-58 a stop cancels all by default, proves it by two reads a second apart, seals the journal and ends with 0", () => {
  const world = new World();
  const bot = world.running();
  const beganAtMs = world.clock.nowMs();
  bot.host.requestStop("test");
  world.run(500);
  assert.equal(world.village.open().length, 0);
  assert.equal(ended(bot), undefined, "one clean read is not proof");
  world.run(3_000);
  assert.equal(ended(bot), "CLEAN 0");
  assert.ok(world.clock.nowMs() - beganAtMs < 30_000);
  assert.equal(records(bot).at(-1), "seal");
  assert.equal(bot.journal?.snapshots()[0]?.seq, bot.host.state.seq);
  const next = world.start();
  world.run(1_000);
  assert.equal(next.host.recovered, true, "and it starts again");
});

test("DUR-58 DUR-60 orders that cannot be cancelled are named, alerted, and end with 12, within thirty seconds", () => {
  const world = new World();
  const bot = world.running();
  world.village.fate = (what) => (what === "cancel" ? "lost" : "fine");
  const beganAtMs = world.clock.nowMs();
  bot.host.requestStop("test");
  world.run(30_000);
  assert.equal(bot.end?.exitCode, 12);
  assert.equal(bot.end.ordersLeft.length, 2);
  assert.ok(bot.alerts.some(({ code, severity }) => code === "orders-remain" && severity === "critical"));
  assert.ok(world.clock.nowMs() - beganAtMs <= 30_000);
});

test("DUR-58 a bot that never placed anything stops at once, even when the exchange does not answer", () => {
  const world = new World();
  world.village.fate = () => "lost";
  const bot = world.start();
  world.run(2_000);
  bot.host.requestStop("test");
  world.run(100);
  assert.equal(bot.end?.exitCode, 0);
});

test("DUR-59 a second signal skips to the last step, never past it", () => {
  const world = new World();
  const bot = world.running();
  world.village.fate = (what) => (what === "cancel" ? "lost" : "fine");
  bot.host.requestStop("SIGINT", 130);
  world.run(100);
  bot.host.requestStop("SIGINT", 130);
  assert.equal(bot.end?.exitCode, 130);
  assert.equal(bot.end.ordersLeft.length, 2);
  assert.equal(records(bot).at(-1), "seal");
});

test("DUR-58 a market that runs faster than the machine does not shorten the time a stop may take", () => {
  const world = new World();
  const machine = new VirtualClock(0);
  const bot = world.running({ machine });
  world.village.fate = (what) => (what === "cancel" ? "lost" : "fine");
  bot.host.requestStop("test");
  machine.moveTo(300_000);
  world.run(30_000);
  assert.equal(ended(bot), undefined, "thirty seconds of a market a hundred times as fast");
  world.village.fate = () => "fine";
  world.run(30_000);
  assert.deepEqual([ended(bot), world.village.open().length], ["CLEAN 0", 0]);
});

test("DUR-58 nor does a market that stands still lengthen it", () => {
  const world = new World();
  const machine = new VirtualClock(0);
  const bot = world.running({ machine });
  world.village.fate = () => "lost";
  bot.host.requestStop("test");
  world.run(10);
  for (let n = 0; n < 100; n += 1) while (machine.runNext(30_000_000));
  world.run(10);
  assert.equal(bot.end?.exitCode, 12);
});

test("DUR-58 the operator's stop command ends the process the same way", () => {
  const world = new World();
  const bot = world.running();
  bot.host.command({ name: "stop", cancelOnExit: null }, { by: "mika", reason: "done" }, () => {});
  world.run(5_000);
  assert.deepEqual([bot.end?.code, bot.end?.exitCode], ["CLEAN", 0]);
});

test("DUR-61 on a full disk the reserve is freed, the stop is recorded, orders are cancelled, exit 13", () => {
  const world = new World();
  let full = true;
  const bot = world.running({
    freeReserve: () => {
      const had = full;
      full = false;
      return had;
    },
  });
  world.disk.fault = () => (full ? "full" : null);
  world.village.book(300_100);
  world.run(10_000);
  assert.deepEqual([bot.end?.code, bot.end?.exitCode], ["CANNOT_WRITE", 13]);
  assert.equal(world.village.open().length, 0);
  assert.equal(records(bot).at(-1), "seal", "the stop is on the disk");
});

test("DUR-61 on a read-only disk own orders are cancelled without a record, exit 13; recovery learns of it", () => {
  const world = new World();
  const bot = world.running();
  world.disk.fault = () => "read-only";
  world.village.book(300_100);
  world.run(1_000);
  assert.equal(bot.end?.exitCode, 13);
  assert.equal(world.village.open().length, 0);
  world.kill();
  world.disk.fault = () => null;
  const next = world.running();
  assert.equal(next.host.recovered, true);
  assert.equal(next.host.state.orders.size, 2, "two new orders");
  assert.equal(world.village.open().length, 2);
});

test("RISK-19 a step that throws stops the bot alone, by the emergency path, naming the event", () => {
  const world = new World();
  const bot = world.running();
  bot.host.state.strategy = null; // a bug: what cannot be has happened
  Object.defineProperty(bot.host.state, "book", {
    set: () => {
      throw new Error("broken");
    },
  });
  world.village.book(300_100);
  world.run(1_000);
  assert.equal(bot.end?.code, "POISONED");
  assert.match(bot.end.text, /event \d+/);
  assert.equal(world.village.open().length, 0);
});

interface Wall {
  wallMs: number;
  monotonicMs: number;
  wakes: (() => void)[];
}

/** A watch on a machine whose clock and disk a test moves. */
function watched(free: () => number, engineMs = 0) {
  const wall: Wall = { wallMs: 1_000_000, monotonicMs: 0, wakes: [] };
  const said: string[] = [];
  const clock = {
    nowMs: () => wall.wallMs,
    monotonicMs: () => wall.monotonicMs,
    at: (_atMs: number, wake: () => void) => {
      wall.wakes.push(wake);
      return () => {};
    },
  };
  const watch = new Watch(
    {
      offer: (event) => said.push(event.kind === "host-condition" ? `${event.condition} ${event.active}` : event.kind),
      over: ({ code }) => said.push(`${code} over`),
      alert: ({ code }) => said.push(code),
      clockJumped: () => said.push("jumped"),
    },
    { clock, freeBytes: free, aheadMs: () => engineMs - wall.wallMs },
  );
  const second = (wallMs = 1_000, monotonicMs = 1_000): void => {
    wall.wallMs += wallMs;
    wall.monotonicMs += monotonicMs;
    for (const wake of wall.wakes.splice(0)) wake();
  };
  watch.start();
  return { said, second };
}

test("DUR-61 a clock that goes back more than a second alerts; one that leaps a minute makes everything stale", () => {
  const { said, second } = watched(() => 1e12);
  second();
  second(0);
  assert.deepEqual(said, [], "one second back is not much");
  second(-4_000);
  assert.deepEqual(said.splice(0), ["clock-back"]);
  second(3_600_000);
  assert.deepEqual(said.splice(0), ["clock-back over", "clock-jumped", "jumped"]);
  second(90_000, 90_000);
  assert.deepEqual(said, ["clock-jumped", "jumped"], "a sleep is a jump, too");
});

test("DUR-61 a clock set back between two runs alerts at the start, until it has caught up with the journal", () => {
  const { said, second } = watched(() => 1e12, 1_005_000);
  assert.deepEqual(said.splice(0), ["clock-back"]);
  for (let n = 0; n < 4; n += 1) second();
  assert.deepEqual(said.splice(0), [], "told once");
  second();
  assert.deepEqual(said, ["clock-back over"]);
});

test("DUR-61 little room warns, less pauses opening risk, and room again lifts it", () => {
  let free = 2 ** 40;
  const { said, second } = watched(() => free);
  const later = (): readonly string[] => {
    for (let i = 0; i < 10; i += 1) second();
    return said.splice(0);
  };
  assert.deepEqual(later(), []);
  free = 800 << 20;
  assert.deepEqual(later(), ["disk-low"]);
  free = 100 << 20;
  assert.deepEqual(later(), ["disk true"], "the engine raises the alert of what it pauses for");
  free = 2 ** 40;
  assert.deepEqual(later(), ["disk-low over", "disk false"]);
});

test("DUR-61 commits slower than 50 ms for a minute are told once a minute", () => {
  let now = 0;
  const told: (number | string)[] = [];
  const watch = new CommitWatch(() => now, { onSlow: (slow) => told.push(slow), onFastAgain: () => told.push("fast") });
  const commits = (count: number, slowEvery: number): void => {
    for (let i = 0; i < count; i += 1) {
      now += 100;
      watch.took(i % slowEvery === 0 ? 80 : 1);
    }
  };
  assert.equal(watch.p99Us, 0);
  commits(1_300, 20);
  assert.deepEqual([told.length, watch.p99Us], [2, 80_000]);
  commits(1_300, 1_000);
  assert.deepEqual([told.at(-1), watch.p99Us], ["fast", 1_000]);
});

test("DUR-61 when the clock leapt, feeds are stale and the exchange is read again before new risk", () => {
  const world = new World();
  const bot = world.running();
  const [order] = world.village.open();
  assert.ok(order !== undefined);
  world.village.fill(order, 2, false);
  bot.host.clockJumped();
  world.run(100);
  assert.equal(Math.abs(bot.host.state.ledger.position), 2);
  assert.equal(bot.host.state.blocks.has("feed-book"), true, "until a book is seen");
  world.village.book(300_000);
  world.run(100);
  assert.deepEqual([...bot.host.state.blocks.keys()], ["stale-feed"]);
  world.run(10_000);
  assert.equal(bot.host.state.blocks.size, 0);
});
