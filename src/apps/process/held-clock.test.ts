// A clock that stands still until somebody follows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PacedClock } from "../../base/paced-clock.ts";
import { VirtualClock } from "../../base/virtual-clock.ts";
import { HeldClock } from "./held-clock.ts";

test("a recording at ten times its speed stands at its first row until the clock is let go", () => {
  const machine = new VirtualClock(1_000);
  const held = new HeldClock(machine);
  const market = new PacedClock(held, 500_000, 10);
  const woken: number[] = [];
  held.hold();
  held.hold();
  market.at(500_050, () => woken.push(market.nowMs()));
  machine.runUntil(4_000_000);
  assert.deepEqual([market.nowMs(), woken], [500_000, [500_000]], "it stands, and who waits looks again");
  held.release();
  held.release();
  market.at(502_000, () => woken.push(market.nowMs()));
  machine.runUntil(4_200_000);
  assert.deepEqual([market.nowMs(), woken[1]], [502_000, 502_000]);
});
