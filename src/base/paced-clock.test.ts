import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "./clock.ts";
import { PacedClock } from "./paced-clock.ts";

test("a paced clock runs at its speed and goes on where it is told to, never back", () => {
  const machine = { ms: 1_000 };
  const paced = new PacedClock(clockOf(machine, 0), 50_000, 10);
  assert.equal(paced.nowMs(), 50_000);
  machine.ms += 0.25;
  assert.deepEqual([paced.nowMs(), paced.monotonicMs()], [50_002, 50_002.5]);
  paced.skipTo(60_000);
  paced.skipTo(55_000);
  assert.equal(paced.monotonicMs(), 60_000);
});

test("clocks of one start show one time, however long a process stands still while it makes its own", () => {
  const machine = { ms: 1_000 };
  const start = { startMs: 50_000, innerStartMs: 1_000, speed: 10 };
  const [first, second] = [0, 7].map((pauseMs) => PacedClock.since(clockOf(machine, pauseMs), start));
  assert.deepEqual([first?.monotonicMs(), second?.monotonicMs()], [50_070, 50_140]);
});

/** The time of `machine`, which stands still for `pauseMs` before each look at it. */
function clockOf(machine: { ms: number }, pauseMs: number): Clock {
  const monotonicMs = (): number => {
    machine.ms += pauseMs;
    return machine.ms;
  };
  return { nowMs: () => Math.floor(machine.ms), monotonicMs, at: () => () => undefined };
}
