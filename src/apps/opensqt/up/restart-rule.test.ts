// When a process that died is started again, and when it stays down.

import assert from "node:assert/strict";
import { test } from "node:test";
import { afterDeath, type Death } from "./restart-rule.ts";

const killed = (atMs: number): Death => ({ atMs, code: null });

test("a killed process is started again, each death within five minutes doubling the wait up to 30 s", () => {
  const deaths: Death[] = [];
  const waits: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    deaths.push(killed(i * 1000));
    const after = afterDeath(deaths);
    assert.ok(after.kind === "again");
    waits.push(after.waitMs);
    assert.equal(after.keepsDying, i >= 4);
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.deepEqual(afterDeath([...deaths, killed(400_000)]), {
    kind: "again",
    waitMs: 250,
    deaths: 1,
    keepsDying: false,
  });
});

test("an end of its own will, a refusal, and a disk that cannot be written are not answered with another start", () => {
  for (const code of [0, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13]) {
    assert.deepEqual(afterDeath([{ atMs: 0, code }]), { kind: "final", exitCode: code });
  }
  for (const code of [1, 5, 134]) assert.equal(afterDeath([{ atMs: 0, code }]).kind, "again", String(code));
});
