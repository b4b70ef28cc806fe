// How a run leaves its dead-man timer (API-45): a clean stop disarms it, whatever it left on purpose; a process that
// dies does not, so that the connector cancels what nobody watches any more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { phaseOf } from "./bot-view.ts";
import { botOf, botText, type FleetProcess, type FleetWorld, world } from "./fleet.fixture.ts";

interface Timers {
  readonly armed: Set<string>;
  start(text: string): FleetProcess;
}

/** Each run's timer, as its connector would hold it. */
function timersOf(w: FleetWorld): Timers {
  const armed = new Set<string>();
  const start = (text: string): FleetProcess =>
    w.start({
      seeds: [text],
      deadManMs: 30_000,
      portOf: ({ bot }) =>
        Object.assign(w.connect(), {
          heartbeat: () => {
            armed.add(bot);
            return async () => {
              await Promise.resolve();
              armed.delete(bot);
            };
          },
        }),
    });
  return { armed, start };
}

for (const policy of ["all", "opening", "none"] as const) {
  test(`API-45 a clean stop with cancelOnExit ${policy} disarms the timer before the process leaves`, async (t) => {
    const w = world(t, 1);
    const timers = timersOf(w);
    const p = timers.start(`${botText("bot-0", 0)}cancelOnExit: ${policy}\n`);
    await w.untilTrue(() => w.open(0) >= 3);
    assert.deepEqual([...timers.armed], ["bot-0"]);
    const before = w.open(0);
    await w.until(p.fleet.close("test"));
    assert.deepEqual([...timers.armed], []);
    assert.deepEqual(
      p.ends.map(({ end }) => end.code),
      ["CLEAN"],
    );
    if (policy === "none") assert.equal(w.open(0), before, "left on purpose");
    else assert.equal(w.open(0), 0);
  });
}

test("API-45 a process that is killed, or told twice to stop, leaves the timer armed", async (t) => {
  const w = world(t, 1);
  const timers = timersOf(w);
  const text = `${botText("bot-0", 0)}cancelOnExit: none\n`;
  const killed = timers.start(text);
  await w.untilTrue(() => w.open(0) >= 3);
  w.kill(killed);
  await w.run(5_000);
  assert.deepEqual([...timers.armed], ["bot-0"]);
  const next = timers.start(text);
  await w.untilTrue(() => phaseOf(botOf(next, "bot-0")) === "RUNNING");
  next.fleet.bot("bot-0")?.host?.requestStop("test");
  next.fleet.bot("bot-0")?.host?.requestStop("test");
  await w.untilTrue(() => next.ends.length === 1);
  assert.equal(next.ends[0]?.end.code, "SECOND_SIGNAL");
  assert.deepEqual([...timers.armed], ["bot-0"]);
  await w.until(next.fleet.close("test"));
});
