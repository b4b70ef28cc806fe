// What was spent leaves the window when its time is over, however steadily more is spent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bucket } from "./bucket.ts";

test("EXCH-25 a steady pace far below the limit never fills a bucket, however long it goes on", () => {
  for (const [windowMs, everyMs] of [
    [60_000, 100],
    [86_400_000, 60_000],
  ] as const) {
    const bucket = new Bucket({ name: "steady", limit: 10_000, windowMs });
    let most = 0;
    for (let atMs = 0; atMs < 20 * windowMs; atMs += everyMs) {
      bucket.spend(atMs, 1);
      most = Math.max(most, bucket.used(atMs));
    }
    // what a sliding window holds, and the grains at its end
    assert.ok(most <= (1.02 * windowMs) / everyMs + 2, `${most} counted in a window of ${windowMs / everyMs}`);
    assert.ok(most >= windowMs / everyMs, `${most} counted`);
  }
});
