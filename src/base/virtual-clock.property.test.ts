// Timers of the virtual clock (TEST-P30): never early, once, in order; time never goes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BugError } from "./assert.ts";
import { VirtualClock } from "./virtual-clock.ts";

const numRuns = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("set" as const), us: fc.integer({ min: -20, max: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), us: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("run" as const), us: fc.nat(150) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("next" as const), us: fc.nat(150) }) },
);

interface Timer {
  readonly dueUs: number;
  readonly order: number;
  cancelled: boolean;
  ranUs: number;
}

test("TEST-P30 timers run never early, once, earliest first and in the order they were set", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new VirtualClock(0);
      const timers: Timer[] = [];
      const cancels: (() => void)[] = [];
      const ran: Timer[] = [];
      let lastUs = 0;
      for (const { kind, us } of steps) {
        if (kind === "set") {
          const timer: Timer = {
            dueUs: Math.max(clock.nowUs() + us, clock.nowUs()),
            order: timers.length,
            cancelled: false,
            ranUs: -1,
          };
          timers.push(timer);
          cancels.push(
            clock.atUs(clock.nowUs() + us, () => {
              assert.equal(timer.ranUs, -1, "once");
              assert.equal(timer.cancelled, false);
              timer.ranUs = clock.nowUs();
              ran.push(timer);
            }),
          );
        } else if (kind === "cancel") {
          const timer = timers[us];
          cancels[us]?.();
          if (timer !== undefined && timer.ranUs === -1) timer.cancelled = true;
        } else if (kind === "run") clock.runUntil(clock.nowUs() + us);
        else clock.runNext(clock.nowUs() + us);
        assert.ok(clock.nowUs() >= lastUs, "time never goes back");
        lastUs = clock.nowUs();
      }
      clock.runUntil(clock.nowUs() + 1000);
      for (const timer of timers)
        assert.equal(timer.ranUs, timer.cancelled ? -1 : timer.dueUs, "neither early nor late");
      for (let i = 1; i < ran.length; i += 1) {
        const [a, b] = [ran[i - 1], ran[i]];
        assert.ok(a !== undefined && b !== undefined);
        // b may have been set after a ran; then it is due no earlier than a
        assert.ok(a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.order < b.order));
      }
      assert.equal(clock.nextUs(), Number.POSITIVE_INFINITY);
    }),
    { numRuns, seed: 506 },
  );
});

test("TEST-P30 a timer set by a timer runs too, at its own time", () => {
  const clock = new VirtualClock(1000);
  const seen: number[] = [];
  clock.at(1001, () => {
    seen.push(clock.nowMs());
    clock.at(500, () => seen.push(clock.nowMs()));
    clock.at(1002.2, () => seen.push(clock.nowUs()));
  });
  clock.runUntil(2_000_000);
  assert.deepEqual(seen, [1001, 1001, 1_002_200]);
  assert.equal(clock.nowMs(), 2000);
});

test("TEST-P30 time is moved neither back nor past a wake that is due", () => {
  const clock = new VirtualClock(0);
  clock.moveTo(50);
  assert.throws(() => clock.moveTo(49), BugError);
  const cancel = clock.atUs(60, () => undefined);
  assert.throws(() => clock.moveTo(61), BugError);
  cancel();
  clock.moveTo(61);
  assert.equal(clock.monotonicMs(), 0.061);
});
