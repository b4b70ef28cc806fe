// A market may have a time of its own: a simulated one runs faster than the machine, and is hours ahead of it by the
// evening. Whether a clock was set back between two runs is judged by the clock that stamps the events (DUR-61).

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../base/clock.ts";
import { phaseOf } from "./bot-view.ts";
import { ANN, botOf, done, type FleetWorld, trading, world } from "./fleet.fixture.ts";

/** The world's time, off by so much. */
const clockOff = (w: FleetWorld, offMs: number): Clock => ({
  nowMs: () => w.clock.nowMs() + offMs,
  monotonicMs: () => w.clock.monotonicMs(),
  at: (atMs, wake) => w.clock.at(atMs - offMs, wake),
});

test("DUR-61 a market ahead of the machine's clock is no clock set back; one that was is told", async (t) => {
  const w = world(t, 1);
  const machine = clockOff(w, -3_600_000);
  const first = w.start({ machine });
  await trading(w, first, "bot-0", 0);
  done(await w.until(first.fleet.stop({ id: "bot-0", cancelOnExit: "all" }, ANN)));
  done(await w.until(first.fleet.startBot("bot-0", ANN)));
  await w.untilTrue(() => phaseOf(botOf(first, "bot-0")) === "RUNNING");
  assert.deepEqual(
    first.alerts.filter(({ code }) => code === "clock-back"),
    [],
  );
  await w.until(first.fleet.close("test"));
  const over: string[] = [];
  const second = w.start({ machine, clock: clockOff(w, -5_000), onOver: (_, { code }) => over.push(code) });
  await w.untilTrue(() => second.alerts.some(({ code }) => code === "clock-back"));
  await w.untilTrue(() => over.includes("clock-back"));
  await w.until(second.fleet.close("test"));
});
