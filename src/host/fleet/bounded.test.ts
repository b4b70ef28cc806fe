// A bot whose steps take too long is paused, and only that one.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../base/clock.ts";
import type { Engine } from "../context.ts";
import { productionEngine } from "../engine.ts";
import { phaseOf } from "./bot-view.ts";
import { ANN, botOf, botText, world } from "./fleet.fixture.ts";

test("OPS-16 a bot whose steps are too slow is warned, then paused, and trades on when they are fast", async (t) => {
  const w = world(t, 2);
  const spent = { ms: 0, stepMs: 0 };
  const machine: Clock = {
    nowMs: () => w.clock.nowMs(),
    monotonicMs: () => w.clock.monotonicMs() + spent.ms,
    at: (atMs, wake) => w.clock.at(atMs, wake),
  };
  const slow: Engine = {
    ...productionEngine,
    step: (state, event) => {
      spent.ms += spent.stepMs;
      return productionEngine.step(state, event);
    },
  };
  const p = w.start({
    seeds: [botText("slow", 0), botText("fast", 1)],
    engineOf: (bot) => (bot === "slow" ? slow : productionEngine),
    machine,
    bounds: { stepMsMax: 5, journalMibPerHourMax: 1_000 },
  });
  await w.untilTrue(() => w.open(0) >= 3 && w.open(1) >= 3);
  const told = (): string[] => p.alerts.filter(({ bot }) => bot === "slow").map(({ code }) => code);
  spent.stepMs = 6;
  await w.untilTrue(() => told().includes("step-slow"));
  assert.equal(phaseOf(botOf(p, "slow")), "RUNNING");
  await w.untilTrue(() => phaseOf(botOf(p, "slow")) === "BLOCKED");
  assert.ok(told().indexOf("step-slow") < told().indexOf("host-slow-steps"), told().join(" "));
  spent.stepMs = 0;
  await w.untilTrue(() => phaseOf(botOf(p, "slow")) === "RUNNING", 300_000);
  assert.equal(phaseOf(botOf(p, "fast")), "RUNNING");
  const others = p.alerts.filter(({ bot }) => bot === "fast").map(({ code }) => code);
  assert.deepEqual(others, []);
  await w.until(p.fleet.close("test"));
});

test("OPS-16 a bot whose journal grows too fast is paused", async (t) => {
  const w = world(t, 1);
  const p = w.start({ seeds: [botText("wordy", 0)], bounds: { stepMsMax: 1_000, journalMibPerHourMax: 0.1 } });
  await w.untilTrue(() => w.open(0) >= 3);
  await w.untilTrue(() => phaseOf(botOf(p, "wordy")) === "BLOCKED", 600_000);
  assert.match(p.alerts.at(-1)?.text ?? "", /^the journal grew by \d+ MiB within an hour, above /);
  const stopped = p.fleet.stop({ id: "wordy", cancelOnExit: "all" }, ANN);
  await w.until(stopped);
  await w.until(p.fleet.close("test"));
});
