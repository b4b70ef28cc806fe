// Waiting for a time of a clock that somebody sets meanwhile.

import assert from "node:assert/strict";
import { test } from "node:test";
import { atOn } from "./wall-clock.ts";

test("TEST-P30 DUR-61 who waits on a clock that was set back sleeps no longer than until it is put right, and never wakes early", async () => {
  let offsetMs = 0;
  const now = (): number => performance.now() + offsetMs;
  const at = atOn(now, 5);
  const dueMs = now() + 20;
  const woken = new Promise<number>((resolve) => {
    at(dueMs, () => resolve(now()));
  });
  offsetMs = -3_600_000;
  let early = false;
  void woken.then(() => {
    early = offsetMs !== 0;
  });
  await new Promise((resolve) => at(now() + 40, () => resolve(null)));
  assert.equal(early, false);
  offsetMs = 0;
  assert.ok((await woken) >= dueMs);
});
