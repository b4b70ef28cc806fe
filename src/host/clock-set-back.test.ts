// The clock was set back between two runs (DUR-61): the journal is ahead of it, and everything that waits for a time of
// the engine's goes on, above all a kill that flattens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MortalClock } from "../../test/mortal-clock.ts";
import type { Clock } from "../base/clock.ts";
import { SteadyClock, steadyFrom } from "../base/steady-clock.ts";
import { VirtualClock } from "../base/virtual-clock.ts";
import { World } from "./bench.fixture.ts";

const HOUR_MS = 3_600_000;

/** The same moments, an hour later by name. */
const setAhead = (clock: Clock): Clock => ({
  nowMs: () => clock.nowMs() + HOUR_MS,
  monotonicMs: () => clock.monotonicMs(),
  at: (atMs, wake) => clock.at(atMs - HOUR_MS, wake),
});

/** A bot with two orders whose machine was an hour ahead, killed. */
function killedAhead(filled: number): World {
  const world = new World();
  const life = new MortalClock(world.clock);
  const first = world.running({ clock: setAhead(life) });
  const bought = world.village.open().find(({ side }) => side === "buy");
  assert.ok(bought !== undefined);
  world.village.fill(bought, filled);
  world.run(100);
  assert.equal(first.host.state.ledger.position, filled);
  life.dead = true;
  world.kill();
  return world;
}

test("DUR-61 RISK-24 an hour behind its journal a bot still flattens when it is killed, and proves it", () => {
  const world = killedAhead(10);
  const bot = world.start();
  const lastMs = bot.host.state.nowMs;
  world.run(3_000);
  world.village.book(300_000);
  world.run(1_000);
  assert.ok(bot.host.recovered && bot.host.state.ledger.position === 10);
  bot.host.command({ name: "kill", flatten: true }, { by: "mika", reason: "enough" }, () => undefined);
  for (let n = 0; n < 60 && bot.host.state.kill.report === null; n += 1) {
    world.run(1_000);
    world.village.book(300_000);
    for (const order of world.village.open()) world.village.fill(order, order.quantity - order.cumulative);
  }
  assert.deepEqual([bot.host.state.kill.report?.proved, bot.host.state.ledger.position], [true, 0]);
  const { nowMs } = bot.host.state;
  assert.ok(nowMs > lastMs && nowMs < lastMs + HOUR_MS, "engine time went on, and never back");
});

test("DUR-61 DUR-44 an hour behind its journal a bot still finds what was filled while nobody listened", () => {
  const world = killedAhead(4);
  const rest = world.village.open().find(({ side }) => side === "buy");
  assert.ok(rest !== undefined);
  world.run(300_000);
  world.village.fill(rest, 6, false);
  const bot = world.start();
  world.run(3_000);
  assert.deepEqual([bot.host.recovered, bot.host.state.ledger.position], [true, 10]);
  world.village.fate = (what) => (what === "place" ? "deaf" : "fine");
  world.village.book(300_000);
  world.run(20);
  const bought = world.village.open().filter(({ side }) => side === "buy");
  for (const order of bought) world.village.fill(order, 1, false);
  assert.equal(bought.length, 1);
  world.run(5_000);
  assert.equal(bot.host.state.ledger.position, 11);
  assert.ok([...bot.host.state.orders.values()].every(({ place }) => place === "acknowledged"));
});

test("DUR-37 DUR-61 RISK-24 a cancel decided anew leaves, though a clock keeps its next try asleep", () => {
  const world = new World();
  let behindMs = 0;
  const life = new MortalClock(world.clock);
  const nowMs = (): number => life.nowMs() - behindMs;
  // as sleepers of the wall clock do: who woke too early looks again, ten seconds later at most
  const at = (atMs: number, wake: () => void): (() => void) => {
    let cancel = life.at(life.nowMs() + Math.min(Math.max(0, atMs - nowMs()), 10_000), () => {
      if (nowMs() >= atMs) wake();
      else cancel = at(atMs, wake);
    });
    return () => cancel();
  };
  const bot = world.running({ clock: { nowMs, at, monotonicMs: () => life.monotonicMs() } });
  world.village.fate = (what) => (what === "cancel" ? "not-sent" : "fine");
  bot.host.command({ name: "kill", flatten: false }, { by: "mika", reason: "enough" }, () => undefined);
  world.run(50);
  const cancels = (): number => world.village.mutations.filter((text) => text.startsWith("cancel")).length;
  assert.equal(cancels(), 2, "both wait for their second try");
  behindMs = HOUR_MS;
  world.run(250);
  behindMs = 0; // the time service has put it right
  world.village.fate = () => "fine";
  for (let n = 0; n < 8 && world.village.open().length > 0; n += 1) {
    world.run(500);
    world.village.book(300_000);
  }
  assert.deepEqual([cancels(), world.village.open().length], [4, 0]);
});

test("DUR-61 TEST-P30 behind, it goes at half the pace, wakes nobody early, and is the clock again in the end", () => {
  const clock = new VirtualClock(1_000_000);
  assert.equal(steadyFrom(clock, 1_000_000), clock);
  const steady = new SteadyClock(clock, 1_010_000);
  const woken: number[] = [];
  let last = steady.nowMs();
  assert.equal(last, 1_010_000);
  for (const atMs of [1_009_000, 1_011_000, 1_015_000, 1_020_000, 1_030_000]) {
    steady.at(atMs, () => woken.push(atMs));
  }
  steady.at(1_012_000, () => woken.push(0))();
  for (let n = 0; n < 400; n += 1) {
    const before = woken.length;
    const untilUs = clock.nowUs() + 100_000;
    while (clock.runNext(untilUs));
    clock.moveTo(untilUs);
    const now = steady.nowMs();
    assert.ok(now >= last, "never back");
    for (const atMs of woken.slice(before)) assert.ok(atMs <= now, `${atMs} at ${now}`);
    last = now;
    if (n === 99) assert.deepEqual([now, woken], [1_015_000, [1_009_000, 1_011_000, 1_015_000]]);
  }
  assert.deepEqual(woken, [1_009_000, 1_011_000, 1_015_000, 1_020_000, 1_030_000]);
  assert.equal(steady.nowMs(), clock.nowMs());
});
