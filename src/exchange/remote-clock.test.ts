import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../base/virtual-clock.ts";
import { RemoteClock } from "./remote-clock.ts";

const reading = (nowMs: number, machineMs: number, ratePpm = 1_000_000, roundTripMs = 0) => ({
  nowMs,
  ratePpm,
  askedMs: machineMs - roundTripMs / 2,
  answeredMs: machineMs + roundTripMs / 2,
});

/** A machine's clock the test turns. */
function machineAt(ms: number): { readonly clock: VirtualClock; go(toMs: number): void } {
  const clock = new VirtualClock(ms * 1000);
  return { clock, go: (toMs) => clock.runUntil(toMs * 1000) };
}

test("EXCH-24 the exchange's time goes on at its own rate between two looks", () => {
  const machine = machineAt(0);
  const clock = new RemoteClock(machine.clock, reading(50_000, 0, 10_000_000));
  assert.equal(clock.nowMs(), 50_000);
  machine.go(100);
  assert.equal(clock.nowMs(), 51_000);
  assert.equal(clock.ratePpm, 10_000_000);
});

test("API-34 a connector that comes back with an earlier time halves the clock's pace, and never steps it back", () => {
  const machine = machineAt(0);
  const clock = new RemoteClock(machine.clock, reading(100_000, 0));
  machine.go(5_000);
  assert.equal(clock.nowMs(), 105_000);
  clock.correct(reading(102_000, 5_000));
  assert.equal(clock.nowMs(), 105_000);
  machine.go(7_000);
  assert.equal(clock.nowMs(), 106_000, "the exchange is only at 104,000");
  machine.go(11_500);
  assert.equal(clock.nowMs(), 108_500, "it is there");
  machine.go(12_500);
  assert.equal(clock.nowMs(), 109_500);
});

test("API-34 who waits is woken though the exchange's time was set back by an hour", () => {
  const machine = machineAt(0);
  const clock = new RemoteClock(machine.clock, reading(10_000_000, 0));
  const woken: number[] = [];
  clock.at(10_005_000, () => woken.push(machine.clock.nowMs()));
  machine.go(1_000);
  clock.correct(reading(6_400_000, 1_000));
  clock.at(10_003_000, () => woken.push(machine.clock.nowMs()));
  machine.go(60_000);
  assert.deepEqual(woken, [5_000, 9_000]);
  assert.ok(clock.errorMs > 3_500_000, "and it says how wrong it may be");
});

test("API-34 a connector that is ahead takes the clock along, and what waited is woken at its time", () => {
  const machine = machineAt(0);
  const clock = new RemoteClock(machine.clock, reading(0, 0));
  const woken: number[] = [];
  clock.at(10_000, () => woken.push(machine.clock.nowMs()));
  const cancel = clock.at(9_000, () => woken.push(-1));
  cancel();
  machine.go(1_000);
  clock.correct(reading(8_000, 1_000));
  machine.go(60_000);
  assert.deepEqual(woken, [3_000]);
});

test("API-34 what waited is not woken early when the exchange's time is found behind", () => {
  const machine = machineAt(0);
  const clock = new RemoteClock(machine.clock, reading(0, 0));
  const woken: number[] = [];
  clock.at(2_000, () => woken.push(machine.clock.nowMs()));
  machine.go(1_000);
  clock.correct(reading(500, 1_000));
  machine.go(60_000);
  assert.deepEqual(woken, [2_500]);
});

test("EXCH-24 a reading within its own error changes nothing", () => {
  const machine = machineAt(0);
  const clock = new RemoteClock(machine.clock, reading(0, 0));
  machine.go(1_000);
  clock.correct(reading(1_010, 1_000, 1_000_000, 30));
  assert.equal(clock.nowMs(), 1_000);
  clock.correct(reading(1_040, 1_000, 1_000_000, 30));
  assert.equal(clock.nowMs(), 1_040);
});

test("DUR-45 EXCH-24 the clock says how wrong it may be, and a quicker look makes it surer", () => {
  const machine = machineAt(10_000);
  // asked over a slow line: the answer may be of any moment of the second
  const clock = new RemoteClock(machine.clock, reading(50_000, 9_500, 5_000_000, 1_000));
  assert.equal(clock.errorMs, 2_500);
  clock.correct(reading(52_600, 10_000, 5_000_000, 20));
  assert.equal(clock.errorMs, 50);
  clock.correct(reading(52_610, 10_000, 5_000_000, 20));
  assert.equal(clock.errorMs, 60);
  clock.correct(reading(52_100, 10_000, 5_000_000, 20));
  assert.equal(clock.errorMs, 50 + 500, "it is ahead until the exchange is there");
});
