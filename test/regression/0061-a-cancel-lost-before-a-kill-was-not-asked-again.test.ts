// An order whose cancel had been asked for before the kill, and was lost, was left to itself: the kill asked only for
// the cancels nobody had asked for, and counted the second of waiting from the first one of its own. With no other
// order there was none: the order rested on, and the kill was reported as failed (RISK-22).

import assert from "node:assert/strict";
import { test } from "node:test";
import { initialKillState, type KillFacts, killStep } from "../../src/risk/kill.ts";

test("RISK-22 an order whose cancel was lost before the kill is cancelled after a second, and every second", () => {
  const facts = (nowMs: number): KillFacts => ({
    nowMs,
    live: [{ id: "a", cancelAsked: true, closer: false }],
    positionLots: 0,
    flat: true,
  });
  const latch = { kind: "kill", flatten: false, by: "ops", reason: "drill" } as const;
  let { state, wants } = killStep(initialKillState(), latch, facts(1_000_000));
  const asked: number[] = [];
  for (let nowMs = 1_000_100; nowMs <= 1_003_000; nowMs += 100) {
    ({ state, wants } = killStep(state, { kind: "turn" }, facts(nowMs)));
    if (wants.some((want) => want.kind === "cancel" && want.ids.includes("a"))) asked.push(nowMs);
  }
  assert.deepEqual(asked, [1_001_000, 1_002_000, 1_003_000]);
});
