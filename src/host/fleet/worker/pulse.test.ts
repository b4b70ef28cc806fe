// Signs of life between two threads, played in one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPulse, Pulse, PulseWatch } from "./pulse.ts";

const LIMITS = { silentMs: 5_000, openingMs: 60_000 };

/** Looks once a second from `fromMs` on; the time of the first look that found it silent. */
function silentAt(watch: PulseWatch, fromMs: number, opened: boolean): number {
  for (let ms = fromMs; ms < 200_000; ms += 1_000) if (watch.isSilent(ms, opened)) return ms;
  return Number.POSITIVE_INFINITY;
}

test("OPS-17 a thread is silent after 5 s without a beat, and while it opens after a minute", () => {
  for (const [opened, limitMs] of [
    [true, LIMITS.silentMs],
    [false, LIMITS.openingMs],
  ] as const) {
    const shared = newPulse();
    const watch = new PulseWatch(shared, LIMITS, 0);
    new Pulse(shared).beat();
    assert.ok(!watch.isSilent(1_000, opened));
    assert.equal(silentAt(watch, 2_000, opened), limitMs + 1_000);
  }
});

test("OPS-17 a step without end is found in a replay too, by its event; steps that end are signs of life", () => {
  const shared = newPulse();
  const pulse = new Pulse(shared);
  const watch = new PulseWatch(shared, LIMITS, 0);
  for (let seq = 1; seq <= 100; seq += 1) {
    pulse.began("bot", seq);
    pulse.ended();
    assert.ok(!watch.isSilent(seq * 4_000, false));
    assert.equal(watch.steppingSeq, 0);
  }
  pulse.began("bot", 101);
  assert.ok(!watch.isSilent(401_000, false));
  assert.equal(watch.steppingSeq, 101);
  for (const ms of [402_000, 403_000, 404_000, 405_000]) assert.ok(!watch.isSilent(ms, false), `${ms}`);
  assert.ok(watch.isSilent(406_000, false));
});

test("OPS-17 one look that comes late is no proof: the whole process stood still", () => {
  const shared = newPulse();
  const watch = new PulseWatch(shared, LIMITS, 0);
  assert.ok(!watch.isSilent(3_600_000, true));
  new Pulse(shared).beat();
  assert.ok(!watch.isSilent(3_601_000, true));
});
